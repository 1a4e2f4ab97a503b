"""Verdicts on reasons: one event each, the last one stands, marked when what was looked at has moved on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lookingglass.candidates import get_candidate, register, retire
from lookingglass.config import write_config
from lookingglass.errors import BadInput, NotAllowed, NotFound
from lookingglass.happenings import happenings
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from lookingglass.metrics.intervals import wilson
from lookingglass.reviews import NewReview, list_reviews, record_review, standing_reviews, summarise_reviews
from lookingglass.testset import add_example, edit_example, erase_example, read_version, relabel, remove
from tests.core.testset.conftest import config

ANA, BO = Actor("ana"), Actor("bo")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a workspace of four examples with two candidates, told and other."""
    write_config(tmp_path / "ws", config())
    home = open_home(tmp_path / "ws")
    for name in "abcd":
        add_example(home, {"lvr": 1, "area": "north"}, id=name, label="yes", actor=ANA)
    for name, score in (("told", 0.4), ("other", 0.6)):
        file = tmp_path / f"{name}.csv"
        file.write_text("example_id,score\n" + "".join(f"{one},{score}\n" for one in "abcd"))
        register(home, name, file, actor=ANA)
    return home


def verdict(home: Home, example: str = "a", **changes: Any) -> NewReview:
    candidate = get_candidate(home, changes.get("candidate", "told"))
    test_set = read_version(home, changes.get("version"))
    row = test_set.rows.row(test_set.position(example), named=True)
    fields: dict[str, Any] = {
        "candidate": candidate.name,
        "fingerprint": candidate.fingerprint,
        "version": test_set.version,
        "example_id": example,
        "input_id": bytes(row["@input_id"]).hex(),
        "verdict": "right",
        "score": 0.4,
        "threshold": 0.5,
        "label": row["@label"],
        "settings": {"samples": 5000},
        "picked": "nearest",
    }
    return NewReview(**{**fields, **changes})


def test_it_is_read_as_it_was_recorded(home: Home) -> None:
    recorded = record_review(home, verdict(home, verdict="wrong", comment=" it looks at the area \n"), BO)
    assert recorded == list_reviews(home)[0]
    assert (recorded.actor, recorded.comment, recorded.verdict) == ("bo", "it looks at the area", "wrong")
    assert (recorded.score, recorded.threshold, recorded.label, recorded.picked) == (
        0.4,
        0.5,
        "yes",
        "nearest",
    )
    assert happenings(home, 1)[0].words == "found the reasons of told for a wrong: it looks at the area"


def test_nothing_of_an_examples_content_is_recorded(home: Home) -> None:
    record_review(home, verdict(home), BO)
    erase_example(home, "a", "asked for", ANA)
    (standing,) = standing_reviews(home)
    assert standing.moved == ("the example is no longer in the test set",)
    assert "north" not in str(home.ledger.events("reviews")[0].payload)


def test_the_last_verdict_on_an_answer_stands_and_the_earlier_are_kept(home: Home) -> None:
    for said, who in (("right", ANA), ("unsure", BO), ("wrong", ANA)):
        record_review(home, verdict(home, verdict=said), who)
    record_review(home, verdict(home, candidate="other"), BO)
    first, second = standing_reviews(home)
    assert (first.review.verdict, [one.verdict for one in first.earlier]) == ("wrong", ["right", "unsure"])
    assert (second.review.candidate, second.earlier, second.holds) == ("other", (), True)


def test_the_same_request_twice_is_one_event(home: Home) -> None:
    new = verdict(home)
    assert record_review(home, new, ANA, key="k") == record_review(home, new, ANA, key="k")
    assert len(list_reviews(home)) == 1
    edit_example(home, "a", {"lvr": 2}, actor=ANA)
    assert record_review(home, new, ANA, key="k").seq == list_reviews(home)[0].seq, "repeated after a change"


def moved(home: Home) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.review.example_id, one.moved) for one in standing_reviews(home)]


def test_what_moved_on_is_told(home: Home, tmp_path: Path) -> None:
    for example in "abcd":
        record_review(home, verdict(home, example), ANA)
    assert all(not words for _, words in moved(home))
    edit_example(home, "a", {"lvr": 2}, actor=ANA)
    relabel(home, "b", "no", actor=ANA)
    remove(home, "c", actor=ANA)
    assert moved(home) == [
        ("a", ("the example was changed",)),
        ("b", ("the example's label was changed",)),
        ("c", ("the example is no longer in the test set",)),
        ("d", ()),
    ]
    edit_example(home, "a", {"lvr": 1}, actor=ANA)
    assert moved(home)[0] == ("a", ()), "what was changed back is what was looked at"
    retire(home, "told", reason="old", actor=ANA)
    assert moved(home)[3] == ("d", ("told is no longer under evaluation",))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"verdict": "perhaps"}, BadInput, "a verdict is right, wrong or unsure, not 'perhaps'"),
        ({"comment": "x" * 2001}, BadInput, "the comment has 2,001 characters"),
        ({"score": float("nan")}, BadInput, "the score is a number, not nan"),
        ({"fingerprint": "sha256:other"}, BadInput, "told has the fingerprint .* look at its reasons again"),
        ({"candidate": "told", "input_id": "00"}, BadInput, "a holds something else in version 4"),
        ({"example_id": "z"}, BadInput, "z is not in version 4"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(
    home: Home, changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        record_review(home, verdict(home, **changes), ANA)
    assert list_reviews(home) == []


def test_a_candidate_that_is_not_there_is_named(home: Home) -> None:
    new = verdict(home)
    with pytest.raises(NotFound, match="nobody"):
        record_review(home, NewReview(**{**vars(new), "candidate": "nobody"}), ANA)


def test_who_only_looks_cannot_judge(tmp_path: Path, home: Home) -> None:
    write_config(
        home.folder, config().model_copy(update={"people": {"ana": ("editor",), "vic": ("viewer",)}})
    )
    again = open_home(home.folder)
    with pytest.raises(NotAllowed, match="vic may not review explanations"):
        record_review(again, verdict(again), Actor("vic"))


def test_a_summary_counts_what_holds(home: Home) -> None:
    for example, said, picked in (
        ("a", "right", "typical"),
        ("b", "wrong", "typical"),
        ("c", "unsure", "typical"),
        ("d", "right", "nearest"),
    ):
        record_review(home, verdict(home, example, verdict=said, picked=picked), ANA)
    relabel(home, "d", "no", actor=ANA)
    record_review(home, verdict(home, candidate="other", verdict="unsure"), ANA)
    told, other = summarise_reviews(standing_reviews(home))
    assert (told.candidate, told.right, told.wrong, told.unsure, told.moved, told.reviewed) == (
        "told",
        1,
        1,
        1,
        1,
        3,
    )
    assert (told.share_right.value, told.share_right.n, told.share_right.k) == (0.5, 2, 1)
    assert (told.share_right.low, told.share_right.high) == wilson(1, 2)
    assert told.share_right_random.n == 2
    assert other.share_right.value is None
    assert other.share_right.reason == "no answer has a right or a wrong reason yet"
