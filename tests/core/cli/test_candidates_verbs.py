"""``lookingglass candidates``: what each verb does, says and prints, as a colleague's script sees it."""

from __future__ import annotations

import getpass
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import skops.io

from lookingglass.cli.main import run
from tests.core.candidates.models import acting, half, logistic


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Return a predictions file for e0 and e1."""
    path = tmp_path / "told.csv"
    path.write_text("example_id,score\ne0,0.5\ne1,0.25\n")
    return path


class Command:
    """Runs verbs of ``lookingglass candidates`` and keeps what they printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *arguments: object) -> int:
        """Return the exit code."""
        self._capsys.readouterr()
        code = run(["candidates", *map(str, arguments)])
        self.out, self.err = self._capsys.readouterr()
        return code

    @property
    def json(self) -> Any:
        """The one JSON object that was printed."""
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@pytest.fixture
def candidates(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command to run."""
    return Command(capsys)


def test_a_model_file_is_all_it_takes(workspace: Path, tmp_path: Path, candidates: Command) -> None:
    skops.io.dump(logistic(), tmp_path / "model.skops")
    assert (
        candidates("add", workspace, "first", tmp_path / "model.skops", "--description", "two numbers") == 0
    )
    assert (candidates.out, candidates.err[:42]) == ("", "first is registered (skops, 2 inputs, sha2")
    assert candidates("list", workspace, "--json") == 0
    (listed,) = candidates.json["candidates"]
    assert candidates.json["workspace"] == "small"
    assert (listed["name"], listed["format"], listed["inputs"]) == ("first", "skops", ["a", "b"])
    assert listed["registered"]["by"] == getpass.getuser()
    assert listed["description"] == "two numbers"


def test_what_is_said_is_kept(workspace: Path, told: Path, candidates: Command) -> None:
    assert candidates("add", workspace, "one", told, "--as", "bo", "--change", "all new", "--json") == 0
    assert (candidates.json["change"], candidates.json["registered"]["by"]) == ("all new", "bo")
    assert (
        candidates(
            "add", workspace, "two", told, "--parent", "one", "--classes", "no,yes", "--format", "predictions"
        )
        == 0
    )
    assert candidates("describe", workspace, "two", "--description", "one again", "--trained-by", "bo") == 0
    assert candidates("list", workspace, "two", "--json") == 0
    (listed,) = candidates.json["candidates"]
    assert (listed["parent"], listed["description"], listed["trained_by"]) == ("one", "one again", "bo")


def test_retired_ones_are_listed_when_asked_for(workspace: Path, told: Path, candidates: Command) -> None:
    candidates("add", workspace, "one", told)
    assert candidates("retire", workspace, "one", "--reason", "superseded") == 0
    assert candidates("list", workspace) == 0
    assert (candidates.out, candidates.err[:18]) == ("", "No candidates yet:")
    assert candidates("list", workspace, "--all") == 0
    assert candidates.out.startswith("one (retired)  predictions  ")


def test_further_scores(workspace: Path, told: Path, tmp_path: Path, candidates: Command) -> None:
    candidates("add", workspace, "one", told)
    more = tmp_path / "more.csv"
    more.write_text("example_id,score\ne1,0.9\ne2,0.75\n")
    assert candidates("scores", workspace, "one", more, "--json") == 0
    assert candidates.json == {"rows": 2, "new": 1, "kept": 1, "waiting": 0}
    assert candidates.err == "1 of 2 scores are new; 1 had a score already, which stays.\n"
    assert candidates("scores", workspace, "one", more) == 0
    assert candidates.err.endswith("Nothing was changed.\n")


def test_a_pickle_needs_the_approval_that_its_refusal_names(
    workspace: Path, tmp_path: Path, candidates: Command
) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(acting(lambda table: half(len(table))))
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    assert candidates("add", workspace, "old", path, "--inputs", "a, b") == 2
    assert f"lookingglass candidates approve {workspace} {sha} --reason TEXT" in candidates.err
    assert candidates("approve", workspace, sha, "--reason", "bo wrote it") == 0
    assert candidates("add", workspace, "old", path, "--inputs", "a, b") == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "WS", "a/b", "FILE"), "error: 'a/b' cannot be the name of a candidate"),
        (("add", "WS", "x", "missing.skops"), "error: There is no file missing.skops."),
        (("add", "nowhere", "x", "FILE"), "nowhere is not a workspace"),
        (("retire", "WS", "nobody"), "error: There is no candidate 'nobody' here; there are: none yet."),
        (("list", "WS", "nobody"), "error: There is no candidate 'nobody' here"),
        (("scores", "WS", "nobody", "FILE"), "error: There is no candidate 'nobody' here"),
        (("approve", "WS", "abc", "--reason", "x"), "error: An approval names one file by its SHA-256"),
        (("approve", "WS", "0" * 64), "error: Missing option '--reason'"),
        (("describe", "WS", "nobody"), "error: There is no candidate 'nobody' here"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    workspace: Path, told: Path, candidates: Command, arguments: tuple[str, ...], words: str
) -> None:
    places = {"WS": str(workspace), "FILE": str(told)}
    assert candidates(*(places.get(each, each) for each in arguments)) == 2
    assert candidates.err.startswith("error: ")
    assert words in candidates.err
    assert (candidates.err.count("\n"), candidates.out) == (1, "")
