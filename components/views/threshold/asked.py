"""What a threshold session asks for, as the address carries it: the goal, the money, the limits, a person in between.

Where the address is silent, what was agreed last in this workspace holds. Knows nothing of how it is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from components.links import NONE
from lookingglass.decisions import Decision, Volume
from lookingglass.errors import BadInput
from lookingglass.evaluation.derived import USUAL_GOAL
from lookingglass.evaluation.sessions import Origin
from lookingglass.metrics.formulas import Costs, Settings
from lookingglass.thresholds import Aim, parse_capacity, parse_requirement

COST = "cost_per_example"
PERIOD = "month"
OPTIONAL = ("fp", "fn", "prevalence", "volume", "ask", "most", "low")
"""Amounts that there may be none of; an address says so, else what was agreed last would hold."""

_BETWEEN = ";"


@dataclass(frozen=True)
class Asked:
    """One session's question.

    Attributes:
        goal: the metric that is to be as good as possible.
        fp, fn: what one wrong yes and one wrong no cost; None until somebody said so.
        tp, tn: what one right yes and one right no bring.
        prevalence: share of positives in real use, None for that of the test set.
        volume: cases a ``period``.
        requirements: each as ``parse_requirement`` reads it. ``capacity``: as ``parse_capacity`` reads it.
        ask: what asking a person costs, None when nobody is asked. ``most``: the largest share that may be asked.
        low: the score from which a person is asked.
        origin: whether samples alone are counted, or test patterns too.
    """

    goal: str = USUAL_GOAL
    beta: float = 1.0
    fp: float | None = None
    fn: float | None = None
    tp: float = 0.0
    tn: float = 0.0
    currency: str = ""
    prevalence: float | None = None
    volume: float | None = None
    period: str = PERIOD
    requirements: tuple[str, ...] = ()
    capacity: str | None = None
    ask: float | None = None
    most: float | None = None
    low: float | None = None
    origin: Origin = "sample"

    @property
    def has_costs(self) -> bool:
        """Whether both mistakes have a price."""
        return self.fp is not None and self.fn is not None

    @property
    def costs(self) -> Costs | None:
        """The four prices, None until both mistakes have one. Raises BadInput when they say that mistakes pay."""
        if self.fp is None or self.fn is None:
            return None
        return Costs(self.fp, self.fn, self.tp, self.tn)

    @property
    def settings(self) -> Settings:
        """Beta, costs and prevalence. Raises BadInput when they cannot be."""
        return Settings(self.beta, self.costs, self.prevalence)

    def aim(self) -> Aim:
        """Return what a threshold is chosen for. Raises BadInput, saying what cannot be."""
        capacity = None if self.capacity is None else parse_capacity(self.capacity, self.volume)
        needed = tuple(parse_requirement(text) for text in self.requirements)
        return Aim(self.goal, self.settings, needed, capacity)

    @property
    def asked_volume(self) -> Volume | None:
        """How many cases a period brings, None when nobody said."""
        return None if self.volume is None else Volume(self.volume, self.period)


def asked_in(here: Mapping[str, Any], metric: str | None, last: Decision | None) -> Asked:
    """Return what the address asks for.

    Args:
        here: what the address says for this page.
        metric: the goal that it names.
        last: the decision that holds where the address is silent.
    """
    begun = Asked() if last is None else as_agreed(last)
    given = {
        name: here[name]
        for name in ("beta", "tp", "tn", "currency", "period", "capacity", *OPTIONAL)
        if name in here
    }
    if here.get("origin") in ("sample", "all"):
        given["origin"] = here["origin"]
    if "require" in here:
        given["requirements"] = tuple(filter(None, here["require"].split(_BETWEEN)))
    asked = replace(begun, **given)
    if metric is not None:
        asked = replace(asked, goal=metric)
    elif last is None and asked.has_costs:
        asked = replace(asked, goal=COST)
    return replace(asked, capacity=asked.capacity or None, period=asked.period or PERIOD)


def as_agreed(decision: Decision) -> Asked:
    """Return the question that a decision answered."""
    aim = decision.parsed_aim
    if aim is None:
        return Asked()
    costs = aim.settings.costs
    return Asked(
        goal=aim.goal,
        beta=aim.settings.beta,
        fp=costs.cost_fp if costs else None,
        fn=costs.cost_fn if costs else None,
        tp=costs.gain_tp if costs else 0.0,
        tn=costs.gain_tn if costs else 0.0,
        currency=decision.currency,
        prevalence=aim.settings.prevalence,
        volume=decision.volume.count if decision.volume else None,
        period=decision.volume.period if decision.volume else PERIOD,
        requirements=tuple(item.text() for item in aim.requirements),
        capacity=None if aim.capacity is None else aim.capacity.text().split(" of ")[0],
        ask=decision.ask_cost,
        low=decision.ask_from,
        origin=decision.origin,
    )


def as_link(asked: Asked) -> dict[str, str]:
    """Return the whole question as the address carries it, what is usual included, so that it stands by itself."""
    link = {
        "metric": asked.goal,
        "beta": repr(asked.beta),
        "tp": repr(asked.tp),
        "tn": repr(asked.tn),
        "period": asked.period,
        "require": requirements_link(asked.requirements),
        "capacity": asked.capacity or "",
        "origin": asked.origin,
    }
    for name in OPTIONAL:
        value = getattr(asked, name)
        link[name] = NONE if value is None else repr(value)
    return link | {"currency": asked.currency}


def requirements_link(requirements: Sequence[str]) -> str:
    """Return requirements as the address carries them; an empty text says that there are none."""
    return _BETWEEN.join(requirements)


def in_turn(asked: Asked, columns: Sequence[str]) -> tuple[Asked, str | None]:
    """Return what can be asked of it, and in a sentence what was left out because it cannot be.

    Args:
        columns: the group columns that a limit may name.
    """
    try:
        for needed in asked.aim().requirements:
            if needed.by is not None and needed.by not in columns:
                known = ", ".join(columns) or "none in this workspace"
                raise BadInput(f"there is no group column {needed.by!r}: the group columns are {known}.")
    except BadInput as error:
        return replace(asked, **_without(asked, columns)), f"Left out: {error}"
    return asked, None


def _without(asked: Asked, columns: Sequence[str]) -> dict[str, Any]:
    """Return what must change so that there is an aim: the parts that cannot be are left out."""
    left: dict[str, Any] = {}
    try:
        _ = asked.costs
    except BadInput:
        left |= {"fp": None, "fn": None, "tp": 0.0, "tn": 0.0}
    try:
        Settings(prevalence=asked.prevalence)
    except BadInput:
        left["prevalence"] = None
    try:
        Settings(asked.beta)
    except BadInput:
        left["beta"] = 1.0
    keeps_costs = asked.has_costs and "fp" not in left
    kept = []
    for text in asked.requirements:
        try:
            needed = parse_requirement(text)
        except BadInput:
            continue
        if (needed.metric != COST or keeps_costs) and (needed.by is None or needed.by in columns):
            kept.append(text)
    left["requirements"] = tuple(kept)
    try:
        if asked.capacity is not None:
            parse_capacity(asked.capacity, asked.volume)
    except BadInput:
        left["capacity"] = None
    try:
        Aim(asked.goal, Settings(costs=asked.costs if keeps_costs else None))
    except BadInput:
        left["goal"] = USUAL_GOAL
    return left
