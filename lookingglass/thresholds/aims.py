"""What a threshold is chosen for: a goal, what must hold whatever it costs, and how many may be answered yes.

An aim is plain data that goes into the ledger and into links and comes back the same. Knows nothing of scores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from math import inf, isfinite
from typing import Any, Literal

from lookingglass.errors import BadInput
from lookingglass.metrics.formulas import AT_THRESHOLD, Costs, Settings
from lookingglass.vocabulary import METRIC_WORDS

Sense = Literal[">=", "<="]
Direction = Literal["higher", "lower"]

COST = "cost_per_example"

ALIASES = {"cost": COST, "youden_j": "balanced_accuracy", "true_positive_rate": "recall"}
"""Other names of goals. Youden's J is 2 * balanced accuracy - 1, so both are best at the same threshold."""

_RANGE = {"mcc": (-1.0, 1.0), COST: (-inf, inf)}
_REQUIREMENT = re.compile(r"\s*(\w+)\s*(>=|<=|≥|≤)\s*(\S+?)\s*(%?)(?:\s+by\s+(.+?))?\s*")
_FORM = 'write it like "recall >= 0.8" or "false_positive_rate <= 5% by COLUMN"'


@dataclass(frozen=True)
class Requirement:
    """What must hold at the threshold, in all samples together or in every group of a column.

    Attributes:
        metric: a metric at a threshold, by name.
        sense: at least or at most; the bound itself is allowed.
        bound: within the metric's range.
        by: the column in whose every group it must hold, missing values being a group; None for all together.

    Raises:
        BadInput: there is no such metric, or the bound is one that no threshold, or every threshold, could meet.
    """

    metric: str
    sense: Sense
    bound: float
    by: str | None = None

    def __post_init__(self) -> None:
        """Refuse a metric that does not exist and a bound out of its range."""
        _known(self.metric)
        if self.sense not in {">=", "<="}:
            raise BadInput(f"a requirement says >= or <=, not {self.sense!r}: {_FORM}.")
        least, most = _RANGE.get(self.metric, (0.0, 1.0))
        if not (isfinite(self.bound) and least <= self.bound <= most):
            between = "a number" if self.metric == COST else f"between {least:g} and {most:g}"
            raise BadInput(f"the bound of {self.metric} must be {between}, not {self.bound:g}: {_FORM}.")

    def text(self) -> str:
        """Return it as ``parse_requirement`` reads it: ``recall >= 0.8``."""
        words = f"{self.metric} {self.sense} {self.bound!r}"
        return words if self.by is None else f"{words} by {self.by}"


def parse_requirement(text: str) -> Requirement:
    """Read ``recall>=0.8`` or ``false_positive_rate <= 5% by black``. Raises BadInput that says what is wrong."""
    match = _REQUIREMENT.fullmatch(text)
    if match is None:
        raise BadInput(f"{text!r} is no requirement: {_FORM}.")
    metric, sign, number, percent, by = match.groups()
    bound = _number(number, bool(percent), f"{text!r} is no requirement: {_FORM}.")
    return Requirement(ALIASES.get(metric, metric), ">=" if sign in {">=", "≥"} else "<=", bound, by)


