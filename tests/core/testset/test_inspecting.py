"""Looking at a file before a workspace exists: separator, columns, first rows; and correcting what it suggests."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lookingglass.config import WorkspaceConfig
from lookingglass.errors import BadInput, ImportRejected
from lookingglass.testset import propose_schema
from lookingglass.testset.column_edits import MISSING, ROLES, TYPES, column_rows, with_column_edits
from lookingglass.testset.inspecting import look_at, proposed_delimiter


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a;b;c\n1,5;2;3\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b|c\n", "|"),
        ('"a;x","b;y;z",c\n', ","),
        ("only\n1\n", ","),
        ("", ","),
        ("\ufeffa;b\n", ";"),
    ],
)
def test_the_header_suggests_a_separator(tmp_path: Path, text: str, sign: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, "utf-8")
    assert proposed_delimiter(path) == sign
    packed = tmp_path / "table.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert proposed_delimiter(packed) == sign


def test_other_kinds_have_none_and_a_torn_gzip_is_no_error_yet(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"a": 1}\n', "utf-8")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n")[:-9])
    assert proposed_delimiter(tmp_path / "t.jsonl") is None
    assert proposed_delimiter(tmp_path / "t.csv.gz") == ","


def test_it_says_what_could_be_the_label_and_shows_the_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "id;note;bad\n" + "".join(f"{n};text {n};{'yes' if n % 3 else 'no'}\n" for n in range(150))
    )
    look = look_at(path, file="loans.csv", delimiter=";")
    assert look.labels == ["bad"]
    assert look.answers("bad") == ["no", "yes"]
    assert look.answers("note") == []
    assert len(look.first) == 8
    assert look.first[0] == {"id": "0", "note": "text 0", "bad": "no"}
    with pytest.raises(ImportRejected, match=r"^loans\.csv: .*one column"):
        look_at(path, file="loans.csv", delimiter=",")


@pytest.fixture
def proposed(tmp_path: Path) -> WorkspaceConfig:
    """Propose the schema of a small file."""
    path = tmp_path / "t.csv"
    path.write_text("id,age,sex,bad\na,30,f,yes\nb,40,m,no\nc,50,,no\n", "utf-8")
    return propose_schema(path, name="t", label="bad", positive="yes", id_column="id")


def test_columns_are_corrected_in_words(proposed: WorkspaceConfig) -> None:
    changed = with_column_edits(
        proposed,
        {
            "age": {"lowest": 18.0, "highest": 99.0},
            "sex": {"role": "input and group", "empty": "a group of their own", "values": ["f", "m", "x"]},
            "bad": {"role": "left out"},
            "gone": {"role": "left out"},
        },
    )
    assert (changed.columns["age"].min, changed.columns["age"].max) == (18.0, 99.0)
    assert changed.columns["sex"].role == ("feature", "group")
    assert changed.columns["sex"].values == ("f", "m", "x")
    assert changed.columns["bad"] == proposed.columns["bad"], "the label is not a column to be corrected here"
    assert {row.column: row.role for row in column_rows(changed)} == {
        "age": "input",
        "sex": "input and group",
    }


def test_all_that_is_wrong_is_said_at_once(proposed: WorkspaceConfig) -> None:
    with pytest.raises(BadInput) as caught:
        with_column_edits(
            proposed, {"age": {"lowest": 5.0, "highest": 1.0}, "sex": {"type": "number", "values": ["f"]}}
        )
    assert "age: the lowest value 5 is above the highest 1" in str(caught.value)
    with pytest.raises(BadInput, match="no column is an input"):
        with_column_edits(proposed, {name: {"role": "left out"} for name in ("age", "sex")})


def test_every_word_for_a_column_means_something_that_workspace_toml_knows(proposed: WorkspaceConfig) -> None:
    for field, words in (("role", ROLES), ("empty", MISSING), ("type", TYPES)):
        for word in words:
            if word == "image":
                continue
            with_column_edits(proposed, {"sex": {field: word, "values": []}})
