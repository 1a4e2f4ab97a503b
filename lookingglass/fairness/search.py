"""The worst slices nobody asked about: all conjunctions of up to three column = value conditions above a smallest size.

Counts only: a conjunction is no larger than its parts, so what is too small is not looked into and nothing else is
missed. What is found is corrected for all that was looked at. Knows nothing of candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.errors import BadSetting
from lookingglass.fairness.conjunctions import Looked, looked_at_all
from lookingglass.fairness.disparities import ALARM, difference_of
from lookingglass.fairness.groups import GroupCodes
from lookingglass.fairness.slices import MOST_AXES, Slice
from lookingglass.figures import Figure
from lookingglass.metrics.counts import Ints
from lookingglass.metrics.intervals import wilson

SEARCHED = ("accuracy", "recall", "false_positive_rate", "precision")
"""What a slice may be bad at. Cases and failures: all examples and wrong answers; positives and those missed; negatives
and those answered yes; those answered yes and the negatives among them."""

FAILURES: Mapping[str, str] = {
    "accuracy": "answered wrongly",
    "recall": "positives that are missed",
    "false_positive_rate": "negatives that are answered yes",
    "precision": "answered yes, though negative",
}

SMALLEST_SLICE = 30
MOST_FOUND = 20
_EXACT_BELOW = 0.2
"""Slices whose approximate p-value is above this are counted in the family and not tested exactly."""


@dataclass(frozen=True)
class FoundSlice:
    """A slice in which a candidate fails more often than in the rest, by more than chance.

    Attributes:
        slice: its conditions. ``failures`` of ``n`` cases in it; ``figure`` is their share.
        difference: less the share among all other cases, with Newcombe's interval, not corrected for the search.
        p_value: one-sided, exact: so many failures or more, if failures fell anywhere. ``p_adjusted``: by Holm for
            every slice that was looked at.
        share: of all failures, those that fall on it.
    """

    slice: Slice
    n: int
    failures: int
    figure: Figure
    difference: Figure
    share: Figure
    p_value: float
    p_adjusted: float

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "slice": self.slice.to_json(),
            "n": self.n,
            "failures": self.failures,
            "rate": self.figure.to_json(),
            "difference": self.difference.to_json(),
            "share_of_failures": self.share.to_json(),
            "p_value": self.p_value,
            "p_adjusted": self.p_adjusted,
        }


@dataclass(frozen=True)
class Search:
    """What a search found.

    Attributes:
        metric: one of ``SEARCHED``. ``columns``: what conditions were made of.
        cases, failures: of all examples together.
        smallest: a slice has at least so many cases. ``looked_at``: how many slices have.
        found: strongest evidence first; a slice is left out where a part of its conditions has evidence as strong.
            Empty where nothing differs by more than chance.
        more: how many further ones there are beyond those.
        complete: whether everything was looked at; False where it was stopped.
    """

    metric: str
    columns: tuple[str, ...]
    cases: int
    failures: int
    smallest: int
    looked_at: int
    found: tuple[FoundSlice, ...]
    more: int
    complete: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "metric": self.metric,
            "failures_are": FAILURES[self.metric],
            "columns": list(self.columns),
            "cases": self.cases,
            "failures": self.failures,
            "smallest": self.smallest,
            "looked_at": self.looked_at,
            "found": [each.to_json() for each in self.found],
            "more": self.more,
            "complete": self.complete,
        }


def cases_of(
    metric: str, y_true: NDArray[np.integer], yes: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which examples are cases of a metric, and which are failures, both of shape (n,).

    Args:
        y_true: labels, 1 positive and 0 otherwise, shape (n,). ``yes``: the answers, shape (n,).

    Raises:
        BadSetting: slices cannot be searched for this metric.
    """
    positive = y_true == 1
    if metric == "accuracy":
        return np.ones(len(yes), dtype=bool), positive != yes
    if metric == "recall":
        return positive, positive & ~yes
    if metric == "false_positive_rate":
        return ~positive, ~positive & yes
    if metric == "precision":
        return yes, yes & ~positive
    raise BadSetting(f"slices cannot be searched by {metric!r}: choose from {', '.join(SEARCHED)}.")


