"""Whatever is wrong with what a person gives the command line: one line that says so, exit code 2, nothing changed."""

from __future__ import annotations

import hashlib
import io
import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import skops.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookingglass.cli.main import run
from lookingglass.ledger.verify import verify
from tests.core.candidates.models import acting, frame, half, labels, logistic

HEADER = "example_id,outcome,a,b,area"
ROWS = [
    f"e{n},{'yes' if n % 3 == 0 else 'no'},{n / 7:.3f},{n},{'south' if n % 2 else 'north'}" for n in range(40)
]
DATA = "\n".join([HEADER, *ROWS]) + "\n"
LIMITS = "[limits]\nmemory_mb = 300\nbatch_seconds = 2.0\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a workspace with ``init`` once, with a range for b and short limits, for the tests to copy."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "first.csv").write_text(DATA)
    choice = ["--label", "outcome", "--positive", "yes", "--group", "area"]
    assert run(["init", str(folder / "ws"), "--data", str(folder / "first.csv"), *choice]) == 0
    toml = folder / "ws" / "workspace.toml"
    text = toml.read_text().replace('type = "integer"', 'type = "integer"\nmin = 0.0\nmax = 100.0')
    toml.write_text(text.replace("[people]", LIMITS + "\n[people]"))
    return folder / "ws"


class Desk:
    """A copied workspace in a folder of its own, and the command line beside it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.workspace, self._capsys = folder, folder / "ws", capsys

    def file(self, content: str | bytes, name: str = "data.csv") -> Path:
        """Write a file to give to the command."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def call(self, *arguments: object) -> tuple[int, str, str]:
        """Run the command and return exit code, output and error output."""
        self._capsys.readouterr()
        code = run([*map(str, arguments)])
        return code, *self._capsys.readouterr()

    def refused(self, *arguments: object) -> list[str]:
        """Run what must be refused; return the error's line and the indented ones that list its problems."""
        head, files = self.head, self._files()
        code, out, err = self.call(*arguments)
        lines = err.splitlines()
        assert (code, out) == (2, ""), err
        assert lines[0].startswith("error: ")
        assert all(line.startswith("  ") for line in lines[1:]), err
        assert self._files() == files, "nothing is left behind"
        assert self.head == head
        return [lines[0].removeprefix("error: "), *lines[1:]]

    @property
    def head(self) -> str:
        """The ledger's head by the code that verifies it."""
        found = verify(self.workspace)
        assert found.ok
        return str(found.head)

    def _files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): b""
            if path.is_dir()
            else hashlib.sha256(path.read_bytes()).digest()
            for path in self.folder.rglob("*")
            if not path.name.startswith("ledger.db")  # its pages may move; its content is told by the head
        }


