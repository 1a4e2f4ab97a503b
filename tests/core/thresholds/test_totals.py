"""A cost per example over a stated volume."""

from __future__ import annotations

import pytest

from lookingglass.errors import BadInput
from lookingglass.figures import Figure, undefined
from lookingglass.thresholds import total


def test_the_interval_is_scaled_too() -> None:
    figure = total(Figure(4.82, 500, 4.41, 5.26, "bootstrap"), 10_000)
    assert (figure.value, figure.low, figure.high) == pytest.approx((48_200, 44_100, 52_600))
    assert (figure.n, figure.method) == (500, "bootstrap")


def test_undefined_stays_undefined_and_no_interval_stays_none() -> None:
    assert total(undefined("no costs agreed", 12), 1_000) == undefined("no costs agreed", 12)
    alone = total(Figure(0.5, 3, reason="not estimable"), 10)
    assert (alone.value, alone.low, alone.high, alone.reason) == (5.0, None, None, "not estimable")


@pytest.mark.parametrize("volume", [0.0, -1.0, float("nan"), float("inf")])
def test_a_volume_is_a_number_above_0(volume: float) -> None:
    with pytest.raises(BadInput, match="a volume must be a number of cases above 0"):
        total(Figure(1.0, 1), volume)
