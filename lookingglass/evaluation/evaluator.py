"""Figures and paired differences, made once for everything that asks for them and kept by what they depend on.

That is labels and scores, thresholds and settings; which version or candidate they belong to does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, TypeVar

from lookingglass.evaluation.evaluate import (
    NO_SETTINGS,
    PARTS,
    CandidateEvaluation,
    Part,
    ScoredSet,
    Threshold,
    part_differences,
    part_figures,
)
from lookingglass.evaluation.judging import Judging, settings_text, settled_names, settled_under
from lookingglass.evaluation.kept_figures import read_kept, write_kept
from lookingglass.evaluation.scores import Failure
from lookingglass.figures import Figure, undefined
from lookingglass.memo import BoundedCache
from lookingglass.metrics import METRICS
from lookingglass.metrics.catalogue import Scored
from lookingglass.metrics.compare import mirrored
from lookingglass.metrics.formulas import Settings
from lookingglass.metrics.ordered import Ordered

Item = TypeVar("Item")

PATTERNS_COST_NOTHING = "test patterns describe problems, not what real answers cost"

_FREE = tuple(name for name, metric in METRICS.items() if not metric.needs_threshold)
_AT_THRESHOLD = tuple(name for name, metric in METRICS.items() if metric.needs_threshold)


class Sides:
    """Candidates' sorted samples, kept while figures that share them are made: several times the size of the scores."""

    def __init__(self, rows_of: Callable[[ScoredSet], Ordered] | None = None) -> None:
        """Start empty; ``rows_of`` returns labelled samples that may have been sorted before."""
        self._rows_of = rows_of
        self._rows: dict[bytes, Ordered] = {}
        self._made: dict[tuple[bytes, float | None], Scored] = {}

    def of(self, scored: ScoredSet, threshold: float | None) -> Scored:
        """Return one candidate's side; every sample of it must have a score."""
        content = scored.content("samples")
        key = (content, threshold)
        if key not in self._made:
            rows = self._rows.get(content) or (self._rows_of or ScoredSet.ordered)(scored)
            self._made[key] = Scored(self._rows.setdefault(content, rows), threshold)
        return self._made[key]


def in_parallel(work: Callable[[Item], object], items: Sequence[Item]) -> None:
    """Do ``work`` for each item that brings large arrays, on two cores: numpy lets go of the interpreter meanwhile."""
    if len(items) < 2:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(2, thread_name_prefix="figures") as threads:
        for done in [threads.submit(work, item) for item in items]:
            done.result()


