"""The views' HTML and widgets: other people's words are shown and never acted upon, and nothing is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from components.formatting import WORD_JOINER, escaped, hint, plain, when
from components.views.activity import happenings_html, progress_words
from components.views.confusion import confusion_sentence
from components.views.figures_table import gap_sentence
from components.views.leaderboard import leaderboard_html
from components.views.orientation import empty_state_html
from components.views.threshold_chart import Picked, picked
from lookingglass.charts import AnswerWords
from lookingglass.evaluation.engine import Progress, Status
from lookingglass.evaluation.evaluate import CandidateEvaluation, Threshold
from lookingglass.evaluation.leaderboard import Leaderboard, LeaderboardRow
from lookingglass.fairness import group_figures
from lookingglass.figures import Figure, undefined
from lookingglass.happenings import Happening
from lookingglass.metrics.counts import Counts

WORDS = AnswerWords("application", "denied", "approved")
HOSTILE = (
    "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)> **bold** [a](javascript:1) :red[x] $x$ www.a.b"
)


class Tags(HTMLParser):
    """Collects the tags and the text of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def pieces(text: str) -> Iterator[str]:
    """Every view that writes HTML, with ``text`` wherever a person's words may stand."""
    time = "2026-11-21T03:04:05.123456Z"
    yield happenings_html([Happening(1, time, text, text)], "")
    yield empty_state_html(text, text, text)
    yield hint(text, text)
    yield when(time) + escaped(text)


@given(st.text(min_size=1, max_size=40) | st.just(HOSTILE))
def test_no_word_of_a_person_becomes_a_tag(text: str) -> None:
    """The tags are the views' own whatever the words are."""
    for piece, harmless in zip(pieces(text), pieces("harmless"), strict=True):
        assert Tags(piece).tags == Tags(harmless).tags


def test_hostile_words_are_shown_as_they_are() -> None:
    assert HOSTILE in Tags(happenings_html([Happening(1, "2026-11-21T03:04:05Z", "bo", HOSTILE)], "")).text


@given(st.text(max_size=60))
def test_every_sign_that_markdown_knows_is_taken_for_a_character(text: str) -> None:
    """Each punctuation character has its backslash, and what shortcodes and links are found by is broken up."""
    result = plain(text)
    assert re.fullmatch(r"(?s)(?:\\[!-/:-@\[-`{-~]|[^!-/:-@\[-`{-~])*", result)
    assert not re.search(r":(?!\u2060)", result)
    assert "\n" not in result
    visible = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", result).replace(WORD_JOINER, "")
    assert visible.split() == text.replace(WORD_JOINER, "").split()
    assert not re.search(r"[^\S\u202f]{2}", visible)


def test_times_carry_utc_on_hover() -> None:
    text = when("2026-11-21T03:04:05.123456Z")
    assert 'title="2026-11-21 03:04:05 UTC"' in text


def test_nothing_happened_yet_is_said() -> None:
    assert "Nothing here" in happenings_html([], "Nothing here")


def test_the_answer_in_a_sentence() -> None:
    said = confusion_sentence(Counts(tp=69, fp=62, tn=1186, fn=93), WORDS, "0.31")
    assert said == "At 0.31, of 1,000 applications 44 are wrongly denied and 66 wrongly approved."


def test_no_examples_is_said_and_not_counted() -> None:
    assert "no labelled applications" in confusion_sentence(Counts(0, 0, 0, 0), WORDS, "0.5")


def test_progress_says_rows_and_time_left() -> None:
    running = Progress("boosted", Status.RUNNING, done=1200, total=2400, seconds=20.0)
    assert progress_words(running) == "boosted: 1,200 of 2,400 rows, about 20 seconds left"
    assert progress_words(Progress("old", Status.WAITING, 0, 2400)) == "old: 0 of 2,400 rows"
    assert progress_words(Progress("bad", Status.FAILED, error="no answer")) == "bad: failed: no answer"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, None),
        ({"selection": {}}, None),
        ({"selection": {"pick": {}}}, None),
        ({"selection": {"pick": {"idx": [3], "threshold": [0.5]}}}, Picked(3, 0.5)),
        ({"selection": {"pick": {"idx": [0], "threshold": [None]}}}, Picked(0, None)),
        ({"selection": {"pick": {"idx": ["<x>"], "threshold": [0.5]}}}, None),
        ({"selection": {"pick": {"idx": [3], "threshold": ["0.5"]}}}, None),
    ],
)
def test_what_the_browser_sends_is_a_row_and_a_threshold_or_nothing(
    state: Any, expected: Picked | None
) -> None:
    assert picked(state) == expected


