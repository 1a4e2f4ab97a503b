"""What was inspected is what is registered, once, and without being tried again."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from lookingglass.candidates import Worker, get_candidate, inspect_file, list_candidates, register
from lookingglass.candidates.checks import read_checks
from lookingglass.errors import BadInput, LookingGlassError
from lookingglass.home import Home
from lookingglass.ledger import Actor
from tests.core.candidates.conftest import ANA
from tests.core.candidates.inspection.looking import outcomes, saved, state
from tests.core.candidates.models import CLASSES


def test_what_was_inspected_is_registered_without_a_second_trial(
    home: Home, model_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checks are in the event and with the candidate; the model is not run again."""
    proposal = inspect_file(home, model_file, actor=ANA)

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("the model was tried again")

    monkeypatch.setattr(Worker, "predict_proba", forbidden)
    monkeypatch.setattr(Worker, "_started", forbidden)
    candidate = register(home, "first", model_file, proposal=proposal, description="d", actor=ANA)
    payload = home.ledger.event(candidate.seq).payload
    assert payload["tried_rows"] == 5
    assert [each["code"] for each in payload["checks"]] == list(outcomes(proposal))
    assert candidate.checks == proposal.checks
    assert candidate.files == {"model.onnx": proposal.sha}
    assert json.loads(json.dumps(candidate.to_json()))["checks"][0]["outcome"] == "passed"


def test_another_file_than_the_inspected_one_is_refused(home: Home, tmp_path: Path, model_file: Path) -> None:
    """One byte is enough: what was tried is what is registered."""
    path = saved(tmp_path, "model.onnx", model_file.read_bytes())
    proposal = inspect_file(home, path, actor=ANA)
    path.write_bytes(path.read_bytes() + b"x")
    before = state(home)
    with pytest.raises(BadInput, match="was changed since it was inspected"):
        register(home, "first", path, proposal=proposal, actor=ANA)
    assert state(home) == before


def test_a_registration_that_says_other_inputs_is_tried_again(home: Home, model_file: Path) -> None:
    proposal = inspect_file(home, model_file, actor=ANA)
    with pytest.raises(BadInput, match="wants its columns in the order a, b"):
        register(home, "first", model_file, proposal=proposal, inputs=["b", "a"], actor=ANA)


def test_a_refused_proposal_is_not_registered(home: Home, tmp_path: Path) -> None:
    path = saved(tmp_path, "model.onnx", b"hello")
    proposal = inspect_file(home, path, actor=ANA)
    with pytest.raises(BadInput, match=r"model\.onnx is not an ONNX file"):
        register(home, "bad", path, proposal=proposal, actor=ANA)
    assert list_candidates(home) == []


def test_the_same_request_twice_registers_once(home: Home, model_file: Path) -> None:
    first = register(home, "first", model_file, key="k1", actor=ANA)
    head = home.ledger.head()
    assert register(home, "first", model_file, key="k1", actor=ANA) == first
    assert home.ledger.head() == head
    with pytest.raises(BadInput, match="The name first is taken"):
        register(home, "first", model_file, key="k2", actor=ANA)


def test_two_people_registering_one_name_at_once(home: Home, tmp_path: Path, model_file: Path) -> None:
    """Whoever is first has it; the other is told who that was, and nothing of theirs is recorded."""
    other = saved(tmp_path, "told.csv", b"example_id,score\ne0,0.5\n")
    together = threading.Barrier(2)
    told: list[str] = []

    def add(path: Path, who: str) -> None:
        proposal = inspect_file(home, path, actor=ANA)
        together.wait()
        try:
            register(home, "same", path, proposal=proposal, actor=Actor(who))
            told.append("done")
        except LookingGlassError as error:
            told.append(str(error))

    people = [threading.Thread(target=add, args=pair) for pair in ((model_file, "bo"), (other, "eva"))]
    for person in people:
        person.start()
    for person in people:
        person.join()
    winner = get_candidate(home, "same").actor
    assert sorted(told)[1] == "done"
    assert f"The name same is taken: {winner} registered it" in sorted(told)[0]
    assert len(home.ledger.events("candidates")) == 1


def test_a_registration_without_checks_still_reads(home: Home) -> None:
    """Events of before there were checks, and whatever else stands in their place, give none."""
    sha = home.files.add_bytes(b"example_id,score\ne0,0.5\n")
    fields = {"name": "old", "format": "predictions", "file": "p.csv", "classes": CLASSES}
    payload = {"name": "old", "fingerprint": "sha256:0", "manifest": fields, "files": {"p.csv": sha}}
    home.ledger.append("candidates", "candidate_registered", payload, ANA)
    assert get_candidate(home, "old").checks == ()
    assert read_checks("x") == ()
    (odd,) = read_checks([{"code": "gone", "outcome": "splendid", "sentence": "s"}, 7])
    assert (odd.title, odd.outcome) == ("gone", "not applicable")