def search(
    axes: Sequence[GroupCodes],
    cases: NDArray[np.bool_],
    failures: NDArray[np.bool_],
    *,
    metric: str = "accuracy",
    smallest: int = SMALLEST_SLICE,
    conditions: int = MOST_AXES,
    most: int = MOST_FOUND,
    stop: Callable[[], bool] = lambda: False,
) -> Search:
    """Return the slices that fail more often than the rest by more than chance.

    Args:
        axes: what conditions are made of, over the same examples, shape (n,).
        cases, failures: of ``cases_of``, shape (n,).
        smallest: the fewest cases of a slice.
        conditions: one to three.
        most: so many are returned.
        stop: asked between columns; when it says so, what was looked at until then is returned.

    Raises:
        BadSetting: a size below 1, or not one to three conditions.
    """
    if smallest < 1:
        raise BadSetting(f"the smallest slice must have at least 1 case, not {smallest}.")
    if not 1 <= conditions <= MOST_AXES:
        raise BadSetting(f"a slice has one to {MOST_AXES} conditions, not {conditions}.")
    failed = failures[cases]
    total, wrong = len(failed), int(np.count_nonzero(failed))
    stopped = False

    def asked() -> bool:
        nonlocal stopped
        stopped = stopped or stop()
        return stopped

    looked = list(looked_at_all(axes, cases, failed, smallest, conditions, asked)) if wrong else []
    size = np.concatenate([one.n for one in looked]) if looked else np.zeros(0, dtype=np.int64)
    hits = np.concatenate([one.k for one in looked]) if looked else size
    strange = size < total  # a condition that all cases meet divides nothing
    looked_at = int(np.count_nonzero(strange))
    p_values = _p_values(hits, size, wrong, total) if looked else np.zeros(0)
    p_values[~strange] = 2.0  # behind all others in the order, where the family has ended
    kept = _kept(looked, p_values, looked_at)
    found = tuple(
        _found(
            _slice(looked, place, axes), int(size[place]), int(hits[place]), total, wrong, p_value, adjusted
        )
        for place, p_value, adjusted in kept[:most]
    )
    return Search(
        metric,
        tuple(axis.column for axis in axes),
        total,
        wrong,
        smallest,
        looked_at,
        found,
        max(0, len(kept) - most),
        not stopped,
    )


def _p_values(k: Ints, n: Ints, wrong: int, total: int) -> NDArray[np.float64]:
    """Return the one-sided hypergeometric p-value of each slice; those that are nowhere near are left approximate."""
    from scipy.special import erfc

    rate = wrong / total
    spread = np.sqrt(n * rate * (1 - rate) * (total - n) / max(1, total - 1))
    z = np.divide(k - 0.5 - n * rate, spread, out=np.full(len(k), -np.inf), where=spread > 0)
    result: NDArray[np.float64] = np.asarray(erfc(z / np.sqrt(2.0)) / 2, dtype=np.float64)
    near = np.flatnonzero(result < _EXACT_BELOW)
    cells, back = np.unique(np.stack([k[near], n[near]], axis=1), axis=0, return_inverse=True)
    exact = np.array([_upper_tail(int(one), int(many), wrong, total) for one, many in cells])
    if len(near):
        result[near] = exact[back.reshape(-1)]
    return result


def _upper_tail(k: int, n: int, wrong: int, total: int) -> float:
    """Return P(at least k failures among n of total cases, of which ``wrong`` are failures): hypergeometric."""
    from scipy.special import gammaln

    mean = n * wrong / total
    far = 40 * (mean * (total - wrong) * (total - n) / (total * max(1, total - 1))) ** 0.5 + 1
    most = min(n, wrong)
    reach = np.arange(k, min(most, max(k, int(mean + far))) + 1, dtype=np.float64)
    return min(
        1.0,
        float(
            np.exp(
                gammaln(n + 1) - gammaln(reach + 1) - gammaln(n - reach + 1)
                + gammaln(total - n + 1) - gammaln(wrong - reach + 1) - gammaln(total - n - wrong + reach + 1)
                - gammaln(total + 1) + gammaln(wrong + 1) + gammaln(total - wrong + 1)
            ).sum()
        ),
    )  # fmt: skip


def _kept(
    looked: Sequence[Looked], p_values: NDArray[np.float64], family: int
) -> list[tuple[int, float, float]]:
    """Return place, p-value and Holm's p-value of the slices that alarm, and of which no part says as much."""
    order = np.argsort(p_values, kind="stable")
    starts, highest = _starts(looked), 0.0
    alarming: dict[frozenset[tuple[int, int]], tuple[int, float, float]] = {}
    for rank, place in enumerate(order[:family].tolist()):
        p_value = float(p_values[place])
        highest = max(highest, min(1.0, p_value * (family - rank)))
        if highest > ALARM:
            break
        alarming[_conditions(looked, starts, place)] = (place, p_value, highest)
    kept = []
    for mine, (place, p_value, adjusted) in alarming.items():
        parts = (frozenset(part) for length in range(1, len(mine)) for part in combinations(mine, length))
        if all(p_value < alarming[part][1] for part in parts if part in alarming):
            kept.append((place, p_value, adjusted))
    return kept


def _starts(looked: Sequence[Looked]) -> Ints:
    return np.cumsum([0, *(len(one.n) for one in looked)], dtype=np.int64)


def _conditions(looked: Sequence[Looked], starts: Ints, place: int) -> frozenset[tuple[int, int]]:
    one = int(np.searchsorted(starts, place, side="right")) - 1
    values = looked[one].values[place - int(starts[one])].tolist()
    return frozenset(zip(looked[one].columns, values, strict=True))


def _slice(looked: Sequence[Looked], place: int, axes: Sequence[GroupCodes]) -> Slice:
    conditions = sorted(_conditions(looked, _starts(looked), place))
    return Slice(tuple((axes[column].column, axes[column].values[value]) for column, value in conditions))


def _found(
    each: Slice, n: int, k: int, total: int, wrong: int, p_value: float, adjusted: float
) -> FoundSlice:
    return FoundSlice(
        each,
        n,
        k,
        Figure(k / n, n, *wilson(k, n), "wilson", k),
        difference_of(k, n, wrong - k, total - n),
        Figure(k / wrong, wrong, *wilson(k, wrong), "wilson", k),
        p_value,
        adjusted,
    )
