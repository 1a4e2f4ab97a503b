"""What verdicts add up to for each candidate: how many answers were reviewed, and for which share the reason is right.

The share speaks of the answers that were reviewed. Only those that were drawn at random speak for all; they are
counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lookingglass.figures import Figure, undefined
from lookingglass.metrics.intervals import wilson
from lookingglass.reviews.review import StandingReview, Verdict

RANDOM = "typical"
"""The queue whose examples are drawn at random (``evaluation.picking.PICKS``)."""


@dataclass(frozen=True)
class ReviewSummary:
    """The standing verdicts on one model that still hold.

    Attributes:
        right, wrong, unsure: how many answers got which verdict.
        moved: verdicts on answers that have moved on since; counted nowhere else.
        share_right: of the answers with a right or a wrong reason, with a Wilson interval; undefined without any.
        share_right_random: the same of those that were drawn at random: this one speaks for all answers.
    """

    candidate: str
    fingerprint: str
    right: int
    wrong: int
    unsure: int
    moved: int
    share_right: Figure
    share_right_random: Figure

    @property
    def reviewed(self) -> int:
        """Answers with a verdict that holds."""
        return self.right + self.wrong + self.unsure

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values."""
        return {
            **vars(self),
            "reviewed": self.reviewed,
            "share_right": self.share_right.to_json(),
            "share_right_random": self.share_right_random.to_json(),
        }


def summarise_reviews(standing: Iterable[StandingReview]) -> list[ReviewSummary]:
    """Return one summary a model, in the order in which they were first reviewed."""
    by_model: dict[tuple[str, str], list[StandingReview]] = {}
    for one in standing:
        by_model.setdefault((one.review.candidate, one.review.fingerprint), []).append(one)
    return [_summary(*model, reviews) for model, reviews in by_model.items()]


def _summary(candidate: str, fingerprint: str, reviews: list[StandingReview]) -> ReviewSummary:
    holding = [one.review for one in reviews if one.holds]
    verdicts = [review.verdict for review in holding]
    at_random = [review.verdict for review in holding if review.picked == RANDOM]
    return ReviewSummary(
        candidate,
        fingerprint,
        verdicts.count("right"),
        verdicts.count("wrong"),
        verdicts.count("unsure"),
        len(reviews) - len(holding),
        _share(verdicts),
        _share(at_random),
    )


def _share(verdicts: Sequence[Verdict]) -> Figure:
    right, judged = verdicts.count("right"), len(verdicts) - verdicts.count("unsure")
    if not judged:
        return undefined("no answer has a right or a wrong reason yet")
    return Figure(right / judged, judged, *wilson(right, judged), "wilson", right)