@pytest.fixture
def desk(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    """Copy the workspace."""
    shutil.copytree(made, tmp_path / "ws")
    return Desk(tmp_path, capsys)


def changed(column: str, value: str, row: int = 3, rows: int = 1) -> str:
    """Return the good file with another value in ``rows`` rows from ``row`` on (1 is the first)."""
    table = [line.split(",") for line in DATA.splitlines()]
    for at in range(row, row + rows):
        table[at][table[0].index(column)] = value
    return "\n".join(map(",".join, table)) + "\n"


def without(column: str) -> str:
    """Return the good file without a column."""
    table = [line.split(",") for line in DATA.splitlines()]
    at = table[0].index(column)
    return "\n".join(",".join(row[:at] + row[at + 1 :]) for row in table) + "\n"


def with_column(name: str) -> str:
    """Return the good file with one more column of ones."""
    return "\n".join([f"{HEADER},{name}", *(f"{row},1" for row in ROWS)]) + "\n"


ONE_COLUMN = "the header line is one column (example_id;outcome;a;b;area)"
NOT_SKOPS = "is not a skops file: save the model with skops.io.dump."
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


# --- a large file -----------------------------------------------------------------------------------------------------

LARGE_ROWS = 290_000
MEASURED = """
import resource, sys
from lookingglass.cli.main import run
code = run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Write 300 MB of good rows and, at the end, one cell that is no whole number."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    wide = "a remark of some length " * 42
    with path.open("w") as file:
        file.write(f"{HEADER},remark\n")
        for first in range(0, LARGE_ROWS, 10_000):
            file.write(
                "".join(
                    f"k{n},no,{n % 300 / 100},{n % 100},north,{n} {wide}\n"
                    for n in range(first, first + 10_000)
                )
            )
        file.write("z,no,1,12x,north,x\n")
    yield path
    path.unlink()


def test_one_bad_cell_at_the_end_of_300_mb(large: Path, desk: Desk) -> None:
    """Found by row and column, in a process that never takes more than 1.5 GiB, and nothing is imported."""
    assert large.stat().st_size > 300_000_000
    toml = desk.workspace / "workspace.toml"
    remark = '[columns.remark]\nrole = "feature"\ntype = "text"\nmissing = "keep"\n\n'
    toml.write_text(toml.read_text().replace("[limits]", remark + "[limits]"))
    head = desk.head
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "testset", "import", str(desk.workspace), str(large)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "error: large.csv: row 290,001, column b: '12x' is not a whole number. Nothing was imported.\n"
    )
    assert int(done.stdout) < 1536
    assert desk.head == head
    assert json.loads(desk.call("testset", "show", desk.workspace, "--json")[1])["test_set"]["version"] == 1


# --- Parquet ----------------------------------------------------------------------------------------------------------

BOMB_ROWS = 20_000
MANY = 17_000_000
BOMB_TEXT = "x" * 1_000_000
IMPORT_UNDER_LIMIT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from lookingglass.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def repeated(value: str | bytes, times: int = BOMB_ROWS) -> pa.DictionaryArray:
    """Return a column that says one value again and again: kilobytes in the file, gigabytes in memory."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(times, np.int32)), pa.array([value]))


def one_each(values: pa.Array) -> pa.ListArray:
    """Return a column of lists with one of ``values`` each."""
    return pa.ListArray.from_arrays(pa.array(range(len(values) + 1), pa.int32()), values)


def bomb(column: str, values: pa.Array) -> bytes:
    """Return a Parquet file in which only ``column`` is out of the ordinary."""
    n = len(values)
    plain: dict[str, Any] = {
        "example_id": [f"k{i}" for i in range(n)],
        "outcome": ["no"] * n,
        "area": ["north"] * n,
    }
    target = io.BytesIO()
    table = pa.table({**plain, "a": [1.0] * n, "b": [1] * n, column: values})
    pq.write_table(table, target, compression="zstd", store_schema=False)
    return target.getvalue()


TOO_LARGE = "it unpacks to more than 2 GiB (seen at row 20,000, column {}): split it into smaller files"
UNREADABLE = "column area: holds {}, which cannot be read: write text, numbers, or true and false"
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "text": (lambda: bomb("area", repeated(BOMB_TEXT)), TOO_LARGE.format("area")),
    "tags": (lambda: bomb("@tags", one_each(repeated(BOMB_TEXT))), TOO_LARGE.format("@tags")),
    "bytes": (lambda: bomb("area", repeated(BOMB_TEXT.encode())), UNREADABLE.format("bytes")),
    "structures": (
        lambda: bomb("area", pa.StructArray.from_arrays([repeated(BOMB_TEXT)], ["x"])),
        UNREADABLE.format("structures"),
    ),
    "lists of numbers": (
        lambda: bomb("area", one_each(pa.array([1] * BOMB_ROWS))),
        UNREADABLE.format("lists"),
    ),
    "many tags in a row": (
        lambda: bomb("@tags", pa.ListArray.from_arrays(pa.array([0, MANY], pa.int32()), repeated("t", MANY))),
        "it unpacks to more than 2 GiB (seen at 17,000,000 entries of column @tags): split it into smaller files",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BOMBS)
def test_a_parquet_bomb_does_not_go_off(case: str, desk: Desk) -> None:
    """Some kilobytes that stand for 20 GB are refused by a process that may have 4 GiB of addresses at most."""
    make, message = BOMBS[case]
    path = desk.file(make(), "bomb.parquet")
    assert path.stat().st_size < 500_000
    head = desk.head
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_UNDER_LIMIT, "testset", "import", str(desk.workspace), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: bomb.parquet: {message}. Nothing was imported.\n"
    assert desk.head == head


def test_a_predictions_bomb_does_not_go_off(desk: Desk) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    target = io.BytesIO()
    table = pa.table({"example_id": repeated(BOMB_TEXT), "score": [0.5] * BOMB_ROWS})
    pq.write_table(table, target, compression="zstd", store_schema=False)
    (line,) = desk.refused(
        "candidates", "add", desk.workspace, "told", desk.file(target.getvalue(), "p.parquet")
    )
    assert line.startswith("p.parquet: it unpacks to more than 1 GiB (seen at row 20,000, column example_id)")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"b": ["abc"]}, "row 1, column b: 'abc' is not a whole number"),
        ({"b": [101]}, "row 1, column b: 101 is above the largest allowed, 100"),
        ({"b": pa.array([0], pa.date32())}, "column b: holds dates, a whole number is wanted"),
        (
            {"b": pa.array([1]).cast(pa.decimal128(21, 2))},
            "column b: holds exact decimals, a whole number is wanted",
        ),
        ({"more": [1]}, "column more: is not a column of this workspace"),
        ({"example_id": pa.array([None], pa.string())}, "row 1, column example_id: is empty"),
    ],
)
def test_a_parquet_file_that_does_not_fit(change: dict[str, Any], message: str, desk: Desk) -> None:
    good = {"example_id": ["e0"], "outcome": ["no"], "a": [1.0], "b": [1], "area": ["north"]}
    pq.write_table(pa.table({**good, **change}), desk.folder / "data.parquet")
    (line,) = desk.refused("testset", "import", desk.workspace, desk.folder / "data.parquet")
    assert line.startswith(f"data.parquet: {message}")


