"""What a change of the test set did to every candidate: the main metric before and after, and whether it is chance.

Only labelled samples count for the metric; of test patterns it is told how many were answered rightly. How the interval
is made stands in ``lookingglass.metrics.change``. Knows nothing of screens or of how scores were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lookingglass.evaluation.evaluate import ScoredSet, Threshold
from lookingglass.figures import Figure, undefined
from lookingglass.metrics import distinguishable
from lookingglass.metrics.change import SAME, Side, differing, metric_change
from lookingglass.testset import TestSet
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import counts_text, difference_text, joined, number, value_text

State = Literal["first", "unchanged", "moved", "undefined", "failed"]
ARROW = "→"
NO_SAMPLES = "no labelled samples"
COLUMNS = (
    *("candidate", "metric", "state", "verdict", "before", "after", "difference", "low", "high", "p_value"),
    *("patterns_before", "patterns_after", "reason"),
)
"""Of ``Effects.frame()``."""


@dataclass(frozen=True)
class Effect:
    """What one change did to one candidate.

    Attributes:
        state: ``unchanged`` when its labelled samples, their labels and its scores are the same in both versions;
            ``first`` when there was no labelled sample before; ``undefined`` when a figure is missing on a side;
            ``failed`` when the candidate could not answer on a version (``error`` says why); else ``moved``.
        before, after: the metric on the labelled samples of each version, with its own interval.
        difference: after minus before, with its interval over the examples of both versions.
        patterns_before, patterns_after: test patterns answered rightly, k of n.
    """

    candidate: str
    order: int
    metric: str
    state: State
    before: Figure
    after: Figure
    difference: Figure
    patterns_before: Figure
    patterns_after: Figure
    patterns_differ: bool
    error: str | None = None

    @property
    def verdict(self) -> str:
        """Return ``more than chance``, ``could be chance`` or ``cannot tell`` of one that moved, else its state."""
        return distinguishable(self.difference) if self.state == "moved" else self.state

    @property
    def words(self) -> str:
        """Say it in one sentence without its end: ``tweedledum 0.831 → 0.826, could be chance``."""
        return f"{self.samples_words}{self._patterns_behind()}"

    @property
    def is_tiny(self) -> bool:
        """Whether it moved by less than the digits that are shown can tell."""
        same = value_text(self.metric, self.before) == value_text(self.metric, self.after)
        return self.state == "moved" and same

    @property
    def patterns_words(self) -> str:
        """Say how many patterns were answered rightly: ``8 of 12 → 9 of 13``; '' when there are none."""
        sides = [
            counts_text(figure) if figure.value is not None else (figure.reason or "none")
            for figure in (self.patterns_before, self.patterns_after)
        ]
        if self.patterns_before.value is None and self.patterns_after.value is None:
            return "" if sides[0] == sides[1] == "none" else sides[1]
        return sides[1] if sides[0] == sides[1] and not self.patterns_differ else f" {ARROW} ".join(sides)

    @property
    def samples_words(self) -> str:
        """Say what happened to the figure on samples alone."""
        before, after = (value_text(self.metric, figure) for figure in (self.before, self.after))
        if self.state == "failed":
            return f"{self.candidate} failed: {str(self.error).rstrip('.')}"
        if self.state == "first":
            return f"{self.candidate} starts at {after}"
        if self.state == "unchanged":
            return f"{self.candidate} unchanged" + (f" at {after}" if self.after.value is not None else "")
        if self.state == "undefined":
            return f"{self.candidate} cannot be compared: {self.difference.reason}"
        if self.is_tiny:
            return f"{self.candidate} stays at {after}, moved by less than {_step(self.metric)}"
        return f"{self.candidate} {before} {ARROW} {after}, {self.verdict}"

    def _patterns_behind(self) -> str:
        if not self.patterns_differ or self.state == "failed" or not self.patterns_words:
            return ""
        return f"; patterns answered rightly {self.patterns_words}"

    def to_json(self) -> dict[str, Any]:
        """Return the effect as plain JSON data."""
        return {
            "name": self.candidate,
            "metric": self.metric,
            "state": self.state,
            "verdict": self.verdict,
            "words": self.words,
            "error": self.error,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "difference": self.difference.to_json(),
            "patterns_before": self.patterns_before.to_json(),
            "patterns_after": self.patterns_after.to_json(),
        }


@dataclass(frozen=True)
class Effects:
    """What lies between two versions of the test set, for every candidate but the baseline.

    Attributes:
        differing: labelled samples that only one of the versions holds or that have another label or input.
        samples_before, samples_after: how many labelled samples each version has.
    """

    since: int
    version: int
    metric: str
    differing: int
    samples_before: int
    samples_after: int
    effects: tuple[Effect, ...]

    @property
    def sentence(self) -> str:
        """Say it all: each candidate that moved with its figures, the others together; patterns in a sentence apart."""
        if not self.effects:
            return "There is no candidate yet."
        patterns = self.patterns_sentence
        if self.is_still:
            return patterns or "No figure moves: the labelled samples are the same in both versions."
        return f"{'; '.join(words for words, _ in self.told())}.{' ' if patterns else ''}{patterns}"

    @property
    def is_still(self) -> bool:
        """Whether no figure on samples can have moved, for any candidate."""
        return all(item.state == "unchanged" for item in self.effects)

    @property
    def patterns_sentence(self) -> str:
        """Say how many patterns each candidate answers rightly; '' when nothing differs there."""
        parts = [
            f"{item.candidate} {item.patterns_words}"
            for item in self.effects
            if item.patterns_differ and item.patterns_words
        ]
        if not parts:
            return ""
        still = "No figure on samples moves. " if self.is_still else ""
        return f"{still}Patterns answered rightly: {'; '.join(parts)}."

    def told(self) -> list[tuple[str, tuple[Effect, ...]]]:
        """Return the parts of the sentence on samples, each with the candidates it speaks of; those alike together."""
        parts: list[tuple[str, tuple[Effect, ...]]] = [
            (item.samples_words, (item,))
            for item in self.effects
            if item.state == "moved" and not item.is_tiny
        ]
        tiny = tuple(item for item in self.effects if item.is_tiny)
        if tiny:
            parts.append((f"{_names(tiny)} moved by less than {_step(self.metric)}", tiny))
        still = tuple(item for item in self.effects if item.state == "unchanged")
        if still:
            parts.append((f"{_names(still)} unchanged", still))
        parts += [(item.samples_words, (item,)) for item in self.effects if item.state in ("first", "failed")]
        unknown = tuple(item for item in self.effects if item.state == "undefined")
        reasons = {item.difference.reason for item in unknown}
        if len(reasons) == 1:
            parts.append((f"{_names(unknown)} cannot be compared: {reasons.pop()}", unknown))
        else:
            parts += [(item.samples_words, (item,)) for item in unknown]
        return parts

    @property
    def headline(self) -> str:
        """Say only what moved most: ``boosted 0.831 → 0.826, could be chance; 4 others moved less or not at all.``"""
        moved = [item for item in self.effects if item.state == "moved"]
        if not moved or self.is_still:
            parts = [words for words, _ in self.told()]
            return "no figure on samples moved." if self.is_still else f"{'; '.join(parts)}."
        most = max(moved, key=lambda item: abs(item.difference.value or 0.0))
        if most.is_tiny:
            parts = [f"no candidate moved by {_step(self.metric)} or more"]
        else:
            parts = [most.samples_words]
            others = sum(item.state in ("moved", "unchanged") for item in self.effects) - 1
            if others:
                parts.append(f"{others} {'other' if others == 1 else 'others'} moved less or not at all")
        lost = tuple(item for item in self.effects if item.state in ("undefined", "failed"))
        if lost:
            parts.append(f"{_names(lost)} cannot be compared")
        return f"{'; '.join(parts)}."

    def frame(self) -> pl.DataFrame:
        """Return one row a candidate: its state, the figures and the difference with its interval, patterns, reason."""
        rows = [
            {
                "candidate": item.candidate,
                "metric": item.metric,
                "state": item.state,
                "verdict": item.verdict,
                "before": item.before.value,
                "after": item.after.value,
                "difference": item.difference.value,
                "low": item.difference.low,
                "high": item.difference.high,
                "p_value": item.difference.p_value,
                "patterns_before": item.patterns_words and counts_text(item.patterns_before),
                "patterns_after": item.patterns_words and counts_text(item.patterns_after),
                "reason": item.error or item.difference.reason,
            }
            for item in self.effects
        ]
        numbers = ("before", "after", "difference", "low", "high", "p_value")
        schema = {name: pl.Float64 if name in numbers else pl.String for name in COLUMNS}
        return pl.DataFrame(rows, schema=schema)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain JSON data."""
        return {
            "from": self.since,
            "to": self.version,
            "metric": self.metric,
            "samples": {
                "before": self.samples_before,
                "after": self.samples_after,
                "differing": self.differing,
            },
            "sentence": self.sentence,
            "candidates": [item.to_json() for item in self.effects],
        }


