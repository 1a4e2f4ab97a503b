"""What the threshold chart says of costs that were tried: read as amounts, or as nothing."""

from __future__ import annotations

from typing import Any

import pytest

from components.views.threshold_chart import TriedCosts, picked, tried_costs


def said(**costs: Any) -> dict[str, Any]:
    return {"selection": {"pick": {}, "costs": costs}}


def test_amounts_of_sliders_that_were_moved_are_read_and_the_others_are_left() -> None:
    state = said(fp=[1200], fn=[None], tp=[0], tn=[None], turn=[7])
    assert tried_costs(state) == TriedCosts(1200.0, None, 0.0, None, 7)
    assert TriedCosts(1200.0, None, 0.0, None, 7).moved() == {"fp": 1200.0, "tp": 0.0}
    assert picked(state) is None, "no threshold was moved"


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        {"selection": {}},
        said(),
        said(fp=[1], fn=[1], tp=[1], tn=[1]),
        said(fp=["1"], fn=[1], tp=[1], tn=[1], turn=[1]),
        said(fp=[float("nan")], fn=[1], tp=[1], tn=[1], turn=[1]),
        said(fp=[float("inf")], fn=[1], tp=[1], tn=[1], turn=[1]),
        said(fp=1, fn=1, tp=1, tn=1, turn=1),
    ],
)
def test_anything_else_is_nothing(state: Any) -> None:
    assert tried_costs(state) is None
