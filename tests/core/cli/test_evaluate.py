"""The command line as a colleague's script sees it: exit codes, one JSON object, one line of error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lookingglass.cli.main import VERBS, run
from tests.core.evaluation.conftest import rows


@pytest.fixture
def workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    data = tmp_path / "data.csv"
    rows(120).to_csv(data, index=False)
    folder = tmp_path / "ws"
    code = run(
        [
            "init",
            str(folder),
            "--data",
            str(data),
            "--label",
            "outcome",
            "--positive",
            "yes",
            "--group",
            "group",
        ]
    )
    assert code == 0, capsys.readouterr().err
    capsys.readouterr()
    return folder


def test_init_then_evaluate_gives_the_agreed_json(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", str(workspace), "--json"]) == 0
    out = capsys.readouterr().out
    data = json.loads(out)
    assert out.count("\n") == 1
    positives = int((rows(120)["outcome"] == "yes").sum())
    assert data["workspace"] == "ws"
    assert data["test_set"]["version"] == 1
    assert data["test_set"]["digest"].startswith("sha256:")
    assert (data["test_set"]["examples"], data["test_set"]["labelled"], data["test_set"]["positives"]) == (
        120,
        120,
        positives,
    )
    assert data["model_rows_scored"] == 0
    (baseline,) = data["candidates"]
    assert baseline["name"] == "baseline"
    assert baseline["status"] == "complete"
    assert baseline["threshold"] == {"value": 0.5, "source": "default"}
    assert baseline["metrics"]["roc_auc"]["value"] == 0.5
    assert baseline["metrics"]["roc_auc"]["reason"] == "all scores equal"
    assert baseline["metrics"]["cost_per_example"] == {"value": None, "reason": "no costs agreed", "n": 120}
    assert baseline["metrics"]["precision"]["value"] is None
    recall = baseline["metrics"]["recall"]
    assert (recall["value"], recall["k"], recall["n"], recall["method"]) == (0.0, 0, positives, "wilson")


def test_evaluate_without_json_is_for_people(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", str(workspace)]) == 0
    assert "test-set version 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["evaluate", "nowhere"],
            "nowhere is not a workspace (no workspace.toml in it): make one with `lookingglass init ",
        ),
        (["evaluate"], "error: Missing argument 'WORKSPACE'. (see `lookingglass evaluate --help`)"),
        (["evalute", "x"], "error: No such command 'evalute'."),
        (["evaluate", "x", "--version", "0"], "error: Invalid value for '--version'"),
        (["dashboard", "nowhere"], "error: nowhere is not there: build the worked use cases with"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert message.removeprefix("error: ") in captured.err
    assert captured.err.count("\n") == 1


def test_a_version_that_is_not_there_is_said_so(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", str(workspace), "--version", "9"]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_init_on_a_workspace_changes_nothing(
    workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = (workspace / "workspace.toml").read_bytes()
    code = run(
        [
            "init",
            str(workspace),
            "--data",
            str(tmp_path / "data.csv"),
            "--label",
            "outcome",
            "--positive",
            "yes",
        ]
    )
    assert code == 2
    assert "is a workspace already" in capsys.readouterr().err
    assert (workspace / "workspace.toml").read_bytes() == before


def test_init_with_a_file_that_cannot_be_used_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("example_id,a,outcome\nx,1,yes\nx,2,no\n")
    code = run(["init", str(tmp_path / "ws"), "--data", str(data), "--label", "outcome", "--positive", "yes"])
    assert code == 2
    assert "x" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv"]


def test_help_lists_every_verb_without_loading_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    for verb, (_, text) in VERBS.items():
        assert f"  {verb}" in out
        assert text[:30] in out
