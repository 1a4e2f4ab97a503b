"""Opening a workspace's folder: its ledger is made once and never silently made anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookingglass.config import Column, Task, WorkspaceConfig, write_config
from lookingglass.errors import BadInput, Damaged, NotAllowed, NotFound
from lookingglass.home import open_home
from lookingglass.ledger import Actor


def make_workspace(
    folder: Path, *, ledger: str = "sqlite:///ledger.db", people: dict[str, tuple[str, ...]] | None = None
) -> Path:
    """Write a workspace.toml and nothing else."""
    label = Column(role=("label",), type="category", values=("yes", "no"))
    config = WorkspaceConfig(
        name="loans",
        ledger=ledger,
        task=Task(label="y", positive="yes"),
        columns={"y": label},
        people=people or {},
    )
    write_config(folder, config)
    return folder


def test_the_parts_lie_in_the_folder(tmp_path: Path) -> None:
    home = open_home(make_workspace(tmp_path / "ws"))
    assert home.folder == tmp_path / "ws"
    assert home.config.name == "loans"
    assert home.files.folder == tmp_path / "ws" / "files"
    assert home.ledger.head()[0] == 0
    assert (tmp_path / "ws" / "ledger.db").is_file()
    home.close()


def test_a_relative_folder_keeps_its_place_when_the_process_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_workspace(tmp_path / "ws")
    monkeypatch.chdir(tmp_path)
    home = open_home(Path("ws"))
    monkeypatch.chdir("/")
    home.ledger.append("testset", "examples_changed", {}, Actor("ana"))
    sha = home.files.add_bytes(b"abc")
    assert (tmp_path / "ws" / "files" / sha[:2] / sha).is_file()
    home.close()


def test_opening_again_reads_what_was_written(tmp_path: Path) -> None:
    home = open_home(make_workspace(tmp_path))
    written = home.ledger.append("testset", "examples_changed", {"n": 1}, Actor("ana"))
    home.close()
    again = open_home(tmp_path)
    assert again.ledger.events() == [written]
    again.close()


def test_people_of_the_configuration_decide_who_may_write(tmp_path: Path) -> None:
    home = open_home(make_workspace(tmp_path, people={"bo": ("viewer",)}))
    with pytest.raises(NotAllowed, match="bo may not change examples"):
        home.ledger.append("testset", "examples_changed", {}, Actor("bo"))
    home.close()


def test_a_folder_that_is_no_workspace_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is not a workspace"):
        open_home(tmp_path)


@pytest.mark.parametrize("loss", ["missing", "empty"])
def test_a_lost_ledger_is_not_replaced_by_an_empty_one(tmp_path: Path, loss: str) -> None:
    """Files without a ledger mean that the ledger was lost: starting anew would hide that."""
    home = open_home(make_workspace(tmp_path))
    home.files.add_bytes(b"rows")
    home.close()
    (tmp_path / "ledger.db").unlink()
    if loss == "empty":
        (tmp_path / "ledger.db").touch()
    with pytest.raises(Damaged, match=f"ledger.db is {loss}, .* bring the ledger back from a backup"):
        open_home(tmp_path)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ledger.db", "not the URL of a database"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///ledger.db?mode=memory", "names no file"),
        ("mysql://localhost/x", "names a mysql database: SQLite .* and PostgreSQL can be used"),
        (
            "postgresql+psycopg://db/lg",
            "needs the Python package psycopg, which is not installed: install it, or use sqlite",
        ),
        ("postgresql+nonsense://db/lg", "needs the Python package"),
    ],
)
def test_a_ledger_url_that_cannot_be_used_is_told_in_one_sentence(
    tmp_path: Path, url: str, told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        open_home(make_workspace(tmp_path, ledger=url))
