"""The history of one example tells each change of it, by whom and why, and nothing of others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lookingglass.home import Home
from lookingglass.testset import commit_import, edit_example, plan_import, relabel, remove
from lookingglass.testset.erasure import erase_example
from lookingglass.testset.example_history import example_history
from tests.core.testset.conftest import ANA, BO, GOOD, HEADER


def test_every_change_is_told_with_its_values_and_reason(home: Home, file: Callable[..., Path]) -> None:
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    edit_example(home, "a", {"lvr": 0.5}, actor=BO)
    relabel(home, "b", "no", note="another one", actor=BO)
    again = plan_import(home, file(f"{HEADER}\na,no,0.5,2,north,001,true\n", "second.csv"))
    commit_import(home, again, ANA)
    remove(home, "a", note="entered twice", actor=BO)
    told = [(one.version, one.actor, one.words, one.note) for one in example_history(home, "a")]
    assert told == [
        (1, "ana", "imported it from data.csv", ""),
        (2, "bo", "changed lvr from 0.8 to 0.5", ""),
        (4, "ana", "imported it from second.csv: units from 1 to 2", ""),
        (5, "bo", "removed it", "entered twice"),
    ]
    assert [one.words for one in example_history(home, "b")] == [
        "imported it from data.csv",
        "changed deny from yes to no",
    ]
    assert example_history(home, "never") == []


def test_erased_content_is_not_told(home: Home, file: Callable[..., Path]) -> None:
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    edit_example(home, "a", {"code": "secret"}, actor=BO)
    erase_example(home, "a", "asked for", ANA)
    told = [one.words for one in example_history(home, "a")]
    assert told[-1] == "erased its content"
    assert "secret" not in str(told)
