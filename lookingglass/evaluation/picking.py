"""Which predictions are worth a look: mistakes, close calls, disagreements, or a typical few, in a settled order.

Answers for one candidate, over the examples that meet the same conditions as in ``browse``. Knows no explanations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lookingglass.errors import BadInput, one_line
from lookingglass.evaluation.browse import Answers, Filters, Positions, is_wrong, meeting, stretch
from lookingglass.testset import TestSet

Pick = Literal["wrong yes", "wrong no", "confident mistakes", "nearest", "differ", "typical"]
PICKS: tuple[Pick, ...] = ("wrong yes", "wrong no", "confident mistakes", "nearest", "differ", "typical")
"""Negatives answered yes and positives answered no, surest first; all mistakes, farthest from the threshold first; what
lies nearest to it; where two candidates' scores lie farthest apart; a sample that does not change as the set grows."""

MOST_PICKED = 200


@dataclass(frozen=True)
class Picked:
    """The examples to look at, first ones first.

    Attributes:
        ids: at most as many as were asked for. ``total``: how many there are of the kind.
        unscored: how many examples meet the conditions but have no score that is needed, so nobody can say.
    """

    which: Pick
    ids: tuple[str, ...]
    total: int
    unscored: int

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {"which": self.which, "ids": list(self.ids), "total": self.total, "unscored": self.unscored}


def pick(
    test_set: TestSet,
    which: Pick,
    answers: Answers,
    *,
    filters: Filters | None = None,
    other: Answers | None = None,
    limit: int = 50,
    seed: int = 0,
) -> Picked:
    """Return the examples of one kind; those that are alike stay in stored order.

    Args:
        answers: what the candidate says of every example of the version, in its order.
        filters: conditions besides, without ``wrong`` and ``disagree``.
        other: what the candidate it is compared with says; needed for "differ".
        limit: how many at most, 1 to ``MOST_PICKED``.
        seed: of "typical"; another one gives another sample.

    Raises:
        BadInput: there is no such kind, no other candidate for "differ", or a limit or seed that is none.
    """
    if which not in PICKS:
        raise BadInput(f"there is no {one_line(repr(which), 60)} to look at: choose {', '.join(PICKS)}.")
    if which == "differ" and other is None:
        raise BadInput("to see where two candidates differ, name the other one.")
    if not 1 <= limit <= MOST_PICKED or seed < 0:
        raise BadInput(
            f"look at 1 to {MOST_PICKED} examples, with a seed from 0: not {limit} with seed {seed}."
        )
    meant = meeting(test_set, filters or Filters())
    scored = answers.has_score if which != "differ" or other is None else answers.has_score & other.has_score
    kept = meant[scored[meant]]
    unscored = len(meant) - len(kept)
    if which == "typical":
        return Picked(which, _typical(test_set, kept, limit, seed), len(kept), unscored)
    if which not in ("nearest", "differ"):
        wrong = is_wrong(answers, test_set)
        if which == "wrong yes":
            wrong &= answers.says_yes
        elif which == "wrong no":
            wrong &= ~answers.says_yes
        kept = kept[wrong[kept]]
    found = stretch(kept, _key(which, answers, other)[kept], 0, limit)
    return Picked(which, tuple(test_set.rows.get_column("@id").gather(found)), len(kept), unscored)


def _key(which: Pick, answers: Answers, other: Answers | None) -> NDArray[np.float64]:
    """Return numbers that sort upwards, shape (n,)."""
    scores = answers.scores
    if which == "differ" and other is not None:
        return -np.abs(scores - other.scores)
    if which in ("wrong yes", "wrong no"):
        return -scores if which == "wrong yes" else scores
    # Whoever answers nobody is as sure of a case as its score is far from 1.
    away = np.abs(scores - (1.0 if answers.threshold is None else answers.threshold))
    return away if which == "nearest" else -away


def _typical(test_set: TestSet, kept: Positions, limit: int, seed: int) -> tuple[str, ...]:
    """Return a sample of these examples: those whose inputs' hash comes first, so that it stays as the set grows."""
    rows = test_set.rows[kept, ["@id", "@input_id"]]
    drawn = pl.col("@input_id").bin.encode("hex").str.slice(seed % 48, 16)
    return tuple(rows.sort(drawn, "@id").head(limit).get_column("@id"))
