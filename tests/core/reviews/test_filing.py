"""A problem filed with its patterns: all or nothing, one version, and the same again for the same key."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookingglass.config import Column, Task, WorkspaceConfig, write_config
from lookingglass.errors import BadInput, NotAllowed
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from lookingglass.problems import list_problems
from lookingglass.reviews.filing import file_problem
from lookingglass.testset import NewExample, add_example, history, latest_version, read_version

ANA, BO = Actor("ana"), Actor("bo")
TWO = [NewExample({"text": "modelling in clay"}, "no"), NewExample({"text": "financial advice"}, None)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    columns = {
        "key": Column(role=("id",), type="text"),
        "match": Column(role=("label",), type="category", values=("no", "yes")),
        "text": Column(role=("feature",), type="text"),
    }
    task = Task(label="match", positive="yes", id="key")
    people = {"ana": ("editor",), "bo": ("reviewer",)}
    write_config(tmp_path / "ws", WorkspaceConfig(name="small", task=task, columns=columns, people=people))
    home = open_home(tmp_path / "ws")
    add_example(home, {"text": "teach maths"}, id="a", label="yes", origin="sample", actor=ANA)
    return home


def test_the_patterns_are_one_version_and_carry_the_problem(home: Home) -> None:
    before = latest_version(home)
    filed = file_problem(home, "One word decides", "Everything with it matches.", TWO, actor=ANA, key="k")
    assert (filed.version, latest_version(home)) == (before + 1, before + 1)
    rows = read_version(home).rows
    added = rows[[read_version(home).position(name) for name in filed.pattern_ids]]
    assert added["@id"].to_list() == ["pattern-000001", "pattern-000002"]
    assert added["text"].to_list() == ["modelling in clay", "financial advice"]
    assert added["@label"].to_list() == ["no", None]
    assert set(added["@origin"]) == {"pattern"}
    assert added["@problems"].to_list() == [["One word decides"]] * 2
    assert list_problems(home)[0].pattern_ids == filed.pattern_ids


def test_the_history_says_that_several_were_added_and_which(home: Home) -> None:
    file_problem(home, "One word decides", "", TWO, actor=ANA, key="k")
    file_problem(home, "Another decides", "", [*TWO, *TWO], actor=ANA, key="l")
    assert [entry.words for entry in history(home)[-2:]] == [
        "added 2 examples: pattern-000001, pattern-000002",
        "added 4 examples: pattern-000003, pattern-000004, pattern-000005; and 1 more",
    ]


def test_the_same_key_records_nothing_more(home: Home) -> None:
    first = file_problem(home, "One word decides", "", TWO, actor=ANA, key="k")
    again = file_problem(home, "One word decides", "", TWO, actor=ANA, key="k")
    assert again == first
    assert len(list_problems(home)) == 1
    assert latest_version(home) == first.version


@pytest.mark.parametrize(
    ("name", "patterns", "told"),
    [
        ("", TWO, "problem name"),
        ("One word", [TWO[0], NewExample({"text": "x"}, "maybe")], "number 2 of 2"),
        ("One word", [NewExample({}, "no")], "number 1 of 1: the example lacks text"),
        ("One word", [], "nothing to add"),
    ],
)
def test_what_does_not_fit_leaves_nothing_half_done(
    home: Home, name: str, patterns: list[NewExample], told: str
) -> None:
    before = latest_version(home)
    with pytest.raises(BadInput, match=told):
        file_problem(home, name, "", patterns, actor=ANA, key="k")
    assert (list_problems(home), latest_version(home)) == ([], before)


def test_a_name_that_is_taken_adds_no_pattern(home: Home) -> None:
    file_problem(home, "One word", "", TWO[:1], actor=ANA, key="k")
    before = latest_version(home)
    with pytest.raises(BadInput, match="already opened"):
        file_problem(home, "one WORD", "", TWO, actor=ANA, key="other")
    assert latest_version(home) == before


def test_who_may_not_change_the_test_set_files_nothing(home: Home) -> None:
    with pytest.raises(NotAllowed, match="change examples"):
        file_problem(home, "One word", "", TWO, actor=BO, key="k")
    assert list_problems(home) == []
