"""``lookingglass fairness`` as a colleague's script sees it: the agreed JSON, exit codes, one line of error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lookingglass.cli.main import run

# region north: 12 positives (8 answered yes), 18 negatives (3 answered yes); south: 12 (5), 18 (6); none: 2 and 3.
GROUPS = {"north": (8, 3, 15, 4), "south": (5, 6, 12, 7), "": (1, 1, 2, 1)}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a workspace whose one candidate has these counts at 0.5; nobody may change it."""
    folder = tmp_path_factory.mktemp("fairness")
    rows, scores = ["example_id,outcome,a,region,note"], ["example_id,score"]
    for region, (tp, fp, tn, fn) in GROUPS.items():
        for many, label, score in ((tp, "yes", 0.9), (fp, "no", 0.9), (tn, "no", 0.1), (fn, "yes", 0.1)):
            for _ in range(many):
                name = f"e{len(rows)}"
                rows.append(f"{name},{label},{len(rows)},{region},Some words here")
                scores.append(f"{name},{score}")
    (folder / "data.csv").write_text("\n".join(rows) + "\n")
    (folder / "scores.csv").write_text("\n".join(scores) + "\n")
    made = folder / "ws"
    told = ["--label", "outcome", "--positive", "yes", "--group", "region", "--text", "note"]
    assert run(["init", str(made), "--data", str(folder / "data.csv"), *told]) == 0
    assert run(["candidates", "add", str(made), "vendor", str(folder / "scores.csv")]) == 0
    return made


def call(capsys: pytest.CaptureFixture[str], workspace: Path, *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(["fairness", str(workspace), "--candidate", "vendor", *arguments])
    return code, *capsys.readouterr()


def found(capsys: pytest.CaptureFixture[str], workspace: Path, *arguments: str) -> dict[str, Any]:
    code, out, err = call(capsys, workspace, *arguments, "--json")
    assert code == 0, err
    assert out.count("\n") == 1
    data: dict[str, Any] = json.loads(out)
    return data


def test_the_agreed_json(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    data = found(capsys, workspace, "--threshold", "0.5", "--by", "region", "--reference", "north")
    assert data["candidate"] == "vendor"
    assert data["test_set"]["version"] == 1
    assert data["test_set"]["digest"].startswith("sha256:")
    assert (data["threshold"], data["by"]) == (0.5, ["region"])
    slices = {each["slice"]["region"]: each for each in data["slices"]}
    assert set(slices) == {"north", "south", "missing"}
    south = slices["south"]
    assert south["n"] == 30
    assert south["counts"] == {"tp": 5, "fp": 6, "tn": 12, "fn": 7}
    figure = south["metrics"]["false_positive_rate"]
    assert (figure["value"], figure["k"], figure["n"], figure["method"]) == (6 / 18, 6, 18, "wilson")
    assert figure["low"] < 6 / 18 < figure["high"]
    assert slices["missing"]["metrics"]["recall"] == {
        "value": None,
        "reason": "not estimable: only 2 cases",
        "n": 2,
    }
    (told,) = [
        each
        for each in data["disparities"]
        if each["metric"] == "false_positive_rate" and each["slice"] == {"region": "south"}
    ]
    assert told["reference"] == {"region": "north"}
    assert told["difference"]["value"] == pytest.approx(3 / 18)
    assert (told["difference"]["method"], told["difference"]["n"]) == ("newcombe", 36)
    assert told["ratio"]["value"] == pytest.approx(2.0)
    assert 0 < told["p_value"] <= 1
    assert (told["verdict"], told["reason"]) == ("cannot tell", "no limit is agreed")
    (few,) = [
        each
        for each in data["disparities"]
        if each["metric"] == "recall" and each["slice"] == {"region": "missing"}
    ]
    assert few["difference"] == {"value": None, "reason": "the group: not estimable: only 2 cases", "n": 2}
    assert (few["verdict"], few["p_value"]) == ("cannot tell", None)


def test_intersections_bands_and_limits(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    data = found(
        capsys, workspace, "--by", "region,a", "--bands", "a=30/60", "--reference", "north,below 30",
        "--limit", "accuracy difference 0.9",
    )  # fmt: skip
    assert data["by"] == ["region", "a"]
    assert data["threshold_source"] == "default"
    assert data["reference"] == {"region": "north", "a": "below 30"}
    verdicts = {each["verdict"] for each in data["disparities"] if each["metric"] == "accuracy"}
    assert verdicts == {"within", "cannot tell"}


def test_infinity_answers_nobody(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    data = found(capsys, workspace, "--by", "region", "--threshold", "inf")
    assert data["threshold"] is None
    assert {each["counts"]["tp"] + each["counts"]["fp"] for each in data["slices"]} == {0}


def test_known_words_come_from_a_file(
    capsys: pytest.CaptureFixture[str], workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "words.txt").write_text("some\nwords\nhere\n")
    data = found(capsys, workspace, "--by", "note:unknown-words", "--words", str(tmp_path / "words.txt"))
    assert [each["slice"] for each in data["slices"]] == [{"note:unknown words": "no unknown words"}]


def test_people_read_figures_with_their_counts(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    code, out, _ = call(capsys, workspace, "--by", "region", "--reference", "north")
    assert code == 0
    assert out.startswith("vendor at 0.5")
    assert "(6 of 18)" in out
    assert "not estimable: only 2 cases" in out
    assert "Against region = north, p-values corrected for 5 questions:" in out
    assert "identical groups stay below" in out


def test_the_worst_slices_nobody_asked_about(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    data = found(capsys, workspace, "--by", "region", "--search", "recall")
    assert data["search"]["failures_are"] == "positives that are missed"
    assert (data["search"]["cases"], data["search"]["failures"]) == (26, 12)
    assert data["search"]["found"] == []
    _, out, _ = call(capsys, workspace, "--by", "region", "--search", "recall")
    assert "none, by more than chance" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--by", "colour"], "there is nothing called 'colour' to slice by"),
        (["--by", "region,"], "--by names columns with commas between them, not 'region,'"),
        (["--by", "note"], "note is text, and nearly every text differs"),
        (
            ["--by", "region", "--reference", "west"],
            "there is no group 'west' of region: there are north; south;",
        ),
        (["--by", "region", "--threshold", "nan"], "a threshold is a number, not nan"),
        (["--by", "region", "--threshold", "-inf"], "a threshold is a number, not -inf"),
        (["--by", "a", "--bands", "a:3"], "--bands says where bands begin, as in dir=0.3/0.4, not 'a:3'"),
        (["--by", "a", "--bands", "a=3/2"], "bands must begin at ascending numbers"),
        (
            ["--by", "region", "--limit", "recall 0.1"],
            "--limit names a metric, difference or ratio, and a number",
        ),
        (["--by", "region", "--limit", "recall difference 2"], "must lie between 0 and 1"),
        (["--by", "note:unknown-words"], "unknown words need a list of known ones"),
        (["--by", "note:unknown-words", "--words", "nowhere.txt"], "there is no file nowhere.txt"),
        ([], "Missing option '--by'"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], workspace: Path, arguments: list[str], told: str
) -> None:
    code, out, err = call(capsys, workspace, *arguments)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert told in err
