"""`lookingglass demo` builds the worked use case whole, once, and leaves what is there alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lookingglass.cli.main import run
from lookingglass.demo import use_cases
from lookingglass.folders import CONFIG_FILE


def test_the_demo_has_six_candidates_and_a_baseline_all_complete(
    demo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", str(demo / "mortgage"), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {item["name"]: item["status"] for item in data["candidates"]} == dict.fromkeys(
        [
            *("baseline", "early-scorecard", "full-scorecard", "boosted", "boosted-onnx"),
            *("boosted-blind", "vendor-scores"),
        ],
        "complete",
    )
    assert data["test_set"]["examples"] == 1_192 + 12
    assert data["model_rows_scored"] == 0
    aucs = {item["name"]: item["metrics"]["roc_auc"]["value"] for item in data["candidates"]}
    assert aucs["baseline"] == 0.5
    assert aucs["early-scorecard"] == pytest.approx(0.688, abs=5e-4)
    assert aucs["boosted"] == pytest.approx(0.843, abs=5e-4)
    assert aucs["boosted-onnx"] == pytest.approx(aucs["boosted"], abs=1e-4)


def _others_are_there(folder: Path) -> None:
    for source in use_cases():
        if source.name != "mortgage":
            (folder / source.name).mkdir()
            (folder / source.name / CONFIG_FILE).touch()


def test_demo_again_leaves_what_is_there_as_it_is(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _others_are_there(demo)
    before = sorted(demo.rglob("*"))
    assert run(["demo", str(demo)]) == 0
    assert "is there already, left as it is" in capsys.readouterr().err
    assert run(["demo", str(demo), "--if-missing"]) == 0
    assert capsys.readouterr().err == ""
    assert sorted(demo.rglob("*")) == before


def test_demo_does_not_touch_a_folder_that_is_something_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _others_are_there(tmp_path)
    (tmp_path / "mortgage").mkdir()
    (tmp_path / "mortgage" / "letter.txt").write_text("dear")
    assert run(["demo", str(tmp_path)]) == 2
    assert "exists but is not a workspace: move it away" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "mortgage").iterdir()] == ["letter.txt"]


def test_the_ledger_of_the_demo_verifies(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "verify", str(demo / "mortgage")]) == 0
    assert run(["problems", "list", str(demo / "mortgage"), "--json"]) == 0
    out = capsys.readouterr().out
    assert "Refused insurance once, no longer needs it" in out


def test_a_folder_that_cannot_be_made_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "/proc/nowhere"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("could not be made (no such file or directory): name another folder.")


def test_a_machine_that_does_not_know_the_user_asks_for_a_name(
    demo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container often runs as a number without a name; that is no defect of ours."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 54321")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert run(["candidates", "retire", str(demo / "mortgage"), "boosted"]) == 2
    assert "name yourself with --as NAME" in capsys.readouterr().err
    assert run(["candidates", "retire", str(demo / "mortgage"), "boosted", "--as", "ana"]) == 0
