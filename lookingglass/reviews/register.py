"""Recording reviews and listing them: one event each in the ledger's stream of reviews, never changed."""

from __future__ import annotations

from collections.abc import Container

from lookingglass.candidates import get_candidate, list_candidates
from lookingglass.errors import BadInput, Conflict, one_line
from lookingglass.home import Home
from lookingglass.ledger import Actor, StaleWrite
from lookingglass.reviews.review import NewReview, Review, StandingReview
from lookingglass.testset import read_version
from lookingglass.wording import short_hash

STREAM = "reviews"
REVIEWED = "explanation_reviewed"
_TRIES = 20


def record_review(home: Home, new: NewReview, actor: Actor, *, key: str | None = None) -> Review:
    """Record a verdict and return it; a later one on the same answer takes its place.

    Args:
        key: idempotency key; a second call with it and the same verdict returns the first one's.

    Raises:
        NotFound: there is no such candidate or version.
        BadInput: the fingerprint is not the candidate's, or the example was another on that version.
        NotAllowed: the actor may not review explanations.
    """
    payload = new.payload()
    for _ in range(_TRIES):
        last = home.ledger.last_seq(STREAM)
        if key is None or all(event.key != key for event in home.ledger.events(STREAM, until=last)):
            _check_subject(home, new)
        try:
            event = home.ledger.append(STREAM, REVIEWED, payload, actor, key=key, expected=last)
        except StaleWrite:
            continue
        return Review.of(event)
    raise Conflict("others are recording reviews without pause: try again in a moment. Nothing was changed.")


def list_reviews(home: Home) -> list[Review]:
    """Return every verdict, oldest first."""
    return [Review.of(event) for event in home.ledger.events(STREAM, types=[REVIEWED])]


def standing_reviews(home: Home) -> list[StandingReview]:
    """Return the last verdict on each answer of each model, oldest first, and what has moved on since.

    An answer is that of one model (fingerprint) to one example: what the example held then is part of what is checked.
    """
    by_answer: dict[tuple[str, str], list[Review]] = {}
    for review in list_reviews(home):
        of_answer = by_answer.setdefault((review.fingerprint, review.example_id), [])
        of_answer.append(review)
    if not by_answer:
        return []
    rows = read_version(home).rows
    now = {example: bytes(content).hex() for example, content in rows.select("@id", "@input_id").iter_rows()}
    labels = dict(rows.select("@id", "@label").iter_rows())
    candidates = {one.name for one in list_candidates(home)}
    standing = [
        StandingReview(last, tuple(_moved(last, candidates, now, labels)), tuple(earlier))
        for *earlier, last in by_answer.values()
    ]
    return sorted(standing, key=lambda one: one.review.seq)


def _moved(
    review: Review,
    candidates: Container[str],
    inputs: dict[str, str],
    labels: dict[str, str | None],
) -> list[str]:
    found = []
    if review.candidate not in candidates:  # a name stays that of one model for good, retired or not
        found.append(f"{review.candidate} is no longer under evaluation")
    if review.example_id not in inputs:
        found.append("the example is no longer in the test set")
    elif inputs[review.example_id] != review.input_id:
        found.append("the example was changed")
    elif labels[review.example_id] != review.label:
        found.append("the example's label was changed")
    return found


def _check_subject(home: Home, new: NewReview) -> None:
    """Refuse a verdict on something else than what is there."""
    candidate = get_candidate(home, new.candidate)
    if candidate.fingerprint != new.fingerprint:
        raise BadInput(
            f"{candidate.name} has the fingerprint {short_hash(candidate.fingerprint)}, not "
            f"{short_hash(one_line(new.fingerprint))}: look at its reasons again. Nothing was changed."
        )
    rows = read_version(home, new.version).rows.select("@id", "@input_id")
    found = rows.filter(rows["@id"] == new.example_id)["@input_id"].to_list()
    there = [bytes(content).hex() for content in found]
    if there != [new.input_id]:
        what = "is not in" if not there else "holds something else in"
        raise BadInput(
            f"{one_line(new.example_id, 80)} {what} version {new.version} of the test set: look at it again. "
            "Nothing was changed."
        )
