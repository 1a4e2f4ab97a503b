"""``lookingglass testset`` and ``problems`` as a script sees them: exit codes, JSON, lines on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lookingglass.cli import testset as testset_module
from lookingglass.cli.main import run
from lookingglass.cli.problems import problems
from lookingglass.home import Home
from lookingglass.testset import read_version
from tests.core.testset.conftest import GOOD

File = Callable[..., Path]


@pytest.fixture
def call(home: Home, file: File, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs ``lookingglass AREA VERB WORKSPACE ...`` on a workspace with three examples."""

    def run_verb(area: str, verb: str, *options: str) -> tuple[int, str, str]:
        code = run([area, verb, str(home.folder), *options])
        out, err = capsys.readouterr()
        return code, out, err

    assert run_verb("testset", "import", str(file(GOOD)), "--as", "ana")[0] == 0
    return run_verb


def test_each_verb_changes_what_it_says(call: Callable[..., tuple[int, str, str]]) -> None:
    told = [
        call(
            "testset",
            "edit",
            "--id",
            "a",
            "--set",
            "lvr=0.9",
            "--set",
            "code=",
            "--note",
            "typo",
            "--as",
            "bo",
        ),
        call("testset", "relabel", "--id", "a", "--label", "yes", "--as", "bo"),
        call("testset", "tag", "--id", "b", "--tag", "hard", "--problem", "p", "--as", "bo"),
        call("testset", "remove", "--id", "c", "--as", "bo"),
        call(
            "testset",
            "add",
            "--id",
            "d",
            "--label",
            "no",
            "--set",
            "lvr=1",
            "--set",
            "area=NA",
            "--problem",
            "p",
            "--as",
            "bo",
        ),
        call("testset", "edit", "--id", "d", "--label", "yes", "--as", "bo"),
    ]
    assert [(code, out, err.strip()) for code, out, err in told] == [
        (0, "", "Version 2: bo changed a: lvr from 0.8 to 0.9, code from 001 to (empty)."),
        (0, "", "Version 3: bo relabelled a from no to yes."),
        (0, "", "Version 4: bo tagged b: tags from (empty) to hard, problems from (empty) to p."),
        (0, "", "Version 5: bo removed c."),
        (0, "", "Version 6: bo added d, labelled no."),
        (0, "", "Version 7: bo relabelled d from no to yes."),
    ]
    code, out, _ = call("testset", "show", "--json")
    shown = json.loads(out)
    assert code == 0
    assert shown["test_set"]["version"] == 7
    assert [(row["id"], row["label"], row["origin"]) for row in shown["examples"]] == [
        ("a", "yes", "sample"),
        ("b", "yes", "sample"),
        ("d", "yes", "pattern"),
    ]
    assert shown["examples"][0]["columns"] == {
        "lvr": 0.9,
        "units": 1,
        "area": "north",
        "code": None,
        "new": True,
    }
    assert (
        len(json.loads(call("testset", "show", "--json", "--version", "1", "--limit", "2")[1])["examples"])
        == 2
    )


@pytest.mark.parametrize(
    ("area", "verb", "options", "keys"),
    [
        ("testset", "history", [], {"workspace", "versions"}),
        ("testset", "show", [], {"workspace", "test_set", "erased", "examples"}),
        ("testset", "diff", ["--from", "0"], {"workspace", "from", "to", "counts", "erased", "changes"}),
        ("testset", "check", [], {"test_set", "passed", "checks"}),
        ("problems", "list", [], {"workspace", "problems"}),
    ],
)
def test_reading_verbs_print_one_json_object_or_words(
    area: str, verb: str, options: list[str], keys: set[str], call: Callable[..., tuple[int, str, str]]
) -> None:
    code, out, _ = call(area, verb, *options, "--json")
    assert code == 0
    assert out.count("\n") == 1
    assert json.loads(out).keys() == keys
    code, out, err = call(area, verb, *options)
    assert code == 0
    assert out or err


def test_a_dry_run_says_and_does_nothing(
    call: Callable[..., tuple[int, str, str]], file: File, home: Home
) -> None:
    head = home.ledger.head()
    path = file(GOOD.replace("0.8", "0.9"), "next.csv")
    code, out, err = call("testset", "import", str(path), "--dry-run", "--json")
    assert (code, err.strip()) == (
        0,
        "next.csv would change 1 example (a: lvr 0.8 -> 0.9), leave 2 as they are.",
    )
    plan: dict[str, Any] = json.loads(out)
    assert (plan["dry_run"], plan["version"], plan["added"], plan["changed"], plan["unchanged"]) == (
        True,
        1,
        0,
        1,
        2,
    )
    assert home.ledger.head() == head
    assert call("testset", "import", str(path))[2].startswith("Version 2: next.csv changed 1 example")
    assert call("testset", "import", str(path))[2].strip() == (
        "next.csv changes nothing: all 3 rows are in the test set already."
    )


