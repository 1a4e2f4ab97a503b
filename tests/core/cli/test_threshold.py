"""``lookingglass threshold`` as a colleague's script sees it: the agreed JSON, exit codes, one line of error."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lookingglass.cli.main import run

Call = Callable[..., tuple[int, str, str]]

# The case of tests/core/thresholds/test_choose.py: 0.9 +, 0.8 -, 0.7 + +, 0.6 -, 0.4 - -, 0.3 +, 0.1 - -.
LABELS = [1, 0, 1, 1, 0, 0, 0, 1, 0, 0]
SCORES = [0.9, 0.8, 0.7, 0.7, 0.6, 0.4, 0.4, 0.3, 0.1, 0.1]
AREAS = ["a", "b", "a", "b", "b", "a", "", "b", "", "a"]


def make(
    folder: Path,
    labels: Sequence[int | None],
    scores: Sequence[float | None],
    areas: Sequence[str] | None = None,
) -> Path:
    """Make a workspace whose one candidate answers these scores; None: no label, no score."""
    groups = areas or ["x"] * len(labels)
    words = {1: "yes", 0: "no", None: ""}
    rows = [
        f"e{n},{words[label]},{n},{area}" for n, (label, area) in enumerate(zip(labels, groups, strict=True))
    ]
    (folder / "data.csv").write_text("\n".join(["example_id,outcome,a,area", *rows]) + "\n")
    told = ["--label", "outcome", "--positive", "yes", "--group", "area"]
    workspace = folder / "ws"
    if not set(labels) & {0, 1} or len(set(labels) - {None}) == 1:
        # init wants both classes to know the other one: it gets them, and the test set is then relabelled
        first = "\n".join(["example_id,outcome,a,area", *rows, "y,yes,1,x", "n,no,1,x"])
        (folder / "data.csv").write_text(first + "\n")
    assert run(["init", str(workspace), "--data", str(folder / "data.csv"), *told]) == 0
    for extra in ("y", "n"):
        if "n,no,1,x" in (folder / "data.csv").read_text():
            assert run(["testset", "remove", str(workspace), "--id", extra]) == 0
    answered = [f"e{n},{score!r}" for n, score in enumerate(scores) if score is not None]
    (folder / "scores.csv").write_text("\n".join(["example_id,score", *answered]) + "\n")
    assert run(["candidates", "add", str(workspace), "vendor", str(folder / "scores.csv")]) == 0
    return workspace


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run ``lookingglass threshold`` on a workspace's candidate and return exit code, output and error output."""

    def made(workspace: Path, *arguments: object, candidate: str = "vendor") -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["threshold", str(workspace), "--candidate", candidate, *map(str, arguments)])
        return code, *capsys.readouterr()

    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the workspace once; nobody may change it."""
    return make(tmp_path_factory.mktemp("made"), LABELS, SCORES, AREAS)


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    """Copy the workspace for one test."""
    return Path(shutil.copytree(made, tmp_path / "ws"))


def found(call: Call, workspace: Path, *arguments: object, code: int = 0) -> dict[str, Any]:
    """Return the one JSON object that is printed."""
    got, out, err = call(workspace, *arguments, "--json")
    assert got == code, err
    assert out.count("\n") == 1
    data: dict[str, Any] = json.loads(out)
    return data


def test_the_agreed_json(call: Call, workspace: Path) -> None:
    data = found(call, workspace, "--maximise", "f1")
    assert data["threshold"] == 0.7
    assert data["rule"] == "highest f1"
    assert data["feasible"] is True
    assert data["counts"] == {"tp": 3, "fp": 1, "tn": 5, "fn": 1}
    assert data["per_1000"] == {"tp": 300, "fp": 100, "tn": 500, "fn": 100}
    assert data["metrics"]["f1"]["value"] == 0.75
    recall = data["metrics"]["recall"]
    assert (recall["value"], recall["k"], recall["n"], recall["method"]) == (0.75, 3, 4, "wilson")
    assert data["metrics"]["cost_per_example"] == {"value": None, "reason": "no costs agreed", "n": 10}
    assert 0.0 < data["optimism_corrected"]["f1"]["value"] < 0.75
    low, high = data["flat_zone"]
    assert low <= 0.7 <= high
    low, high = data["chosen_range"]
    assert low <= 0.7 <= (high or 1)
    assert data["test_set"]["version"] == 1
    assert data["test_set"]["digest"].startswith("sha256:")
    assert data["candidate"] == "vendor"
    assert data["fingerprint"].startswith("sha256:")
    assert (data["times_used"], data["totals"], data["band"], data["decision"]) == (0, None, None, None)
    assert (
        "There are only 4 positives among the labelled samples: figures on so few say little."
        in data["notes"]
    )
    assert found(call, workspace, "--maximise", "f1") == data, "the same question has the same answer"


def test_costs_with_a_requirement_by_group_a_volume_and_a_person_in_between(
    call: Call, workspace: Path
) -> None:
    money = ("--minimise", "cost", "--cost-fp", 1, "--cost-fn", 5)
    assert found(call, workspace, *money)["threshold"] == 0.3
    by_group = found(call, workspace, *money, "--require", "false_positive_rate<=34% by area")
    assert by_group["threshold"] == 0.9, "of the two negatives of b one scores 0.8"
    assert by_group["rule"] == "lowest cost_per_example with false_positive_rate <= 0.34 by area"
    whole = found(call, workspace, *money, "--volume", 10_000, "--period", "week", "--ask-cost", 0.5)
    assert whole["totals"]["cost"]["value"] == 10_000 * whole["metrics"]["cost_per_example"]["value"] == 4_000
    assert whole["totals"]["volume"] == {"count": 10_000.0, "period": "week"}
    band = whole["band"]
    assert band["low"] < band["high"]
    assert band["figures"]["cost_per_example"]["value"] < 0.4
    none_asked = found(call, workspace, *money, "--ask-cost", 0.5, "--most-asked", "0%")["band"]
    assert none_asked["low"] == none_asked["high"] == 0.3


def test_costs_are_reported_beside_another_goal(call: Call, workspace: Path) -> None:
    data = found(call, workspace, "--maximise", "f1", "--cost-fp", 2, "--cost-fn", 3, "--gain-tp", 1)
    assert data["threshold"] == 0.7
    assert data["metrics"]["cost_per_example"]["value"] == pytest.approx((2 + 3 - 3) / 10)


def test_capacity_beta_and_prevalence(call: Call, workspace: Path) -> None:
    assert found(call, workspace, "--maximise", "selection_rate", "--capacity", "30%")["threshold"] == 0.8
    assert found(call, workspace, "--maximise", "recall", "--capacity", 1)["threshold"] == 0.9
    of_volume = found(call, workspace, "--maximise", "recall", "--capacity", 400, "--volume", 1_000)
    assert of_volume["threshold"] == 0.7
    assert found(call, workspace, "--maximise", "f_beta", "--beta", 3)["threshold"] == 0.3
    shifted = found(call, workspace, "--maximise", "f1", "--prevalence", "5%")
    # From 0.9 a quarter of the positives and none of the negatives: per 1,000 real cases 12.5 of 50.
    assert shifted["threshold"] == 0.9
    assert shifted["counts"] == {"tp": 1, "fp": 0, "tn": 6, "fn": 3}
    assert shifted["per_1000"] == {"tp": 13, "fp": 0, "tn": 950, "fn": 37}
    assert shifted["metrics"]["selection_rate"]["value"] == pytest.approx(0.0125)
    assert shifted["metrics"]["recall"]["k"] == 1


def test_answering_nobody_is_null(call: Call, workspace: Path) -> None:
    data = found(call, workspace, "--minimise", "cost", "--cost-fp", 5, "--cost-fn", 0)
    assert data["threshold"] is None
    assert data["feasible"] is True
    assert data["counts"] == {"tp": 0, "fp": 0, "tn": 6, "fn": 4}


def test_contradictory_requirements_exit_1_with_what_binds_and_what_is_nearest(
    call: Call, workspace: Path
) -> None:
    asked = ("--maximise", "f1", "--require", "recall>=0.9", "--require", "selection_rate<=1%")
    data = found(call, workspace, *asked, code=1)
    assert (data["feasible"], data["threshold"], data["metrics"], data["counts"]) == (False, None, {}, None)
    assert data["binding"] == ["recall >= 0.9", "selection_rate <= 0.01"]
    assert data["nearest"]["threshold"] == 0.7
    assert [item["rule"] for item in data["nearest"]["violations"]] == data["binding"]
    code, out, err = call(workspace, *asked)
    assert code == 1
    assert "what binds: recall >= 0.9; selection_rate <= 0.01" in out
    assert err == ""
    agreed = ("--agree", "--reason", "so", "--people", "ana", "--as", "ana")
    code, _, err = call(workspace, *asked, *agreed)
    assert code == 1
    assert err == "Nothing was agreed: no threshold meets the requirements.\n"
    assert found(call, workspace, "--maximise", "f1")["times_used"] == 0


def test_without_json_it_is_for_people(call: Call, workspace: Path) -> None:
    money = ("--minimise", "cost", "--cost-fp", 1, "--cost-fn", 5, "--volume", 10_000, "--currency", "EUR")
    code, out, _ = call(workspace, *money, "--ask-cost", 0.5)
    assert code == 0
    assert "threshold: 0.3\n" in out
    assert "of 1,000: 400 rightly and 400 wrongly yes, 200 rightly and 0 wrongly no" in out
    assert "cost of 10,000 a month:" in out
    assert "with a person in between: no below" in out
    assert "as good as these samples can tell:" in out
    nobody = call(workspace, "--minimise", "cost", "--cost-fp", 5, "--cost-fn", 0)[1]
    assert "threshold: answer nobody" in nobody


def test_agreeing_records_a_decision_that_everything_follows(
    call: Call, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = found(
        call,
        workspace,
        "--maximise",
        "f1",
        "--agree",
        "--reason",
        "finds most",
        "--people",
        "Ana, Bo",
        "--as",
        "ana",
    )
    decision = data["decision"]
    assert (decision["threshold"], decision["people"], decision["reason"]) == (
        0.7,
        ["Ana", "Bo"],
        "finds most",
    )
    assert decision["aim"] == data["aim"]
    assert decision["figures"]["f1"] == {
        key: value for key, value in data["metrics"]["f1"].items() if key in decision["figures"]["f1"]
    }
    assert decision["counts"] == data["counts"]
    assert data["times_used"] == 1
    assert run(["evaluate", str(workspace), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["candidates"]
    assert {item["name"]: item["threshold"] for item in told}["vendor"] == {"value": 0.7, "source": "agreed"}
    again = call(
        workspace, "--maximise", "recall", "--agree", "--reason", "all", "--people", "Ana", "--as", "ana"
    )
    assert again[0] == 0
    assert "0.30 is agreed for vendor by Ana (event " in again[2]


def test_agreeing_a_band(call: Call, workspace: Path) -> None:
    money = ("--minimise", "cost", "--cost-fp", 1, "--cost-fn", 5, "--ask-cost", 0.5)
    agreed = ("--agree", "--reason", "so", "--people", "Ana", "--as", "ana")
    data = found(call, workspace, *money, *agreed)
    assert data["decision"]["threshold"] == data["band"]["high"]
    assert data["decision"]["ask_from"] == data["band"]["low"]
    figures, corrected = data["decision"]["figures"], data["decision"]["optimism_corrected"]
    for name in ("recall", "precision", "accuracy"):
        assert figures[f"{name}_with_asking"]["value"] == data["band"]["figures"][name]["value"]
    assert figures["cost_with_asking"] == data["band"]["figures"]["cost_per_example"]
    assert figures["recall"]["k"] == data["decision"]["counts"]["tp"] < figures["recall_with_asking"]["k"]
    assert corrected["cost_with_asking"] == data["band"]["optimism_corrected"]["cost_per_example"]
    assert figures["asked_share"] == data["band"]["figures"]["asked_share"]


def test_a_band_is_held_against_requirements_and_may_keep_what_no_threshold_keeps(
    call: Call, workspace: Path
) -> None:
    money = ("--minimise", "cost", "--cost-fp", 1, "--cost-fn", 5, "--ask-cost", 0.5)
    both = ("--require", "recall>=1", "--require", "false_positive_rate<=0")
    agreed = ("--agree", "--reason", "so", "--people", "Ana", "--as", "ana")
    data = found(call, workspace, *money, *both, *agreed)
    assert data["feasible"] is False, "no single threshold finds all and gives no false alarm"
    band = data["band"]
    assert band["feasible"] is True
    assert band["requirements"] == ["recall >= 1.0", "false_positive_rate <= 0.0"]
    assert (band["figures"]["recall"]["value"], band["figures"]["false_positive_rate"]["k"]) == (1.0, 0)
    assert (data["decision"]["threshold"], data["decision"]["ask_from"]) == (band["high"], band["low"])
    code, out, err = call(workspace, *money, *both, "--most-asked", "10%", *agreed)
    assert code == 1
    assert "with a person in between neither; what binds: " in out
    assert "asking at most 10%" in out
    assert "Nothing was agreed" in err
    text = call(workspace, *money, *both)[1]
    assert "with a person in between: no below" in text
    assert "corrected for the choosing" in text


def test_all_scores_equal_and_three_rows_are_answered_with_what_to_know(call: Call, tmp_path: Path) -> None:
    data = found(call, make(tmp_path, [1, 0, 0], [0.4, 0.4, 0.4]), "--maximise", "f1")
    assert data["threshold"] == 0.4, "a score exactly at the threshold is answered yes"
    assert data["counts"] == {"tp": 1, "fp": 2, "tn": 0, "fn": 0}
    assert data["notes"] == [
        "There is only 1 positive among the labelled samples: figures on so few say little.",
        "There are only 2 negatives among the labelled samples: figures on so few say little.",
        "All scores are equal: the only answers are yes to everybody and yes to nobody.",
    ]
    assert data["metrics"]["roc_auc"]["reason"] == "all scores equal"


def test_unlabelled_rows_are_not_counted_and_said_so(call: Call, tmp_path: Path) -> None:
    data = found(call, make(tmp_path, [*LABELS, None, None], [*SCORES, 0.95, 0.2]), "--maximise", "f1")
    assert data["threshold"] == 0.7
    assert data["metrics"]["accuracy"]["n"] == 10
    assert data["notes"][-1] == "2 samples without a label are not counted."


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0] * 12, "f1 has no value at any threshold: no positives among the 12 labelled samples."),
        ([None] * 12, "there are no labelled samples to choose a threshold on: add labels first."),
    ],
)
def test_a_test_set_without_positives_says_what_is_the_matter(
    call: Call, tmp_path: Path, labels: list[int | None], message: str
) -> None:
    code, out, err = call(make(tmp_path, labels, np.linspace(0, 1, 12).tolist()), "--maximise", "f1")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert message in err


def test_a_test_set_of_one_class_has_a_cost(call: Call, tmp_path: Path) -> None:
    alone = make(tmp_path, [1] * 12, np.linspace(0, 1, 12).tolist())
    code, _, err = call(alone, "--maximise", "balanced_accuracy")
    assert code == 2
    assert "no negatives among the 12 labelled samples" in err
    data = found(call, alone, "--minimise", "cost", "--cost-fp", 1, "--cost-fn", 5)
    assert (data["threshold"], data["metrics"]["cost_per_example"]["value"]) == (0.0, 0.0)
    assert data["notes"] == [
        "There are no negatives among the 12 labelled samples: half of the picture is missing."
    ]
    assert data["metrics"]["false_positive_rate"] == {"value": None, "reason": "no negatives", "n": 0}
    code, _, err = call(alone, "--minimise", "cost", "--cost-fp", 1, "--cost-fn", 5, "--prevalence", "0.2")
    assert code == 2
    assert "no negatives" in err


def test_missing_scores_are_counted(call: Call, tmp_path: Path) -> None:
    code, out, err = call(make(tmp_path, LABELS, [*SCORES[:7], None, None, 0.1]), "--maximise", "f1")
    assert (code, out) == (2, "")
    assert err == "error: vendor: 2 of 10 samples have no score on version 1.\n"


MONEY = ("--minimise", "cost")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (*MONEY, "--cost-fp", "nan", "--cost-fn", 1),
            "the cost of a false positive (cost_fp) must be a number, not nan: give an amount",
        ),
        (
            (*MONEY, "--cost-fp", 1, "--cost-fn", "inf"),
            "the cost of a false negative (cost_fn) must be a number, not inf",
        ),
        ((*MONEY, "--cost-fp", 1, "--cost-fn", "many"), "'many' is not a valid float"),
        (
            (*MONEY, "--cost-fp", 1, "--cost-fn", 2, "--gain-tp", -5),
            "a false negative (cost_fn 2) would pay better than a true positive (gain_tp -5): a cost counts against, "
            "a gain for; check their signs.",
        ),
        ((*MONEY, "--cost-fp", -1, "--cost-fn", 2), "a false positive (cost_fp -1) would pay better"),
        ((*MONEY, "--cost-fp", 0, "--cost-fn", 0), "no mistake costs more than the right answer"),
        (
            MONEY,
            "the cost needs --cost-fp and --cost-fn: say what each mistake costs, 0 where it costs nothing.",
        ),
        ((*MONEY, "--cost-fp", 3), "the cost needs --cost-fn: say"),
        ((), "say what the threshold is for: either --maximise METRIC or --minimise cost."),
        (("--maximise", "f1", "--minimise", "cost"), "either --maximise METRIC or --minimise cost"),
        (("--maximise", "f3"), "'f3' is no metric: choose from accuracy, precision"),
        (("--maximise", "roc_auc"), "'roc_auc' does not depend on the threshold: choose from"),
        (("--maximise", "cost"), "cost_per_example is better when it is lower: use --minimise cost."),
        (("--minimise", "recall"), "recall is not better when it is lower: use --maximise recall."),
        (("--maximise", "f_beta", "--beta", 0), "beta must be a number above 0 and at most 1000, not 0"),
        (
            ("--maximise", "f1", "--prevalence", 0),
            "the share of positives in real use must lie between 0 and 1",
        ),
        (("--maximise", "f1", "--prevalence", "2"), "'2' is no share: write 5% or 0.05."),
        (("--maximise", "f1", "--require", "recall"), "'recall' is no requirement: write it like"),
        (
            ("--maximise", "f1", "--require", "recall>=80"),
            "the bound of recall must be between 0 and 1, not 80",
        ),
        (("--maximise", "f1", "--require", "rekall>=0.8"), "'rekall' is no metric: choose from"),
        (
            ("--maximise", "f1", "--require", "recall>=0.8 by zone"),
            "no group column 'zone': the group columns are area",
        ),
        (("--maximise", "f1", "--require", "cost<=2"), "the cost needs costs: say what"),
        (("--maximise", "f1", "--capacity", "0.1"), "'0.1' is no capacity: write a share such as 10%"),
        (("--maximise", "f1", "--capacity", "0%"), "a capacity must be above 0 % and at most 100 %"),
        (("--maximise", "f1", "--volume", 0), "the volume is above 0, not 0"),
        (
            (*MONEY, "--cost-fp", 1, "--cost-fn", 1, "--ask-cost", -1),
            "asking a person must cost 0 or more and at most 1e+12, not -1",
        ),
        (("--maximise", "f1", "--ask-cost", 1), "the cost needs costs: say what"),
        (("--maximise", "f1", "--most-asked", "5%"), "--most-asked needs --ask-cost"),
        (("--maximise", "f1", "--agree", "--people", "ana"), "--agree needs --reason TEXT and --people A,B"),
        (("--maximise", "f1", "--agree", "--reason", "so", "--people", " , "), "--agree needs --reason TEXT"),
        (("--maximise", "f1", "--reason", "so"), "--reason and --people are of an agreement: add --agree"),
        (("--maximise", "f1", "--version", 9), "version"),
        (("--maximise", "f1", "--candidate", "nobody"), "there is no candidate 'nobody' in ws: there are"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    call: Call, made: Path, arguments: tuple[object, ...], message: str
) -> None:
    code, out, err = call(made, *arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1), err
    assert err.startswith("error: ")
    assert message in err