class Evaluator:
    """Computes figures and paired differences once for everything that asks for them."""

    def __init__(self) -> None:
        self._figures: BoundedCache[Mapping[str, Figure]] = BoundedCache(512)
        self._differences: BoundedCache[Mapping[str, Figure]] = BoundedCache(1536)

    def recall(self, path: Path) -> None:
        """Take over the figures that ``keep`` wrote there."""
        for key, figures in read_kept(path):
            wanted = _names_under(key)
            if wanted is None or set(figures) != set(wanted):
                continue
            cache = self._figures if isinstance(key[1], str) else self._differences
            cache.put(key, figures)

    def keep(self, path: Path, scored: Iterable[ScoredSet]) -> None:
        """Write the figures and differences of these candidates that were made so far."""
        contents = {item.content(part) for item in scored for part in PARTS}
        write_kept(path, [*self._figures.items(), *self._differences.items()], contents)

    def figures(
        self,
        scored: ScoredSet,
        part: Part,
        threshold: float | None,
        sides: Sides | None = None,
        settled: Settings = NO_SETTINGS,
    ) -> Mapping[str, Figure]:
        """Return every metric of one part of one version; a threshold of None answers nobody.

        Another threshold costs one look at each score: what does not depend on it is kept apart.

        Args:
            settled: the settings of the metrics that depend on them; all others are counted as they are.
        """
        content = scored.content(part)

        def side() -> Scored | None:
            wanted = part == "samples" and scored.answers_samples
            return sides.of(scored, threshold) if wanted and sides else None

        told = settled
        if part == "patterns":  # they speak neither for costs nor for prevalence
            settled = Settings(settled.beta)

        free = self._figures.get(
            (content, part), lambda: part_figures(scored, part, threshold, _FREE, side())
        )
        at = self._figures.get(
            (content, part, threshold), lambda: part_figures(scored, part, threshold, _AT_THRESHOLD, side())
        )
        figures = {**free, **at, **self.settled_free(scored, part, settled, side)}
        if settled != NO_SETTINGS:
            names = _settled(_AT_THRESHOLD, settled)
            figures |= self._figures.get(
                (content, part, threshold, settings_text(settled)),
                lambda: part_figures(scored, part, threshold, names, side(), settled),
            )
        if part == "patterns" and told != NO_SETTINGS:
            n = figures["cost_per_example"].n
            figures["cost_per_example"] = undefined(PATTERNS_COST_NOTHING, n)
        return {name: figures[name] for name in METRICS}

    def settled_free(
        self, scored: ScoredSet, part: Part, settings: Settings, side: Callable[[], Scored | None]
    ) -> Mapping[str, Figure]:
        """Return the metrics of all thresholds together that another share of positives in real use changes."""
        if settings.prevalence is None:
            return {}
        told = Settings(prevalence=settings.prevalence)
        return self._figures.get(
            (scored.content(part), part, settings_text(told)),
            lambda: part_figures(scored, part, None, _settled(_FREE, told), side(), told),
        )

    def differences(
        self,
        one: ScoredSet,
        other: ScoredSet,
        at_one: Threshold,
        at_other: Threshold,
        sides: Sides | None = None,
        settled: Settings = NO_SETTINGS,
    ) -> Mapping[str, Figure]:
        """Return ``one`` minus ``other`` for every metric under ``settled``, each at its own threshold.

        Other thresholds cost one look at each score: what does not depend on them is kept apart.
        """
        if one.candidate.order > other.candidate.order:  # a - b is never another figure than b - a
            return {
                name: mirrored(figure)
                for name, figure in self.differences(other, one, at_other, at_one, sides, settled).items()
            }
        made = (sides or Sides()).of
        thresholds = at_one.value, at_other.value
        pair = one.content("samples"), other.content("samples")
        figures = dict(
            self._differences.get(pair, lambda: part_differences(one, other, *thresholds, made, _FREE))
        )
        figures |= self._differences.get(
            (*pair, *thresholds), lambda: part_differences(one, other, *thresholds, made, _AT_THRESHOLD)
        )
        if settled.prevalence is not None:
            told = Settings(prevalence=settled.prevalence)
            figures |= self._differences.get(
                (*pair, settings_text(told)),
                lambda: part_differences(one, other, *thresholds, made, _settled(_FREE, told), told),
            )
        if settled != NO_SETTINGS:
            figures |= self._differences.get(
                (*pair, *thresholds, settings_text(settled)),
                lambda: part_differences(
                    one, other, *thresholds, made, _settled(_AT_THRESHOLD, settled), settled
                ),
            )
        return {name: figures[name] for name in METRICS}

    def compare_all(
        self, pairs: Sequence[tuple[ScoredSet, ScoredSet]], sides: Sides, judging: Judging
    ) -> None:
        """Make the differences of these pairs at the candidates' own thresholds, on two cores where they are large."""
        settled = judging.settings

        def at(scored: ScoredSet) -> Threshold:
            return judging.threshold(scored.candidate)

        def prepare(scored: ScoredSet) -> None:
            sides.of(scored, at(scored).value).rows.prepare(settled.prevalence)

        def compare(pair: tuple[ScoredSet, ScoredSet]) -> None:
            self.differences(*pair, at(pair[0]), at(pair[1]), sides, settled)

        def is_ranked(one: ScoredSet, other: ScoredSet) -> bool:
            pair = (one.content("samples"), other.content("samples"))
            told = settings_text(Settings(prevalence=settled.prevalence))
            shifted = settled.prevalence is None or (*pair, told) in self._differences
            return pair in self._differences and shifted

        def is_known(one: ScoredSet, other: ScoredSet) -> bool:
            key = (one.content("samples"), other.content("samples"), at(one).value, at(other).value)
            under = settled == NO_SETTINGS or (*key, settings_text(settled)) in self._differences
            return is_ranked(one, other) and key in self._differences and under

        ordered = [
            pair if pair[0].candidate.order < pair[1].candidate.order else pair[::-1] for pair in pairs
        ]
        unknown = [pair for pair in dict.fromkeys(ordered) if not is_known(*pair)]
        unranked = [pair for pair in unknown if not is_ranked(*pair)]
        both = [item for pair in unranked for item in pair if item.answers_samples]
        in_parallel(prepare, list(dict.fromkeys(both)))
        in_parallel(compare, unknown)

    def knows(self, scored: ScoredSet, judging: Judging) -> bool:
        """Whether all figures that ``evaluate`` asks for were made before."""
        at, told = judging.threshold(scored.candidate).value, judging.settings
        for part in PARTS:
            settled = told if part == "samples" else Settings(told.beta)
            free = (scored.content(part), part)
            keys: list[tuple[Any, ...]] = [free, (*free, at)]
            if settled.prevalence is not None:
                keys.append((*free, settings_text(Settings(prevalence=settled.prevalence))))
            if settled != NO_SETTINGS:
                keys.append((*free, at, settings_text(settled)))
            if any(key not in self._figures for key in keys):
                return False
        return True

    def evaluate(
        self,
        scored: ScoredSet,
        failure: Failure | None,
        sides: Sides | None = None,
        judging: Judging | None = None,
    ) -> CandidateEvaluation:
        """Return one candidate's figures and state on the version that ``scored`` belongs to."""
        judged = judging or Judging()
        threshold = judged.threshold(scored.candidate)
        status: Literal["complete", "incomplete", "failed"] = "complete"
        if scored.scored < scored.test_set.examples:
            status = "failed" if failure else "incomplete"
        return CandidateEvaluation(
            candidate=scored.candidate,
            status=status,
            scored=scored.scored,
            examples=scored.test_set.examples,
            answers_samples=scored.answers_samples,
            error=failure.error if failure and status == "failed" else None,
            threshold=threshold,
            metrics=self.figures(scored, "samples", threshold.value, sides, judged.settings),
            patterns=self.figures(scored, "patterns", threshold.value, settled=judged.settings),
        )


def _settled(names: Iterable[str], settings: Settings) -> tuple[str, ...]:
    """Return those of some metrics that depend on settings."""
    known = settled_names(settings)
    return tuple(name for name in names if name in known)


def _names_under(key: tuple[Any, ...]) -> Iterable[str] | None:
    """Return which metrics are kept under a key.

    That is (content, part[, threshold][, settings]) of one candidate, (content, content[, threshold, threshold]
    [, settings]) of two; None for what is no such key.
    """
    if len(key) < 2:
        return None
    thresholds, text = key[2:], None
    if thresholds and isinstance(thresholds[-1], str):
        thresholds, text = thresholds[:-1], thresholds[-1]
    if len(thresholds) not in {0, 1 if isinstance(key[1], str) else 2}:
        return None
    names = _AT_THRESHOLD if thresholds else _FREE
    if text is None:
        return names
    known = settled_under(text)
    return tuple(name for name in names if name in known)
