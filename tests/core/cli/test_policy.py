"""``lookingglass policy``: set, shown, and held against a candidate; exit 1 where a limit blocks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lookingglass.cli.main import run

# south is answered yes far more often than north; few are in the west.
GROUPS = {"north": (40, 10, 190, 60), "south": (80, 90, 110, 20), "west": (2, 1, 2, 1)}
REASON = ["--reason", "Denied by mistake is the worse mistake.", "--before-results"]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Make a workspace whose one candidate has these counts at 0.5."""
    rows, scores = ["example_id,outcome,a,region"], ["example_id,score"]
    for region, (tp, fp, tn, fn) in GROUPS.items():
        for many, label, score in ((tp, "yes", 0.9), (fp, "no", 0.9), (tn, "no", 0.1), (fn, "yes", 0.1)):
            for _ in range(many):
                rows.append(f"e{len(rows)},{label},{len(rows)},{region}")
                scores.append(f"e{len(scores)},{score}")
    (tmp_path / "data.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "scores.csv").write_text("\n".join(scores) + "\n")
    made = tmp_path / "ws"
    told = ["--label", "outcome", "--positive", "yes", "--group", "region"]
    assert run(["init", str(made), "--data", str(tmp_path / "data.csv"), *told]) == 0
    assert run(["candidates", "add", str(made), "vendor", str(tmp_path / "scores.csv")]) == 0
    return made


def test_it_is_set_shown_and_held_against_a_candidate(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ["--limit", "false_positive_rate difference 0.1 by region", "--reference", "region=north"]
    waived = ["--waivable", "precision difference 0.9 by region"]
    assert run(["policy", "set", str(workspace), *told, *waived, *REASON, "--as", "ana"]) == 0
    capsys.readouterr()
    assert run(["policy", "show", str(workspace), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["version"], shown["actor"], shown["after_results"]) == (1, "ana", False)
    assert shown["policy"]["limits"][0]["reference"] == "north"
    assert [each["waivable"] for each in shown["policy"]["limits"]] == [False, True]
    assert run(["policy", "show", str(workspace), "--candidate", "vendor", "--json"]) == 1
    first, second = json.loads(capsys.readouterr().out)["checks"]
    assert (first["verdict"], first["blocks"], first["compared"]) == ("outside", True, 2)
    assert [each["slice"] for each in first["outside"]] == [{"region": "south"}]
    assert [each["slice"] for each in first["cannot_tell"]] == [{"region": "west"}]
    assert (second["verdict"], second["blocks"]) == ("cannot tell", True)
    assert run(["policy", "show", str(workspace), "--candidate", "vendor"]) == 1
    out = capsys.readouterr().out
    assert "before results were looked at" in out
    assert "outside: false_positive_rate difference 0.1 by region: region = south" in out


def test_cannot_tell_may_pass(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ["--limit", "accuracy difference 0.5 by region", "--cannot-tell", "passes", *REASON]
    assert run(["policy", "set", str(workspace), *told]) == 0
    capsys.readouterr()
    assert run(["policy", "show", str(workspace), "--candidate", "vendor", "--json"]) == 0
    (check,) = json.loads(capsys.readouterr().out)["checks"]
    assert (check["verdict"], check["blocks"], check["further_examples"]) == ("cannot tell", False, None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--limit", "recall difference 0.1 by colour"], "there is nothing called 'colour' to slice by"),
        (["--limit", "recall difference 0.1"], "a limit names a metric"),
        (
            ["--limit", "recall difference 0.1 by region", "--reference", "a=1"],
            "a reference is given for 'a'",
        ),
        (["--limit", "recall difference 0.1 by region", "--reference", "north"], "--reference names columns"),
        (["--limit", "recall difference 0.1 by region", "--minimum", "0"], "the smallest denominator"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    workspace: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    capsys.readouterr()
    assert run(["policy", "set", str(workspace), *arguments, *REASON]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert told in error
    assert run(["policy", "show", str(workspace)]) == 2
    assert "no policy is set in ws" in capsys.readouterr().err
