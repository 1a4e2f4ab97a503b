"""Imports that fit: what is kept to the letter, what a plan says, what a second import leaves alone."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lookingglass.config import Column
from lookingglass.errors import Conflict
from lookingglass.home import Home
from lookingglass.testset import (
    add_example,
    commit_import,
    edit_example,
    export,
    forget_versions,
    history,
    latest_version,
    plan_import,
    read_version,
    relabel,
    remove,
    tag,
)
from tests.core.testset.conftest import ANA, BO, COLUMNS, GOOD, HEADER

File = Callable[..., Path]


def test_values_are_kept_to_the_letter(home: Home, file: File) -> None:
    """001, NA and None stay text; an empty cell is missing; a boolean is one."""
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    frame = read_version(home).rows
    assert frame["code"].to_list() == ["001", "None", "x y"]
    assert frame["area"].to_list() == ["north", "NA", None]
    assert frame["new"].to_list() == [True, False, None]
    assert frame["units"].to_list() == [1, None, 3]
    assert frame["@label"].to_list() == ["no", "yes", None]
    assert frame["@origin"].to_list() == ["sample"] * 3
    assert frame["@source"].to_list() == ["data.csv"] * 3
    test_set = read_version(home)
    assert test_set.y_true.tolist() == [0, 1, -1]
    assert (test_set.examples, test_set.labelled, test_set.positives) == (3, 2, 1)


def test_an_import_moves_input_seq_only_of_the_examples_whose_inputs_it_changes(
    home: Home, file: File
) -> None:
    """By it a score given before is known to still apply; one that comes back after a removal is a new example."""
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    first = read_version(home).seq
    commit_import(
        home, plan_import(home, file(GOOD.replace("a,no,0.8", "a,yes,0.8").replace("1.5", "1.25"))), ANA
    )
    second = read_version(home)
    assert dict(second.rows.select("@id", "@input_seq").iter_rows()) == {
        "a": first,
        "b": second.seq,
        "c": first,
    }
    remove(home, "c", actor=ANA)
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    last = read_version(home)
    assert dict(last.rows.select("@id", "@input_seq").iter_rows()) == {
        "a": first,
        "b": last.seq,
        "c": last.seq,
    }
    remove(home, "a", actor=ANA)
    add_example(
        home, {"lvr": 0.8, "units": 1, "area": "north", "code": "001", "new": True}, id="a", actor=ANA
    )
    back = read_version(home)
    assert back.rows.filter(pl.col("@id") == "a").select("@added_seq", "@input_seq").row(0) == (
        back.seq,
        back.seq,
    )


@pytest.mark.parametrize(
    "encode",
    [
        lambda t: b"\xef\xbb\xbf" + t.encode(),
        lambda t: t.replace("\n", "\r\n").encode(),
        lambda t: t.rstrip().encode(),
    ],
)
def test_marks_and_line_ends_do_not_matter(encode: Callable[[str], bytes], home: Home, file: File) -> None:
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    assert plan_import(home, file(encode(GOOD))).changes_nothing


def test_compressed_and_other_delimiters_are_read(home: Home, file: File) -> None:
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    assert plan_import(home, file(gzip.compress(GOOD.encode()), "x.csv.gz")).changes_nothing
    assert plan_import(home, file(GOOD.replace(",", ";"), "x.csv"), delimiter=";").changes_nothing
    assert plan_import(home, file(GOOD.replace(",", "\t"), "x.tsv")).changes_nothing


def test_a_plan_says_what_would_change_and_changes_nothing(home: Home, file: File) -> None:
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    head = home.ledger.head()
    plan = plan_import(home, file(GOOD.replace("0.8", "0.9") + "d,no,1,1,north,x,true\n", "next.csv"))
    assert plan.words == "next.csv would add 1 example, change 1 (a: lvr 0.8 -> 0.9), leave 2 as they are."
    assert home.ledger.head() == head
    event = commit_import(home, plan, BO)
    assert event is not None
    assert (
        plan.words_when_done == "next.csv added 1 example, changed 1 (a: lvr 0.8 -> 0.9), left 2 as they are."
    )
    assert history(home)[-1].words == "imported next.csv: 1 example added, 1 example changed"
    assert read_version(home).ids == ["a", "b", "c", "d"]


def test_the_same_file_twice_changes_nothing_and_says_so(home: Home, file: File) -> None:
    assert commit_import(home, plan_import(home, file(GOOD)), ANA) is not None
    head = home.ledger.head()
    plan = plan_import(home, file(GOOD))
    assert plan.words == "data.csv changes nothing: all 3 rows are in the test set already."
    assert commit_import(home, plan, ANA) is None
    assert home.ledger.head() == head


def test_an_import_keeps_what_the_file_does_not_carry(home: Home, file: File) -> None:
    commit_import(home, plan_import(home, file(GOOD), origin="pattern", source="workshop"), ANA)
    tag(home, "a", add=["hard"], problems=["p"], actor=ANA)
    commit_import(
        home, plan_import(home, file(GOOD.replace("0.8", "0.9"), "again.csv"), origin="sample"), ANA
    )
    row = read_version(home).rows.row(0, named=True)
    assert (row["lvr"], row["@origin"], row["@source"], row["@tags"], row["@problems"]) == (
        0.9,
        "pattern",
        "workshop",
        ["hard"],
        ["p"],
    )


def test_carried_columns_are_taken_over(home: Home, file: File) -> None:
    rows = f"{HEADER},@origin,@source,@tags,@problems\na,no,1,1,north,x,true,pattern,call,hard;typo,p\n"
    rows += "b,no,1,1,north,x,true,,,,\n"
    commit_import(home, plan_import(home, file(rows), source="default"), ANA)
    frame = read_version(home).rows
    assert frame["@origin"].to_list() == ["pattern", "sample"]
    assert frame["@source"].to_list() == ["call", "default"]
    assert frame["@tags"].to_list() == [["hard", "typo"], []]
    assert frame["@problems"].to_list() == [["p"], []]


def test_a_plan_that_waited_is_done_when_it_still_holds_and_refused_when_not(home: Home, file: File) -> None:
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    holds = plan_import(home, file("\n".join([HEADER, "e,no,1,1,north,x,true"]), "e.csv"))
    stale = plan_import(home, file(GOOD.replace("0.8", "0.9"), "a.csv"))
    first = relabel(home, "a", "yes", actor=BO)
    assert first is not None
    assert commit_import(home, holds, ANA) is not None
    with pytest.raises(Conflict, match=r"changed examples of a.csv at .*, while this import waited"):
        commit_import(home, stale, ANA)
    assert latest_version(home) == 3
    assert read_version(home).digest == history(home)[-1].digest


def test_two_commits_of_one_plan_write_once(home: Home, file: File) -> None:
    plan = plan_import(home, file(GOOD))
    assert commit_import(home, plan, ANA) is not None
    assert commit_import(home, plan, ANA) is None
    assert latest_version(home) == 1


def test_the_same_request_again_is_not_done_again_even_when_it_was_undone(home: Home, file: File) -> None:
    """A request that is sent a second time, after a time-out say, brings nothing back that was changed since."""
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    path = file(f"{HEADER}\na,yes,0.9,1,north,001,true\n", "second.csv")
    first = commit_import(home, plan_import(home, path), ANA, key="request-1")
    relabel(home, "a", "no", actor=BO)
    again = commit_import(home, plan_import(home, path), ANA, key="request-1")
    assert again == first is not None
    assert read_version(home).version == 3
    assert read_version(home).rows["@label"].to_list()[0] == "no"


def test_a_column_declared_later_is_missing_in_older_rows_and_history_stays(
    home: Home, make_home: Callable[..., Home], file: File
) -> None:
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    edit_example(home, "a", {"lvr": 1}, actor=ANA)
    digests = [entry.digest for entry in history(home)]
    home.ledger.close()
    wider = make_home(
        "ws", columns={**COLUMNS, "extra": Column(role=("feature",), type="number", missing="keep")}
    )
    forget_versions()
    assert [read_version(wider, version).digest for version in (1, 2)] == digests
    assert read_version(wider).rows["extra"].to_list() == [None, None, None]
    edit_example(wider, "b", {"extra": 5}, actor=ANA)
    assert read_version(wider).rows["extra"].to_list() == [None, 5.0, None]


def test_a_csv_export_is_safe_in_a_spreadsheet_and_the_others_to_the_byte(
    home: Home, file: File, tmp_path: Path
) -> None:
    risky = ["=1+1", "+1", "-1", "@x", "'=1", "\tx", "plain"]
    rows = "".join(f"k{n},no,1,1,north,{text},true\n" for n, text in enumerate(risky))
    commit_import(home, plan_import(home, file(f"{HEADER}\n{rows}")), ANA)
    assert read_version(home).rows["code"].to_list() == risky, (
        "a file that is not our export is taken as it is"
    )
    text = export(read_version(home), tmp_path / "out.csv").read_text(encoding="utf-8")
    assert "'=1+1," in text
    assert ",''=1," in text
    assert ",plain," in text
    for suffix in (".csv", ".parquet", ".jsonl"):
        assert plan_import(home, export(read_version(home), tmp_path / f"out{suffix}")).changes_nothing
    assert '"code": "=1+1"' in (tmp_path / "out.jsonl").read_text(encoding="utf-8")


def test_a_damaged_part_is_noticed(home: Home, file: File) -> None:
    from lookingglass.errors import Damaged

    event = commit_import(home, plan_import(home, file(GOOD)), ANA)
    assert event is not None
    part = home.files.path(event.payload["file"])
    part.chmod(0o644)
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    forget_versions()
    with pytest.raises(Damaged, match="is not the file that was imported: restore it from a backup"):
        read_version(home)


def test_inputs_come_in_the_asked_order_as_plain_arrow(home: Home, file: File) -> None:
    commit_import(home, plan_import(home, file(GOOD)), ANA)
    table = read_version(home).inputs(["code", "lvr", "units", "new"], [2, 0])
    assert [str(field.type) for field in table.schema] == ["string", "double", "int64", "bool"]
    assert table.to_pydict() == {
        "code": ["x y", "001"],
        "lvr": [2.0, 0.8],
        "units": [3, 1],
        "new": [None, True],
    }
