"""All candidates at their own best thresholds, and whether one is cheaper than another by more than chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lookingglass.errors import BadInput
from lookingglass.evaluation.choosing import ThresholdChoice
from lookingglass.evaluation.evaluate import ScoredSet
from lookingglass.evaluation.evaluator import in_parallel
from lookingglass.figures import Figure
from lookingglass.metrics import distinguishable
from lookingglass.metrics.catalogue import Scored
from lookingglass.metrics.compare import Verdict, differences_of
from lookingglass.metrics.ordered import Ordered
from lookingglass.thresholds import COST, Aim, Groups, Sample
from lookingglass.thresholds.paired import ChosenSide, corrected_difference

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class CostRow:
    """One candidate at its own best threshold.

    Attributes:
        choice: its threshold with every figure there; infeasible where nothing meets the requirements.
        is_baseline: whether it is the workspace's baseline, which answers everybody or nobody.
        cost, corrected: per example, as chosen on these samples and less what that choosing gained; None if infeasible.
        to_best: its cost minus that of the cheapest, paired, at the thresholds as chosen; None for the cheapest itself
            and if infeasible. ``corrected_to_best``: less what choosing both thresholds gained.
        to_reference, corrected_to_reference: the same against the reference.
    """

    choice: ThresholdChoice
    is_baseline: bool
    cost: Figure | None
    corrected: Figure | None
    to_best: Figure | None = None
    to_reference: Figure | None = None
    corrected_to_best: Figure | None = None
    corrected_to_reference: Figure | None = None

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.choice.candidate

    @property
    def verdict(self) -> Verdict | None:
        """Whether, corrected, it is dearer than the cheapest by more than chance; None where nothing is judged."""
        return None if self.corrected_to_best is None else distinguishable(self.corrected_to_best)

    @property
    def reference_verdict(self) -> Verdict | None:
        """Whether, corrected, it differs from the reference by more than chance; None where nothing is to be judged."""
        return None if self.corrected_to_reference is None else distinguishable(self.corrected_to_reference)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""

        def told(figure: Figure | None) -> Any:
            return None if figure is None else figure.to_json()

        return {
            "candidate": self.name,
            "fingerprint": self.choice.fingerprint,
            "is_baseline": self.is_baseline,
            "feasible": self.choice.feasible,
            "threshold": self.choice.threshold,
            "cost_per_example": told(self.cost),
            "optimism_corrected": told(self.corrected),
            "difference_to_best": told(self.to_best),
            "corrected_difference_to_best": told(self.corrected_to_best),
            "verdict": self.verdict,
            "difference_to_reference": told(self.to_reference),
            "corrected_difference_to_reference": told(self.corrected_to_reference),
            "reference_verdict": self.reference_verdict,
        }


@dataclass(frozen=True)
class CostComparison:
    """Every complete candidate, cheapest first, those without a choice last.

    Attributes:
        aim: what each threshold was chosen for.
        version, digest: of the test set.
        reference: the candidate that the others are also compared with, None when none was named.
        rows: one a candidate.
        left_out: why a candidate is not there, by name.
    """

    aim: Aim
    version: int
    digest: str
    reference: str | None
    rows: tuple[CostRow, ...]
    left_out: Mapping[str, str]

    @property
    def best(self) -> CostRow | None:
        """The cheapest candidate, None when none has a choice. That it is cheapest may be chance (``verdict``)."""
        return next((row for row in self.rows if row.cost is not None), None)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "aim": self.aim.to_json(),
            "test_set": {"version": self.version, "digest": self.digest},
            "best": None if self.best is None else self.best.name,
            "reference": self.reference,
            "candidates": [row.to_json() for row in self.rows],
            "left_out": dict(self.left_out),
        }

    def frame(self) -> pl.DataFrame:
        """Return one row a candidate: threshold, cost and difference to the best, raw and corrected, with intervals."""
        import polars as pl

        columns: dict[str, Any] = {"candidate": pl.String, "feasible": pl.Boolean, "threshold": pl.Float64}
        for part in ("cost", "corrected", "difference", "corrected_difference"):
            columns |= dict.fromkeys((part, f"{part}_low", f"{part}_high"), pl.Float64)
        columns["verdict"] = pl.String
        rows = []
        for row in self.rows:
            told: list[Any] = [row.name, row.choice.feasible, row.choice.threshold]
            for figure in (row.cost, row.corrected, row.to_best, row.corrected_to_best):
                told += [None] * 3 if figure is None else [figure.value, figure.low, figure.high]
            rows.append(dict(zip(columns, [*told, row.verdict], strict=True)))
        return pl.DataFrame(rows, schema=columns)


def compare_costs(
    scored: Sequence[ScoredSet],
    aim: Aim,
    reference: str | None,
    choose: Callable[[ScoredSet], ThresholdChoice],
    sample_of: Callable[[ScoredSet], Sample],
    groups: Mapping[str, Groups],
) -> CostComparison:
    """Return every candidate that answers all labelled samples, each at the threshold that ``choose`` finds.

    Args:
        scored: the candidates of one version, at least one.
        aim: with costs; its goal need not be the cost.
        reference: a candidate to compare the others with besides the cheapest.
        choose, sample_of: return a candidate's choice for the aim, and its labelled samples.
        groups: those of the samples in each column that a requirement names.

    Raises:
        BadInput: the aim has no costs, or the reference is no candidate with complete scores.
    """
    if aim.settings.costs is None:
        raise BadInput("the cost needs costs: say what a false positive and a false negative cost.")
    test_set = scored[0].test_set
    by_name = {item.candidate.name: item for item in scored if item.answers_samples}
    left_out = {
        item.candidate.name: "some samples have no score" for item in scored if not item.answers_samples
    }
    if reference is not None and reference not in by_name:
        known = ", ".join(by_name) or "none"
        raise BadInput(
            f"{reference!r} cannot be compared with: the candidates with complete scores are {known}."
        )
    chosen: dict[str, ThresholdChoice] = {}
    sides: dict[str, tuple[Scored, ChosenSide]] = {}

    def decide(item: ScoredSet) -> None:
        name = item.candidate.name
        chosen[name] = choose(item)
        if (
            chosen[name].honesty is not None
        ):  # the sample is not kept: it is many times as large as what is made of it
            sides[name] = _side(sample_of(item), chosen[name], groups)

    in_parallel(decide, list(by_name.values()))
    rows = [_row(item, chosen[name]) for name, item in by_name.items()]
    rows.sort(key=lambda row: float("inf") if row.cost is None or row.cost.value is None else row.cost.value)

    def differences(row: CostRow, other: CostRow | None) -> tuple[Figure | None, Figure | None]:
        if other is None or other.name == row.name or row.cost is None or other.cost is None:
            return None, None
        (one, chosen_one), (two, chosen_two) = sides[row.name], sides[other.name]
        return (
            differences_of(one, two, [COST])[COST],
            corrected_difference(one.y_true, chosen_one, chosen_two, aim, groups),
        )

    best = next((row for row in rows if row.cost is not None), None)
    named = next((row for row in rows if row.name == reference), None)
    found: dict[str, CostRow] = {}

    def compare(row: CostRow) -> None:
        to_best = differences(row, best)
        to_named = to_best if named is not None and named is best else differences(row, named)
        found[row.name] = replace(
            row,
            to_best=to_best[0],
            corrected_to_best=to_best[1],
            to_reference=to_named[0],
            corrected_to_reference=to_named[1],
        )

    in_parallel(compare, rows)
    compared = tuple(found[row.name] for row in rows)
    return CostComparison(aim, test_set.version, test_set.digest, reference, compared, left_out)


def _row(scored: ScoredSet, choice: ThresholdChoice) -> CostRow:
    corrected = choice.honesty.corrected[COST] if choice.honesty is not None else None
    return CostRow(
        choice, scored.candidate.manifest.format == "baseline", choice.figures.get(COST), corrected
    )


def _side(sample: Sample, choice: ThresholdChoice, groups: Mapping[str, Groups]) -> tuple[Scored, ChosenSide]:
    if choice.honesty is None:
        raise ValueError("without a choice there is nothing to compare")
    side = ChosenSide.of(sample, choice.choice, choice.honesty.corrected[COST], groups)
    return Scored(Ordered(sample.y_true, sample.y_score), choice.threshold, choice.aim.settings), side