def _with_progress() -> None:
    import streamlit as st

    from components.views.activity import progress
    from lookingglass.evaluation.background import KeeperState
    from lookingglass.evaluation.engine import Progress, Status

    state = KeeperState(target=8, progress=(Progress("a_b_ *c*", Status.RUNNING, 5, 10, 1.0),))
    progress(state, on_cancel=lambda: st.text("cancelled"), on_resume=lambda: None)


def test_an_evaluation_under_way_can_be_stopped() -> None:
    at = AppTest.from_function(_with_progress).run()
    assert not at.exception
    at.button(key="progress-cancel").click().run()
    assert "cancelled" in [item.value for item in at.text]


def _idle() -> None:
    from components.views.activity import progress
    from lookingglass.evaluation.background import KeeperState

    progress(KeeperState(), on_cancel=lambda: None, on_resume=lambda: None)


def test_nothing_under_way_draws_nothing() -> None:
    at = AppTest.from_function(_idle).run()
    assert not at.button
    assert not at.text


def _board(reference: str | None = "baseline") -> Leaderboard:
    def row(name: str, order: int, status: Any, figure: Figure, error: str | None = None) -> LeaderboardRow:
        manifest = SimpleNamespace(format="baseline" if name == "baseline" else "skops")
        candidate: Any = SimpleNamespace(name=name, order=order, fingerprint="sha256:00", manifest=manifest)
        evaluation = CandidateEvaluation(
            candidate,
            status,
            5,
            10,
            status == "complete",
            error,
            Threshold(),
            {"roc_auc": figure},
            {"roc_auc": undefined("no patterns")},
        )
        difference = Figure(0.05, 10, -0.01, 0.11, p_value=0.1)
        return LeaderboardRow(evaluation, {} if name == reference else {"roc_auc": difference}, None)

    rows = (
        row(HOSTILE, 0, "incomplete", Figure(0.83, 10, 0.80, 0.86, "delong")),
        row("broken", 1, "failed", undefined("failed"), "it answered NaN: mend the model."),
        row("baseline", 2, "complete", Figure(0.5, 10, reason="all scores equal")),
    )
    evaluation: Any = SimpleNamespace(version=7, workspace="w", candidates=())
    return Leaderboard(evaluation, "roc_auc", reference, rows, "")


def test_the_leaderboard_says_everything_in_its_place() -> None:
    """Interval behind the value, difference in words, progress, failure, reference: each in its candidate's own row."""
    text = Tags(leaderboard_html(_board(), ("roc_auc",), "samples")).text
    for said in (
        "Test-set version 7",
        HOSTILE,
        "0.830",
        "(0.800–0.860)",
        "+0.050",
        "could be chance",
        "incomplete: 5 of 10 scored",
        "Failed: it answered NaN: mend the model.",
        "the reference",
        "no interval",
    ):
        assert said in text


def test_the_leaderboard_keeps_hostile_names_out_of_its_tags() -> None:
    tags = Tags(leaderboard_html(_board(), ("roc_auc",), "samples")).tags
    assert tags <= {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span"}


def test_figures_on_patterns_say_that_they_do_not_speak_for_real_use() -> None:
    """And an undefined one is a dash that carries its reason; patterns are not compared."""
    html = leaderboard_html(_board(), ("roc_auc",), "patterns")
    assert "do not speak for real use" in html
    assert 'title="no patterns"' in html
    assert "against" not in html


def test_groups_with_the_same_rate_are_not_told_apart() -> None:
    groups = group_figures(
        pl.Series("mark", ["yes"] * 12 + ["no"] * 11), np.zeros(23, dtype=np.int8), np.zeros(23), 0.5
    )
    said = gap_sentence("clean", groups, "false_positive_rate", "wrongly called eight")
    assert (
        " ".join(said.split())
        == "clean: 0.0 % are wrongly called eight in each group of mark (0 of 12, 0 of 11)."
    )
