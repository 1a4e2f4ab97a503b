"""The list of candidates follows the ledger: order, retirement, description; and fingerprints say what a model is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.candidates import (
    Manifest,
    ancestors,
    descendants,
    describe,
    fingerprint,
    get_candidate,
    list_candidates,
    load_manifest,
    register,
    register_baseline,
    retire,
)
from lookingglass.candidates.formats import FORMATS, format_of
from lookingglass.errors import BadInput, NotFound
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from tests.core.candidates.conftest import ANA

CSV = b"example_id,score\ne0,0.5\n"


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Return a predictions file."""
    path = tmp_path / "told.csv"
    path.write_bytes(CSV)
    return path


def test_order_and_retirement(home: Home, told: Path) -> None:
    """A retired candidate leaves the list, keeps its place, and its name stays taken."""
    for name in ("one", "two", "three"):
        register(home, name, told, actor=ANA)
    retire(home, "two", ANA, "superseded")
    assert [(each.name, each.order) for each in list_candidates(home)] == [("one", 0), ("three", 2)]
    assert [each.retired for each in list_candidates(home, include_retired=True)] == [False, True, False]
    with pytest.raises(BadInput, match=r"two is retired already\. Nothing was changed\."):
        retire(home, "two", ANA)
    with pytest.raises(BadInput, match=r"The name two is taken \(retired\)"):
        register(home, "two", told, actor=ANA)


def test_another_process_reads_the_same(home: Home, told: Path) -> None:
    register_baseline(home, 0.2, 1, ANA)
    register(home, "told", told, description="d", actor=ANA)
    other = open_home(home.folder)
    assert list_candidates(other) == list_candidates(home)
    retire(other, "told", ANA)
    assert [each.name for each in list_candidates(home)] == ["baseline"]
    other.close()


def test_a_description_changes_by_event_and_the_fingerprint_does_not(home: Home, told: Path) -> None:
    before = register(home, "told", told, actor=ANA)
    describe(home, "told", ANA, description="by the bank's own system", code_commit="abc", change=None)
    after = get_candidate(home, "told")
    assert (after.manifest.description, after.manifest.code_commit) == ("by the bank's own system", "abc")
    assert after.fingerprint == before.fingerprint
    with pytest.raises(BadInput, match="told says so already"):
        describe(home, "told", ANA, code_commit="abc")
    with pytest.raises(BadInput, match="inputs of a candidate cannot change"):
        describe(home, "told", ANA, inputs="a")
    with pytest.raises(NotFound, match="There is no candidate 'nobody'"):
        describe(home, "told", ANA, parent="nobody")


def manifest(**more: object) -> Manifest:
    """Return a manifest of a skops model."""
    fields = {"name": "m", "format": "skops", "inputs": ["a", "b"], "classes": ["no", "yes"]}
    return Manifest.model_validate({**fields, **more})


def test_a_known_fingerprint() -> None:
    """By hand: sha256 of {"classes":["no","yes"],"files":["00..."],"format":"skops","inputs":["a","b"]}."""
    import hashlib

    sha = "0" * 64
    text = f'{{"classes":["no","yes"],"files":["{sha}"],"format":"skops","inputs":["a","b"]}}'
    assert fingerprint(manifest(), {"m": sha}) == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_fingerprint_is_of_what_the_model_is_not_of_what_is_said(description: str, change: str) -> None:
    plain = fingerprint(manifest(), {"m": "1"})
    assert (
        fingerprint(manifest(description=description, change=change, name="other"), {"renamed": "1"}) == plain
    )
    assert fingerprint(manifest(inputs=["b", "a"]), {"m": "1"}) != plain
    assert fingerprint(manifest(classes=["yes", "no"]), {"m": "1"}) != plain
    assert fingerprint(manifest(format="onnx"), {"m": "1"}) != plain
    assert fingerprint(manifest(), {"m": "2"}) != plain


