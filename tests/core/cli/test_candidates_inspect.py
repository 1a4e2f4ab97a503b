"""``lookingglass candidates inspect`` says what a file is without registering it; ``add`` keeps what it was told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import skops.io

from lookingglass.candidates.checks import FILE_CHECKS
from lookingglass.cli.main import run
from tests.core.candidates.models import acting, half, logistic

Candidates = Callable[..., tuple[int, str, str]]


@pytest.fixture
def candidates(capsys: pytest.CaptureFixture[str]) -> Candidates:
    """Run a verb of ``lookingglass candidates``: its exit code, and what it printed on either stream."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["candidates", *map(str, arguments)])
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.skops"
    skops.io.dump(logistic(), path)
    return path


def _listed(candidates: Candidates, workspace: Path) -> list[dict[str, Any]]:
    _, out, _ = candidates("list", workspace, "--json")
    found: list[dict[str, Any]] = json.loads(out)["candidates"]
    return found


def test_a_good_file_passes_its_checks_and_is_not_registered(
    workspace: Path, model: Path, candidates: Candidates
) -> None:
    code, out, err = candidates("inspect", workspace, model)
    assert code == 0
    assert "passed          It loads in a process of its own: " in out
    assert "passed          It answers for rows of the test set: " in out
    assert "failed" not in out
    assert err  # what it is doing meanwhile
    assert _listed(candidates, workspace) == []


def test_json_is_one_object_with_each_check_by_its_code(
    workspace: Path, model: Path, candidates: Candidates
) -> None:
    code, out, _ = candidates("inspect", workspace, model, "--json")
    found = json.loads(out)
    assert (code, out.count("\n")) == (0, 1)
    assert (found["format"], found["inputs"], found["classes"]) == ("skops", ["a", "b"], ["no", "yes"])
    assert (found["file"], found["bytes"], found["refusal"]) == ("model.skops", model.stat().st_size, None)
    assert {check["code"] for check in found["checks"]} <= set(FILE_CHECKS)
    assert [check["outcome"] for check in found["checks"] if check["code"] == "loads-in-isolation"] == [
        "passed"
    ]


def test_what_is_said_goes_before_what_the_file_says(
    workspace: Path, model: Path, candidates: Candidates
) -> None:
    """Inputs that the workspace does not have fail their check, which names the column; the exit code is 1."""
    code, out, _ = candidates("inspect", workspace, model, "--inputs", "a, lvr", "--json")
    found = json.loads(out)
    assert code == 1
    (failed,) = [check for check in found["checks"] if check["outcome"] == "failed"]
    assert failed["code"] == "inputs-exist"
    assert "lvr" in failed["sentence"]
    assert found["refusal"]


def test_a_file_with_code_of_its_own_fails_and_nothing_of_it_runs(
    workspace: Path, tmp_path: Path, candidates: Candidates
) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(acting(lambda table: half(len(table))))
    code, out, _ = candidates("inspect", workspace, path, "--inputs", "a,b", "--classes", "no,yes")
    assert code == 1
    assert "failed          It brings no code of its own: " in out
    assert "not applicable  It loads in a process of its own: " in out
    assert "passed          It answers" not in out


def test_a_file_that_is_not_there_is_one_line_and_exit_2(workspace: Path, candidates: Candidates) -> None:
    code, out, err = candidates("inspect", workspace, "missing.skops")
    assert (code, out) == (2, "")
    assert err.startswith("error: There is no file missing.skops")
    assert err.count("\n") == 1


def test_everything_that_add_was_told_is_listed(workspace: Path, model: Path, candidates: Candidates) -> None:
    said = {
        "description": "two numbers",
        "change": "all new",
        "trained_on": "2026-11-02",
        "trained_by": "bo",
        "data_hash": "sha256:" + "0" * 64,
        "code_commit": "da1341b",
    }
    options = [part for name, text in said.items() for part in (f"--{name.replace('_', '-')}", text)]
    code, out, _ = candidates("add", workspace, "first", model, "--format", "skops", *options, "--json")
    assert code == 0
    added = json.loads(out)
    (listed,) = _listed(candidates, workspace)
    for name, text in said.items():
        assert (added[name], listed[name]) == (text, text)
