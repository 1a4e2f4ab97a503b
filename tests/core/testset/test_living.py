"""Any sequence of imports and single changes against a plain dictionary: versions, digests, numbers, differences."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookingglass.config import write_config
from lookingglass.errors import BadInput, NotFound
from lookingglass.home import Home, open_home
from lookingglass.testset import (
    add_example,
    commit_import,
    diff,
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
from tests.core.testset import reference
from tests.core.testset.conftest import ANA, config
from tests.core.testset.differences import check_counts

IDS = st.sampled_from(["a", "b", "c", "d", "e"])
LABEL = st.sampled_from([None, "no", "yes"])
LVR = st.floats(0, 3)
CODE = st.sampled_from([None, "001", "None", "NA", "x,y", 'q"u', "two\nlines", "=1+1", "'=1", "-3", " "])
IMPORT = st.tuples(
    st.just("import"),
    st.dictionaries(IDS, st.tuples(LABEL, LVR, CODE), min_size=1),
    st.sampled_from([".csv", ".parquet", ".jsonl"]),
)
STEPS = st.lists(
    IMPORT
    | st.tuples(st.just("add"), IDS, LABEL, LVR, CODE)
    | st.tuples(st.just("edit"), IDS, LVR)
    | st.tuples(st.just("relabel"), IDS, LABEL)
    | st.tuples(st.just("remove"), IDS)
    | st.tuples(st.just("tag"), IDS, st.sampled_from(["hard", "typo"])),
    max_size=8,
)

Model = dict[str, dict[str, Any]]


def fresh(
    name: str, label: str | None, lvr: float, code: str | None, origin: str, source: str
) -> dict[str, Any]:
    """Return a whole row of the model."""
    meta = {"@id": name, "@label": label, "@origin": origin, "@source": source, "@tags": [], "@problems": []}
    return {**meta, "lvr": lvr, "units": None, "area": "north", "code": code, "new": None}


def write_upload(folder: Path, rows: dict[str, tuple[Any, ...]], suffix: str) -> Path:
    """Write an upload with polars, independent of the product's own export."""
    frame = pl.DataFrame(
        [
            {
                "key": name,
                "deny": label,
                "lvr": lvr,
                "units": None,
                "area": "north",
                "code": code,
                "new": None,
            }
            for name, (label, lvr, code) in rows.items()
        ],
        schema={
            "key": pl.String,
            "deny": pl.String,
            "lvr": pl.Float64,
            "units": pl.Int64,
            "area": pl.String,
            "code": pl.String,
            "new": pl.Boolean,
        },
    )
    path = folder / f"up{suffix}"
    {".csv": frame.write_csv, ".parquet": frame.write_parquet, ".jsonl": frame.write_ndjson}[suffix](path)
    return path


def step(home: Home, model: Model, action: tuple[Any, ...]) -> Model:
    """Do one step in both worlds and return the model after it."""
    kind, name, *rest = action
    after = {key: dict(row) for key, row in model.items()}
    if kind == "import":
        path = write_upload(home.folder, name, rest[0])
        plan = plan_import(home, path, source="up")
        for key, (label, lvr, code) in name.items():
            if key in after:
                after[key].update(
                    {"@label": label, "lvr": lvr, "units": None, "area": "north", "code": code, "new": None}
                )
            else:
                after[key] = fresh(key, label, lvr, code, "sample", "up")
        assert plan.added == len(after) - len(model)
        assert plan.changed == sum(after[key] != model[key] for key in model)
        assert commit_import(home, plan, ANA) is not None or after == model
        assert plan_import(home, path, source="other").changes_nothing
        return after
    if kind == "add":
        label, lvr, code = rest
        call: dict[str, Any] = {"label": label, "id": name, "source": "hand", "actor": ANA}
        if name in model:
            with pytest.raises(BadInput, match="already an example"):
                add_example(home, {"lvr": lvr, "area": "north", "code": code}, **call)
            return model
        add_example(home, {"lvr": lvr, "area": "north", "code": code}, **call)
        after[name] = fresh(name, label, lvr, code, "pattern", "hand")
        return after
    if name not in model:
        with pytest.raises(NotFound, match="no example"):
            remove(home, name, actor=ANA)
        return model
    if kind == "edit":
        edit_example(home, name, {"lvr": rest[0]}, actor=ANA)
        after[name]["lvr"] = rest[0]
    elif kind == "relabel":
        relabel(home, name, rest[0], actor=ANA)
        after[name]["@label"] = rest[0]
    elif kind == "tag":
        tag(home, name, add=[rest[0]], actor=ANA)
        after[name]["@tags"] = sorted({*after[name]["@tags"], rest[0]})
    else:
        remove(home, name, actor=ANA)
        del after[name]
    return after


