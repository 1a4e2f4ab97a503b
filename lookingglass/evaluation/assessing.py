"""One candidate's fairness on one version: slices of the test set's rows, counted once, read at any threshold."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from lookingglass.config import WorkspaceConfig
from lookingglass.errors import BadInput
from lookingglass.evaluation.engine import Engine
from lookingglass.evaluation.evaluate import ScoredSet, complete
from lookingglass.fairness import (
    SMALLEST_DENOMINATOR,
    Assessment,
    Axis,
    GroupCodes,
    Limit,
    Reference,
    Search,
    SliceTables,
    Slicing,
    assess,
    axis_codes,
    cases_of,
    intersect,
    parse_axis,
    search,
)
from lookingglass.memo import BoundedCache
from lookingglass.metrics.ordered import Ordered
from lookingglass.problems import list_problems
from lookingglass.testset import TestSet

if TYPE_CHECKING:
    import pandas as pd

KEPT_TABLES = 4
"""So many slicings keep their counts at every score: 24 bytes an example each."""

By = str | Axis | Sequence[str | Axis]


@dataclass(frozen=True)
class Fairness:
    """What ``fairness --json`` prints.

    Attributes:
        candidate, fingerprint: whose answers.
        version, digest: of the test set.
        threshold: the answer is yes when ``score >= threshold``; None answers nobody. ``source``: whether it was
            *given*, is the one that people *agreed* on, or the *default*.
        origin: ``sample`` where the labelled samples were counted, ``all`` where test patterns were too.
        found: slices, disparities, gaps.
    """

    candidate: str
    fingerprint: str
    version: int
    digest: str
    threshold: float | None
    source: str
    origin: str
    found: Assessment

    def to_json(self) -> dict[str, Any]:
        """Return the agreed JSON form of ``fairness --json``."""
        return {
            "candidate": self.candidate,
            "fingerprint": self.fingerprint,
            "test_set": {"version": self.version, "digest": self.digest},
            "threshold": self.threshold,
            "threshold_source": self.source,
            "origin": self.origin,
            **self.found.to_json(),
        }

    def frame(self) -> pl.DataFrame:
        """Return one row a slice and figure (``fairness.Assessment.frame``)."""
        return self.found.frame()

    @property
    def metric_frame(self) -> pd.DataFrame:
        """fairlearn's MetricFrame values of the same counts, one row a slice, undefined as NaN."""
        return self.found.metric_frame


