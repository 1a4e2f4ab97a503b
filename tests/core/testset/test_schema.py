"""The proposed schema never re-types by guessing, for every kind of file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lookingglass.config import Column, WorkspaceConfig, dump_config, parse_config
from lookingglass.errors import BadInput, ImportRejected
from lookingglass.testset import describe_schema, propose_schema

File = Callable[..., Path]


def propose(path: Path, **options: Any) -> WorkspaceConfig:
    """Return the proposal for a file whose label is y."""
    return propose_schema(path, **{"name": "w", "label": "y", "positive": "yes", **options})


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2"], ("integer", None)),
        (["-1", "0"], ("integer", None)),
        (["1.5", "2"], ("number", None)),
        (["1e-05", "0.5"], ("number", None)),
        (["001", "2"], ("category", ("001", "2"))),
        (["1", "1E5"], ("category", ("1", "1E5"))),
        (["1", " 2"], ("category", (" 2", "1"))),
        (["+1", "2"], ("category", ("+1", "2"))),
        (["1,5", "2"], ("category", ("1,5", "2"))),
        (["NA", "1"], ("category", ("1", "NA"))),
        (["nan", "1"], ("category", ("1", "nan"))),
        (["None", "x"], ("category", ("None", "x"))),
        (["true", "false"], ("category", ("false", "true"))),
        (["yes", "no"], ("category", ("no", "yes"))),
        (["12345678901234567890", "1"], ("category", ("1", "12345678901234567890"))),
    ],
)
def test_csv_text_is_a_number_only_when_nothing_is_lost(
    cells: list[str], expected: tuple[str, Any], file: File
) -> None:
    rows = "".join(f'"{cell}",{label}\n' for cell, label in zip(cells, ("yes", "no"), strict=True))
    column = propose(file(f"x,y\n{rows}")).columns["x"]
    assert (column.type, column.values) == expected
    assert (column.min, column.max, column.missing, column.role) == (None, None, "refuse", ("feature",))


def test_twenty_values_are_listed_and_one_more_is_text(file: File) -> None:
    def column(count: int) -> Column:
        rows = "".join(f"v{n % count},{'yes' if n % 2 else 'no'}\n" for n in range(60))
        return propose(file(f"x,y\n{rows}")).columns["x"]

    assert column(20).type == "category"
    assert len(column(20).values or ()) == 20
    assert (column(21).type, column(21).values) == ("text", None)


def test_roles_missing_values_and_words(file: File) -> None:
    path = file("example_id,x,g,h,note,empty,y\na,1,NA,,u,,yes\nb,,north,0,v,,no\nc,2,,1,w,,\n")
    config = propose(
        path,
        groups=["g", "h"],
        ignored=["note"],
        words={"title": "T", "unit": "case", "positive_name": "granted"},
    )
    columns = config.columns
    assert columns["example_id"].role == ("id",)
    assert columns["y"].values == ("no", "yes")
    assert (columns["x"].type, columns["x"].missing) == ("integer", "keep")
    assert columns["g"] == Column(
        role=("feature", "group"), type="category", values=("NA", "north"), missing="own group"
    )
    assert columns["h"].values == ("0", "1"), "a group's numbers are names"
    assert columns["note"].role == columns["empty"].role == ("ignore",)
    assert (config.title, config.task.unit, config.task.positive_name, config.task.id) == (
        "T",
        "case",
        "granted",
        "example_id",
    )
    assert describe_schema(config) == [
        "y is the label: 'yes' counts as yes, 'no' as no.",
        "example_id is the id.",
        "x is an input, a whole number; an empty cell is a missing value.",
        "g is an input and a group, one of NA, north; empty cells form a group of their own.",
        "h is an input and a group, one of 0, 1; empty cells form a group of their own.",
        "note is left out.",
        "empty is left out.",
    ]
    assert parse_config(dump_config(config), "again") == config


def test_a_text_task_takes_the_one_text_or_asks(file: File) -> None:
    rows = "".join(f"some words {n},topic {n},yes\nmore {n},other {n},no\n" for n in range(15))
    one = propose(
        file(
            "t,y\n"
            + "".join(line.split(",")[0] + "," + line.split(",")[2] + "\n" for line in rows.splitlines())
        ),
        kind="text",
    )
    assert one.columns["t"].role == ("text",)
    two = file("t,u,y\n" + rows)
    with pytest.raises(
        BadInput, match=r"data.csv: say which columns are the text, with --text COL \(there are t, u\)"
    ):
        propose(two, kind="text")
    config = propose(two, kind="text", texts=["t"], groups=["u"])
    assert (config.columns["t"].role, config.columns["u"].role) == (("text",), ("group",))


def test_parquet_and_json_lines_keep_their_own_types(tmp_path: Path, file: File) -> None:
    table = pa.table(
        {"i": [1, 2], "f": [1.0, None], "b": [True, False], "s": ["1", "2"], "g": [0, 1], "y": [1, 0]}
    )
    pq.write_table(table, tmp_path / "x.parquet")
    lines = '{"i": 1, "f": 1.0, "b": true, "s": "1", "g": 0, "y": 1}\n'
    lines += '{"i": 2, "f": null, "b": false, "s": "2", "g": 1, "y": 0}\n'
    for path in (tmp_path / "x.parquet", file(lines, "x.jsonl")):
        columns = propose(path, positive="1", groups=["g"]).columns
        assert {name: column.type for name, column in columns.items()} == {
            "i": "integer",
            "f": "number",
            "b": "boolean",
            "s": "category",
            "g": "category",
            "y": "category",
        }
        assert columns["y"].values == ("0", "1")
        assert columns["f"].missing == "keep"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "z"}, "data.csv has no column 'z' (--label): it has x, y."),
        ({"groups": ["q"]}, "data.csv has no column 'q' (--group): it has x, y."),
        (
            {"positive": "Yes"},
            "data.csv: no row has 'Yes' in the label column y (--positive): its values are no, yes.",
        ),
        (
            {"label": "x", "positive": "1"},
            "data.csv: the label column x has more than 100 different values: name another with --label.",
        ),
    ],
)
def test_a_wrong_name_is_told_with_what_there_is(options: dict[str, Any], message: str, file: File) -> None:
    path = file("x,y\n" + "".join(f"{n},{'yes' if n % 2 else 'no'}\n" for n in range(120)))
    with pytest.raises(BadInput) as caught:
        propose(path, **options)
    assert str(caught.value) == message


def test_a_ragged_file_is_refused_as_on_import(file: File) -> None:
    with pytest.raises(ImportRejected, match="row 2: has 1 cells, the header has 2"):
        propose(file("x,y\n1,yes\n2\n"))
