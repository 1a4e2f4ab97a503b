"""The review of one or more candidates gathered for people who were not there, and written to a file, whole or not.

What stands beside each verdict is the explanation that the person looked at, as it is kept. One that is not kept any
more is made anew only when told so; otherwise the verdict stands without reasons and says so.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from lookingglass.candidates import list_candidates
from lookingglass.config import Task
from lookingglass.errors import BadInput, LookingGlassError, NotFound, one_line
from lookingglass.explanations import ExplainSettings, Explanation, ExplanationStore
from lookingglass.home import Home
from lookingglass.reviews.register import standing_reviews
from lookingglass.reviews.review import Review, StandingReview
from lookingglass.reviews.summary import ReviewSummary, summarise_reviews
from lookingglass.testset import read_version
from lookingglass.testset.images import read_image

if TYPE_CHECKING:
    import polars as pl

Explain: TypeAlias = Callable[[str, str, ExplainSettings, int], Explanation]
"""Makes an explanation of a candidate's answer to an example, with settings, on a version: ``Workspace.explain``."""

NOT_KEPT = "the explanation is not kept any more"


@dataclass(frozen=True)
class ReviewedAnswer:
    """One answer with the verdict that stands on it and, where there are any, the reasons that were looked at.

    Attributes:
        explanation: of this very model and input; None where there is none, and ``why_none`` says why.
        png: of the image that was explained, None for texts and tables.
        rows: of the test set's version that was looked at; values are compared with them. None where it is not needed.
    """

    standing: StandingReview
    explanation: Explanation | None
    why_none: str | None
    png: bytes | None = None
    rows: pl.DataFrame | None = None

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values: the review, then ``explanation`` and ``no_explanation``, one of them null."""
        told = self.explanation
        return {
            **self.standing.to_json(),
            "explanation": None if told is None else told.to_json(),
            "no_explanation": self.why_none,
        }


@dataclass(frozen=True)
class ReviewRecord:
    """Everything that people take away from a review.

    Attributes:
        made: when, in UTC. ``version``, ``digest``, ``examples``: the newest test set then; each review names its own.
        patterns: so many of ``examples`` are test patterns, the others are samples of real use.
        summaries: one a model; ``answers``: in the same order, each model's as they were reviewed.
    """

    workspace: str
    title: str
    task: Task
    made: str
    version: int
    digest: str
    examples: int
    patterns: int
    summaries: tuple[ReviewSummary, ...]
    answers: tuple[ReviewedAnswer, ...]

    def of(self, summary: ReviewSummary) -> list[ReviewedAnswer]:
        """Return the answers of one model."""
        model = summary.candidate, summary.fingerprint
        return [
            one
            for one in self.answers
            if (one.standing.review.candidate, one.standing.review.fingerprint) == model
        ]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values, keys always in the same order (docs/explanations.md)."""
        return {
            "workspace": self.workspace,
            "title": self.title,
            "made": self.made,
            "test_set": {
                "version": self.version,
                "digest": self.digest,
                "examples": self.examples,
                "patterns": self.patterns,
            },
            "candidates": [summary.to_json() for summary in self.summaries],
            "reviews": [one.to_json() for one in self.answers],
        }

    def json_text(self) -> str:
        """Return ``to_json`` as text; what is undefined is null, never NaN."""
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def html_text(self) -> str:
        """Return the review as one HTML document that needs no network and can be printed."""
        from lookingglass.reviews.document import review_html

        return review_html(self)


