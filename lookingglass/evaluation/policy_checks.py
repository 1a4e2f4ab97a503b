"""Whether a candidate keeps to a policy on one version: each limit is within, outside, or cannot be told, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lookingglass.evaluation.assessing import Fairness
from lookingglass.fairness import Disparity, Verdict
from lookingglass.policies import Policy, PolicyLimit

Ask = Callable[[PolicyLimit], Fairness]


@dataclass(frozen=True)
class PolicyCheck:
    """One limit of a policy, held against every group.

    Attributes:
        limit: which one.
        verdict: *outside* when one group is, else *cannot tell* when one group cannot be told, else *within*.
        outside, unclear: those groups. ``compared``: how many groups there are beside the reference.
        further: about how many further examples would settle those that cannot be told, of the group that needs most;
            None where that is not known.
        blocks: whether it stands in the way of a release.
        reason: why it cannot be told, where no group was even compared.
    """

    limit: PolicyLimit
    verdict: Verdict
    outside: tuple[Disparity, ...]
    unclear: tuple[Disparity, ...]
    compared: int
    further: int | None
    blocks: bool
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "limit": self.limit.to_json(),
            "text": self.limit.text,
            "verdict": self.verdict,
            "outside": [each.to_json() for each in self.outside],
            "cannot_tell": [each.to_json() for each in self.unclear],
            "compared": self.compared,
            "further_examples": self.further,
            "blocks": self.blocks,
            "reason": self.reason,
        }


def check_policy(policy: Policy, ask: Ask) -> tuple[PolicyCheck, ...]:
    """Return a check for every limit of a policy.

    Args:
        ask: returns the candidate's fairness by the columns of a limit, against its reference, under that limit.
    """
    return tuple(_checked(each, ask(each), policy) for each in policy.limits)


def _checked(limit: PolicyLimit, found: Fairness, policy: Policy) -> PolicyCheck:
    held = [each for each in found.found.disparities if each.limit == limit.limit]
    outside = tuple(each for each in held if each.verdict == "outside")
    unclear = tuple(each for each in held if each.verdict == "cannot tell")
    verdict: Verdict = "outside" if outside else "cannot tell" if unclear or not held else "within"
    needed = [each.further for each in unclear]
    known = [each for each in needed if each is not None]
    return PolicyCheck(
        limit,
        verdict,
        outside,
        unclear,
        len(held),
        max(known) if known and len(known) == len(needed) else None,
        verdict == "outside" or (verdict == "cannot tell" and policy.cannot_tell == "blocks"),
        None if held else "fewer than two groups can be compared",
    )
