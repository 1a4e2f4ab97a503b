"""Problems: opened once under one name, pointing at examples that exist, listed with those that joined later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lookingglass.config import write_config
from lookingglass.errors import BadInput, NotFound
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from lookingglass.problems import get_problem, list_problems, open_problem
from lookingglass.testset import add_example, remove
from tests.core.testset.conftest import config

ANA, BO = Actor("ana"), Actor("bo")
VALUES = {"lvr": 1, "area": "north"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Return a workspace with the patterns p1 and p2."""
    write_config(tmp_path / "ws", config())
    home = open_home(tmp_path / "ws")
    for name in ("p1", "p2"):
        add_example(home, VALUES, id=name, actor=ANA)
    yield home
    home.ledger.close()


def test_a_problem_is_opened_and_listed(home: Home) -> None:
    opened = open_problem(home, " Northern rows ", "They are refused.", ["p1", "p2", "p1"], ANA)
    assert (opened.problem_id, opened.name, opened.pattern_ids) == (
        "problem-1",
        "Northern rows",
        ("p1", "p2"),
    )
    open_problem(home, "Other", "", [], BO)
    assert [(problem.problem_id, problem.actor) for problem in list_problems(home)] == [
        ("problem-1", "ana"),
        ("problem-2", "bo"),
    ]
    assert get_problem(home, "northern ROWS") == get_problem(home, "problem-1") == list_problems(home)[0]


def test_patterns_added_under_its_name_join_it(home: Home) -> None:
    open_problem(home, "Northern rows", "They are refused.", ["p1"], ANA)
    add_example(home, VALUES, id="p3", problems=["Northern rows"], actor=BO)
    add_example(home, VALUES, id="p4", problems=["problem-1"], actor=BO)
    assert get_problem(home, "problem-1").pattern_ids == ("p1", "p3", "p4")
    remove(home, "p3", actor=BO)
    assert get_problem(home, "problem-1").pattern_ids == ("p1", "p4")


def test_what_cannot_be_opened_is_told_and_changes_nothing(home: Home) -> None:
    first = open_problem(home, "Northern rows", "", [], ANA)
    head = home.ledger.head()
    with pytest.raises(BadInput) as taken:
        open_problem(home, "northern rows", "", [], BO)
    assert (
        str(taken.value)
        == f"ana already opened a problem 'northern rows' at {first.time}: choose another name."
    )
    with pytest.raises(NotFound) as absent:
        open_problem(home, "New", "", ["p1", "nope"], BO)
    assert str(absent.value) == "nope is not in version 2 of the test set: add the pattern first."
    with pytest.raises(BadInput, match="a problem name may not be empty"):
        open_problem(home, " ", "", [], BO)
    with pytest.raises(NotFound, match="there is no problem 'x': there are Northern rows"):
        get_problem(home, "x")
    assert home.ledger.head() == head


def test_the_same_request_twice_opens_one(home: Home) -> None:
    one = open_problem(home, "New", "", [], ANA, key="click")
    assert open_problem(home, "New", "", [], ANA, key="click") == one
    assert len(list_problems(home)) == 1