def rows_of(home: Home, version: int) -> list[dict[str, Any]]:
    """Return a version's rows as the model keeps them."""
    frame = read_version(home, version).rows
    names = [name for name in frame.columns if name in reference.META or not name.startswith("@")]
    return list(frame.select(names).iter_rows(named=True))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_every_version_is_what_a_dictionary_says(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        write_config(Path(scratch) / "ws", config())
        home = open_home(Path(scratch) / "ws")
        try:
            follow(home, steps)
        finally:
            home.ledger.close()


def follow(home: Home, steps: list[tuple[Any, ...]]) -> None:
    """Do all steps, then look at every version, from memory and from the files alone."""
    models: list[Model] = [{}]
    model: Model = {}
    for action in steps:
        after = step(home, model, action)
        if after != model:
            models.append(after)
        model = after
    assert latest_version(home) == len(models) - 1 == len(history(home))
    warm = [read_version(home, version) for version in range(len(models))]
    for version, expected in enumerate(models):
        assert rows_of(home, version) == list(expected.values()), "the rows, in the order of first addition"
        assert warm[version].digest == reference.digest(expected.values())
    forget_versions()
    for version in reversed(range(len(models))):
        forget_versions()
        assert read_version(home, version).rows.equals(warm[version].rows)
    check_numbers(home, models)
    check_differences(home, models)
    for suffix in (".csv", ".parquet", ".jsonl") if model else ():
        assert plan_import(home, export(read_version(home), home.folder / f"out{suffix}")).changes_nothing


def check_numbers(home: Home, models: list[Model]) -> None:
    """@added_seq, @changed_seq and @input_seq name the versions at which the model says it happened."""
    inputs = config().inputs
    seqs = [0, *(entry.seq for entry in history(home))]
    added: dict[str, int] = {}
    changed: dict[str, int] = {}
    given_inputs: dict[str, int] = {}
    for version, (before, after) in enumerate(pairwise(models), start=1):
        for name, row in after.items():
            if name not in before:
                added[name] = changed[name] = given_inputs[name] = seqs[version]
            elif row != before[name]:
                changed[name] = seqs[version]
                if any(row[column] != before[name][column] for column in inputs):
                    given_inputs[name] = seqs[version]
    for row in read_version(home).rows.iter_rows(named=True):
        name = row["@id"]
        assert (row["@added_seq"], row["@changed_seq"], row["@input_seq"]) == (
            added[name],
            changed[name],
            given_inputs[name],
        )
        assert row["@input_id"] == reference.input_id(row, inputs)


def check_differences(home: Home, models: list[Model]) -> None:
    """The difference between the first, middle and last version, both ways, is the model's."""
    places = sorted({0, len(models) // 2, len(models) - 1})
    for one in places:
        for other in places:
            old, new = models[one], models[other]
            found = diff(home, one, other)
            check_counts(home, found)
            whole = {(row.example_id, row.what) for row in found.rows if row.column is None}
            assert whole == {(key, "added") for key in new.keys() - old.keys()} | {
                (key, "removed") for key in old.keys() - new.keys()
            }
            cells = {
                (row.example_id, row.column): (row.old, row.new)
                for row in found.rows
                if row.column is not None
            }
            assert cells == {
                (key, "deny" if column == "@label" else column): (old[key][column], new[key][column])
                for key in new.keys() & old.keys()
                for column in new[key]
                if new[key][column] != old[key][column]
            }
