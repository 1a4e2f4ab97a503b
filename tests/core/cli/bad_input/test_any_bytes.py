"""Any bytes at all are taken or refused in one line, never with a traceback."""

from __future__ import annotations

import io
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.cli.bad_input.desk import HEADER, ROWS, Desk


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
