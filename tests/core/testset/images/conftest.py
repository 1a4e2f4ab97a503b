"""An empty workspace of small grey images."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lookingglass.home import Home
from tests.core.testset.images.pictures import PICTURE_TASK, PICTURES


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    """Return an empty workspace of 8 x 8 grey images."""
    return make_home(columns=PICTURES, task=PICTURE_TASK)
