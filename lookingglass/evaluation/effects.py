"""What a change of the test set did to every candidate: the main metric before and after, and whether it is chance.

Only labelled samples count for the metric; of test patterns it is told how many were answered rightly. How the interval
is made stands in ``lookingglass.metrics.change``. Knows nothing of screens or of how scores were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from lookingglass.figures import Figure
from lookingglass.metrics import distinguishable
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import counts_text, joined, number, value_text

State = Literal["first", "unchanged", "moved", "undefined", "failed"]
ARROW = "→"
NO_PATTERNS = "none"
"""Why there is no figure on patterns where a version has no labelled one."""
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
        """Say how many patterns were answered rightly: ``8 of 12 → 9 of 13``; '' when there are none.

        Where a version has none, that is said: ``8 of 12, all new``, ``none left, 8 of 12 before``.
        """
        sides = [_right(figure) for figure in (self.patterns_before, self.patterns_after)]
        if self.patterns_are_new:
            return f"{sides[1]}, all new"
        if self.patterns_before.value is None and self.patterns_after.value is None:
            return "" if sides[0] == sides[1] == NO_PATTERNS else sides[1]
        if self.patterns_after.reason == NO_PATTERNS:
            return f"{NO_PATTERNS} left, {sides[0]} before"
        return sides[1] if sides[0] == sides[1] and not self.patterns_differ else f" {ARROW} ".join(sides)

    @property
    def patterns_are_new(self) -> bool:
        """Whether the version before had no labelled pattern, and this one has."""
        return self.patterns_before.reason == NO_PATTERNS and self.patterns_after.reason != NO_PATTERNS

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
        told = [item for item in self.effects if item.patterns_differ and item.patterns_words]
        if not told:
            return ""
        still = "No figure on samples moves. " if self.is_still else ""
        if all(item.patterns_are_new for item in told):
            parts = [f"{item.candidate} {_right(item.patterns_after)}" for item in told]
            return f"{still}Patterns answered rightly, all of them new: {'; '.join(parts)}."
        parts = [f"{item.candidate} {item.patterns_words}" for item in told]
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


def _right(figure: Figure) -> str:
    """Return ``8 of 12`` patterns, or why there is no such figure."""
    if figure.value is not None:
        return counts_text(figure)
    return f"unknown ({figure.reason})" if figure.reason not in (None, NO_PATTERNS) else NO_PATTERNS


def _names(effects: Sequence[Effect]) -> str:
    return joined([item.candidate for item in effects])


def _step(metric: str) -> str:
    """Return the smallest step that the digits shown can tell."""
    unit = METRIC_WORDS[metric].unit
    return number(0.01 if unit == "cost" else 0.001, unit)
