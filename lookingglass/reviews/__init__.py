"""Reviews: a person's verdict on the reasons of one answer, one ledger event each, and what becomes of it."""

from lookingglass.reviews.export import ReviewedAnswer, ReviewRecord, gather_reviews, write_review
from lookingglass.reviews.register import REVIEWED, list_reviews, record_review, standing_reviews
from lookingglass.reviews.review import (
    VERDICT_WORDS,
    VERDICTS,
    NewReview,
    Review,
    StandingReview,
    Verdict,
)
from lookingglass.reviews.summary import ReviewSummary, summarise_reviews

__all__ = [
    "REVIEWED",
    "VERDICTS",
    "VERDICT_WORDS",
    "NewReview",
    "Review",
    "ReviewRecord",
    "ReviewSummary",
    "ReviewedAnswer",
    "StandingReview",
    "Verdict",
    "gather_reviews",
    "list_reviews",
    "record_review",
    "standing_reviews",
    "summarise_reviews",
    "write_review",
]
