"""Each check with a version that it fires on and one that it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lookingglass.home import Home
from lookingglass.testset import CHECKS, check, commit_import, plan_import
from tests.core.testset.conftest import ANA, HEADER

GOOD = ["a,no,0.8,1,north,x,true", "b,yes,1.5,2,NA,y,false"]
CASES: dict[str, list[tuple[list[str], str]]] = {
    "both-answers": [
        (GOOD, "passed"),
        (GOOD[:1], "issue"),
        (["a,,0.8,1,north,x,true"], "issue"),
    ],
    "unlabelled": [(GOOD, "passed"), ([*GOOD, "c,,1,1,north,x,true"], "tip"), ([], "not applicable")],
    "same-inputs-two-labels": [
        (GOOD, "passed"),
        ([*GOOD, "c,yes,0.8,1,north,x,true"], "issue"),
        ([*GOOD, "c,no,0.8,1,north,x,true"], "passed"),
        ([], "not applicable"),
    ],
    "constant-input": [
        (GOOD, "passed"),
        (["a,no,0.8,1,north,x,true", "b,yes,0.8,2,NA,y,false"], "tip"),
        (GOOD[:1], "not applicable"),
    ],
}


def test_every_check_has_cases() -> None:
    assert CASES.keys() == CHECKS.keys()


@pytest.mark.parametrize(
    ("code", "rows", "outcome"), [(code, *case) for code, cases in CASES.items() for case in cases]
)
def test_a_check_fires_when_it_should_and_only_then(
    code: str, rows: list[str], outcome: str, home: Home, file: Callable[..., Path]
) -> None:
    if rows:
        commit_import(home, plan_import(home, file("\n".join([HEADER, *rows]))), ANA)
    found = {result.code: result for result in check(home)}
    assert found[code].outcome == outcome
    assert found[code].detail
