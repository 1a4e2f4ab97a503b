"""``lookingglass explain`` as a colleague's script sees it: the agreed JSON, the text, one line of error."""

from __future__ import annotations

import json

import pytest

from lookingglass.cli.main import run
from lookingglass.workspace import Workspace

KEYS = {
    "candidate",
    "example_id",
    "modality",
    "score",
    "weights",
    "r2",
    "samples",
    "seed",
    "stability",
    "model_rows_scored",
}


def test_explain_prints_the_agreed_json_and_nothing_else(
    rows: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ["--candidate", "full-scorecard", "--example", "app-0003", "--samples", "200", "--repeats", "3"]
    assert run(["explain", str(rows.home.folder), *told, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed.keys() >= KEYS
    assert printed["modality"] == "tabular"
    assert printed["samples"] == 200
    assert printed["stability"].keys() >= {"repeats", "top_k", "vsi"}
    assert printed["stability"]["repeats"] == 3
    assert {"feature", "weight"} <= printed["weights"][0].keys()
    assert 0 < printed["model_rows_scored"] <= 600
    strengths = [abs(each["weight"]) for each in printed["weights"]]
    assert strengths == sorted(strengths, reverse=True)
    assert printed["score"] == pytest.approx(
        rows.evaluate() and rows.scores("full-scorecard")[rows.test_set().position("app-0003")]
    )


def test_explain_says_score_threshold_fit_and_stability_in_words(
    texts: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ["--candidate", "word-matcher", "--example", "test-0001", "--samples", "100", "--repeats", "2"]
    assert run(["explain", str(texts.home.folder), *told]) == 0
    printed = capsys.readouterr().out
    assert "score 0.0354 (threshold 0.5)" in printed
    assert "R2" in printed
    assert "stability" in printed
    assert "(provide)" in printed


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            ["--candidate", "vendor-scores", "--example", "app-0001"],
            "vendor-scores is a file of predictions without a model",
        ),
        (["--candidate", "baseline", "--example", "app-0001"], "baseline gives every example the same score"),
        (["--candidate", "boosted", "--example", "nobody"], "there is no example 'nobody'"),
        (["--candidate", "nobody", "--example", "app-0001"], "there is no candidate 'nobody'"),
        (["--candidate", "boosted", "--example", "app-0001", "--samples", "2"], "2 samples cannot be drawn"),
        (["--candidate", "boosted", "--example", "app-0001", "--repeats", "0"], "0 repeats cannot be run"),
    ],
)
def test_what_cannot_be_explained_says_why_in_one_line(
    rows: Workspace, capsys: pytest.CaptureFixture[str], told: list[str], sentence: str
) -> None:
    assert run(["explain", str(rows.home.folder), *told, "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