# --- models -----------------------------------------------------------------------------------------------------------


def saved(model: Any) -> bytes:
    """Return a model as skops writes it."""
    return bytes(skops.io.dumps(model))


def renamed() -> Any:
    """Return a model that was trained on other columns."""
    table = frame()
    return logistic().fit(table.rename(columns={"a": "income"}), labels(table))


def with_other_classes() -> Any:
    """Return a model that was trained on other labels."""
    table = frame()
    return logistic().fit(table, np.where(labels(table) == "yes", "denied", "approved"))


def without_answers() -> Any:
    """Return a model whose coefficients are not numbers."""
    model = logistic()
    model.coef_[:] = np.nan
    return model


def never(table: Any) -> Any:
    """Keep the caller waiting."""
    while True:
        pass


MODELS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "not a skops file": ("m.skops", lambda: b"hello", NOT_SKOPS),
    "not an ONNX file": ("m.onnx", lambda: b"hello", "is not an ONNX file."),
    "not a model": (
        "m.skops",
        lambda: saved({"a": 1}),
        "holds a dict that has no predict_proba: save a classifier that answers with probabilities "
        "(CalibratedClassifierCV gives one to those that do not).",
    ),
    "wants other columns": (
        "m.skops",
        lambda: saved(renamed()),
        "wants columns income that the workspace does not have.",
    ),
    "has other classes": (
        "m.skops",
        lambda: saved(with_other_classes()),
        "has other classes: approved, denied; the label outcome has no, yes. Train it with these values.",
    ),
    "answers NaN": ("m.skops", lambda: saved(without_answers()), "answered NaN for row 1 of the batch."),
    "empty": ("m.skops", lambda: b"", "is empty: choose the file again, or save it again."),
}  # fmt: skip


@pytest.mark.parametrize("case", MODELS)
def test_a_model_that_cannot_be_used_is_not_registered(case: str, desk: Desk) -> None:
    name, make, message = MODELS[case]
    path = desk.file(make(), name)
    assert desk.refused("candidates", "add", desk.workspace, "m", path) == [
        f"{name} {message} Nothing was changed."
    ]


ACTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "one row too few": (lambda table: half(len(table) - 1), " answered 4 scores for 5 rows."),
    "one class too few": (lambda table: half(len(table))[:, :1], " answered 1 class, the manifest names 2."),
    "nothing": (lambda table: None, " answered a NoneType that is no table of numbers."),
    "never": (never, ": no answer within 2 s."),
}