def test_a_rejected_file_lists_its_problems_after_the_error(
    call: Callable[..., tuple[int, str, str]], file: File
) -> None:
    rows = "".join(f"k{n},no,abc,1,north,x,true\n" for n in range(25))
    code, out, err = call("testset", "import", str(file(GOOD + rows, "bad.csv")))
    lines = err.splitlines()
    assert (code, out) == (2, "")
    assert (
        lines[0]
        == "error: bad.csv: row 4, column lvr: 'abc' is not a number (and 24 more). Nothing was imported."
    )
    assert lines[1] == "  row 4, column lvr: 'abc' is not a number"
    assert len(lines) == 1 + 20 + 1
    assert lines[-1] == "  and 5 more"
    one = call("testset", "import", str(file("x\n1\n", "bad.csv")))
    assert one[0] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["edit", "--id", "a", "--set", "lvr"], "error: --set takes COLUMN=VALUE, not 'lvr'."),
        (
            ["edit", "--id", "a", "--set", "lvr=1", "--set", "lvr=2"],
            "error: --set names the column lvr twice.",
        ),
        (["edit", "--id", "a"], "error: nothing to change: say what with --set COLUMN=VALUE."),
        (["tag", "--id", "a"], "error: nothing to change: give --tag, --untag or --problem."),
        (
            ["relabel", "--id", "a", "--label", "maybe"],
            "error: deny: 'maybe' is not a label of this task (no, yes).",
        ),
        (
            ["show", "--version", "9"],
            "error: there is no version 9 of the test set of small: the latest is 1.",
        ),
        (
            ["export", "--out", "x.xlsx"],
            "error: x.xlsx: the name must end in .csv, .parquet, .jsonl, which says what to write.",
        ),
    ],
)
def test_bad_input_is_one_line_and_code_two(
    options: list[str], message: str, call: Callable[..., tuple[int, str, str]]
) -> None:
    verb, *rest = options
    assert call("testset", verb, *rest) == (2, "", message + "\n")


def test_the_second_editor_is_told(call: Callable[..., tuple[int, str, str]]) -> None:
    assert (
        call("testset", "relabel", "--id", "a", "--label", "yes", "--seen-version", "1", "--as", "ana")[0]
        == 0
    )
    code, _, err = call("testset", "remove", "--id", "a", "--seen-version", "1", "--as", "bo")
    assert code == 2
    assert err.startswith("error: ana changed deny of a from no to yes at ")


def test_check_says_by_its_code_that_there_is_an_issue(call: Callable[..., tuple[int, str, str]]) -> None:
    assert call("testset", "check")[0] == 0
    call("testset", "relabel", "--id", "a", "--label", "yes")
    code, out, _ = call("testset", "check", "--json")
    assert code == 1
    assert json.loads(out)["passed"] is False


def test_an_export_is_written(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, _, err = call("testset", "export", "--out", str(tmp_path / "out.csv"))
    assert code == 0
    assert "3 examples of version 1, sha256:" in err
    assert call("testset", "import", str(tmp_path / "out.csv"))[2].startswith("out.csv changes nothing")


def test_problems_are_opened_listed_and_shown(call: Callable[..., tuple[int, str, str]]) -> None:
    code, _, err = call(
        "problems", "open", "--name", "North", "--description", "Refused.", "--pattern", "a", "--as", "bo"
    )
    assert (code, err) == (0, "problem-1, 'North', is open; it has 1 patterns.\n")
    assert json.loads(call("problems", "show", "North", "--json")[1])["pattern_ids"] == ["a"]
    assert "Refused." in call("problems", "show", "problem-1")[1]
    assert json.loads(call("problems", "list", "--json")[1])["problems"][0]["actor"] == "bo"


def test_every_verb_of_the_interface_is_there() -> None:
    assert set(testset_module.testset.commands) == {
        "import", "add", "edit", "relabel", "remove", "tag", "erase", "history", "show", "diff", "check", "export",
    }  # fmt: skip
    assert {"list", "open", "show"} <= set(problems.commands)


def test_erase_takes_the_content_out_of_every_version(
    call: Callable[..., tuple[int, str, str]], home: Home, tmp_path: Path
) -> None:
    def erase(*options: str) -> tuple[int, str, str]:
        return call("testset", "erase", *options, "--as", "bo")

    assert erase("--id", "zz", "--reason", "asked for") == (
        2,
        "",
        "error: there never was an example 'zz' in the test set of small: look at its id with "
        "`lookingglass testset show`.\n",
    )
    assert erase("--id", "a")[0] == 2
    assert erase("--id", "a", "--reason", "") == (
        2,
        "",
        "error: an erasure needs its reason: say why, without repeating what is erased.\n",
    )
    code, out, err = erase("--id", "a", "--reason", "asked for", "--json")
    assert (code, err) == (0, "Version 2: bo erased the content of a.\n")
    told = json.loads(out)
    assert (told["version"], told["changed"], told["example_id"]) == (2, True, "a")
    assert erase("--id", "a", "--reason", "again")[0] == 2
    left_out = f"Left out: a was erased by bo on {read_version(home, 1).erased[0].time[:10]} (asked for).\n"
    for verb, options in (
        ("show", ["--version", "1"]),
        ("diff", ["--from", "1", "--to", "2"]),
        ("export", ["--version", "1", "--out", str(tmp_path / "out.csv")]),
    ):
        code, out, err = call("testset", verb, *options)
        assert code == 0
        assert err.endswith(left_out)
        code, out, _ = call("testset", verb, *options, "--json")
        (stone,) = json.loads(out)["erased"]
        assert (code, stone["example_id"], stone["reason"], stone["version"]) == (0, "a", "asked for", 2)
    lines = call("testset", "history")[1].splitlines()
    assert lines[0].endswith("3 examples added [content of 1 example was erased since]")
    assert lines[1].endswith("bo erased the content of a (asked for)")
    assert json.loads(call("testset", "history", "--json")[1])["versions"][0]["erased"] == 1
    assert json.loads(call("testset", "show", "--json")[1])["erased"] == []
    assert run(["audit", "verify", str(home.folder)]) == 0


def test_an_export_says_what_it_wrote(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    code, told, _ = call("testset", "export", "--out", str(out), "--json")
    assert code == 0
    summary = json.loads(call("testset", "show", "--json")[1])["test_set"]
    assert json.loads(told) == {"file": str(out), "test_set": summary, "erased": []}
