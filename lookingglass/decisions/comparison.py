"""Two decisions side by side: plain rows of what differs between them. Knows no screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from lookingglass.decisions.record import Decision
from lookingglass.figures import Figure
from lookingglass.metrics import METRICS
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import DASH, chosen_text, figure_text, money, short_hash, threshold_text

NONE = "none"
WHERE = " where "
"""Between a metric and the group that it is told of, in the name of a recorded figure."""

_CELLS = {
    "cost_fp": "cost of a wrong yes",
    "cost_fn": "cost of a wrong no",
    "gain_tp": "gain of a right yes",
    "gain_tn": "gain of a right no",
}


@dataclass(frozen=True)
class DecisionDifference:
    """One thing in which two decisions differ.

    Attributes:
        key: ``threshold``, ``cost_fp``, ``requirements``, ``people``, ``figures.recall`` and so on.
        what: the same in plain words. ``before``, ``after``: how it stands in each, as text.
    """

    key: str
    what: str
    before: str
    after: str

    def to_json(self) -> dict[str, str]:
        """Return it as plain JSON data."""
        return asdict(self)


def compare_decisions(a: Decision, b: Decision) -> tuple[DecisionDifference, ...]:
    """Return what differs from ``a`` to ``b``: what was decided, by whom and why, then the figures; () when nothing."""
    told = [dict(_told(a, b)), dict(_told(b, a))]
    keys = dict.fromkeys([*told[0], *told[1]])
    rows = []
    for key in sorted(keys, key=lambda one: one.startswith("figures.")):
        (what, before), (_, after) = (
            told[0].get(key) or (told[1][key][0], DASH),
            told[1].get(key) or ("", DASH),
        )
        if before != after:
            rows.append(DecisionDifference(key, what, before, after))
    return tuple(rows)


def _told(one: Decision, other: Decision) -> Iterator[tuple[str, tuple[str, str]]]:
    yield "candidate", ("candidate", f"{one.candidate} ({short_hash(one.fingerprint)})")
    yield "version", ("version of the test set", f"{one.version:,}")
    yield "threshold", ("threshold", _exact(one.threshold, other.threshold))
    asked = NONE if one.ask_from is None else _exact(one.ask_from, other.ask_from)
    yield "ask_from", ("a person decides from", asked)
    yield (
        "ask_cost",
        ("cost of asking a person", NONE if one.ask_cost is None else money(one.ask_cost, one.currency)),
    )
    yield "origin", ("counted on", "samples" if one.origin == "sample" else "samples and test patterns")
    yield from _aim(one)
    volume = one.volume
    yield "volume", ("volume", f"{volume.count:,.0f} a {volume.period}" if volume else NONE)
    yield "people", ("people", ", ".join(one.people))
    yield "reason", ("reason", one.reason)
    yield "metric_reason", ("reason for the metric", one.metric_reason or NONE)
    for name, figure in one.figures.items():
        yield f"figures.{name}", (_label(name), _figure(name, figure))


def _aim(one: Decision) -> Iterator[tuple[str, tuple[str, str]]]:
    aim, settings = one.parsed_aim, one.settings
    yield "goal", ("goal", _label(str(one.aim.get("goal", NONE))))
    for name, what in _CELLS.items():
        yield name, (what, money(getattr(settings.costs, name), one.currency) if settings.costs else NONE)
    yield "beta", ("beta", f"{settings.beta:g}")
    prevalence = settings.prevalence
    yield "prevalence", ("positives in real use", NONE if prevalence is None else f"{prevalence * 100:g} %")
    requirements = [each.text() for each in aim.requirements] if aim else []
    yield "requirements", ("requirements", "; ".join(requirements) or NONE)
    yield "capacity", ("capacity", aim.capacity.text() if aim and aim.capacity else NONE)


def _exact(threshold: float | None, other: float | None) -> str:
    """Return a threshold as people chose it, with as many digits as tell it apart from the other one."""
    text = chosen_text(threshold)
    same = threshold != other and text == chosen_text(other)
    return threshold_text(threshold, () if other is None else (other,), most=17) if same else text


def _label(name: str) -> str:
    metric, where, group = name.partition(WHERE)
    return f"{METRIC_WORDS[metric].label}{where}{group}" if metric in METRIC_WORDS else name


def _figure(name: str, figure: Figure) -> str:
    metric = name.partition(WHERE)[0]
    if metric in METRICS:
        return figure_text(metric, figure)
    return DASH if figure.value is None else f"{figure.value:g}"
