"""The linked chart, drawn up and compiled once: each takes a second or more, and no test changes what it is given."""

from __future__ import annotations

import copy
from typing import Any

import altair as alt
import pytest

from lookingglass.charts import threshold_chart


@pytest.fixture(scope="session")
def linked() -> alt.VConcatChart:
    """Return the linked threshold chart, without data."""
    return threshold_chart()


@pytest.fixture(scope="session")
def _compiled(linked: alt.VConcatChart) -> dict[str, Any]:
    spec: dict[str, Any] = linked.to_dict(format="vega")
    return spec


@pytest.fixture
def compiled(_compiled: dict[str, Any]) -> dict[str, Any]:
    """Return the linked chart as Vega-Lite compiles it, before anything in it is replaced; a fresh copy."""
    return copy.deepcopy(_compiled)
