"""Making a workspace from a file: once a request, never over another, never by halves."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookingglass import creating
from lookingglass.creating import (
    FirstImport,
    check_new_name,
    create_workspace_from_file,
    create_workspace_with,
    plan_first_import,
    proposed_name,
)
from lookingglass.errors import BadInput, ImportRejected
from lookingglass.ledger import Actor
from lookingglass.testset import propose_schema

ANA = Actor("ana")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Write a small file of loans."""
    path = tmp_path / "loans.csv"
    path.write_text("example_id,amount,bad\na,1.5,yes\nb,2.5,no\nc,3.5,no\n", "utf-8")
    return path


def make(folder: Path, data: Path, key: str | None = None) -> None:
    """Make a workspace from the file with its proposed schema."""
    config = propose_schema(data, name=folder.name, label="bad", positive="yes")
    how = FirstImport(origin="pattern", source="branch", note="first", name="upload.csv")
    create_workspace_with(folder, config, data, first=how, actor=ANA, key=key).close()


def test_what_was_given_of_the_file_is_recorded(tmp_path: Path, data: Path) -> None:
    make(tmp_path / "ws", data)
    with creating.open_workspace(tmp_path / "ws") as ws:
        (event,) = ws.home.ledger.events("testset")
        assert ws.test_set().rows["@source"].unique().to_list() == ["branch"]
    names = ("upload_name", "origin", "note")
    assert [event.payload[name] for name in names] == ["upload.csv", "pattern", "first"]


def test_the_same_request_twice_makes_one_workspace(tmp_path: Path, data: Path) -> None:
    make(tmp_path / "ws", data, key="request 1")
    make(tmp_path / "ws", data, key="request 1")
    with creating.open_workspace(tmp_path / "ws") as ws:
        assert ws.test_set().version == 1
    with pytest.raises(BadInput, match="is a workspace already"):
        make(tmp_path / "ws", data, key="request 2")


def test_whoever_comes_second_to_a_name_is_told_and_nothing_of_theirs_is_left(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another person makes a workspace of that name after ours was found free, before it is moved there."""
    move = creating._move_into_place

    def meanwhile(draft: Path, target: Path) -> None:
        monkeypatch.setattr(creating, "_move_into_place", move)
        make(target, data, key="theirs")
        move(draft, target)

    monkeypatch.setattr(creating, "_move_into_place", meanwhile)
    with pytest.raises(BadInput, match="is a workspace already"):
        make(tmp_path / "all" / "ws", data, key="ours")
    with creating.open_workspace(tmp_path / "all" / "ws") as ws:
        assert ws.home.ledger.event(1).key == "theirs"
    assert not list(tmp_path.glob("**/draft"))


def test_a_file_that_does_not_fit_leaves_nothing(tmp_path: Path, data: Path) -> None:
    config = propose_schema(data, name="ws", label="bad", positive="yes")
    data.write_text("example_id,amount,bad\na,much,yes\n", "utf-8")
    with pytest.raises(ImportRejected):
        plan_first_import(config, data, first=FirstImport(), scratch=tmp_path)
    with pytest.raises(ImportRejected):
        create_workspace_with(tmp_path / "ws", config, data, actor=ANA)
    assert [path.name for path in tmp_path.iterdir()] == ["loans.csv"]


def test_an_empty_folder_gives_way_and_any_other_does_not(tmp_path: Path, data: Path) -> None:
    (tmp_path / "empty").mkdir()
    create_workspace_from_file(tmp_path / "empty", data, label="bad", positive="yes", actor=ANA).close()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(BadInput, match="is not empty"):
        create_workspace_from_file(tmp_path / "full", data, label="bad", positive="yes", actor=ANA)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Mortgage applications", "mortgage-applications"),
        ("Übersee: Kredite & mehr!", "ubersee-kredite-mehr"),
        ("../../etc/passwd", "etc-passwd"),
        ("住宅ローン", ""),
        ("x" * 300, "x" * 64),
    ],
)
def test_a_title_suggests_a_folder_name(title: str, name: str) -> None:
    assert proposed_name(title) == name


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", ".x", "x" * 65, "a b", "loans\n"])
def test_a_folder_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput):
        check_new_name(tmp_path, name)


def test_a_name_that_differs_in_capitals_only_is_taken(tmp_path: Path) -> None:
    (tmp_path / "Loans").mkdir()
    with pytest.raises(BadInput, match="as Loans, which differs in capitals only"):
        check_new_name(tmp_path, "loans")