class Assessing:
    """The slices and assessments of one workspace, kept by what they depend on. Safe to use from several threads."""

    def __init__(self, engine: Engine, sorted_samples: Callable[[ScoredSet], Ordered]) -> None:
        """Take what sorts a candidate's labelled samples, or finds them sorted."""
        self._engine = engine
        self._sorted = sorted_samples
        self._codes: BoundedCache[GroupCodes] = BoundedCache(64)
        self._slicings: BoundedCache[Slicing] = BoundedCache(8)
        self._tables: BoundedCache[SliceTables] = BoundedCache(KEPT_TABLES)
        self._found: BoundedCache[Assessment] = BoundedCache(256)
        self._searches: BoundedCache[Search] = BoundedCache(32)

    def with_patterns_of(self, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
        """Return the axes with the patterns that each problem was opened with, which its name need not mark."""
        return tuple(self._opened_with(axis) if axis.kind == "problem" else axis for axis in axes)

    def _opened_with(self, axis: Axis) -> Axis:
        for problem in list_problems(self._engine.home):
            if axis.column in (problem.problem_id, problem.name):
                return replace(axis, column=problem.name, ids=frozenset(problem.pattern_ids))
        return axis

    def slicing(self, test_set: TestSet, axes: tuple[Axis, ...]) -> Slicing:
        """Return the slices of the samples of a version. Raises BadInput when there is no such column."""
        for axis in axes:
            check_axis(axis, test_set.config)
            _check_mark(axis, test_set)
        key = _rows_key(test_set)

        def make() -> Slicing:
            codes = [self._axis_codes(test_set, axis) for axis in axes]
            found = intersect(codes, test_set.y_true[test_set.is_sample] >= 0)
            return replace(found, notes=(*found.notes, *_unmarked(axes, codes)))

        return self._slicings.get((key, axes), make)

    def _axis_codes(self, test_set: TestSet, axis: Axis) -> GroupCodes:
        return self._codes.get((_rows_key(test_set), axis), lambda: axis_codes(axis, _samples(test_set)))

    def tables(self, scored: ScoredSet, axes: tuple[Axis, ...]) -> SliceTables:
        """Return the counts of each slice at every score. Raises BadInput when a sample has no score."""
        slicing = self.slicing(scored.test_set, axes)
        return self._tables.get(_key(scored, axes), lambda: SliceTables.of(slicing, self._sorted(scored)))

    def assess(
        self,
        scored: ScoredSet,
        axes: tuple[Axis, ...],
        threshold: float | None,
        reference: Reference,
        limits: tuple[Limit, ...],
        minimum: int,
        worst_by: str,
    ) -> Assessment:
        """Return what ``fairness.assess`` does of the labelled samples."""
        told = reference if reference is None or isinstance(reference, str) else tuple(reference.items())
        return self._found.get(
            (_key(scored, axes), threshold, told, limits, minimum, worst_by),
            lambda: assess(
                self.tables(scored, axes),
                threshold,
                reference=reference,
                limits=limits,
                minimum=minimum,
                worst_by=worst_by,
            ),
        )

    def search(
        self,
        scored: ScoredSet,
        axes: tuple[Axis, ...],
        threshold: float | None,
        metric: str,
        smallest: int,
        conditions: int,
        stop: Callable[[], bool],
    ) -> Search:
        """Return what ``fairness.search`` does of the labelled samples; one that was stopped is not kept."""
        for axis in axes:
            check_axis(axis, scored.test_set.config)
        key = (_key(scored, axes), threshold, metric, smallest, conditions)

        def make() -> Search:
            y_true, y_score = scored.part("samples")
            yes = np.zeros(len(y_true), dtype=bool) if threshold is None else y_score >= threshold
            cases, failures = cases_of(metric, y_true, yes)
            labelled = scored.test_set.y_true[scored.test_set.is_sample] >= 0
            codes = [self._axis_codes(scored.test_set, axis) for axis in axes]
            inside = [GroupCodes(one.column, one.values, one.codes[labelled]) for one in codes]
            return search(
                inside, cases, failures, metric=metric, smallest=smallest, conditions=conditions, stop=stop
            )

        if key in self._searches:
            return self._searches.get(key, make)
        found = make()
        if found.complete:
            self._searches.put(key, found)
        return found


def _check_mark(axis: Axis, test_set: TestSet) -> None:
    """Refuse a problem or a tag that no example of the version has. Raises BadInput."""
    if axis.kind not in {"problem", "tag"}:
        return
    marks = test_set.rows.get_column(f"@{axis.kind}s")
    there = marks.filter(marks.list.len() > 0).explode().unique().sort().to_list()
    if axis.column not in there and not axis.ids & set(test_set.ids):
        known = ", ".join(there[:12]) or "none"
        raise BadInput(
            f"no example of version {test_set.version} has the {axis.kind} {axis.column!r}: there are {known}."
        )


def _unmarked(axes: Sequence[Axis], codes: Sequence[GroupCodes]) -> list[str]:
    return [
        f"No sample has the {axis.kind} {axis.column!r}: test patterns that have it do not speak for real use, and are "
        "counted only where all examples are asked for."
        for axis, found in zip(axes, codes, strict=True)
        if axis.kind in {"problem", "tag"} and not bool(found.codes.any())
    ]


def _rows_key(test_set: TestSet) -> Hashable:
    return test_set.identity, int(test_set.is_sample.sum())


def _key(scored: ScoredSet, axes: tuple[Axis, ...]) -> Hashable:
    return complete(scored), _rows_key(scored.test_set), axes


def _samples(test_set: TestSet) -> pl.DataFrame:
    chosen = test_set.is_sample
    return test_set.rows if bool(np.all(chosen)) else test_set.rows.filter(pl.Series(chosen))


def chosen_axes(
    by: By,
    config: WorkspaceConfig,
    bands: Mapping[str, Sequence[float]] | None = None,
    known: frozenset[str] | None = None,
) -> tuple[Axis, ...]:
    """Return the axes that short names mean in a workspace (``fairness.parse_axis``); axes stay as they are.

    Args:
        bands: where the bands of a name begin. ``known``: the known words, in lower case.

    Raises:
        BadInput: there is nothing called like that, or bands are given for what is not sliced by.
    """
    edges = dict(bands or {})
    wanted = [by] if isinstance(by, str | Axis) else list(by)
    columns = list(config.stored)
    found = tuple(
        each
        if isinstance(each, Axis)
        else _group_as_is(parse_axis(each, columns, edges=edges.pop(each, None), known=known), config)
        for each in wanted
    )
    if edges:
        raise BadInput(f"bands are given for {next(iter(edges))!r}, which is not among what is sliced by.")
    return found


def _group_as_is(axis: Axis, config: WorkspaceConfig) -> Axis:
    """Return the axis; whole numbers in a column that is declared to hold groups are groups, however many there are."""
    column = config.stored.get(axis.column)
    whole = axis.kind == "values" and column is not None and column.is_group and column.type == "integer"
    return replace(axis, as_is=True) if whole else axis


def every_axis(config: WorkspaceConfig) -> tuple[Axis, ...]:
    """Return what worst slices are searched over: every column, of texts length, script and case; images left out."""
    found = []
    for name, column in config.stored.items():
        if column.type == "text":
            found += [Axis(name, "text", text=text) for text in ("length", "script", "case")]
        elif column.type != "image":
            found.append(_group_as_is(Axis(name), config))
    return tuple(found)


def named_threshold(threshold: float | None) -> float | None:
    """Return a threshold, None where it answers nobody. Raises BadInput when it is no number."""
    if threshold is None or isfinite(threshold):
        return threshold
    if threshold == float("inf"):
        return None
    raise BadInput(f"a threshold is a number, not {threshold}.")


def check_axis(axis: Axis, config: WorkspaceConfig) -> None:
    """Refuse an axis that this workspace cannot be cut by. Raises BadInput."""
    if axis.kind in {"problem", "tag"}:
        return
    column = config.stored.get(axis.column)
    if column is None:
        known = ", ".join(config.stored)
        raise BadInput(f"there is no column {axis.column!r} to slice by: the columns are {known}.")
    if axis.kind == "text":
        if column.type != "text":
            raise BadInput(f"{axis.column} is no text, so it has no {axis.text}: slice by its values.")
    elif column.type == "image":
        raise BadInput(f"{axis.column} holds images: slice by another column, a problem or a tag.")
    elif column.type == "text":
        raise BadInput(
            f"{axis.column} is text, and nearly every text differs: slice by {axis.column}:length, "
            f"{axis.column}:case, {axis.column}:script or {axis.column}:unknown words."
        )


def fairness_of(
    assessing: Assessing,
    scored: ScoredSet,
    axes: tuple[Axis, ...],
    threshold: float | None,
    source: str,
    origin: str,
    *,
    reference: Reference = None,
    limits: Sequence[Limit] = (),
    minimum: int = SMALLEST_DENOMINATOR,
    worst_by: str = "accuracy",
) -> Fairness:
    """Return one candidate's fairness; ``threshold`` infinity or None answers nobody.

    Raises:
        BadInput: a sample has no score, a threshold that is none, or no such column, reference or figure.
    """
    threshold = named_threshold(threshold)
    found = assessing.assess(scored, axes, threshold, reference, tuple(limits), minimum, worst_by)
    return Fairness(
        scored.candidate.name,
        scored.candidate.fingerprint,
        scored.test_set.version,
        scored.test_set.digest,
        threshold,
        source,
        origin,
        found,
    )