@dataclass(frozen=True)
class Answers:
    """One candidate on both versions, and why it failed on one of them."""

    before: ScoredSet
    after: ScoredSet
    failure_before: str | None = None
    failure_after: str | None = None


def build_effects(before: TestSet, after: TestSet, candidates: Sequence[Answers], *, metric: str) -> Effects:
    """Work out what lies between two versions, for each candidate in its order.

    At 1,000,000 rows a candidate costs under half a second, the pairing of the two versions' ids about as much, once.
    """
    samples, patterns = _Pairing.of(before, after, "samples"), _Pairing.of(before, after, "patterns")
    effects = [_effect(answers, samples, patterns, metric) for answers in candidates]
    return Effects(
        before.version,
        after.version,
        metric,
        samples.differing(),
        len(samples.rows_before),
        len(samples.rows_after),
        tuple(sorted(effects, key=lambda item: item.order)),
    )


@dataclass(frozen=True, eq=False)
class _Pairing:
    """The labelled samples or patterns of two versions, and which of them are the same example."""

    before: TestSet
    after: TestSet
    rows_before: NDArray[np.intp]
    rows_after: NDArray[np.intp]
    place_before: NDArray[np.int64]
    place_after: NDArray[np.int64]

    @classmethod
    def of(cls, before: TestSet, after: TestSet, part: Literal["samples", "patterns"]) -> _Pairing:
        rows = [
            np.flatnonzero((one.is_sample if part == "samples" else ~one.is_sample) & (one.y_true >= 0))
            for one in (before, after)
        ]
        ids = [one.rows.get_column("@id")[at] for one, at in zip((before, after), rows, strict=True)]
        place_before = np.arange(len(rows[0]), dtype=np.int64)
        if ids[0].equals(ids[1]):
            return cls(before, after, rows[0], rows[1], place_before, place_before)
        known = pl.DataFrame({"@id": ids[0], "place": place_before})
        found = ids[1].to_frame().join(known, on="@id", how="left", maintain_order="left")["place"]
        place_after = found.fill_null(-1).to_numpy().astype(np.int64)
        new = place_after < 0
        place_after[new] = len(place_before) + np.arange(int(new.sum()))
        return cls(before, after, rows[0], rows[1], place_before, place_after)

    def side(self, scored: ScoredSet, which: Literal["before", "after"]) -> Side:
        """Return one candidate on one of the versions; scores may be missing (NaN)."""
        rows = self.rows_before if which == "before" else self.rows_after
        place = self.place_before if which == "before" else self.place_after
        return Side(scored.test_set.y_true[rows], scored.scores[rows], place, Threshold().value)

    def differing(self) -> int:
        """Return how many are in one version only, or have another label or input."""
        size = 1 + max((int(at.max()) for at in (self.place_before, self.place_after) if len(at)), default=-1)
        both = np.zeros((2, size), dtype=bool)
        both[0, self.place_before], both[1, self.place_after] = True, True
        shared = both[0] & both[1]
        in_before = shared[self.place_before]
        in_after = np.flatnonzero(shared[self.place_after])
        in_after = in_after[np.argsort(self.place_after[in_after], kind="stable")]
        old, new = (
            one.rows.select("@label", "@input_id")[rows]
            for one, rows in (
                (self.before, self.rows_before[in_before]),
                (self.after, self.rows_after[in_after]),
            )
        )
        other = (old["@label"] != new["@label"]) | (old["@input_id"] != new["@input_id"])
        return int(size - shared.sum()) + int(other.sum() or 0)


