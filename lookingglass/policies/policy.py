"""What a policy says: limits between groups, smallest denominators, and what *cannot tell* means for a release.

A policy is plain data with a digest. Knows nothing of candidates and of results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from lookingglass.canonical import canonical_json, sha256_hex
from lookingglass.decisions.checks import clean_text
from lookingglass.errors import BadInput
from lookingglass.fairness import SMALLEST_DENOMINATOR, Limit
from lookingglass.fairness.disparities import SAME_QUESTION
from lookingglass.fairness.limits import Measure

CannotTell = Literal["blocks", "passes"]
CONFIDENCE = 0.95
MOST_LIMITS = 50
MOST_BY = 3
LARGEST_MINIMUM = 1_000_000


@dataclass(frozen=True)
class PolicyLimit:
    """One limit: how far any group of some columns may lie from the reference in one metric.

    Attributes:
        limit: the metric, difference or ratio, and its bound.
        by: the columns, as ``lookingglass fairness --by`` names them, one to three.
        reference: the group that others are held against, its values joined with commas; None: the largest.
        waivable: whether somebody may waive it for a release.
    """

    limit: Limit
    by: tuple[str, ...]
    reference: str | None = None
    waivable: bool = False

    def __post_init__(self) -> None:
        """Refuse a limit between no groups."""
        if not 1 <= len(self.by) <= MOST_BY or len(set(self.by)) < len(self.by):
            raise BadInput(f"a limit holds between groups of one to {MOST_BY} different columns.")
        for column in self.by:
            clean_text(column, "a column", longest=200, needed=True)
        if self.reference is not None:
            clean_text(self.reference, "the reference", longest=500)

    @property
    def text(self) -> str:
        """Return ``recall difference 0.1 by black``."""
        return f"{self.limit.metric} {self.limit.measure} {self.limit.bound:g} by {','.join(self.by)}"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            **self.limit.to_json(),
            "by": list(self.by),
            "reference": self.reference,
            "waivable": self.waivable,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> PolicyLimit:
        """Return what ``to_json`` wrote."""
        limit = Limit(told["metric"], told["measure"], told["bound"])
        return cls(limit, tuple(told["by"]), told["reference"], told["waivable"])


@dataclass(frozen=True)
class Policy:
    """What must hold between groups before a release.

    Attributes:
        limits: at least one.
        reason: why these, in words: who is harmed by which mistake.
        minimum: a figure over fewer cases is not estimable.
        cannot_tell: what that verdict means for a release, that it *blocks* or *passes*.

    Raises:
        BadInput: no limit, limits that contradict each other, or no reason.
    """

    limits: tuple[PolicyLimit, ...]
    reason: str
    minimum: int = SMALLEST_DENOMINATOR
    cannot_tell: CannotTell = "blocks"

    def __post_init__(self) -> None:
        """Refuse what cannot be held anything against."""
        if not 1 <= len(self.limits) <= MOST_LIMITS:
            raise BadInput(f"a policy has 1 to {MOST_LIMITS} limits, not {len(self.limits)}.")
        if self.cannot_tell not in get_args(CannotTell):
            raise BadInput(f"cannot tell blocks or passes, not {self.cannot_tell!r}.")
        if not 1 <= self.minimum <= LARGEST_MINIMUM:
            raise BadInput(f"the smallest denominator must be 1 to {LARGEST_MINIMUM:,}, not {self.minimum}.")
        object.__setattr__(self, "reason", clean_text(self.reason, "the reason", needed=True))
        _refuse_contradictions(self.limits)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data, which the digest is of."""
        return {
            "limits": [each.to_json() for each in self.limits],
            "reason": self.reason,
            "minimum": self.minimum,
            "cannot_tell": self.cannot_tell,
            "confidence": CONFIDENCE,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Policy:
        """Return what ``to_json`` wrote."""
        limits = tuple(PolicyLimit.from_json(each) for each in told["limits"])
        return cls(limits, told["reason"], told["minimum"], told["cannot_tell"])

    @cached_property
    def digest(self) -> str:
        """Return ``sha256:`` and the hash of its canonical JSON: two policies that say the same have the same."""
        return f"sha256:{sha256_hex(canonical_json(self.to_json()))}"


def _refuse_contradictions(limits: Sequence[PolicyLimit]) -> None:
    """Refuse two limits on one thing: the same metric, or two that differ by the same amount whatever happens."""
    told: dict[tuple[object, ...], PolicyLimit] = {}
    for each in limits:
        metric = each.limit.metric
        if each.limit.measure == "difference":
            metric = SAME_QUESTION.get(metric, metric)
        key = (metric, each.limit.measure, frozenset(each.by), each.reference)
        if key in told:
            raise BadInput(
                f"two limits speak of the same thing, {told[key].text} and {each.text}: state one. "
                "Nothing was changed."
            )
        told[key] = each


def parse_policy_limit(
    text: str, references: Mapping[str, str] | None = None, waivable: bool = False
) -> PolicyLimit:
    """Return the limit that ``recall difference 0.1 by black`` means.

    Args:
        references: the reference group of columns, by the columns' names joined with commas.

    Raises:
        BadInput: it does not read like that.
    """
    head, by, columns = text.partition(" by ")
    parts = head.split()
    measures: dict[str, Measure] = {measure: measure for measure in get_args(Measure)}
    try:
        metric, measure, bound = parts[0], measures[parts[1]], float(parts[2])
        if len(parts) > 3 or not by or not columns.strip():
            raise ValueError
    except (ValueError, IndexError, KeyError):
        raise BadInput(
            "a limit names a metric, difference or ratio, a number and columns, as in "
            f'"recall difference 0.1 by black", not {text!r}.'
        ) from None
    names = tuple(name.strip() for name in columns.split(","))
    return PolicyLimit(
        Limit(metric, measure, bound), names, (references or {}).get(",".join(names)), waivable
    )
