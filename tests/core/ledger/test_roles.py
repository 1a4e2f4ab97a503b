"""Who may record what, checked where it is written."""

from __future__ import annotations

import pytest

from lookingglass.config import PersonRole
from lookingglass.errors import NotAllowed
from lookingglass.ledger import PERMISSIONS, Actor, NewEvent, may
from tests.boundaries.tree import ROOT
from tests.core.ledger.conftest import Opener

PEOPLE: dict[str, tuple[PersonRole, ...]] = {
    "vera": ("viewer",),
    "rene": ("reviewer",),
    "ed": ("editor",),
    "apu": ("approver",),
    "ada": ("admin",),
    "ron": ("reviewer", "editor"),
}
EVERYBODY = set(PEOPLE)
EDITORS = {"ed", "ron", "ada"}
ALLOWED = {
    "workspace_created": EVERYBODY,
    "workspace_renamed": EDITORS,
    "workspace_configured": EDITORS,
    "testset_imported": EDITORS,
    "examples_changed": EDITORS,
    "examples_erased": EDITORS,
    "candidate_registered": EDITORS,
    "candidate_described": EDITORS,
    "candidate_retired": EDITORS,
    "scores_added": EDITORS,
    "file_approved": {"ada"},
    "problem_opened": EDITORS | {"rene"},
    "explanation_reviewed": EDITORS | {"rene", "apu"},
    "threshold_agreed": EDITORS | {"apu"},
    "policy_set": {"apu", "ada"},
}


def test_every_event_type_is_in_this_table() -> None:
    assert set(ALLOWED) == set(PERMISSIONS)


def test_the_documented_table_is_the_one_in_force() -> None:
    documented = {}
    for line in (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 3 and cells[0].strip("`") in PERMISSIONS:
            documented[cells[0].strip("`")] = cells[2]
    everybody = "anybody who is listed"
    in_force = {
        name: everybody if name == "workspace_created" else ", ".join(permission.roles)
        for name, permission in PERMISSIONS.items()
    }
    assert documented == in_force


@pytest.mark.parametrize("event_type", sorted(PERMISSIONS))
def test_the_ledger_lets_in_whom_the_table_allows_and_nobody_else(
    open_ledger: Opener, event_type: str
) -> None:
    ledger = open_ledger(**PEOPLE)
    done = set()
    for name in PEOPLE:
        try:
            ledger.append("s", event_type, {}, Actor(name))
            done.add(name)
        except NotAllowed:
            pass
    assert done == ALLOWED[event_type]
    assert [event.actor for event in ledger.events()] == [name for name in PEOPLE if name in done]
    assert {name for name in PEOPLE if may(PEOPLE, name, event_type)} == done


def test_the_refusal_says_what_is_needed_and_who_can_give_it(open_ledger: Opener) -> None:
    ledger = open_ledger(**PEOPLE)
    with pytest.raises(NotAllowed) as refused:
        ledger.append("problems", "problem_opened", {}, Actor("vera"))
    assert str(refused.value) == (
        "vera may not open a problem: that needs the role editor or reviewer, and vera is only viewer. "
        "An admin can give it in [people] of workspace.toml. Nothing was changed."
    )


def test_somebody_who_is_not_listed_may_only_look(open_ledger: Opener) -> None:
    ledger = open_ledger(**PEOPLE)
    with pytest.raises(NotAllowed, match="eve is not listed"):
        ledger.append("testset", "examples_changed", {}, Actor("eve"))
    assert ledger.events() == []


def test_with_nobody_listed_everybody_may_and_is_recorded_as_not_authenticated(open_ledger: Opener) -> None:
    event = open_ledger().append("candidates", "file_approved", {}, Actor("eve"))
    assert (event.actor, event.authentication) == ("eve", "not authenticated")


def test_an_accent_may_be_typed_in_one_character_or_in_two(open_ledger: Opener) -> None:
    ledger = open_ledger(José=("editor",))
    assert ledger.append("testset", "examples_changed", {}, Actor("Jose\u0301")).seq == 1


def test_a_type_without_a_row_cannot_be_recorded_not_even_in_local_mode(open_ledger: Opener) -> None:
    with pytest.raises(ValueError, match="no row in PERMISSIONS"):
        open_ledger().append("s", "something_else", {}, Actor("ana"))


def test_one_act_that_is_not_allowed_stops_the_whole_call(open_ledger: Opener) -> None:
    ledger = open_ledger(**PEOPLE)
    with pytest.raises(NotAllowed):
        ledger.append_many(
            [NewEvent("s", "examples_changed", {}), NewEvent("s", "file_approved", {})], Actor("ed")
        )
    assert ledger.events() == []