def _effect(answers: Answers, samples: _Pairing, patterns: _Pairing, metric: str) -> Effect:
    candidate = answers.after.candidate
    before, after = samples.side(answers.before, "before"), samples.side(answers.after, "after")
    unscored = [
        _unscored(side, version, failure, "samples")
        for side, version, failure in (
            (before, samples.before.version, answers.failure_before),
            (after, samples.after.version, answers.failure_after),
        )
    ]
    figures = [
        undefined(reason, len(side.y_true)) if reason else _figure(metric, side)
        for side, reason in zip((before, after), unscored, strict=True)
    ]
    told = [_right(patterns.side(answers.before, "before")), _right(patterns.side(answers.after, "after"))]
    error = next((one for one in (answers.failure_after, answers.failure_before) if one), None)
    failed = error if any(unscored) else None
    state, difference = _difference(metric, before, after, unscored)
    return Effect(
        candidate.name,
        candidate.order,
        metric,
        "failed" if failed else state,
        figures[0],
        figures[1],
        difference,
        told[0],
        told[1],
        _differ(patterns.side(answers.before, "before"), patterns.side(answers.after, "after")),
        failed,
    )


def _difference(
    metric: str, before: Side, after: Side, unscored: Sequence[str | None]
) -> tuple[State, Figure]:
    size = len(before.y_true) + len(after.y_true)
    reasons = [reason for reason in unscored if reason]
    if reasons:
        return "undefined", undefined(" and ".join(reasons), size)
    if not len(before.y_true) and len(after.y_true):
        return "first", undefined(f"{NO_SAMPLES} before", size)
    difference = metric_change(metric, before, after)
    if difference.reason == SAME or (difference.value is None and not _differ(before, after)):
        return "unchanged", difference
    return ("moved" if difference.value is not None else "undefined"), difference


