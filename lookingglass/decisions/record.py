"""What a decision is: what people agreed on, and on which figures; as it is to be recorded and as it was.

Knows the ledger's payload and nothing of how thresholds are chosen. Aims and figures are kept in their JSON form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from lookingglass.decisions import checks
from lookingglass.decisions.checks import HasJson
from lookingglass.errors import BadInput
from lookingglass.figures import Figure
from lookingglass.ledger import Event
from lookingglass.metrics.formulas import Settings
from lookingglass.thresholds.aims import Aim

Standing = Literal["in force", "out of date", "replaced"]
Range = tuple[float | None, float | None]
Origin = Literal["sample", "all"]
LONGEST_CURRENCY = 20


@dataclass(frozen=True)
class Volume:
    """How many examples a period brings in real use: 10,000 a ``month``."""

    count: float
    period: str = "month"

    def to_json(self) -> dict[str, Any]:
        """Return ``{"count", "period"}``. Raises BadInput when the count is not above 0 or the period is empty."""
        count = checks.number(self.count, "the volume")
        if count <= 0:
            raise BadInput(f"the volume is above 0, not {count:g}. Nothing was changed.")
        period = checks.clean_text(self.period, "the period", longest=checks.LONGEST_WORD, needed=True)
        return {"count": count, "period": period}


@dataclass(frozen=True)
class Measured:
    """What was measured at an agreed threshold on one version of the test set.

    Attributes:
        version, digest: of the test set.
        figures: by the metric's name, under the settings of the aim.
        optimism_corrected: those of them that were corrected for having been chosen on the same examples.
        flat_zone: thresholds that are hardly worse than the best. ``chosen``: those that 95 % of replicates choose.
        counts: tp, fp, tn and fn at the threshold, of the labelled samples.

    Raises:
        BadInput: a figure lacks its agreed JSON form, or a count or a range is none.
    """

    version: int
    digest: str
    figures: Mapping[str, Figure | Mapping[str, Any]]
    optimism_corrected: Mapping[str, Figure | Mapping[str, Any]] = field(default_factory=dict)
    flat_zone: Range | None = None
    chosen: Range | None = None
    counts: Mapping[str, int] | HasJson | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be recorded."""
        self.to_json()

    def to_json(self) -> dict[str, Any]:
        """Return it as it is recorded."""
        return {
            "version": checks.whole(self.version, "the version"),
            "digest": checks.clean_text(self.digest, "the digest", needed=True),
            "figures": checks.figures_json(self.figures),
            "optimism_corrected": checks.figures_json(self.optimism_corrected),
            "flat_zone": checks.ends(self.flat_zone, "the flat zone"),
            "chosen": checks.ends(self.chosen, "the range of chosen thresholds"),
            "counts": checks.cells(self.counts),
        }


@dataclass(frozen=True)
class NewDecision:
    """A decision that is about to be recorded.

    Attributes:
        candidate, fingerprint: which model.
        measured: what stood before the people when they agreed.
        threshold: the answer is yes at or above it; None answers nobody.
        aim: what they wanted of it, an ``Aim`` or its JSON form.
        people: the names of those who agreed. ``reason``: why. ``metric_reason``: why this metric, may be empty.
        ask_from: scores from here up to the threshold go to a person; None when there is one threshold only.
        ask_cost: of asking a person, None when nobody said.
        origin: whether samples alone were counted, or test patterns too.
        broken: what the aim asked for and did not hold at the threshold, in words; they agreed all the same.
        currency: of costs and totals. ``volume``: what the totals were worked out for.

    Raises:
        BadInput: nobody or no reason is given, a number is not finite, ``ask_from`` lies above the threshold, a text is
            too long.
    """

    candidate: str
    fingerprint: str
    measured: Measured
    threshold: float | None
    aim: Mapping[str, Any] | HasJson
    people: Sequence[str]
    reason: str
    metric_reason: str = ""
    ask_from: float | None = None
    currency: str = ""
    volume: Volume | None = None
    ask_cost: float | None = None
    origin: Origin = "sample"
    broken: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be recorded."""
        self.payload()

    def payload(self, confirms: int | None = None) -> dict[str, Any]:
        """Return the event's payload; ``confirms`` is the event of the decision that this one repeats, None if new."""
        threshold = checks.optional(self.threshold, "the threshold")
        ask_from = checks.optional(self.ask_from, "the score from which a person is asked")
        if ask_from is not None and threshold is not None and ask_from > threshold:
            raise BadInput(
                f"a person is asked from {ask_from:g}, above the threshold {threshold:g}: "
                "the lower end comes first. Nothing was changed."
            )
        return {
            "candidate": self.candidate,
            "fingerprint": self.fingerprint,
            "threshold": threshold,
            "ask_from": ask_from,
            "ask_cost": checks.optional(self.ask_cost, "the cost of asking a person"),
            "origin": self.origin,
            "broken": [checks.clean_text(each, "a limit") for each in self.broken],
            "aim": Aim.from_json(checks.json_object(self.aim, "the aim")).to_json(),
            "people": checks.clean_people(self.people),
            "reason": checks.clean_text(self.reason, "the reason", needed=True),
            "metric_reason": checks.clean_text(self.metric_reason, "the reason for the metric"),
            "currency": checks.clean_text(self.currency, "the currency", longest=LONGEST_CURRENCY),
            "volume": self.volume.to_json() if self.volume else None,
            "confirms": confirms,
            **self.measured.to_json(),
        }