def gather_reviews(
    home: Home,
    candidates: Collection[str] = (),
    *,
    explain: Explain | None = None,
    now: datetime | None = None,
) -> ReviewRecord:
    """Return the reviews that stand on these candidates with their explanations; nothing is asked of a model.

    Args:
        candidates: names, retired ones too; every candidate that was reviewed when empty.
        explain: makes explanations anew that are not kept any more, where model and example are still the same.
        now: when, this moment when None.

    Raises:
        NotFound: there is no such candidate.
        BadInput: nothing of them was reviewed.
    """
    known = [one.name for one in list_candidates(home, include_retired=True)]
    missing = [name for name in candidates if name not in known]
    if missing:
        there = ", ".join(known) or "none yet"
        raise NotFound(f"there is no candidate {missing[0]!r} in {home.config.name}: there are {there}.")
    standing = [one for one in standing_reviews(home) if not candidates or one.review.candidate in candidates]
    if not standing:
        whose = f" of {', '.join(sorted(candidates))}" if candidates else ""
        raise BadInput(
            f"no answer{whose} was reviewed yet: give a verdict on the page Explanations or with "
            "`lookingglass review add` first."
        )
    summaries = summarise_reviews(standing)
    order = {(summary.candidate, summary.fingerprint): place for place, summary in enumerate(summaries)}
    standing.sort(key=lambda one: (order[one.review.candidate, one.review.fingerprint], one.review.seq))
    test_set = read_version(home)
    return ReviewRecord(
        workspace=home.config.name,
        title=home.config.title or home.config.name,
        task=home.config.task,
        made=(now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds"),
        version=test_set.version,
        digest=test_set.digest,
        examples=test_set.examples,
        patterns=test_set.examples - int(test_set.is_sample.sum()),
        summaries=tuple(summaries),
        answers=tuple(_answer(home, one, explain) for one in standing),
    )


def write_review(record: ReviewRecord, out: Path) -> Path:
    """Write a review to ``out``, .html or .json by its suffix; an existing file is replaced whole or stays.

    Raises:
        BadInput: the suffix is neither, or the file cannot be written.
    """
    make = {".html": record.html_text, ".json": record.json_text}.get(out.suffix.lower())
    if make is None:
        raise BadInput(f"{out}: the name must end in .html or .json, which says what to write.")
    data = make().encode()
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=out.parent, prefix=".review-")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(out)
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {(error.strerror or 'no reason given').lower()}.") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return out


def _answer(home: Home, standing: StandingReview, explain: Explain | None) -> ReviewedAnswer:
    review = standing.review
    told, why = _kept(home, review)
    if told is None and explain is not None:
        told, why = _anew(review, explain)
    if told is None:
        return ReviewedAnswer(standing, None, why)
    told = replace(told, candidate=review.candidate, example_id=review.example_id)
    try:
        if told.modality == "image":
            png = read_image(home.files, next(iter(told.inputs.values()), None))
            return ReviewedAnswer(standing, told, None, png=png)
        if told.modality == "tabular":
            return ReviewedAnswer(standing, told, None, rows=read_version(home, review.version).rows)
    except LookingGlassError as error:
        return ReviewedAnswer(standing, None, one_line(str(error)).rstrip("."))
    return ReviewedAnswer(standing, told, None)


def _kept(home: Home, review: Review) -> tuple[Explanation | None, str | None]:
    """Return the explanation that was looked at, or why there is none."""
    try:
        settings = ExplainSettings.from_json(review.settings)
        told = ExplanationStore(home.folder).read(review.fingerprint, settings, review.input_id)
    except (TypeError, ValueError):
        return None, "how it was explained was not recorded in a way that is known here"
    return told, None if told is not None else NOT_KEPT


def _anew(review: Review, explain: Explain) -> tuple[Explanation | None, str | None]:
    """Make the explanation of the very answer that was reviewed, or say why that cannot be done any more."""
    try:
        settings = ExplainSettings.from_json(review.settings)
        told = explain(review.candidate, review.example_id, settings, review.version)
    except (TypeError, LookingGlassError) as error:
        return None, f"{NOT_KEPT}, and it cannot be made anew: {one_line(str(error)).rstrip('.')}"
    if (told.fingerprint, told.input_id) != (review.fingerprint, review.input_id):
        return None, f"{NOT_KEPT}, and model or example are others by now"
    return told, None
