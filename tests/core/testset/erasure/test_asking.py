"""Who may erase what, and what is told to those who cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lookingglass.errors import BadInput, NotAllowed, NotFound
from lookingglass.home import Home
from lookingglass.ledger import Actor
from lookingglass.testset import commit_import, erase_example, latest_version, plan_import, read_version
from tests.core.testset.conftest import ANA, BO, GOOD
from tests.core.testset.erasure.remains import WHY, File

REFUSED: dict[str, tuple[tuple[str, str], type[Exception], str]] = {
    "unknown": (
        ("zz", WHY),
        NotFound,
        "there never was an example 'zz' in the test set of small: look at its id with `lookingglass testset show`.",
    ),
    "no reason": (
        ("a", "  "),
        BadInput,
        "an erasure needs its reason: say why, without repeating what is erased.",
    ),
    "long reason": (
        ("a", "x" * 1001),
        BadInput,
        "the reason is longer than 1,000 characters: say it in fewer.",
    ),
    "no id": ((" ", WHY), BadInput, "an example's id may not be empty."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_erased_is_told(case: str, filled: Home) -> None:
    (name, reason), kind, message = REFUSED[case]
    head = filled.ledger.head()
    with pytest.raises(kind) as caught:
        erase_example(filled, name, reason, BO)
    assert str(caught.value) == message
    assert filled.ledger.head() == head


def test_erasing_twice_is_told_and_the_same_request_twice_is_one(filled: Home) -> None:
    event = erase_example(filled, "a", WHY, BO, key="k")
    assert erase_example(filled, "a", WHY, BO, key="k") == event
    with pytest.raises(BadInput) as caught:
        erase_example(filled, "a", WHY, ANA)
    assert str(caught.value) == (
        f"a was erased by bo on {event.time[:10]} ({WHY}) already: there is nothing left to erase."
    )
    assert latest_version(filled) == 6


def test_only_an_editor_or_an_admin_may_erase(make_home: Callable[..., Home], file: File) -> None:
    home = make_home("people", people={"ed": ["editor"], "ada": ["admin"], "rene": ["reviewer", "approver"]})
    commit_import(home, plan_import(home, file(GOOD)), Actor("ed"))
    with pytest.raises(
        NotAllowed, match="rene may not erase the content of an example: that needs the role editor"
    ):
        erase_example(home, "a", WHY, Actor("rene"))
    assert read_version(home, 1).examples == 3
    erase_example(home, "a", WHY, Actor("ed"))
    erase_example(home, "b", WHY, Actor("ada"))
