"""What ``lookingglass threshold`` prints for people: the threshold, what it does, and how far to trust it."""

from __future__ import annotations

from lookingglass.decisions import Volume
from lookingglass.evaluation.choosing import ThresholdChoice
from lookingglass.metrics import distinguishable
from lookingglass.thresholds import COST, Band, per_thousand, total
from lookingglass.thresholds.choose import Nearest
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import figure_text, money, threshold_text

_SHOWN = ("recall", "precision", "false_positive_rate", "selection_rate")


def lines(
    choice: ThresholdChoice, band: Band | None, volume: Volume | None, currency: str, times_used: int
) -> list[str]:
    """Return the answer, one fact a line."""
    aim = choice.aim
    found = [f"{choice.candidate} on test-set version {choice.version}: {aim.text()}"]
    if not choice.feasible:
        asked = [] if band is None else [_band(band)]
        return [*found, *_infeasible(choice), *asked, *choice.choice.notes]
    found.append(f"threshold: {'answer nobody' if choice.threshold is None else repr(choice.threshold)}")
    counts = choice.choice.counts
    per = None if counts is None else per_thousand(counts, prevalence=aim.settings.prevalence)
    if per is not None:
        found.append(
            f"of 1,000: {per['tp']} rightly and {per['fp']} wrongly yes, "
            f"{per['tn']} rightly and {per['fn']} wrongly no"
        )
    corrected = choice.honesty.corrected if choice.honesty else {}
    shown = dict.fromkeys((aim.goal, *(item.metric for item in aim.requirements), *_SHOWN))
    for name in (*shown, *((COST,) if aim.settings.costs is not None and COST not in shown else ())):
        line = f"{METRIC_WORDS[name].label}: {figure_text(name, choice.figures[name])}"
        if name in corrected:
            line += f"; corrected for the choosing {figure_text(name, corrected[name])}"
        found.append(line)
    if volume is not None and aim.settings.costs is not None and corrected:
        whole = total(corrected[COST], volume.count)
        if whole.value is not None:
            ends = (
                ""
                if whole.low is None or whole.high is None
                else (f" (95 % {money(whole.low)} to {money(whole.high)})")
            )
            found.append(
                f"cost of {volume.count:,.12g} a {volume.period}: {money(whole.value, currency)}{ends}, corrected"
            )
    if choice.honesty is not None:
        found.append(f"as good as these samples can tell: {_range(choice.honesty.flat_zone)}")
        found.append(f"new samples of this size would choose: {_range(choice.honesty.chosen)}")
    if band is not None:
        found.append(_band(band))
    if times_used:
        found.append(f"decisions made on this content of the test set so far: {times_used}")
    return [*found, *choice.choice.notes]


def _range(ends: tuple[float | None, float | None]) -> str:
    low, high = (threshold_text(end, [other for other in ends if other is not None]) for end in ends)
    return low if ends[0] == ends[1] else f"{low} to {high}"


def _band(band: Band) -> str:
    if not band.feasible:
        return f"with a person in between neither; what binds: {'; '.join(band.binding)}"
    cost = figure_text(COST, band.figures[COST])
    if band.low == band.high:
        return f"asking a person pays for nobody: {threshold_text(band.high)} alone, cost per example {cost}"
    asked = figure_text("selection_rate", band.figures["asked_share"])
    saving = ""
    if band.saving is not None:
        saved = band.corrected.get("saving", band.saving)
        saving = (
            f", {figure_text(COST, band.saving)} less than one threshold; corrected for the choosing "
            f"{figure_text(COST, saved)}, {distinguishable(saved)}"
        )
    corrected = figure_text(COST, band.corrected[COST]) if COST in band.corrected else "unknown"
    return (
        f"with a person in between: no below {threshold_text(band.low)}, yes from {threshold_text(band.high)}, "
        f"{asked} asked, cost per example {cost}; corrected for the choosing {corrected}{saving}"
    )


def _infeasible(choice: ThresholdChoice) -> list[str]:
    found = ["no threshold meets the requirements.", f"what binds: {'; '.join(choice.choice.binding)}"]
    nearest = choice.choice.nearest
    return [*found, _nearest(nearest)] if nearest is not None else found


def _nearest(nearest: Nearest) -> str:
    missed = "; ".join(
        f"{item.rule}: {'undefined' if item.value is None else f'{item.value:.4g}'}"
        + (f" in {item.group}" if item.group else "")
        for item in nearest.shortfalls
    )
    return f"nearest: {threshold_text(nearest.threshold)}, where {missed}"
