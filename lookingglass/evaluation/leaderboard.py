"""The leaderboard: every candidate beside a reference, with paired intervals, and the answer in a sentence.

All figures come from one evaluation, so from one test-set version. Knows nothing of how scores were made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from lookingglass.errors import BadInput
from lookingglass.evaluation.evaluate import CandidateEvaluation, Evaluation, ScoredSet
from lookingglass.evaluation.evaluator import Evaluator, Sides
from lookingglass.evaluation.judging import Judging, settings_sentence
from lookingglass.figures import Figure
from lookingglass.metrics import METRICS, distinguishable
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import difference_text, difference_words, figure_text

MAIN_METRIC = "roc_auc"


@dataclass(frozen=True)
class LeaderboardRow:
    """One candidate: its figures, and the differences of each metric to the reference (reference: no differences)."""

    evaluation: CandidateEvaluation
    differences: Mapping[str, Figure]
    warning: str | None

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.evaluation.name


@dataclass(frozen=True)
class Leaderboard:
    """All candidates of one evaluation, best first by ``metric``, failed ones and the baseline last."""

    evaluation: Evaluation
    metric: str
    reference: str | None
    rows: tuple[LeaderboardRow, ...]
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """Return the leaderboard as plain JSON data."""
        return {
            "workspace": self.evaluation.workspace,
            "version": self.evaluation.version,
            "metric": self.metric,
            "reference": self.reference,
            "settings": asdict(self.evaluation.settings),
            "settings_note": settings_sentence(self.evaluation.settings),
            "sentence": self.sentence,
            "rows": [
                {
                    "name": row.name,
                    "status": row.evaluation.status,
                    "error": row.evaluation.error,
                    "threshold": row.evaluation.threshold.to_json(),
                    "warning": row.warning,
                    "metrics": {name: figure.to_json() for name, figure in row.evaluation.metrics.items()},
                    "patterns": {name: figure.to_json() for name, figure in row.evaluation.patterns.items()},
                    "differences": {name: figure.to_json() for name, figure in row.differences.items()},
                }
                for row in self.rows
            ],
        }

    def frame(self) -> pl.DataFrame:
        """Return ``evaluation.frame()`` in the board's order, with each sample figure's difference to the reference.

        The columns ``difference``, ``difference_low``, ``difference_high`` and ``p_value`` are null for the reference
        itself, for patterns, and where a difference is undefined.
        """
        differences = [
            (row.name, "samples", name, figure.value, figure.low, figure.high, figure.p_value)
            for row in self.rows
            for name, figure in row.differences.items()
        ]
        keys = ["candidate", "part", "metric"]
        schema: dict[str, Any] = dict.fromkeys(keys, pl.String)
        schema |= dict.fromkeys(("difference", "difference_low", "difference_high", "p_value"), pl.Float64)
        told = pl.DataFrame(differences, schema=schema, orient="row")
        places = pl.DataFrame({"candidate": [row.name for row in self.rows], "place": range(len(self.rows))})
        figures = self.evaluation.frame().join(places, on="candidate", how="left", maintain_order="left")
        ordered = figures.sort("place", maintain_order=True).drop("place")
        return ordered.join(told, on=keys, how="left", maintain_order="left")

    def text(self) -> str:
        """Return the leaderboard as lines for a terminal."""
        words = METRIC_WORDS[self.metric].label
        lines = [f"test-set version {self.evaluation.version}: {self.sentence}", ""]
        note = settings_sentence(self.evaluation.settings)
        if note is not None:
            lines.insert(1, note)
        width = max((len(row.name) for row in self.rows), default=0)
        for row in self.rows:
            item = row.evaluation
            if item.status == "failed":
                lines.append(f"{row.name:<{width}}  failed: {item.error}")
                continue
            line = f"{row.name:<{width}}  {words} {figure_text(self.metric, item.metrics[self.metric])}"
            if self.metric in row.differences:
                line += f"  {difference_words(self.metric, row.differences[self.metric])} against {self.reference}"
            lines.append(line + (f"  ({row.warning})" if row.warning else ""))
        return "\n".join(lines)


def build_leaderboard(
    evaluation: Evaluation,
    scored: Mapping[str, ScoredSet],
    evaluator: Evaluator,
    *,
    metric: str = MAIN_METRIC,
    reference: str | None = None,
    sides: Sides | None = None,
    judging: Judging | None = None,
) -> Leaderboard:
    """Rank the candidates of one evaluation.

    Args:
        scored: each candidate's scores by name.
        metric: what to rank by.
        reference: the candidate that the others are compared with, the baseline when None.
        sides: sorted samples that the evaluation made already.
        judging: the thresholds and costs that the evaluation stands under, the defaults when None.

    Raises:
        BadInput: there is no such metric or reference.
    """
    if metric not in METRICS:
        raise BadInput(f"there is no metric {metric!r}: choose one of {', '.join(METRICS)}.")
    baseline = next((item for item in evaluation.candidates if item.is_baseline), None)
    chosen = evaluation.candidate(reference) if reference else baseline
    if reference and chosen is None:
        known = ", ".join(item.name for item in evaluation.candidates)
        raise BadInput(f"there is no candidate {reference!r} to compare with: choose one of {known}.")

    order = sorted(evaluation.candidates, key=lambda item: _rank(item, metric))
    best = [item for item in order if not item.is_baseline and _stands(item, metric)]
    leading = [(best[0], best[1])] if len(best) > 1 else []
    compared = [
        (item, other) for item in order for other in (chosen, baseline) if other and other is not item
    ]
    evaluator.compare_all(
        [(scored[one.name], scored[other.name]) for one, other in (*leading, *compared)],
        sides or Sides(),
        judging or Judging(),
    )

    def against(item: CandidateEvaluation, other: CandidateEvaluation | None) -> Mapping[str, Figure]:
        if other is None or other.name == item.name:
            return {}
        pair = scored[item.name], scored[other.name]
        return evaluator.differences(*pair, item.threshold, other.threshold, settled=evaluation.settings)

    rows = [
        LeaderboardRow(item, against(item, chosen), _baseline_warning(item, against(item, baseline)))
        for item in order
    ]
    gap = against(*leading[0])[metric] if leading else None
    waiting = sum(not row.evaluation.is_baseline for row in rows) - len(best)
    sentence = _sentence(best, gap, metric, waiting) if best else _why_nobody_leads(evaluation, metric)
    return Leaderboard(evaluation, metric, chosen.name if chosen else None, tuple(rows), sentence)


def _stands(item: CandidateEvaluation, metric: str) -> bool:
    """Whether a candidate can be ranked; one that failed is not, even where it had answered every sample before."""
    return item.status != "failed" and item.metrics[metric].value is not None


def _rank(item: CandidateEvaluation, metric: str) -> tuple[bool, bool, float, int]:
    value = item.metrics[metric].value
    best_first = -1.0 if METRIC_WORDS[metric].direction == "higher" else 1.0
    return (item.is_baseline, not _stands(item, metric), best_first * (value or 0.0), item.candidate.order)


def _baseline_warning(item: CandidateEvaluation, to_baseline: Mapping[str, Figure]) -> str | None:
    """A candidate that ranks no better than answering the prevalence for everybody deserves to be said so."""
    difference = to_baseline.get(MAIN_METRIC)
    if item.is_baseline or difference is None or difference.value is None:
        return None
    if distinguishable(difference) == "could be chance":
        return "not distinguishable from the baseline"
    return "worse than the baseline" if difference.value < 0 else None


def _why_nobody_leads(evaluation: Evaluation, metric: str) -> str:
    """Say whether answers are missing or whether the test set is such that the metric has no value."""
    for item in evaluation.candidates:
        if item.status == "complete" and not item.is_baseline:
            label, reason = METRIC_WORDS[metric].label, item.metrics[metric].reason
            return (
                f"No candidate can be ranked by {label} on this version: {reason} among the labelled samples."
            )
    return "No candidate has a complete evaluation on this version."


def _sentence(ranked: list[CandidateEvaluation], gap: Figure | None, metric: str, waiting: int) -> str:
    """Say who leads and whether that is more than noise, with the figures."""
    words = METRIC_WORDS[metric]
    best = "highest" if words.direction == "higher" else "lowest"
    name, standing = (
        ranked[0].name,
        f"the {best} {words.label}, {figure_text(metric, ranked[0].metrics[metric])}",
    )
    if gap is None:
        alone = (
            "the only one with complete figures so far"
            if waiting
            else "the only candidate beside the baseline"
        )
        return f"{name} has {standing}; it is {alone}."
    if gap.value == 0.0:
        figure = standing.removeprefix("the ")
        return f"No candidate leads: {name} and {ranked[1].name} share the {figure}."
    lead = f"its lead over {ranked[1].name}, {difference_text(metric, gap)},"
    if distinguishable(gap) == "more than chance":
        return f"{name} leads with {standing}; {lead} is more than chance."
    return f"No candidate leads by more than chance: {name} has {standing}, but {lead} could be chance."
