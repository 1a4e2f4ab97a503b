"""What the test set has done to a decision since it was made: the figures at its threshold then and now.

Both are taken at the decision's own threshold and under its own costs, whatever was agreed since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from lookingglass.decisions import WHERE, Decision, Measured
from lookingglass.evaluation.affected import Answers, build_effects
from lookingglass.evaluation.effects import Effect, Effects
from lookingglass.evaluation.evaluate import ScoredSet
from lookingglass.evaluation.leaderboard import MAIN_METRIC
from lookingglass.figures import Figure, undefined
from lookingglass.metrics.catalogue import Scored
from lookingglass.metrics.counts import Counts
from lookingglass.metrics.formulas import Settings
from lookingglass.metrics.ordered import Ordered

if TYPE_CHECKING:
    from lookingglass.fairness import GroupFigures

Figures = Mapping[str, Figure]
NOT_RECORDED = "not recorded with the decision"


@dataclass(frozen=True)
class ChangedSince:
    """A decision beside the test set as it is on another version.

    Attributes:
        version, digest: of the test set now.
        effects: what the change did to the goal of the decision, for its candidate alone.
        then: the figures that were recorded. ``now``: the same threshold and costs on this version.
    """

    decision: Decision
    version: int
    digest: str
    effects: Effects
    then: Figures
    now: Figures

    @property
    def effect(self) -> Effect:
        """What the change did to the goal of the decision."""
        return self.effects.effects[0]

    @property
    def is_out_of_date(self) -> bool:
        """Whether the test set holds something else than when the decision was made."""
        return self.digest != self.decision.digest

    def frame(self) -> pl.DataFrame:
        """Return one row a metric: value, low and high then and now; what is undefined is null, with its reason."""
        rows = []
        for name, now in self.now.items():
            then = self.then.get(name, undefined(NOT_RECORDED))
            ends = [getattr(one, key) for one in (then, now) for key in ("value", "low", "high")]
            rows.append([name, *ends, now.reason or then.reason])
        columns: dict[str, Any] = {"metric": pl.String}
        numbers = ("then", "then_low", "then_high", "now", "now_low", "now_high")
        columns |= dict.fromkeys(numbers, pl.Float64)
        return pl.DataFrame(rows, schema={**columns, "reason": pl.String}, orient="row")

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain JSON data."""
        return {
            "decision": self.decision.seq,
            "from": self.decision.version,
            "to": self.version,
            "out_of_date": self.is_out_of_date,
            "effects": self.effects.to_json(),
            "then": {name: figure.to_json() for name, figure in self.then.items()},
            "now": {name: figure.to_json() for name, figure in self.now.items()},
        }


def changed_since(
    decision: Decision, answers: Answers, figures: Callable[[ScoredSet, float | None, Settings], Figures]
) -> ChangedSince:
    """Work out what changed for a decision between the two versions of ``answers``.

    Args:
        answers: its candidate on the version of the decision and on that of now, judged as the decision says.
        figures: every metric at a threshold under some settings.
    """
    before, after = answers.before.test_set, answers.after.test_set
    goal = decision.parsed_aim.goal if decision.parsed_aim else MAIN_METRIC
    effects = build_effects(before, after, [answers], metric=goal)
    now = figures(answers.after, decision.threshold, decision.settings)
    return ChangedSince(decision, after.version, after.digest, effects, decision.figures, now)


def groups_again(
    recorded: Iterable[str], groups: Callable[[str], Sequence[GroupFigures]]
) -> dict[str, Figure]:
    """Return anew what was recorded of groups, by name: ``recall where sex is female``; a group that is gone says so.

    Args:
        recorded: the names of a decision's figures.
        groups: the figures of each group of a column at the decision's threshold.
    """
    found: dict[str, Figure] = {}
    for name in recorded:
        metric, where, rest = name.partition(WHERE)
        column, said, value = rest.partition(" is ")
        if where and said:
            there = {group.value: group.figures for group in groups(column)}
            found[name] = there.get(value, {}).get(metric, undefined("there is no such group"))
    return found


def measure(scored: ScoredSet, threshold: float | None, figures: Figures) -> Measured:
    """Return ``figures`` and the counts at a threshold on one version; every sample must have a score."""
    y_true, y_score = scored.part("samples")
    counts: Counts = Scored(Ordered(y_true, y_score), threshold).counts
    return Measured(
        version=scored.test_set.version,
        digest=scored.test_set.digest,
        figures=figures,
        counts={name: getattr(counts, name) for name in ("tp", "fp", "tn", "fn")},
    )