def test_baselines_of_different_shares_are_different_candidates() -> None:
    shares = [Manifest(name="b", format="baseline", prevalence=share) for share in (0.1, 0.2)]
    assert fingerprint(shares[0], {}) != fingerprint(shares[1], {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('name = "m"\nformat = "skops"\nowner = "x"\n', "owner: this key is not known here"),
        ('name = "m"\n', "format: Field required"),
        (
            'name = "m"\nformat = "mlflow"\n',
            "format 'mlflow' is not one of baseline, joblib, onnx, predictions, skops",
        ),
        ('name = "m"\nformat = "skops"\ninputs = ["a", "a"]\n', "inputs names 'a' twice"),
        ('name = "m"\nformat = "skops"\nfile = "../../etc/passwd"\n', "must be a file beside candidate.toml"),
        ('name = "m/n"\nformat = "skops"\n', "name: String should match pattern"),
        ("name = ", "is not valid TOML"),
    ],
)
def test_a_manifest_with_a_mistake_names_it(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "candidate.toml").write_text(text)
    with pytest.raises(BadInput) as refused:
        load_manifest(tmp_path)
    assert words in str(refused.value)
    assert "candidate.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("m.skops", b"", "skops"),
        ("m.SKOPS", b"", "skops"),
        ("m.onnx", b"", "onnx"),
        ("m.pkl", b"", "joblib"),
        ("m.parquet", b"", "predictions"),
        ("m", b"PAR1", "predictions"),
        ("m", CSV, "predictions"),
        ("m", b"\x80\x04", "joblib"),
        ("m", b"\x08\x09\x12", "onnx"),
        ("m", b"PK\x03\x04 schema.json", "skops"),
        ("m", b"PK\x03\x04", None),
        ("m.pt", b"", None),
    ],
)
def test_a_format_is_proposed_from_suffix_and_content(name: str, head: bytes, expected: str | None) -> None:
    assert format_of(name, head) == expected


def test_every_format_says_what_it_is() -> None:
    for name, entry in FORMATS.items():
        assert entry.name == name
        assert entry.title
        assert not entry.recognises(b"")


def family(home: Home, told: Path) -> None:
    """Register a chain of three and one beside it: one <- two <- three, one <- four."""
    for name, parent in (("one", None), ("two", "one"), ("three", "two"), ("four", "one")):
        register(home, name, told, parent=parent, change=f"{name} is new", actor=ANA)


def test_where_a_candidate_comes_from_and_what_came_of_it(home: Home, told: Path) -> None:
    family(home, told)
    assert ancestors(home, "three") == ("two", "one")
    assert ancestors(home, "one") == ()
    assert [(each.name, depth) for each, depth in descendants(home)] == [
        ("one", 0),
        ("two", 1),
        ("three", 2),
        ("four", 1),
    ]


@pytest.mark.parametrize(("name", "parent"), [("one", "one"), ("one", "two"), ("one", "three")])
def test_nothing_comes_from_itself(home: Home, told: Path, name: str, parent: str) -> None:
    family(home, told)
    head = home.ledger.head()
    with pytest.raises(BadInput, match=r"one cannot have come from .*name another parent\. Nothing"):
        describe(home, name, ANA, parent=parent)
    assert home.ledger.head() == head


def test_two_people_cannot_make_a_circle_between_them(home: Home, told: Path) -> None:
    """Each change is fine alone; the second is judged by what the first has made of it."""
    for name in ("one", "two"):
        register(home, name, told, actor=ANA)
    append, raced = home.ledger.append, []

    def racing(stream: str, type: str, payload: Any, actor: Actor, **more: Any) -> Any:
        if not raced:
            raced.append(True)
            append("candidates", "candidate_described", {"name": "two", "parent": "one"}, ANA)
        return append(stream, type, payload, actor, **more)

    home.ledger.append = racing  # type: ignore[method-assign]  # the race is made here, between look and write
    with pytest.raises(BadInput, match="one cannot have come from two, which came from one"):
        describe(home, "one", ANA, parent="two")
    assert raced
    assert ancestors(home, "two") == ("one",)


def test_a_circle_in_a_foreign_ledger_is_read_all_the_same(home: Home, told: Path) -> None:
    family(home, told)
    home.ledger.append("candidates", "candidate_described", {"name": "one", "parent": "three"}, ANA)
    assert ancestors(home, "three") == ("two", "one", "three")
    assert sorted(each.name for each, _ in descendants(home)) == ["four", "one", "three", "two"]


def test_a_parent_can_be_taken_back(home: Home, told: Path) -> None:
    family(home, told)
    describe(home, "two", ANA, parent="")
    assert get_candidate(home, "two").manifest.parent is None
    assert ancestors(home, "three") == ("two",)


def test_the_same_request_twice_is_recorded_once(home: Home, told: Path) -> None:
    register(home, "one", told, actor=ANA)
    event = describe(home, "one", ANA, key="d", description="new")
    assert describe(home, "one", ANA, key="d", description="new") == event
    gone = retire(home, "one", ANA, "superseded", key="r")
    assert retire(home, "one", ANA, "superseded", key="r") == gone
    assert get_candidate(home, "one").retired_because == "superseded"
    assert len(home.ledger.events("candidates")) == 3
