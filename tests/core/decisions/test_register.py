"""Decisions: recorded once with what people saw, found again, confirmed, refused when they speak of something else."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lookingglass.candidates import get_candidate, retire
from lookingglass.config import PersonRole
from lookingglass.decisions import (
    Decision,
    Volume,
    agree,
    confirm,
    decision_in_force,
    list_decisions,
    times_used,
)
from lookingglass.errors import BadInput, Conflict, NotAllowed, NotFound
from lookingglass.happenings import happenings
from lookingglass.home import Home, open_home
from lookingglass.ledger import PERMISSIONS, Actor, Ledger, Permission
from lookingglass.ledger.verify import verify
from lookingglass.testset import add_example, latest_version, read_version, remove
from tests.core.decisions.conftest import AIM, ANA, BO, FIGURES, Draft, measured


def test_a_decision_is_found_again_with_everything_that_was_told(home: Home, draft: Draft) -> None:
    new = draft(
        ask_from=0.2,
        ask_cost=0.5,
        origin="all",
        people=[" ana ", "Jose\u0301", "ana"],
        metric_reason="Money is what it is about.",
        currency="EUR",
        volume=Volume(10_000, "month"),
    )
    made = agree(home, new, ANA)
    (found,) = list_decisions(home)
    assert found == made == decision_in_force(home, new.fingerprint)
    assert (found.threshold, found.ask_from, found.version) == (0.31, 0.2, 3)
    assert (found.ask_cost, found.origin) == (0.5, "all")
    assert found.digest == read_version(home).digest
    assert found.people == ("ana", "José")
    assert found.figures == FIGURES
    assert found.counts == {"tp": 3, "fp": 2, "tn": 5, "fn": 1}
    assert found.volume == Volume(10_000, "month")
    assert found.aim == AIM
    assert found.settings.costs is not None
    assert found.settings.costs.cost_fn == 5.0
    assert (found.actor, found.authentication, found.confirms) == ("ana", "not authenticated", None)
    assert json.loads(json.dumps(found.to_json()))["figures"]["precision"]["reason"] == "nothing answered yes"


def test_the_payload_is_the_documented_one(home: Home, draft: Draft) -> None:
    agree(home, draft(), ANA)
    event = home.ledger.events("decisions")[-1]
    assert event.type == "threshold_agreed"
    assert sorted(event.payload) == [
        *(
            "aim",
            "ask_cost",
            "ask_from",
            "broken",
            "candidate",
            "chosen",
            "confirms",
            "counts",
            "currency",
            "digest",
            "figures",
        ),
        *("fingerprint", "flat_zone", "metric_reason", "optimism_corrected", "origin", "people"),
        *("reason", "threshold"),
        *("version", "volume"),
    ]
    assert event.payload["figures"]["recall"] == FIGURES["recall"].to_json()


def test_the_latest_on_a_fingerprint_is_in_force(home: Home, draft: Draft) -> None:
    first = agree(home, draft(), ANA)
    other = agree(home, draft("other", threshold=0.7), BO)
    second = agree(home, draft(threshold=None), BO)
    assert [one.seq for one in list_decisions(home)] == [first.seq, other.seq, second.seq]
    assert [one.replaced_by for one in list_decisions(home)] == [second.seq, None, None]
    told, another = (get_candidate(home, name).fingerprint for name in ("told", "other"))
    assert decision_in_force(home, told) == second
    assert second.threshold is None
    assert decision_in_force(home, another) == other
    assert decision_in_force(home, "sha256:none") is None
    assert times_used(home, first.digest) == 3
    assert times_used(home, "sha256:none") == 0


def test_a_decision_goes_out_of_date_with_the_content_it_was_made_on(home: Home, draft: Draft) -> None:
    made = agree(home, draft(), ANA)

    def standing(decision: Decision = made) -> str:
        test_set = read_version(home)
        return decision.standing(test_set.version, test_set.digest)

    assert standing() == "in force"
    add_example(home, {"lvr": 1, "area": "south"}, id="d", actor=BO)
    assert standing() == "out of date"
    remove(home, "d", actor=BO)
    assert latest_version(home) == 5
    assert standing() == "in force", "the same content has the same digest"
    agree(home, draft(threshold=0.5), BO)
    assert standing(list_decisions(home)[0]) == "replaced"


def test_confirming_repeats_it_on_the_newer_version(home: Home, draft: Draft) -> None:
    made = agree(home, draft(currency="EUR", ask_from=0.1), ANA)
    with pytest.raises(BadInput, match="there is nothing to confirm"):
        confirm(home, made, measured(home), BO)
    add_example(home, {"lvr": 1, "area": "south"}, id="d", actor=BO)
    newer = {"recall": replace(FIGURES["recall"], value=0.8)}
    again = confirm(home, made, measured(home, figures=newer), BO, key="click")
    assert confirm(home, made, measured(home, figures=newer), BO, key="click") == again
    assert (again.confirms, again.version, again.people) == (made.seq, 4, ("bo",))
    assert (again.threshold, again.ask_from, again.aim, again.currency) == (0.31, 0.1, made.aim, "EUR")
    assert again.reason == made.reason
    assert again.figures == newer
    assert decision_in_force(home, made.fingerprint) == again
    add_example(home, {"lvr": 1, "area": "south"}, id="e", actor=BO)
    with pytest.raises(Conflict, match=r"bo recorded another decision on told \(0\.31\)"):
        confirm(home, made, measured(home), ANA)
    assert len(list_decisions(home)) == 2


def test_whoever_did_not_see_the_last_decision_is_told_of_it(home: Home, draft: Draft) -> None:
    first = agree(home, draft(), ANA, seen=0)
    agree(home, draft("other"), BO, seen=0)
    second = agree(home, draft(threshold=0.4), BO, seen=first.seq)
    for stale in (0, first.seq):
        with pytest.raises(
            Conflict, match=r"bo recorded another decision on told \(0\.40\) at .*, after you looked"
        ):
            agree(home, draft(threshold=0.5), ANA, seen=stale)
    assert list_decisions(home)[-1] == second


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(home: Home, draft: Draft) -> None:
    """Each from a connection of its own, both having seen that nothing was agreed."""
    homes = [open_home(home.folder) for _ in range(4)]
    at_once = threading.Barrier(len(homes))

    def decide(number: int) -> Decision | Conflict:
        new = draft(threshold=0.1 * (number + 1))
        at_once.wait()
        try:
            return agree(homes[number], new, Actor(f"person {number}"), seen=0)
        except Conflict as error:
            return error

    with ThreadPoolExecutor(len(homes)) as threads:
        results = list(threads.map(decide, range(len(homes))))
    (won,) = [one for one in results if isinstance(one, Decision)]
    assert list_decisions(home) == [won]
    for told in (str(one) for one in results if isinstance(one, Conflict)):
        assert told.startswith(f"{won.actor} recorded another decision on told")
    for other in homes:
        other.ledger.close()


def test_the_same_request_twice_records_one_even_after_the_candidate_went(home: Home, draft: Draft) -> None:
    new = draft()
    one = agree(home, new, ANA, key="click", seen=0)
    assert agree(home, new, ANA, key="click", seen=0) == one
    retire(home, "told", ANA)
    assert agree(home, new, ANA, key="click", seen=0) == one
    with pytest.raises(Conflict, match="was made before with other content"):
        agree(home, draft("other"), ANA, key="click")
    assert list_decisions(home) == [one]


def test_what_speaks_of_something_else_is_refused(home: Home, draft: Draft) -> None:
    head = home.ledger.head()
    with pytest.raises(NotFound, match="There is no candidate 'nobody' here"):
        agree(home, replace(draft(), candidate="nobody"), ANA)
    with pytest.raises(BadInput, match=r"told has the fingerprint .{8}, not .{8}: look at it again"):
        agree(home, replace(draft(), fingerprint=draft("other").fingerprint), ANA)
    with pytest.raises(NotFound, match="there is no version 9 of the test set"):
        agree(home, draft(measured=replace(measured(home), version=9)), ANA)
    with pytest.raises(BadInput, match=r"version 2 of the test set has the digest .{8}, not .{8}"):
        agree(home, draft(measured=replace(measured(home), version=2)), ANA)
    with pytest.raises(BadInput, match="version 0 of the test set"):
        agree(home, draft(measured=measured(home, 0)), ANA)
    assert home.ledger.head() == head
    retire(home, "told", ANA)
    with pytest.raises(BadInput, match="told is retired, so nothing can be agreed for it"):
        agree(home, draft(), ANA)
    assert list_decisions(home) == []


def test_only_approvers_and_editors_agree(home: Home, draft: Draft) -> None:
    people: dict[str, tuple[PersonRole, ...]] = {"vera": ("viewer", "reviewer"), "apu": ("approver",)}
    strict = replace(home, ledger=Ledger(home.config.ledger, home.folder, people))
    with pytest.raises(
        NotAllowed, match="vera may not agree a threshold: that needs the role approver or editor"
    ):
        agree(strict, draft(), Actor("vera"))
    assert agree(strict, draft(), Actor("apu")).actor == "apu"
    strict.ledger.close()


def test_an_event_that_a_newer_version_brought_is_told_and_stops_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PERMISSIONS, "model_blessed", Permission("bless", ("editor",)))
    home.ledger.append("blessings", "model_blessed", {"strange": [1]}, ANA)
    told = happenings(home, 2)
    assert told[0].words == "recorded 'model_blessed', which this version of Looking Glass does not know"
    assert told[1].words == "registered the candidate other"
    assert verify(home.folder).ok


def test_a_second_process_reads_the_same_and_the_chain_holds(home: Home, draft: Draft) -> None:
    agree(home, draft(), ANA)
    assert len(list_decisions(home)) == 1
    other = open_home(home.folder)
    second = agree(other, draft(threshold=0.4), BO)
    assert list_decisions(home)[-1] == second, "what was kept is read again once the ledger moved"
    other.ledger.close()
    assert verify(home.folder).ok


def test_it_is_told_among_what_happened(home: Home, draft: Draft) -> None:
    made = agree(home, draft(), ANA)
    assert happenings(home, 1)[0].words == (
        "agreed the threshold 0.31 for told on version 3 of the test set: "
        "A missed denial costs five times a wrong one."
    )
    add_example(home, {"lvr": 1, "area": "south"}, id="d", actor=BO)
    confirm(home, made, measured(home), BO)
    assert (
        happenings(home, 1)[0].words == "confirmed the threshold 0.31 for told on version 4 of the test set"
    )
    agree(home, draft(threshold=None), ANA)
    assert happenings(home, 1)[0].words.startswith("agreed to answer nobody with told on version 4")
