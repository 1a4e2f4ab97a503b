"""Reviews: a person's verdict on the reasons of one answer, one ledger event each, and what becomes of it."""

from lookingglass.reviews.register import REVIEWED, list_reviews, record_review, standing_reviews
from lookingglass.reviews.review import VERDICTS, NewReview, Review, StandingReview, Verdict
from lookingglass.reviews.summary import ReviewSummary, summarise_reviews

__all__ = [
    "REVIEWED",
    "VERDICTS",
    "NewReview",
    "Review",
    "ReviewSummary",
    "StandingReview",
    "Verdict",
    "list_reviews",
    "record_review",
    "standing_reviews",
    "summarise_reviews",
]
