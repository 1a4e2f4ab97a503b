"""Which metric fits: three questions that a product owner can answer lead to goals for a threshold, and say why.

Rules of thumb from the metrics' definitions; they propose and never decide. Knows nothing of screens and scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RARE = 0.2
"""Below this share of either class the classes count as unequal: always giving the commoner answer is right so often
that accuracy tells little."""

Worse = Literal["wrong yes", "wrong no", "both alike", "in money"]


@dataclass(frozen=True)
class Advice:
    """One goal that fits the answers.

    Attributes:
        goal: a metric at a threshold, by name.
        why: in a sentence that follows from the answers.
        beta: of F-beta, None for every other goal.
        with_requirement: a limit that the goal needs to mean anything, as ``parse_requirement`` reads it, or None.
    """

    goal: str
    why: str
    beta: float | None = None
    with_requirement: str | None = None


def is_rare(prevalence: float) -> bool:
    """Whether one of the two classes has so small a share, 0 to 1, that accuracy says little."""
    return min(prevalence, 1 - prevalence) < RARE


def advise(*, rare: bool, worse: Worse, limited: bool) -> list[Advice]:
    """Return the goals that fit, the best first.

    Args:
        rare: one class is much rarer than the other.
        worse: which mistake is worse, or that both can be told in money.
        limited: only so many can be answered yes.
    """
    found = []
    if worse == "in money":
        found.append(
            Advice(
                "cost_per_example", "You can say what each mistake costs: nothing is closer to what you pay."
            )
        )
    if limited:
        found.append(
            Advice("recall", "Of those that you can handle, it finds as many positives as there are to find.")
        )
    if worse == "wrong no":
        found.append(
            Advice(
                "f_beta", "A missed positive is worse, so recall counts twice as much as precision.", beta=2.0
            )
        )
        found.append(
            Advice(
                "precision",
                "First demand that enough positives are found, then make the yes answers as clean as possible.",
                with_requirement="recall >= 0.8",
            )
        )
    elif worse == "wrong yes":
        found.append(
            Advice("f_beta", "A false alarm is worse, so precision counts twice as much as recall.", beta=0.5)
        )
        found.append(
            Advice(
                "recall",
                "First demand that yes answers are right often enough, then find as many positives as possible.",
                with_requirement="precision >= 0.8",
            )
        )
    elif worse == "both alike" and rare:
        found.append(
            Advice("f1", "Positives and false alarms are weighed alike, and the many easy noes are ignored.")
        )
        found.append(
            Advice("mcc", "It looks at all four kinds of answer, and the commoner class cannot carry it.")
        )
    elif worse == "both alike":
        found.append(
            Advice(
                "balanced_accuracy",
                "Both mistakes are alike, and both classes count the same, whatever their share.",
            )
        )
        found.append(
            Advice(
                "accuracy", "Both mistakes are alike and neither class is rare: the share of right answers."
            )
        )
    return found
