"""What a review is: a verdict on the reasons that a candidate gave for one answer, as recorded and as it stands now.

It names the example and never repeats its content: what is erased from the test set is not found here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from lookingglass.decisions import checks
from lookingglass.errors import BadInput, one_line
from lookingglass.ledger import Event

if TYPE_CHECKING:
    from lookingglass.explanations import Explanation
    from lookingglass.testset import TestSet

Verdict = Literal["right", "wrong", "unsure"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""Whether the candidate decided for the right reason, for a wrong one, or the person cannot tell."""

VERDICT_WORDS: dict[Verdict, str] = {"right": "Right reason", "wrong": "Wrong reason", "unsure": "Unsure"}
"""What each is called on buttons and in files."""


@dataclass(frozen=True)
class NewReview:
    """A verdict that is about to be recorded.

    Attributes:
        candidate, fingerprint: whose answer.
        version: of the test set that was looked at. ``example_id``, ``input_id``: the example and its content there.
        verdict: on the reasons, not on the answer: a right answer can have a wrong reason.
        comment: in the person's words, may be empty.
        score: P(positive) that was explained. ``threshold``: what the answer was judged at; None answers nobody.
        label: the true label that was shown, None without one.
        settings: what the explanation was made with (``ExplainSettings.to_json``).
        picked: which queue the example was in (``evaluation.picking.PICKS``), empty where none is known.

    Raises:
        BadInput: there is no such verdict, the comment is too long, or a number is not finite.
    """

    candidate: str
    fingerprint: str
    version: int
    example_id: str
    input_id: str
    verdict: Verdict
    score: float
    threshold: float | None
    label: str | None
    settings: dict[str, Any]
    comment: str = ""
    picked: str = ""

    @classmethod
    def on(
        cls,
        told: Explanation,
        test_set: TestSet,
        threshold: float | None,
        verdict: Verdict,
        comment: str = "",
        picked: str = "",
    ) -> NewReview:
        """Return the verdict on an explanation of an example of this version, judged at this threshold.

        Raises:
            NotFound: the version has no such example. BadInput as for any.
        """
        return cls(
            candidate=told.candidate,
            fingerprint=told.fingerprint,
            version=test_set.version,
            example_id=told.example_id,
            input_id=told.input_id,
            verdict=verdict,
            score=told.score,
            threshold=threshold,
            label=test_set.rows.item(test_set.position(told.example_id), "@label"),
            settings=told.settings.to_json(),
            comment=comment,
            picked=picked,
        )

    def __post_init__(self) -> None:
        """Refuse what cannot be recorded."""
        self.payload()

    def payload(self) -> dict[str, Any]:
        """Return the event's payload."""
        if self.verdict not in VERDICTS:
            given = one_line(repr(self.verdict), 40)
            raise BadInput(f"a verdict is {', '.join(VERDICTS[:-1])} or {VERDICTS[-1]}, not {given}.")
        return {
            "candidate": self.candidate,
            "fingerprint": self.fingerprint,
            "version": checks.whole(self.version, "the version"),
            "example_id": checks.clean_text(self.example_id, "the example", needed=True),
            "input_id": checks.clean_text(self.input_id, "the example's content", needed=True),
            "verdict": self.verdict,
            "comment": checks.clean_text(self.comment, "the comment"),
            "score": checks.number(self.score, "the score"),
            "threshold": checks.optional(self.threshold, "the threshold"),
            "label": self.label,
            "settings": checks.json_object(self.settings, "the settings"),
            "picked": checks.clean_text(self.picked, "the queue", longest=checks.LONGEST_WORD),
        }


@dataclass(frozen=True)
class Review:
    """A verdict as it was recorded; as in ``NewReview``, with ``seq``, ``actor`` and ``time`` of its event."""

    seq: int
    actor: str
    time: str
    candidate: str
    fingerprint: str
    version: int
    example_id: str
    input_id: str
    verdict: Verdict
    comment: str
    score: float
    threshold: float | None
    label: str | None
    settings: dict[str, Any]
    picked: str

    @classmethod
    def of(cls, event: Event) -> Review:
        """Return the review that an event recorded."""
        return cls(seq=event.seq, actor=event.actor, time=event.time, **event.payload)

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values."""
        return dict(vars(self))


@dataclass(frozen=True)
class StandingReview:
    """The last verdict on one answer of one candidate, and what has moved on since.

    Attributes:
        moved: what is no longer what the person looked at, in sentences; empty where all still is.
        earlier: verdicts on the same answer that it took the place of, oldest first.
    """

    review: Review
    moved: tuple[str, ...] = ()
    earlier: tuple[Review, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether candidate and example are still what the person looked at."""
        return not self.moved

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values."""
        return {
            **self.review.to_json(),
            "moved": list(self.moved),
            "earlier": [one.to_json() for one in self.earlier],
        }
