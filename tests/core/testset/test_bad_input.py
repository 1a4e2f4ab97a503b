"""Every file that cannot be imported: the exact sentence, and nothing changed (the ledger's head stays)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lookingglass.errors import BadInput, ImportRejected, LookingGlassError, NotFound
from lookingglass.home import Home
from lookingglass.testset import ReadLimits, commit_import, latest_version, plan_import
from tests.core.testset.conftest import ANA, GOOD, HEADER

File = Callable[..., Path]
ROW = "a,no,0.8,1,north,001,true"


@pytest.fixture
def refused(home: Home) -> Callable[..., LookingGlassError]:
    """Return a function that tries an import, checks that nothing changed, and returns the error."""

    def attempt(path: Path, **options: object) -> LookingGlassError:
        before = home.ledger.head()
        files = sorted(home.folder.rglob("*"))
        with pytest.raises(LookingGlassError) as caught:
            commit_import(home, plan_import(home, path, **options), ANA)  # type: ignore[arg-type]  # options of the test
        assert home.ledger.head() == before
        assert sorted(home.folder.rglob("*")) == files
        assert "\n" not in str(caught.value)
        return caught.value

    return attempt


UNKNOWN = (
    "is not a column of this workspace: leave it out, or declare it in workspace.toml "
    + '(role = "ignore" to skip it)'
)
CASES: dict[str, tuple[str | bytes, str]] = {
    "missing id": (
        f"{HEADER}\n{ROW}\n,no,1,1,north,x,true\n",
        "row 2, column key: is empty, and this column may not be",
    ),
    "duplicate id": (
        f"{HEADER}\n{ROW}\nb,no,1,1,north,x,true\n{ROW}\n",
        "row 3, column key: the id 'a' is already used in row 1",
    ),
    "duplicate id after normal form": (
        f"{HEADER}\n\u00e9,no,1,1,north,x,true\ne\u0301,no,1,1,north,x,true\n",
        "row 2, column key: the id 'é' is already used in row 1",
    ),
    "unknown label": (
        f"{HEADER}\na,maybe,1,1,north,x,true\n",
        "row 1, column deny: 'maybe' is not a label of this task (no, yes)",
    ),
    "missing column": (
        "key,deny,units,area,code,new\na,no,1,north,x,true\n",
        "column lvr: this column is missing",
    ),
    "extra column": (f"{HEADER},more\n{ROW},1\n", f"column more: {UNKNOWN}"),
    "not a number": (f"{HEADER}\na,no,abc,1,north,x,true\n", "row 1, column lvr: 'abc' is not a number"),
    "decimal comma": (
        f'{HEADER}\na,no,"0,8",1,north,x,true\n',
        "row 1, column lvr: '0,8' is not a number (write 0.8, with a point)",
    ),
    "nan": (f"{HEADER}\na,no,nan,1,north,x,true\n", "row 1, column lvr: 'nan' is not a number"),
    "infinite": (f"{HEADER}\na,no,1e999,1,north,x,true\n", "row 1, column lvr: '1e999' is not a number"),
    "not whole": (f"{HEADER}\na,no,1,1.5,north,x,true\n", "row 1, column units: '1.5' is not a whole number"),
    "not a boolean": (f"{HEADER}\na,no,1,1,north,x,ja\n", "row 1, column new: 'ja' is not true or false"),
    "too large": (
        f"{HEADER}\na,no,3.5,1,north,x,true\n",
        "row 1, column lvr: 3.5 is above the largest allowed, 3",
    ),
    "too small": (
        f"{HEADER}\na,no,-1,1,north,x,true\n",
        "row 1, column lvr: -1 is below the smallest allowed, 0",
    ),
    "empty where refused": (
        f"{HEADER}\na,no,,1,north,x,true\n",
        "row 1, column lvr: is empty, and this column may not be",
    ),
    "unknown category": (
        f"{HEADER}\na,no,1,1,west,x,true\n",
        "row 1, column area: 'west' is not one of north, south, NA",
    ),
    "duplicate header": (f"{HEADER},lvr\n{ROW},1\n", "column lvr: this name is in the header twice"),
    "empty header": (f"{HEADER},\n{ROW},\n", "the header has no name for column 8"),
    "empty file": ("", "it is empty"),
    "blank file": ("\n\n", "it is empty"),
    "header only": (f"{HEADER}\n", "it has a header but no rows"),
    "short row": (f"{HEADER}\n{ROW}\nb,no,1\n", "row 2: has 3 cells, the header has 7"),
    "long row": (f"{HEADER}\n{ROW},9,9\n", "row 1: has 9 cells, the header has 7"),
    "NUL": (f"{HEADER}\na,no,1,1,north,x\x00y,true\n", "it holds a NUL byte (line 2): it is not plain text"),
    "direction control": (
        f"{HEADER}\n{ROW}\nb,no,1,1,north,x\u202ey,true\n",
        "it holds the invisible text-direction control U+202E (line 3), "
        "which makes text read differently from what it is: take it out",
    ),
    "Windows-1252": (
        f"{HEADER}\na,no,1,1,north,caf\u00e9,true\n".encode("cp1252"),
        "it is not UTF-8 (byte 0xE9 in line 2), it looks like WINDOWS-1252: save it as UTF-8, "
        "for instance with `iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW`",
    ),
    "UTF-16": (
        GOOD.encode("utf-16"),
        "it is not UTF-8, it looks like UTF-16: save it as UTF-8, "
        "for instance with `iconv -f UTF-16 -t UTF-8 OLD > NEW`",
    ),
    "UTF-16 without mark": (
        GOOD.encode("utf-16-le"),
        "it is not UTF-8, it looks like UTF-16: save it as UTF-8, "
        "for instance with `iconv -f UTF-16 -t UTF-8 OLD > NEW`",
    ),
    "cut in a character": (
        f"{HEADER}\na,no,1,1,north,caf\u00e9".encode()[:-1],
        "it is not UTF-8 (byte 0xC3 in line 2), it looks like WINDOWS-1252: save it as UTF-8, "
        "for instance with `iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW`",
    ),
    "semicolons": (
        GOOD.replace(",", ";"),
        "the header line is one column (key;deny;lvr;units;area;code;new): "
        "is ';' the separator? Then add --delimiter ';'",
    ),
    "tabs": (
        GOOD.replace(",", "\t"),
        "the header line is one column (key deny lvr units area code new): "
        "is '\\t' the separator? Then add --delimiter '\\t'",
    ),
    "spreadsheet": (
        b"PK\x03\x04rest",
        "it is a spreadsheet or zip file: save it as CSV (UTF-8) and import that",
    ),
    "open quote": (
        f'{HEADER}\n{ROW}\nb,no,1,1,north,x,"true\n',
        'row 2: a quote (") opened in this row is never closed',
    ),
    "unknown origin": (
        f"{HEADER},@origin\n{ROW},dream\n",
        "row 1, column @origin: 'dream' is not one of sample, pattern",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_csv_is_told_in_one_sentence(
    case: str, file: File, refused: Callable[..., LookingGlassError]
) -> None:
    content, message = CASES[case]
    first = str(refused(file(content)))
    found = first.removesuffix(". Nothing was imported.").removeprefix("data.csv: ")
    assert found.split(" (and ")[0] == message


def test_a_comma_file_read_with_semicolons_is_offered_the_comma(
    file: File, refused: Callable[..., LookingGlassError]
) -> None:
    assert "is ',' the separator? Then add --delimiter ','" in str(refused(file(GOOD), delimiter=";"))


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n", "é"])
def test_a_delimiter_that_is_none_is_refused(
    delimiter: str, file: File, refused: Callable[..., LookingGlassError]
) -> None:
    if delimiter:
        assert str(refused(file(GOOD), delimiter=delimiter)).startswith("--delimiter must be one character")


def test_the_first_twenty_are_listed_in_row_order_and_all_are_counted(
    file: File, refused: Callable[..., LookingGlassError]
) -> None:
    rows = "".join(
        f"k{n},{'no' if n % 2 else 'maybe'},{'abc' if n % 3 == 0 else 1},1,north,x,true\n"
        for n in range(1, 121)
    )
    error = refused(file(f"{HEADER}\n{rows}"))
    assert isinstance(error, ImportRejected)
    assert error.total == 60 + 40
    assert len(error.problems) == 20
    assert [problem.row for problem in error.problems] == sorted(
        problem.row or 0 for problem in error.problems
    )
    assert str(error.problems[0]) == "row 2, column deny: 'maybe' is not a label of this task (no, yes)"
    assert str(error).endswith("(and 99 more). Nothing was imported.")


def test_problems_after_a_ragged_row_keep_their_row_numbers(
    file: File, refused: Callable[..., LookingGlassError]
) -> None:
    error = refused(file(f"{HEADER}\n{ROW}\nshort\nb,no,abc,1,north,x,true\n\na,no,1,1,north,x,true\n"))
    assert isinstance(error, ImportRejected)
    assert [str(problem) for problem in error.problems] == [
        "row 2: has 1 cells, the header has 7",
        "row 3, column lvr: 'abc' is not a number",
        "row 4, column key: the id 'a' is already used in row 1",
    ]


def test_a_missing_file_and_a_folder(home: Home, refused: Callable[..., LookingGlassError]) -> None:
    error = refused(home.folder / "nowhere.csv")
    assert isinstance(error, NotFound)
    assert "nowhere.csv" in str(error)
    assert "is a folder: name one CSV, Parquet or JSON Lines file" in str(refused(home.folder))


def test_an_origin_that_is_neither(file: File, refused: Callable[..., LookingGlassError]) -> None:
    assert (
        str(refused(file(GOOD), origin="dream"))
        == "the origin of examples is sample or pattern, not 'dream'."
    )


JSON_ROW = {"key": "a", "deny": "no", "lvr": 0.8, "units": 1, "area": "north", "code": "001", "new": True}
JSON_CASES: dict[str, tuple[list[object], str]] = {
    "text for a number": ([{**JSON_ROW, "lvr": "0.8"}], "row 1, column lvr: '0.8' is not a number"),
    "number for a text": ([{**JSON_ROW, "code": 1}], "row 1, column code: 1 is not text"),
    "true for a number": ([{**JSON_ROW, "units": True}], "row 1, column units: True is not a whole number"),
    "part of a whole": ([{**JSON_ROW, "units": 1.5}], "row 1, column units: 1.5 is not a whole number"),
    "too many digits": (
        [{**JSON_ROW, "units": 2**70}],
        f"row 1, column units: {2**70} is not a whole number",
    ),
    "list for a category": ([{**JSON_ROW, "area": ["north"]}], "row 1, column area: ['north'] is not text"),
    "kind changes in the middle": (
        [JSON_ROW, {**JSON_ROW, "key": "b"}, "RAW key,deny,lvr"],
        "row 3: this line is not JSON (Expecting value: line 1 column 1 (char 0))",
    ),
    "list in the middle": ([JSON_ROW, [1]], "row 2: this line is not a JSON object"),
    "array": ([[JSON_ROW]], "it is a JSON array: write one object a line instead (JSON Lines)"),
    "twin key": (['RAW {"key": "a", "key": "b"}'], "row 1: the key key is there twice"),
    "not a number in JSON": (
        ['RAW {"lvr": NaN}'],
        "row 1: this line is not JSON (NaN is not a number in JSON)",
    ),
    "extra key": ([JSON_ROW, {**JSON_ROW, "key": "b", "more": 1}], f"row 1, column more: {UNKNOWN}"),
    "missing key everywhere": (
        [{k: v for k, v in JSON_ROW.items() if k != "lvr"}],
        "column lvr: this column is missing",
    ),
    "missing key once": (
        [JSON_ROW, {k: v for k, v in {**JSON_ROW, "key": "b"}.items() if k != "lvr"}],
        "row 2, column lvr: is empty, and this column may not be",
    ),
    "NUL": (
        [{**JSON_ROW, "code": "x\x00"}],
        "row 1, column code: holds a NUL or an invisible text-direction control: take it out",
    ),
    "half a character": (
        ['RAW {"key": "\\ud800"}'],
        "row 1: this line is not JSON (it holds half of a character)",
    ),
    "tags of a wrong kind": ([{**JSON_ROW, "@tags": [1]}], "row 1, column @tags: [1] is not a list of tags"),
}


@pytest.mark.parametrize("case", JSON_CASES)
def test_a_bad_json_lines_file_names_the_line(
    case: str, file: File, refused: Callable[..., LookingGlassError]
) -> None:
    lines, message = JSON_CASES[case]
    texts = [line[4:] if isinstance(line, str) else json.dumps(line) for line in lines]
    error = str(refused(file("\n".join(texts) + "\n", "data.jsonl")))
    found = error.removesuffix(". Nothing was imported.").removeprefix("data.jsonl: ")
    assert found.split(" (and ")[0] == message


PARQUET_CASES: dict[str, tuple[dict[str, object], str]] = {
    "text for a number": ({"lvr": ["abc"]}, "row 1, column lvr: 'abc' is not a number"),
    "dates": ({"lvr": pa.array([0], pa.date32())}, "column lvr: holds dates, a number is wanted"),
    "true and false for a number": ({"lvr": [True]}, "column lvr: holds true and false, a number is wanted"),
    "numbers for a text": ({"code": [1.5]}, "column code: holds numbers, text is wanted"),
    "not a number": (
        {"lvr": [float("nan")]},
        "row 1, column lvr: nan is not a finite number: leave the cell empty instead",
    ),
    "part of a whole": ({"units": [1.5]}, "row 1, column units: 1.5 is not a whole number"),
    "inexact": (
        {"lvr": [2**53 + 1]},
        f"row 1, column lvr: {2**53 + 1} has too many digits to be kept exactly as a number",
    ),
    "direction control": (
        {"code": ["x\u2066"]},
        "row 1, column code: holds a NUL or an invisible text-direction control: take it out",
    ),
    "no rows": ({name: pa.array([], pa.string()) for name in JSON_ROW}, "it has a header but no rows"),
}


@pytest.mark.parametrize("case", PARQUET_CASES)
def test_a_bad_parquet_file_names_the_column(
    case: str, tmp_path: Path, refused: Callable[..., LookingGlassError]
) -> None:
    changes, message = PARQUET_CASES[case]
    columns = {name: [value] for name, value in JSON_ROW.items()}
    pq.write_table(pa.table({**columns, **changes}), tmp_path / "data.parquet")
    error = str(refused(tmp_path / "data.parquet"))
    assert error.split(" (and ")[0].removesuffix(". Nothing was imported.") == f"data.parquet: {message}"


def test_what_only_calls_itself_parquet(file: File, refused: Callable[..., LookingGlassError]) -> None:
    assert str(refused(file(GOOD, "x.parquet"))) == (
        "x.parquet: it is not a Parquet file, whatever its name says. Nothing was imported."
    )
    assert str(refused(file(b"PAR1 and then nothing", "x.csv"))).startswith(
        "x.csv: it is not a readable Parquet file ("
    )


def test_a_parquet_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, refused: Callable[..., LookingGlassError]
) -> None:
    """One text of a megabyte, repeated 20,000 times, is a file of some kilobytes and 20 GB of text."""
    rows = 20_000
    text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * 1_000_000]))
    columns = {name: pa.array([value] * rows) for name, value in JSON_ROW.items()}
    path = tmp_path / "bomb.parquet"
    pq.write_table(
        pa.table({**columns, "key": [f"k{n}" for n in range(rows)], "code": text}), path, compression="zstd"
    )
    assert path.stat().st_size < 500_000
    peak = pa.default_memory_pool().max_memory()
    error = str(refused(path))
    assert error.startswith("bomb.parquet: it unpacks to more than 2 GiB (seen at row ")
    assert pa.default_memory_pool().max_memory() - peak < 100_000_000


def test_a_parquet_file_that_claims_too_many_rows(
    tmp_path: Path, refused: Callable[..., LookingGlassError]
) -> None:
    pq.write_table(
        pa.table({name: [value] * 1000 for name, value in JSON_ROW.items()}), tmp_path / "many.parquet"
    )
    error = str(refused(tmp_path / "many.parquet", limits=ReadLimits(decoded_bytes=5000)))
    assert error == (
        "many.parquet: it unpacks to more than 4.88 KiB (seen at 1,000 rows of 7 columns): "
        "split it into smaller files. Nothing was imported."
    )


def test_a_gzip_bomb_and_a_damaged_gzip(file: File, refused: Callable[..., LookingGlassError]) -> None:
    bomb = gzip.compress(GOOD.encode() + b"d,no,1,1,north,x,true\n" * 100_000)
    error = str(refused(file(bomb, "x.csv.gz"), limits=ReadLimits(decoded_bytes=1 << 20)))
    assert (
        error == "x.csv.gz: it unpacks to more than 1 MiB: split it into smaller files. Nothing was imported."
    )
    damaged = gzip.compress(GOOD.encode() * 50)[:-12]
    assert "its gzip compression is damaged" in str(refused(file(damaged, "x.csv.gz")))


def test_a_cell_and_a_row_that_are_too_long(file: File, refused: Callable[..., LookingGlassError]) -> None:
    limits = ReadLimits(cell_bytes=100, row_bytes=1 << 16)
    error = refused(file(f"{HEADER}\na,no,1,1,north,{'x' * 101},true\n"), limits=limits)
    assert "row 1, column code: is longer than 100 bytes" in str(error)
    error = refused(file(f"{HEADER}\n{ROW}\nb,no,1,1,north,{'x' * 200_000},true\n"), limits=limits)
    assert 'is longer than 64 KiB: is a quote (") left open?' in str(error)
    error = refused(file(f"{HEADER}\n{'k' * 201},no,1,1,north,x,true\n"))
    assert "row 1, column key: is longer than 200 bytes" in str(error)


def test_one_bad_cell_at_the_end_of_a_large_file_is_found_by_row_and_column(
    file: File, refused: Callable[..., LookingGlassError]
) -> None:
    """30 MB in this process; tests/core/cli/bad_input/ does it with 300 MB and looks at the memory."""
    rows = 300_000
    body = "".join(f"key-{n:07d},no,{n % 300 / 100},{n},north,{n:064d},true\n" for n in range(rows))
    path = file(f"{HEADER}\n{body}z,no,1,12x,north,x,true\n")
    assert path.stat().st_size > 30_000_000
    assert str(refused(path)) == (
        "data.csv: row 300,001, column units: '12x' is not a whole number. Nothing was imported."
    )


def test_rows_without_ids_are_numbered_once(home: Home, make_home: Callable[..., Home], file: File) -> None:
    columns = {name: column for name, column in home.config.columns.items() if name != "key"}
    numbered = make_home("numbered", columns=columns)
    plain = "\n".join(line.split(",", 1)[1] for line in GOOD.splitlines()) + "\n"
    commit_import(numbered, plan_import(numbered, file(plain)), ANA)
    assert plan_import(numbered, file(plain)).changes_nothing, "the very same file again"
    head = numbered.ledger.head()
    with pytest.raises(BadInput) as caught:
        plan_import(numbered, file(plain + "no,1,1,north,x,true\n"))
    assert str(caught.value) == (
        "data.csv has no column key: rows are numbered on the first import only, so later files must say which "
        "example each row is (export the test set to see the ids). Nothing was imported."
    )
    assert numbered.ledger.head() == head


def test_nothing_of_a_bad_file_is_imported(home: Home, file: File) -> None:
    with pytest.raises(ImportRejected):
        plan_import(home, file(GOOD + "d,no,abc,1,north,x,true\n"))
    assert latest_version(home) == 0
