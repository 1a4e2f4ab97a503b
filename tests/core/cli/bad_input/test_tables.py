"""A table that does not fit: one line that says what, where and what to do, exit code 2, nothing changed."""

from __future__ import annotations

import pytest

from tests.core.cli.bad_input.desk import DATA, Desk, changed, with_column, without

ONE_COLUMN = "the header line is one column (example_id;outcome;a;b;area)"

TABLES: dict[str, tuple[str | bytes, str]] = {
    "missing id": (
        changed("example_id", ""),
        "row 3, column example_id: is empty, and this column may not be",
    ),
    "duplicate id": (
        changed("example_id", "e0"),
        "row 3, column example_id: the id 'e0' is already used in row 1",
    ),
    "duplicate header": (with_column("b"), "column b: this name is in the header twice"),
    "wrong encoding": (
        changed("area", "Zürich").encode("latin-1"),
        "it is not UTF-8 (byte 0xFC in line 4), it looks like WINDOWS-1252: save it as UTF-8, "
        "for instance with `iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW`",
    ),
    "empty file": ("", "it is empty"),
    "semicolons": (DATA.replace(",", ";"), f"{ONE_COLUMN}: is ';' the separator? Then add --delimiter ';'"),
}
"""What neither ``init`` nor ``testset import`` can take."""

IMPORTS: dict[str, tuple[str, str]] = {
    "unknown label": (
        changed("outcome", "maybe"),
        "row 3, column outcome: 'maybe' is not a label of this task (no, yes)",
    ),
    "column missing": (without("b"), "column b: this column is missing"),
    "id column missing": (without("example_id"), "column example_id: this column is missing"),
    "column extra": (
        with_column("more"),
        "column more: is not a column of this workspace: leave it out, or declare it in workspace.toml "
        '(role = "ignore" to skip it)',
    ),
    "wrong type": (changed("b", "abc"), "row 3, column b: 'abc' is not a whole number"),
    "out of range": (changed("b", "101"), "row 3, column b: 101 is above the largest allowed, 100"),
    "unknown group": (changed("area", "west"), "row 3, column area: 'west' is not one of north, south"),
}
"""What is wrong only because the workspace says otherwise."""


@pytest.mark.parametrize("case", TABLES | IMPORTS)
def test_a_file_that_does_not_fit_is_not_imported(case: str, desk: Desk) -> None:
    content, message = (TABLES | IMPORTS)[case]
    path = desk.file(content)
    assert desk.refused("testset", "import", desk.workspace, path) == [
        f"data.csv: {message}. Nothing was imported."
    ]


@pytest.mark.parametrize("case", TABLES)
def test_a_file_that_cannot_be_used_makes_no_workspace(case: str, desk: Desk) -> None:
    """Nor the folders on the way to it."""
    content, message = TABLES[case]
    choice = ["--data", desk.file(content), "--label", "outcome", "--positive", "yes"]
    assert desk.refused("init", desk.folder / "new" / "er", *choice) == [
        f"data.csv: {message}. Nothing was imported."
    ]


@pytest.mark.parametrize("verb", ["init", "import"])
def test_the_first_twenty_problems_are_listed(verb: str, desk: Desk) -> None:
    path = desk.file(changed("example_id", "", rows=25))
    words = ["init", desk.folder / "new", "--label", "outcome", "--positive", "yes", "--data", path]
    lines = desk.refused(*(words if verb == "init" else ["testset", "import", desk.workspace, path]))
    problem = "column example_id: is empty, and this column may not be"
    assert lines == [
        f"data.csv: row 3, {problem} (and 24 more). Nothing was imported.",
        *(f"  row {row}, {problem}" for row in range(3, 23)),
        "  and 5 more",
    ]


@pytest.mark.parametrize("delimiter", [";", "|", "\t", r"\t"])
def test_the_delimiter_that_was_offered_is_taken(delimiter: str, desk: Desk) -> None:
    """By both verbs; a tab may be typed as it is offered."""
    path = desk.file(DATA.replace(",", delimiter.replace(r"\t", "\t")))
    choice = ["--label", "outcome", "--positive", "yes", "--group", "area", "--data", path]
    offered = desk.refused("init", desk.folder / "new", *choice)[0]
    typed = delimiter.replace("\t", r"\t")
    assert f"Then add --delimiter '{typed}'. Nothing" in offered
    assert desk.call("init", desk.folder / "new", *choice, "--delimiter", delimiter)[0] == 0
    told = desk.call("testset", "import", desk.workspace, path, "--delimiter", delimiter)
    assert (told[0], told[2]) == (0, "data.csv changes nothing: all 40 rows are in the test set already.\n")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("data.csv", "data.csv exists and is not empty: choose another folder."),
        ("data.csv/ws", "data.csv is not a folder, so no workspace can be made in it: choose another place."),
        ("ws", "ws is a workspace already: choose another folder, or import into it with"),
        (
            "two words",
            "'two words' cannot be the name of a workspace: choose a folder whose name has at most 64",
        ),
    ],
)
def test_a_place_where_no_workspace_can_be(place: str, message: str, desk: Desk) -> None:
    choice = ["--data", desk.file(DATA), "--label", "outcome", "--positive", "yes"]
    (line,) = desk.refused("init", desk.folder / place, *choice)
    assert message in line
