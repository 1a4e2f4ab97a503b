"""A review taken away: one HTML file in which nothing comes alive, and JSON that reads back; whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lookingglass.candidates import get_candidate, register, retire
from lookingglass.config import Column, Task, WorkspaceConfig, write_config
from lookingglass.errors import BadInput, NotFound
from lookingglass.explanations import ExplainSettings, Explanation, ExplanationStore, Stability, Weight
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from lookingglass.metrics.intervals import wilson
from lookingglass.reviews import NewReview, Review, gather_reviews, record_review, write_review
from lookingglass.reviews.document import POLICY
from lookingglass.testset import add_example, edit_example, erase_example, read_version
from lookingglass.testset.images import png_of

ANA = Actor("ana")
NOW = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)"> & \'بحث 🦊 <u>end</u>'
VOID = {"meta", "img", "br"}


class Elements(HTMLParser):
    """Everything in a document that a browser would make an element of, and what can be read of it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last, and nothing else."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note what is read."""
        self.said.append(data)

    @property
    def text(self) -> str:
        """What a person reads, on one line."""
        return " ".join("".join(self.said).split())


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A workspace of wishes and pictures whose words are hostile, with two predictions candidates."""
    columns = {
        "key": Column(role=("id",), type="text"),
        "match": Column(role=("label",), type="category", values=("no", "yes")),
        HOSTILE[:30]: Column(role=("feature",), type="text", missing="keep"),
        "lvr": Column(role=("feature",), type="number", missing="keep"),
        "picture": Column(role=("image",), type="image", size=(4, 4), channels=1),
    }
    task = Task(label="match", positive="yes", id="key", positive_name=f"matched {HOSTILE[:40]}")
    config = WorkspaceConfig(name="small", title=f"Wishes {HOSTILE}", task=task, columns=columns)
    write_config(tmp_path / "ws", config)
    home = open_home(tmp_path / "ws")
    png = png_of(np.arange(16, dtype=np.uint8).reshape(4, 4) * 16)
    for number, name in enumerate(("a", "b", "c", f"d{HOSTILE[9:40]}")):
        values = {HOSTILE[:30]: f"wish {HOSTILE}", "lvr": 0.25 * number, "picture": png}
        add_example(home, values, id=name, label="yes", actor=ANA)
    for name in ("told", "other"):
        scores = tmp_path / f"{name}.csv"
        scores.write_text("key,score\n" + "".join(f"{one},0.{len(name)}\n" for one in "abc"))
        register(home, name, scores, actor=ANA)
    yield home
    home.close()


def explained(
    home: Home, example: str, *, candidate: str = "told", kind: str = "text", **changes: Any
) -> Explanation:
    """Keep an explanation of an example as if the candidate had been asked, and return it."""
    test_set = read_version(home)
    row = test_set.rows.row(test_set.position(example), named=True)
    words, name = row[HOSTILE[:30]], HOSTILE[:30]
    at = words.index("img")
    inputs, weights = {
        "text": (
            {name: words},
            (Weight("img", -0.2, name, 1, at, at + 3), Weight("wish", 0.1, name, 0, 0, 4)),
        ),
        "tabular": ({"lvr": row["lvr"]}, (Weight("lvr", 0.3, "lvr", 0, value=row["lvr"], low=0.1, high=None),)),
        "image": (
            {"picture": row["picture"]},
            (Weight("row 1, column 1", 0.3, "picture", 0, box=(0, 0, 2, 2)),),
        ),
    }[kind]  # fmt: skip
    fields: dict[str, Any] = {
        "candidate": candidate,
        "fingerprint": get_candidate(home, candidate).fingerprint,
        "example_id": example,
        "input_id": bytes(row["@input_id"]).hex(),
        "modality": kind,
        "score": 0.6,
        "weights": weights,
        "intercept": 0.4,
        "local_prediction": 0.55,
        "r2": 0.31,
        "samples": 500,
        "settled": True,
        "seed": 7,
        "settings": ExplainSettings(),
        "stability": Stability(5, 2, 64.0, ()),
        "distinct": 321,
        "model_rows_scored": 0,
        "notes": (f"weak local fit {HOSTILE}",),
        "inputs": inputs,
    }
    told = Explanation(**{**fields, **changes})
    ExplanationStore(home.folder).write(told)
    return told


def review(
    home: Home, told: Explanation, verdict: Any = "right", comment: str = "", **changes: Any
) -> Review:
    fields: dict[str, Any] = {
        "candidate": told.candidate,
        "fingerprint": told.fingerprint,
        "version": read_version(home).version,
        "example_id": told.example_id,
        "input_id": told.input_id,
        "verdict": verdict,
        "score": told.score,
        "threshold": 0.5,
        "label": "yes",
        "settings": told.settings.to_json(),
        "comment": comment,
    }
    return record_review(home, NewReview(**{**fields, **changes}), ANA)


def document(home: Home, *names: str) -> Elements:
    return Elements(gather_reviews(home, names, now=NOW).html_text())


def test_it_says_what_was_reviewed_by_whom_and_with_which_reasons(home: Home) -> None:
    for example, verdict in (("a", "right"), ("b", "wrong"), ("c", "unsure")):
        last = review(home, explained(home, example), verdict, picked="typical" if example == "a" else "")
    low, high = wilson(1, 2)
    said = document(home).text
    test_set = read_version(home)
    assert (
        f"Test set version {test_set.version}, {test_set.digest[7:15]}, 0 examples · 4 test patterns. Made"
        in said
    )
    assert "3 answers were looked at by ana" in said
    assert f"Fingerprint{get_candidate(home, 'told').fingerprint[7:15]}" in said
    assert f"Right, of those judged50.0 % ({100 * low:.1f}–{100 * high:.1f} %), 1 of 2" in said
    assert "1 of 1" in said, "of those drawn at random"
    assert last.time[:19].replace("T", " ") in said
    assert "Score 0.600, called matched" in said
    assert "right, the label is matched" in said
    assert "−20" in said
    assert "+10" in said
    assert "R2 of 0.31" in said
    assert "64 % of their strongest 2 (VSI)" in said
    assert "Weak local fit" in said
    assert "Print it to make a PDF" in said


@pytest.mark.parametrize(
    ("kind", "shown"), [("text", "wish </script>"), ("tabular", "0.25"), ("image", "b as it is")]
)
def test_an_example_without_any_reason_is_shown_as_it_is(home: Home, kind: str, shown: str) -> None:
    """Whoever was not there has to see what was judged."""
    review(home, explained(home, "b", kind=kind, weights=(), notes=("the score is the same",)))
    told = document(home)
    alts = [str(fields.get("alt")) for tag, fields in told.tags if tag == "img"]
    assert shown in told.text or shown in alts
    assert "The score is the same" in told.text
    assert not [tag for tag, _ in told.tags if tag == "mark"]


def test_the_strongest_weight_over_all_candidates_has_the_deepest_tint(home: Home) -> None:
    told = explained(home, "a")
    review(home, told)
    doubled = tuple(replace(each, weight=2 * each.weight) for each in told.weights)
    review(home, explained(home, "a", candidate="other", weights=doubled))
    tints = [fields["style"] for tag, fields in document(home).tags if tag == "mark"]
    shares = [int(str(style).split("%")[0].rsplit(" ", 1)[1]) for style in tints]
    assert sorted(shares) == sorted(round(8 + 47 * depth) for depth in (0.5, 0.25, 1.0, 0.5))


def test_hostile_words_are_read_and_make_no_element(home: Home) -> None:
    """Names, titles, texts, column names, comments and notes: none of it becomes a tag or an attribute of its own."""
    for example, kind in (
        ("a", "text"),
        ("b", "tabular"),
        ("c", "image"),
        (read_version(home).ids[3], "text"),
    ):
        review(home, explained(home, example, kind=kind), "wrong", f"it reads {HOSTILE}")
    found = document(home)
    assert not found.open, "every element is closed"
    assert {tag for tag, _ in found.tags} <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "h1",
            "h2",
            "h3",
            "p",
            "section",
            "dl",
            "dt",
            "dd",
        ),
        *(
            "article",
            "header",
            "span",
            "bdi",
            "blockquote",
            "div",
            "ul",
            "li",
            "mark",
            "sup",
            "table",
            "thead",
        ),
        *("tbody", "tr", "th", "td", "figure", "figcaption", "img", "br"),
    }
    allowed = {"lang", "charset", "name", "content", "http-equiv", "class", "dir", "style", "title", "scope"}
    for tag, fields in found.tags:
        assert set(fields) <= (allowed | {"data-label", "src", "alt"} if tag in ("img", "td") else allowed)
        assert str(fields.get("src", "data:image/png;base64,")).startswith("data:image/png;base64,")
        assert "(" not in str(fields.get("style", "")).replace("color-mix(", ""), "a style names no address"
    assert sum(tag == "img" for tag, _ in found.tags) == 2, "the picture, and the same with its regions"
    policy = next(fields for tag, fields in found.tags if fields.get("http-equiv"))
    assert policy["content"] == POLICY
    assert POLICY == "default-src 'none'; style-src 'unsafe-inline'; img-src data:", "no script, no request"
    assert found.text.count('<script>alert(1)</script><img src=x onerror="alert(2)">') >= 9


def test_what_moved_since_and_earlier_verdicts_are_said(home: Home) -> None:
    told = explained(home, "a")
    review(home, told, "right", "at first sight")
    review(home, told, "wrong")
    edit_example(home, "a", {"lvr": 0.9}, actor=ANA)
    retire(home, "told", ANA, "")
    said = document(home).text
    assert "Since then: told is no longer under evaluation; the example was changed." in said
    assert "Before that:" in said
    assert "at first sight" in said
    assert "1, counted nowhere above" in said
    assert "wish" in said, "the explanation that was looked at is still kept"


def test_a_verdict_without_kept_reasons_stands_and_says_so(home: Home) -> None:
    told = explained(home, "a")
    review(home, told, comment="still here")
    ExplanationStore(home.folder).forget(told)
    found = document(home)
    assert "No reasons are shown: the explanation is not kept any more." in found.text
    assert "still here" in found.text
    assert "mark" not in {tag for tag, _ in found.tags}
    asked = []

    def explain(candidate: str, example: str, settings: ExplainSettings, version: int) -> Explanation:
        read_version(home, version).position(example)
        asked.append((candidate, example, settings, version))
        return told

    (answer,) = gather_reviews(home, explain=explain).answers
    assert answer.explanation == told
    assert asked == [("told", "a", told.settings, 4)]
    edit_example(home, "a", {"lvr": 0.9}, actor=ANA)
    assert gather_reviews(home, explain=explain).answers[0].explanation == told, (
        "the version looked at has it still"
    )

    def another(_candidate: str, _example: str, _settings: ExplainSettings, _version: int) -> Explanation:
        return replace(told, input_id="f" * 64)

    (other,) = gather_reviews(home, explain=another).answers
    assert (other.explanation, other.why_none) == (
        None,
        "the explanation is not kept any more, and model or example are others by now",
    )
    erase_example(home, "a", "asked for", ANA)
    (gone,) = gather_reviews(home, explain=explain).answers
    assert gone.explanation is None
    assert "cannot be made anew: " in (gone.why_none or "")
    assert len(asked) == 2


def test_kept_reasons_are_never_made_anew_and_carry_the_reviewed_name(home: Home) -> None:
    """An input that two examples share has one explanation, which was made of either."""
    row = read_version(home).rows.row(0, named=True)
    kept = explained(home, "b", input_id=bytes(row["@input_id"]).hex())
    told = replace(kept, example_id="a")
    review(home, told)

    def explain(_candidate: str, _example: str, _settings: ExplainSettings, _version: int) -> Explanation:
        pytest.fail("it is kept")

    (answer,) = gather_reviews(home, explain=explain).answers
    assert answer.explanation == told


def test_the_json_reads_back_as_what_was_recorded(home: Home) -> None:
    told = explained(home, "a", kind="tabular", r2=None, local_prediction=None)
    recorded = review(home, told, "unsure", HOSTILE)
    text = gather_reviews(home, now=NOW).json_text()

    def refuse(word: str) -> None:
        pytest.fail(f"{word} is no JSON")

    read = json.loads(text, parse_constant=refuse)
    assert list(read) == ["workspace", "title", "made", "test_set", "candidates", "reviews"]
    (fields,) = read["reviews"]
    assert Explanation.from_json(fields.pop("explanation")) == told
    assert (fields.pop("no_explanation"), fields.pop("moved"), fields.pop("earlier")) == (None, [], [])
    assert Review(**fields) == recorded
    assert read["candidates"][0]["share_right"]["value"] is None
    assert read["made"] == "2026-11-22T04:30:00+00:00"
    assert text == gather_reviews(home, now=NOW).json_text()


def test_samples_and_test_patterns_are_counted_apart_as_on_every_page(home: Home) -> None:
    review(home, explained(home, "a"), "right")
    values = {HOSTILE[:30]: "wish", "lvr": 0.5, "picture": read_version(home).rows["picture"][0]}
    add_example(home, values, label="no", origin="sample", actor=ANA)
    record = gather_reviews(home, now=NOW)
    assert "1 example · 4 test patterns. Made" in Elements(record.html_text()).text
    told = record.to_json()["test_set"]
    assert list(told) == ["version", "digest", "examples", "patterns"]
    assert (told["examples"], told["patterns"]) == (5, 4)


def test_a_file_is_written_whole_or_stays(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(home, explained(home, "a"))
    record = gather_reviews(home, now=NOW)
    out = tmp_path / "review.HTML"
    assert write_review(record, out).read_text() == record.html_text()
    with pytest.raises(BadInput, match=r"must end in .html or .json"):
        write_review(record, tmp_path / "review.pdf")
    with pytest.raises(BadInput, match="cannot be written: no such file"):
        write_review(record, tmp_path / "nowhere" / "review.json")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    before = out.read_text()
    with pytest.raises(BadInput, match="no space left"):
        write_review(replace(record, title="another"), out)
    assert out.read_text() == before
    assert not list(tmp_path.glob(".review-*"))
    monkeypatch.undo()

    def refused(_path: Path, _target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(BadInput, match="permission denied"):
        write_review(replace(record, title="another"), out)
    assert out.read_text() == before


def test_there_must_be_something_to_take_away(home: Home) -> None:
    with pytest.raises(BadInput, match="no answer was reviewed yet"):
        gather_reviews(home)
    review(home, explained(home, "a"))
    with pytest.raises(BadInput, match="no answer of other was reviewed yet"):
        gather_reviews(home, ["other"])
    with pytest.raises(NotFound, match="there is no candidate 'nobody'"):
        gather_reviews(home, ["nobody"])
    assert len(gather_reviews(home, ["told"]).answers) == 1
