"""``lookingglass review``: a verdict is added, listed and taken away; what cannot be says so in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lookingglass.cli.main import run
from lookingglass.folders import EXPLANATIONS
from lookingglass.workspace import open_workspace


@pytest.fixture
def folder(digits: Path) -> str:
    """The quickest worked use case to explain."""
    return str(digits / "digits")


def add(folder: str, example: str, verdict: str, *more: str, candidate: str = "marked") -> int:
    told = ["--candidate", candidate, "--example", example, "--verdict", verdict, "--as", "ana", *more]
    return run(["review", "add", folder, *told])


def test_review_add_list_and_export(folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(folder, "digit-0008", "wrong", "--comment", "the mark in the corner", "--json") == 0
    added = json.loads(capsys.readouterr().out)
    with open_workspace(folder) as ws:
        (standing,) = ws.reviews
        scored = ws.explain("marked", "digit-0008").score
        digest = ws.test_set().digest
    assert added == standing.review.to_json()
    assert (added["actor"], added["verdict"], added["comment"], added["score"], added["threshold"]) == (
        *("ana", "wrong", "the mark in the corner", scored, 0.5),
    )
    assert run(["review", "list", folder, "--candidate", "clean"]) == 0
    assert "No reviews yet" in capsys.readouterr().err
    assert run(["review", "list", folder, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["reviews"] == [standing.to_json()]
    assert (listed["candidates"][0]["wrong"], listed["candidates"][0]["share_right"]["k"]) == (1, 0)
    assert run(["review", "list", folder]) == 0
    assert "marked  digit-0008  wrong  ana" in capsys.readouterr().out

    page, data = tmp_path / "review.html", tmp_path / "review.json"
    assert run(["review", "export", folder, "--out", str(page)]) == 0
    assert ": 1 reviewed answer." in capsys.readouterr().err
    assert page.read_text().count("data:image/png;base64,") == 2
    assert "the mark in the corner" in page.read_text()
    assert run(["review", "export", folder, "--candidate", "marked", "--out", str(data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["without_reasons"] == 0
    whole = json.loads(data.read_text())
    assert whole["test_set"]["digest"] == digest
    reasons = whole["reviews"][0]["explanation"]

    for kept in (Path(folder) / EXPLANATIONS).glob("*/*/*.json"):
        kept.unlink()
    assert run(["review", "export", folder, "--out", str(data)]) == 0
    assert "1 of them without reasons" in capsys.readouterr().err
    assert json.loads(data.read_text())["reviews"][0]["explanation"] is None
    assert run(["review", "export", folder, "--explain", "--out", str(data)]) == 0
    again = json.loads(data.read_text())["reviews"][0]["explanation"]
    assert again.pop("model_rows_scored") > 0
    assert again == {key: value for key, value in reasons.items() if key != "model_rows_scored"}


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            ["add", "--candidate", "baseline", "--example", "digit-0008", "--verdict", "right"],
            "the same score",
        ),
        (
            ["add", "--candidate", "marked", "--example", "nobody", "--verdict", "right"],
            "no example 'nobody'",
        ),
        (
            ["add", "--candidate", "marked", "--example", "digit-0008", "--verdict", "fine"],
            "'fine' is not one of",
        ),
        (["list", "--candidate", "nobody"], "there is no candidate 'nobody'"),
        (["export", "--out", "review.html"], "no answer was reviewed yet"),
    ],
)
def test_what_cannot_be_reviewed_says_why_in_one_line(
    folder: str, capsys: pytest.CaptureFixture[str], told: list[str], sentence: str
) -> None:
    assert run(["review", told[0], folder, *told[1:]]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert sentence in printed.err