def _differ(before: Side, after: Side) -> bool:
    return bool(len(before.y_true) or len(after.y_true)) and differing(before, after) > 0


def _figure(metric: str, side: Side) -> Figure:
    if not len(side.y_true):
        return undefined(NO_SAMPLES)
    return side.figure(metric)


def _unscored(side: Side, version: int, failure: str | None, what: str) -> str | None:
    missing = int(np.isnan(side.y_score).sum())
    if not missing:
        return None
    if failure:
        return f"it failed on version {version}"
    verb = "was" if missing == 1 else "were"
    return f"{missing:,} of {len(side.y_score):,} labelled {what} of version {version} {verb} never scored"


def _right(side: Side) -> Figure:
    """Return how many were answered rightly, k of n."""
    if not len(side.y_true):
        return undefined("none")
    missing = int(np.isnan(side.y_score).sum())
    if missing:
        return undefined(f"{missing:,} of {len(side.y_true):,} not scored", len(side.y_true))
    return side.figure("accuracy")


def _names(effects: Sequence[Effect]) -> str:
    return joined([item.candidate for item in effects])


def _step(metric: str) -> str:
    """Return the smallest step that the digits shown can tell."""
    unit = METRIC_WORDS[metric].unit
    return number(0.01 if unit == "cost" else 0.001, unit)


def difference_of(effect: Effect) -> str:
    """Return the difference with its interval and verdict: ``−0.005 (−0.012 to +0.002), could be chance``."""
    if effect.state != "moved":
        return ""
    text = difference_text(effect.metric, effect.difference)
    return f"{text}, {effect.verdict}"
