"""Reasons over many predictions: which features push most often and strongly, and which examples show them.

Reads stored explanations of one candidate, or of two; computes no explanation and knows no model.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.errors import BadInput
from lookingglass.explanations.result import Explanation, Weight

if TYPE_CHECKING:
    import polars as pl

STRONGEST = 10
"""Of each explanation the strongest features speak for it, as LIME itself shows ten."""


@dataclass(frozen=True)
class Reason:
    """One feature over many explanations: a word wherever it stands (upper and lower case alike), a column, a region.

    Attributes:
        fields: the columns that it stood in.
        examples: how many explanations it is among the strongest features of.
        to_yes, to_no: in how many of them it pushes that way, its places in one example added up.
        mean: mean weight where it is among the strongest, in probability.
        strength: mean absolute weight there.
        importance: root of the sum of its absolute weights: often and strongly (SP-LIME's global importance).
        wrong: in how many of them the answer is wrong. ``judged``: of how many it is known whether it is.
    """

    feature: str
    fields: tuple[str, ...]
    examples: int
    to_yes: int
    to_no: int
    mean: float
    strength: float
    importance: float
    wrong: int
    judged: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values."""
        return {**asdict(self), "fields": list(self.fields)}


@dataclass(frozen=True)
class Summary:
    """The reasons of one candidate.

    Attributes:
        reasons: the most important first.
        explanations: how many were counted. ``left_out``: how many had no reasons (nothing to explain, or answers that
            never move); ``weak_fit``, ``unstable``: how many of those counted are marked so.
    """

    candidate: str
    reasons: tuple[Reason, ...]
    explanations: int
    left_out: int
    weak_fit: int
    unstable: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values."""
        return {**vars(self), "reasons": [each.to_json() for each in self.reasons]}

    def frame(self) -> pl.DataFrame:
        """Return one row a reason, the most important first."""
        import polars as pl

        schema: dict[str, Any] = {
            "feature": pl.String,
            "fields": pl.List(pl.String),
            "examples": pl.Int64,
            "to_yes": pl.Int64,
            "to_no": pl.Int64,
            "mean": pl.Float64,
            "strength": pl.Float64,
            "importance": pl.Float64,
            "wrong": pl.Int64,
            "judged": pl.Int64,
        }
        return pl.DataFrame([each.to_json() for each in self.reasons], schema=schema)


def summarise(
    explanations: Iterable[Explanation],
    wrong: Mapping[str, bool] | None = None,
    strongest: int = STRONGEST,
) -> Summary:
    """Return the reasons of one candidate over many explanations.

    Args:
        wrong: by example, whether the candidate's answer is wrong; examples without a label are not in it.
        strongest: how many features of each explanation speak for it.

    Raises:
        BadInput: they are of several candidates.
    """
    given = list(explanations)
    candidates = {each.fingerprint for each in given}
    if len(candidates) > 1:
        raise BadInput("reasons are put together for one candidate at a time: choose one.")
    counted = [each for each in given if each.weights]
    weights: dict[str, dict[str, float]] = {}
    names: dict[str, str] = {}
    fields: dict[str, dict[str, None]] = {}
    for each in counted:
        for key, weight, members in _telling(each, strongest):
            weights.setdefault(key, {})[each.example_id] = weight
            names.setdefault(key, members[0].feature)
            fields.setdefault(key, {}).update(dict.fromkeys(member.field for member in members))
    reasons = [
        _reason(names[key], tuple(fields[key]), by_example, wrong or {})
        for key, by_example in weights.items()
    ]
    reasons.sort(key=lambda each: (-each.importance, each.feature))
    return Summary(
        candidate=given[0].candidate if given else "",
        reasons=tuple(reasons),
        explanations=len(counted),
        left_out=len(given) - len(counted),
        weak_fit=sum(each.weak_fit for each in counted),
        unstable=sum(each.unstable is True for each in counted),
    )


def coverage_pick(
    explanations: Iterable[Explanation], count: int, strongest: int = STRONGEST
) -> list[Explanation]:
    """Return the explanations that together show most of what a candidate goes by, greedily: SP-LIME's step.

    Each next one adds the most importance of features that none before it shows (Ribeiro et al. 2016, algorithm 2).
    Nothing is drawn: among equals the one given first goes first.

    Args:
        count: how many at most; fewer where the others show nothing new.
    """
    given = [each for each in explanations if each.weights]
    shown = [{key: weight for key, weight, _ in _telling(each, strongest)} for each in given]
    total: dict[str, float] = {}
    for weights in shown:
        for key, weight in weights.items():
            total[key] = total.get(key, 0.0) + abs(weight)
    importance = {key: math.sqrt(value) for key, value in total.items()}
    picked: list[int] = []
    seen: set[str] = set()
    while len(picked) < min(count, len(given)):
        gains = [
            -1.0 if at in picked else math.fsum(importance[key] for key in weights.keys() - seen)
            for at, weights in enumerate(shown)
        ]
        best = int(np.argmax(gains))
        if gains[best] <= 0:
            break
        picked.append(best)
        seen |= shown[best].keys()
    return [given[at] for at in picked]


def average_map(explanations: Iterable[Explanation]) -> NDArray[np.float64]:
    """Return the mean weight of each region over explanations of images on one grid, shape (down, across).

    Raises:
        BadInput: there are none, or they are not of images on one grid.
    """
    maps = [_map(each) for each in explanations if each.grid is not None and each.weights]
    if not maps:
        raise BadInput("there is no explanation of an image to take the mean of: explain some first.")
    if len({each.shape for each in maps}) > 1:
        raise BadInput("images of different sizes have different regions: explain those of one column.")
    mean: NDArray[np.float64] = np.mean(maps, axis=0)
    return mean


@dataclass(frozen=True)
class Against:
    """One feature under two candidates, over the examples that both were explained on.

    Attributes:
        first, second: mean weight over these examples, 0 where it is not among the strongest.
        difference: second minus first.
    """

    feature: str
    first: float
    second: float
    difference: float


@dataclass(frozen=True)
class ReasonsAgainst:
    """Two candidates' reasons.

    Attributes:
        features: the largest difference first.
        examples: how many both were explained on.
        overlap: mean share of their strongest features that the two have in common, 0 to 1; None without examples.
    """

    first: str
    second: str
    features: tuple[Against, ...]
    examples: int
    overlap: float | None

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values."""
        return {**vars(self), "features": [asdict(each) for each in self.features]}


def against(
    first: Collection[Explanation], second: Collection[Explanation], strongest: int = STRONGEST
) -> ReasonsAgainst:
    """Return two candidates' reasons beside each other, over the inputs that both were explained on."""
    others = {each.input_id: each for each in second if each.weights}
    pairs = [(one, others[one.input_id]) for one in first if one.weights and one.input_id in others]
    sums: dict[str, list[float]] = {}
    names: dict[str, str] = {}
    overlaps = []
    for pair in pairs:
        told = [_telling(each, strongest) for each in pair]
        for side, telling in enumerate(told):
            for key, weight, members in telling:
                sums.setdefault(key, [0.0, 0.0])[side] += weight
                names.setdefault(key, members[0].feature)
        keys = [{key for key, _, _ in telling} for telling in told]
        overlaps.append(len(keys[0] & keys[1]) / max(1, min(len(keys[0]), len(keys[1]))))
    count = max(1, len(pairs))
    features = [
        Against(names[key], one / count, other / count, (other - one) / count)
        for key, (one, other) in sums.items()
    ]
    features.sort(key=lambda each: (-abs(each.difference), each.feature))
    return ReasonsAgainst(
        _name(first),
        _name(second),
        tuple(features),
        len(pairs),
        float(np.mean(overlaps)) if overlaps else None,
    )


def _telling(explanation: Explanation, strongest: int) -> list[tuple[str, float, list[Weight]]]:
    """Return the strongest features of one explanation: (what it counts as, its weights added up, its places)."""
    together: dict[str, list[Weight]] = {}
    for each in explanation.weights:
        together.setdefault(_counts_as(explanation, each), []).append(each)
    added = [
        (key, math.fsum(member.weight for member in members), members) for key, members in together.items()
    ]
    added.sort(key=lambda each: -abs(each[1]))
    return [each for each in added[:strongest] if each[1]]


def _counts_as(explanation: Explanation, weight: Weight) -> str:
    return weight.feature.casefold() if explanation.modality == "text" else weight.feature


def _reason(
    name: str, fields: Sequence[str], by_example: Mapping[str, float], wrong: Mapping[str, bool]
) -> Reason:
    weights = np.array(list(by_example.values()))
    judged = [wrong[example] for example in by_example if example in wrong]
    return Reason(
        feature=name,
        fields=tuple(fields),
        examples=len(weights),
        to_yes=int((weights > 0).sum()),
        to_no=int((weights < 0).sum()),
        mean=float(weights.mean()),
        strength=float(np.abs(weights).mean()),
        importance=float(np.sqrt(np.abs(weights).sum())),
        wrong=sum(judged),
        judged=len(judged),
    )


def _map(explanation: Explanation) -> NDArray[np.float64]:
    if explanation.grid is None:
        raise BadInput("this is no explanation of an image.")
    flat = np.zeros(explanation.grid[0] * explanation.grid[1])
    for each in explanation.weights:
        flat[each.position] = each.weight
    return flat.reshape(explanation.grid)


def _name(explanations: Collection[Explanation]) -> str:
    return next((each.candidate for each in explanations), "")