@dataclass(frozen=True)
class Capacity:
    """How many may be answered yes: a share, or a number of cases. Exactly one of ``share`` and ``count`` is given.

    Attributes:
        share: above 0 and at most 1, of all samples (of all real cases where another prevalence is stated).
        count: a whole number of at least 1, of the test set's samples; of ``volume`` real cases where that is given.
        volume: the real cases among which ``count`` may be answered yes.
    """

    share: float | None = None
    count: int | None = None
    volume: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is neither a share nor a number of cases."""
        if (self.share is None) == (self.count is None):
            raise BadInput("a capacity is either a share or a number of cases: write 10% or 250.")
        if self.share is not None and not 0 < self.share <= 1:
            raise BadInput(
                f"a capacity must be above 0 % and at most 100 %, not {self.share:.12g}: write 10% or 250."
            )
        if self.count is not None and (self.count < 1 or self.count != int(self.count)):
            raise BadInput(
                f"a capacity in cases is a whole number from 1, not {self.count}: write 10% or 250."
            )
        if self.volume is not None and not (
            isfinite(self.volume) and self.volume > 0 and self.count is not None
        ):
            raise BadInput(f"a capacity in cases is of a volume above 0, not of {self.volume:g}.")

    @property
    def most(self) -> float | None:
        """The share of real cases that may be answered yes; None where samples of the test set are counted."""
        if self.share is not None:
            return self.share
        return None if self.volume is None or self.count is None else min(1.0, self.count / self.volume)

    def text(self) -> str:
        """Return it as ``parse_capacity`` reads it, with the volume behind: ``10%``, ``250`` or ``250 of 10000``."""
        if self.share is not None:
            return f"{(Decimal(repr(self.share)) * 100).normalize():f}%"
        return str(self.count) if self.volume is None else f"{self.count} of {self.volume:.12g}"


def parse_capacity(text: str, volume: float | None = None) -> Capacity:
    """Read ``10%`` or ``250``, the latter of ``volume`` cases if given. Raises BadInput that says what is wrong."""
    wrong = f"{text!r} is no capacity: write a share such as 10% or a whole number of cases such as 250."
    plain = text.strip().replace(",", "")
    if plain.endswith("%"):
        return Capacity(share=_number(plain[:-1].strip(), True, wrong))
    if not plain.isascii() or not plain.isdigit():
        raise BadInput(wrong)
    return Capacity(count=int(plain), volume=volume)


def parse_share(text: str) -> float:
    """Read ``5%`` or ``0.05``, from 0 to 1. Raises BadInput that says what is wrong."""
    wrong = f"{text!r} is no share: write 5% or 0.05."
    plain = text.strip()
    share = _number(plain.removesuffix("%").strip(), plain.endswith("%"), wrong)
    if not 0 <= share <= 1:
        raise BadInput(wrong)
    return share


@dataclass(frozen=True)
class Aim:
    """What a threshold is chosen for.

    Attributes:
        goal: a metric at a threshold that is to be as good as possible. ``selection_rate`` answers as many as
            requirements and capacity let it; ``cost_per_example`` needs costs.
        settings: beta, costs and the share of positives in real use.
        requirements: what must hold, in the order in which it was asked for.
        capacity: how many may be answered yes.

    Raises:
        BadInput: there is no such metric, or it needs costs and has none.
    """

    goal: str
    settings: Settings = field(default_factory=Settings)
    requirements: tuple[Requirement, ...] = ()
    capacity: Capacity | None = None

    def __post_init__(self) -> None:
        """Refuse a goal that cannot be computed."""
        _known(self.goal)
        if self.settings.costs is None and COST in {self.goal, *(item.metric for item in self.requirements)}:
            raise BadInput("the cost needs costs: say what a false positive and a false negative cost.")

    @property
    def direction(self) -> Direction:
        """Which way the goal is better."""
        return direction(self.goal)

    @property
    def is_limited(self) -> bool:
        """Whether anything must hold besides the goal."""
        return bool(self.requirements or self.capacity)

    def text(self) -> str:
        """Return the rule in one line: ``highest f1 with recall >= 0.8, answering at most 10%``."""
        goal = f"f_beta with beta {self.settings.beta:g}" if self.goal == "f_beta" else self.goal
        words = f"{'highest' if self.direction == 'higher' else 'lowest'} {goal}"
        if self.requirements:
            words += " with " + " and ".join(item.text() for item in self.requirements)
        return words if self.capacity is None else f"{words}, answering at most {self.capacity.text()}"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data, from which ``from_json`` makes an equal aim."""
        settings = self.settings
        return {
            "goal": self.goal,
            "beta": settings.beta,
            "costs": None if settings.costs is None else asdict(settings.costs),
            "prevalence": settings.prevalence,
            "requirements": [asdict(item) for item in self.requirements],
            "capacity": None if self.capacity is None else asdict(self.capacity),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Aim:
        """Return the aim that ``to_json`` described. Raises BadInput when the data describe none."""
        try:
            costs, capacity = data.get("costs"), data.get("capacity")
            prevalence = data.get("prevalence")
            settings = Settings(
                float(data.get("beta", 1.0)),
                None if costs is None else Costs(**{name: float(value) for name, value in costs.items()}),
                None if prevalence is None else float(prevalence),
            )
            requirements = tuple(
                Requirement(item["metric"], item["sense"], float(item["bound"]), item.get("by"))
                for item in data.get("requirements", ())
            )
            return cls(
                data["goal"], settings, requirements, None if capacity is None else Capacity(**capacity)
            )
        except BadInput:
            raise
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise BadInput(
                f"this describes no aim ({error}): it needs a goal, settings and requirements."
            ) from error


def direction(metric: str) -> Direction:
    """Return which way a metric is better as a goal; as many yes answers as possible where neither way is."""
    return "lower" if METRIC_WORDS[metric].direction == "lower" else "higher"


def goal_named(name: str) -> str:
    """Return the metric that a goal's name or alias stands for. Raises BadInput naming those that there are."""
    return _known(ALIASES.get(name, name))


def _known(metric: str) -> str:
    if metric not in AT_THRESHOLD:
        why = "does not depend on the threshold" if metric in METRIC_WORDS else "is no metric"
        raise BadInput(f"{metric!r} {why}: choose from {', '.join(AT_THRESHOLD)}.")
    return metric


def _number(text: str, percent: bool, wrong: str) -> float:
    """Return the double nearest to what was written: 5% is exactly the double 0.05."""
    try:
        value = Decimal(text)
        return float(value / 100 if percent else value)
    except (InvalidOperation, ValueError) as error:
        raise BadInput(wrong) from error
