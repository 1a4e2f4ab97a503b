"""One candidate's best threshold on one version for one aim, with every figure there, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lookingglass.decisions import Measured, Volume
from lookingglass.evaluation.evaluate import ScoredSet
from lookingglass.figures import Figure
from lookingglass.metrics.counts import Counts
from lookingglass.thresholds import (
    COST,
    Aim,
    Band,
    Choice,
    Groups,
    Honesty,
    Sample,
    choose,
    honesty,
    per_thousand,
)
from lookingglass.thresholds.band import SHARES

if TYPE_CHECKING:
    import polars as pl

    from lookingglass.thresholds.replicates import Binned


@dataclass(frozen=True)
class ThresholdChoice:
    """What ``threshold --json`` prints.

    Attributes:
        candidate, fingerprint: whose threshold.
        version, digest: of the test set whose labelled samples it was chosen on.
        choice: the threshold, exact counts, and what stands in the way where there is none.
        honesty: what choosing on the reported samples does to the figures; None when infeasible.
        make_figures: what ``figures`` come from.
    """

    candidate: str
    fingerprint: str
    version: int
    digest: str
    choice: Choice
    honesty: Honesty | None
    make_figures: Callable[[], Mapping[str, Figure]] = field(repr=False, compare=False)

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """Every metric at the threshold under the aim's settings, made when first asked for; none when infeasible."""
        return self.make_figures() if self.feasible else {}

    @property
    def aim(self) -> Aim:
        """What was asked for."""
        return self.choice.aim

    @property
    def feasible(self) -> bool:
        """Whether there is a choice."""
        return self.choice.feasible

    @property
    def threshold(self) -> float | None:
        """The chosen threshold; None answers nobody, or there is no choice (``feasible``)."""
        return self.choice.threshold

    def to_json(self) -> dict[str, Any]:
        """Return the agreed JSON form of ``threshold --json``."""
        choice, honesty = self.choice, self.honesty
        counts = choice.counts
        prevalence = self.aim.settings.prevalence
        result: dict[str, Any] = {
            "candidate": self.candidate,
            "fingerprint": self.fingerprint,
            "test_set": {"version": self.version, "digest": self.digest},
            "rule": self.aim.text(),
            "aim": self.aim.to_json(),
            "feasible": choice.feasible,
            "threshold": choice.threshold,
            "metrics": {name: figure.to_json() for name, figure in self.figures.items()},
            "optimism_corrected": {},
            "flat_zone": None,
            "chosen_range": None,
            "counts": None if counts is None else counts.to_json(),
            "per_1000": None if counts is None else per_thousand(counts, prevalence=prevalence),
            "notes": list(choice.notes),
        }
        if honesty is not None:
            result |= honesty.to_json()
        if not choice.feasible:
            result["binding"] = list(choice.binding)
            result["nearest"] = None if choice.nearest is None else choice.nearest.to_json()
        return result

    def frame(self) -> pl.DataFrame:
        """Return one row a metric: its figure (value, low, high, method, n, k, reason) and the corrected one."""
        import polars as pl

        columns: dict[str, Any] = {
            "metric": pl.String,
            **dict.fromkeys(("value", "low", "high"), pl.Float64),
            "method": pl.String,
            **dict.fromkeys(("n", "k"), pl.Int64),
            "reason": pl.String,
            **dict.fromkeys(("corrected", "corrected_low", "corrected_high"), pl.Float64),
        }
        corrected = self.honesty.corrected if self.honesty else {}
        rows = []
        for name, figure in self.figures.items():
            other = corrected.get(name)
            ends = (None, None, None) if other is None else (other.value, other.low, other.high)
            told = [getattr(figure, key) for key in ("value", "low", "high", "method", "n", "k", "reason")]
            rows.append(dict(zip(columns, [name, *told, *ends], strict=True)))
        return pl.DataFrame(rows, schema=columns)


def choose_threshold(
    scored: ScoredSet,
    sample: Sample,
    aim: Aim,
    groups: Mapping[str, Groups],
    figures: Callable[[float | None], Mapping[str, Figure]],
    replicates: Callable[[], Binned],
) -> ThresholdChoice:
    """Choose on the labelled samples of ``scored``, every one of which must have a score.

    Args:
        sample: those samples.
        groups: the groups of those samples in each column that a requirement of ``aim`` names.
        figures: every metric at a threshold under the aim's settings.
        replicates: returns those of the samples in these groups; asked for when there is a choice.

    Raises:
        BadInput: there is nothing to choose on, or the goal has no value at any threshold.
    """
    choice = choose(sample, aim, groups)
    unlabelled = int(np.count_nonzero(scored.test_set.is_sample & (scored.test_set.y_true < 0)))
    if unlabelled:
        note = f"{unlabelled:,} samples without a label are not counted."
        choice = replace(choice, notes=(*choice.notes, note))
    return ThresholdChoice(
        scored.candidate.name,
        scored.candidate.fingerprint,
        scored.test_set.version,
        scored.test_set.digest,
        choice,
        honesty(sample, choice, groups, binned=replicates()) if choice.feasible else None,
        lambda: figures(choice.threshold),
    )


def with_asking(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return a band's figures under the names by which they are recorded beside those of a single threshold."""
    names = {COST: "cost_with_asking", **{share: share for share in SHARES}}
    return {names.get(name, f"{name}_with_asking"): figure for name, figure in figures.items()}


def session_measured(
    version: int,
    digest: str,
    threshold: float | None,
    figures: Mapping[str, Figure],
    counts: Counts | None,
    choice: ThresholdChoice | None = None,
    band: Band | None = None,
) -> Measured:
    """Return what a decision records as measured at a threshold, with a person in between or without.

    Args:
        version, digest: of the test set.
        figures, counts: at the threshold, whoever is asked.
        choice: what would be best for the aim; where that is this threshold, its corrected figures are recorded.
        band: what a person in between does there; its figures are recorded as ``with_asking`` names them.
    """
    told = choice.honesty if choice is not None else None
    is_chosen = choice is not None and choice.feasible and choice.threshold == threshold
    corrected = dict(told.corrected) if told is not None and is_chosen else {}
    asked = band if band is not None and band.feasible and band.low != band.high else None
    return Measured(
        version=version,
        digest=digest,
        figures={**figures, **(with_asking(asked.figures) if asked else {})},
        optimism_corrected={**corrected, **(with_asking(asked.corrected) if asked else {})},
        flat_zone=told.flat_zone if told is not None else None,
        chosen=told.chosen if told is not None else None,
        counts=counts,
    )


def session_record(
    candidate: str,
    fingerprint: str,
    threshold: float | None,
    ask_from: float | None,
    aim: Aim,
    measured: Measured,
    *,
    currency: str = "",
    volume: Volume | None = None,
    best: ThresholdChoice | None = None,
) -> dict[str, Any]:
    """Return a session as plain JSON data: what is looked at with its figures, and what would be best for the aim."""
    return {
        "candidate": candidate,
        "fingerprint": fingerprint,
        "threshold": threshold,
        "ask_from": ask_from,
        "aim": aim.to_json(),
        "currency": currency,
        "volume": None if volume is None else volume.to_json(),
        **measured.to_json(),
        "best": None if best is None else best.to_json(),
    }