@dataclass(frozen=True)
class Decision:
    """A decision as it was recorded.

    Attributes:
        seq, actor, authentication, time: of its event.
        confirms: sequence number of the decision that it repeats on a newer version, None for a new one.
        replaced_by: sequence number of the later decision on the same fingerprint, None for the one in force.
        others: as in ``NewDecision`` and ``Measured``, figures as figures, the aim in its JSON form.
    """

    seq: int
    actor: str
    authentication: str
    time: str
    candidate: str
    fingerprint: str
    version: int
    digest: str
    threshold: float | None
    ask_from: float | None
    aim: Mapping[str, Any]
    people: tuple[str, ...]
    reason: str
    metric_reason: str
    currency: str
    volume: Volume | None
    figures: Mapping[str, Figure]
    optimism_corrected: Mapping[str, Figure]
    flat_zone: Range | None
    chosen: Range | None
    counts: Mapping[str, int] | None
    confirms: int | None
    replaced_by: int | None = None
    ask_cost: float | None = None
    origin: Origin = "sample"
    broken: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: Event, replaced_by: int | None = None) -> Decision:
        """Return what an event of type ``threshold_agreed`` says."""
        told = event.payload
        volume = told.get("volume")
        return cls(
            seq=event.seq,
            actor=event.actor,
            authentication=event.authentication,
            time=event.time,
            candidate=told["candidate"],
            fingerprint=told["fingerprint"],
            version=told["version"],
            digest=told["digest"],
            threshold=told["threshold"],
            ask_from=told.get("ask_from"),
            aim=told["aim"],
            people=tuple(told["people"]),
            reason=told["reason"],
            metric_reason=told.get("metric_reason", ""),
            currency=told.get("currency", ""),
            volume=Volume(**volume) if volume else None,
            figures=_figures(told.get("figures")),
            optimism_corrected=_figures(told.get("optimism_corrected")),
            flat_zone=_ends(told.get("flat_zone")),
            chosen=_ends(told.get("chosen")),
            counts=told.get("counts"),
            confirms=told.get("confirms"),
            replaced_by=replaced_by,
            ask_cost=told.get("ask_cost"),
            origin=told.get("origin", "sample"),
            broken=tuple(told.get("broken", ())),
        )

    def standing(self, latest_version: int, latest_digest: str) -> Standing:
        """Say whether it holds for the latest version of the test set.

        ``replaced`` by a later decision; ``out of date`` when the test set holds something else since (a version of the
        same content, as after an edit that was taken back, has the same digest); else ``in force``.
        """
        if self.replaced_by is not None:
            return "replaced"
        same = self.digest == latest_digest and self.version <= latest_version
        return "in force" if same else "out of date"

    @cached_property
    def parsed_aim(self) -> Aim | None:
        """Its aim; None where a newer Looking Glass recorded one that this one cannot read."""
        try:
            return Aim.from_json(self.aim)
        except BadInput:
            return None

    @property
    def settings(self) -> Settings:
        """The beta, costs and prevalence of its aim."""
        return self.parsed_aim.settings if self.parsed_aim else Settings()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        return {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "aim": dict(self.aim),
            "people": list(self.people),
            "broken": list(self.broken),
            "volume": self.volume.to_json() if self.volume else None,
            "figures": {name: figure.to_json() for name, figure in self.figures.items()},
            "optimism_corrected": {name: one.to_json() for name, one in self.optimism_corrected.items()},
            "flat_zone": list(self.flat_zone) if self.flat_zone else None,
            "chosen": list(self.chosen) if self.chosen else None,
            "counts": dict(self.counts) if self.counts else None,
        }


def _figures(told: Mapping[str, Any] | None) -> dict[str, Figure]:
    return {name: checks.figure_of(figure) for name, figure in (told or {}).items()}


def _ends(told: Sequence[float | None] | None) -> Range | None:
    return None if told is None else (told[0], told[1])