@pytest.mark.parametrize("case", ACTS)
def test_a_model_that_answers_wrongly_or_never_is_not_registered(case: str, desk: Desk) -> None:
    """The limit of [limits] in workspace.toml holds, and the hanging process is gone."""
    act, message = ACTS[case]
    path = desk.file(acting(act), "m.joblib")
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    assert desk.call("candidates", "approve", desk.workspace, sha, "--reason", "a test")[0] == 0
    add = ["candidates", "add", desk.workspace, "m", path, "--inputs", "a,b"]
    assert desk.refused(*add) == [f"m.joblib{message} Nothing was changed."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "example_id;score\ne0;0.5\n",
            "p.csv has the one column example_id;score: separate its two columns,",
        ),
        ("example_id,score,score\ne0,1,1\n", "p.csv: the column 'score' is in the header twice."),
        ("example_id,score\ne0,2\n", "p.csv: row 1, column score: '2' is not a number from 0 to 1. Nothing"),
        ("example_id,score\nq,1\n", "p.csv: none of its 1 ids is in the test set (its first is 'q',"),
    ],
)
def test_a_predictions_file_that_is_none(text: str, message: str, desk: Desk) -> None:
    (line,) = desk.refused("candidates", "add", desk.workspace, "p", desk.file(text, "p.csv"))
    assert line.startswith(message)


# --- two people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "options"),
    [("edit", ["--set", "b=9"]), ("relabel", ["--label", "no"]), ("remove", []), ("tag", ["--tag", "x"])],
)
def test_the_second_of_two_editors_is_told_what_the_first_did(
    verb: str, options: list[str], desk: Desk
) -> None:
    one = [desk.workspace, "--id", "e1", "--seen-version", "1"]
    assert desk.call("testset", "edit", *one, "--set", "b=7", "--as", "ana")[0] == 0
    (line,) = desk.refused("testset", verb, *one, *options, "--as", "bo")
    assert line.startswith("ana changed b of e1 from 1 to 7 at 20")
    assert line.endswith("after you opened it (version 1): look at it again. Nothing was changed.")


# --- anything at all --------------------------------------------------------------------------------------------------


def good_bytes(suffix: str) -> bytes:
    """Return three good rows of the kind that ``suffix`` names."""
    rows = [dict(zip(HEADER.split(","), row.split(","), strict=True)) for row in ROWS[:3]]
    typed = [{**row, "a": float(row["a"]), "b": int(row["b"])} for row in rows]
    if suffix == "csv":
        return "\n".join([HEADER, *ROWS[:3]]).encode()
    if suffix == "jsonl":
        return "\n".join(map(json.dumps, typed)).encode()
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(typed), target)
    return target.getvalue()


GOOD_BYTES = {suffix: good_bytes(suffix) for suffix in ("csv", "jsonl", "parquet")}
PIECES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [b"", b'"', b"\n", b"\r", b",", b";", b"{", b"[[", b"null", b"\x00", b"\xff", b"PAR1", b"@tags"]
    ),
    st.sampled_from(
        [b"1e999", b"\xe2\x80\xae", b"\x1f\x8b", b"\xef\xbb\xbf", b"\\ud800", b"9" * 20, b"example_id"]
    ),
)


@st.composite
def mangled(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a suffix and either any bytes or a good file with some places cut out, overwritten or repeated."""
    suffix = draw(st.sampled_from([*GOOD_BYTES, "csv.gz", "tsv", "txt"]))
    content = GOOD_BYTES.get(suffix, GOOD_BYTES["csv"])
    if draw(st.integers(0, 4)) == 0:
        return suffix, draw(st.binary(max_size=300))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 30)))
        content = content[:start] + draw(PIECES) * draw(st.integers(1, 3)) + content[end:]
    return suffix, content


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offered=mangled())
def test_any_bytes_are_imported_or_refused_in_one_line(offered: tuple[str, bytes], desk: Desk) -> None:
    """Never a traceback, never exit code 70."""
    suffix, content = offered
    path = desk.file(content, f"any.{suffix}")
    code, out, err = desk.call("testset", "import", desk.workspace, path, "--dry-run")
    lines = err.splitlines()
    assert code in (0, 2), err
    assert out == ""
    assert lines[0].startswith("error: any." if code else "any.")
    assert all(line.startswith("  ") for line in lines[1:])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offered=mangled())
def test_any_bytes_make_a_workspace_or_none(offered: tuple[str, bytes], desk: Desk) -> None:
    suffix, content = offered
    path = desk.file(content, f"any.{suffix}")
    place = desk.folder / "new"
    code, _, err = desk.call("init", place, "--data", path, "--label", "outcome", "--positive", "yes")
    assert code in (0, 2), err
    assert place.exists() == (code == 0)
    if place.exists():
        shutil.rmtree(place)
