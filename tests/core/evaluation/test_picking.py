"""What is worth a look is what a plain loop over the examples finds, surest or closest first; a sample stays put."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lookingglass as lg
from lookingglass.errors import BadInput, NotFound
from lookingglass.evaluation.browse import Answers, Filters
from lookingglass.evaluation.picking import PICKS, Pick, pick
from lookingglass.testset import add_example
from tests.core.evaluation.conftest import ANA
from tests.core.evaluation.test_browse import answers_of, example, test_set_of


def naive(which: str, rows: list[dict[str, Any]], threshold: float | None) -> list[str]:
    """Return the ids, the slow way."""
    at = 1.0 if threshold is None else threshold
    found = []
    for number, row in enumerate(rows):
        score, label = row["one"], row["@label"]
        if score != score or (which == "differ" and row["two"] != row["two"]):
            continue
        yes = threshold is not None and score >= threshold
        wrong = label is not None and yes != (label == "yes")
        keys = {
            "wrong yes": -score if wrong and yes else None,
            "wrong no": score if wrong and not yes else None,
            "confident mistakes": -abs(score - at) if wrong else None,
            "nearest": abs(score - at),
            "differ": -abs(score - row["two"]),
        }
        if keys[which] is not None:
            found.append((keys[which], number))
    return [f"x-{number}" for _, number in sorted(found)]


@given(
    st.lists(example, max_size=12),
    st.sampled_from([name for name in PICKS if name != "typical"]),
    st.sampled_from([0.5, 0.2, None]),
    st.integers(1, 5),
)
def test_each_kind_is_what_a_loop_finds(
    rows: list[dict[str, Any]], which: Pick, threshold: float | None, limit: int
) -> None:
    answers = answers_of(rows)
    mine = Answers(answers["one"].scores, threshold)
    found = pick(test_set_of(rows), which, mine, other=answers["two"], limit=limit)
    expected = naive(which, rows, threshold)
    assert list(found.ids) == expected[:limit]
    assert found.total == len(expected)
    lacking = [row["one"] != row["one"] or (which == "differ" and row["two"] != row["two"]) for row in rows]
    assert found.unscored == sum(lacking)


def test_a_typical_sample_stays_as_the_set_grows_and_another_seed_is_another(ws: lg.Workspace) -> None:
    ws.evaluate()
    before = ws.pick("strong", "typical", limit=20)
    assert (len(set(before.ids)), before.total, before.unscored) == (20, 200, 0)
    assert ws.pick("strong", "typical", limit=20) == before
    other = ws.pick("strong", "typical", limit=20, seed=7)
    assert set(before.ids) != set(other.ids)
    add_example(ws.home, {"a": 3.0, "b": 0.0, "group": "red"}, label="yes", actor=ANA)
    ws.evaluate()
    after = ws.pick("strong", "typical", limit=20)
    assert len(set(before.ids) - set(after.ids)) <= 1


def test_conditions_narrow_it_and_the_best_of_another_candidate_is_compared(ws: lg.Workspace) -> None:
    ws.evaluate()
    red = ws.pick("strong", "nearest", filters=Filters(group=("group", "red")), limit=200)
    rows = ws.test_set().rows.filter(pl.col("group") == "red")
    assert set(red.ids) == set(rows.get_column("@id"))
    first = ws.pick("strong", "differ", other="weak", limit=1).ids[0]
    gaps = np.abs(ws.scores("strong") - ws.scores("weak"))
    assert first == ws.test_set().ids[int(np.argmax(gaps))]


def test_what_cannot_be_picked_is_refused_in_a_sentence(ws: lg.Workspace) -> None:
    ws.evaluate()
    with pytest.raises(BadInput, match="name the other one"):
        ws.pick("strong", "differ")
    with pytest.raises(BadInput, match="there is no 'worst' to look at: choose wrong yes"):
        ws.pick("strong", "worst")  # type: ignore[arg-type]  # that is the point
    with pytest.raises(BadInput, match="look at 1 to 200 examples"):
        ws.pick("strong", "nearest", limit=0)
    with pytest.raises(NotFound, match="'nobody'"):
        ws.pick("nobody", "nearest")
