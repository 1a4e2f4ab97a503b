"""Any sequence of imports, changes, table edits and erasures against a plain dictionary, in one process and in two."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookingglass.config import write_config
from lookingglass.errors import BadInput, NotFound
from lookingglass.home import Home, open_home
from lookingglass.ledger.verify import verify
from lookingglass.testset import (
    add_example,
    commit_import,
    diff,
    edit_many,
    erase_example,
    forget_versions,
    history,
    latest_version,
    plan_import,
    read_version,
)
from tests.core.testset import reference
from tests.core.testset.conftest import ANA, config
from tests.core.testset.differences import check_counts
from tests.core.testset.test_living import CODE, IDS, IMPORT, LABEL, LVR, Model, rows_of, step, write_upload
from tests.core.testset.traces import places_of

EDITS = st.dictionaries(
    IDS,
    st.fixed_dictionaries(
        {},
        optional={
            "lvr": LVR,
            "@label": LABEL,
            "@tags": st.lists(st.sampled_from(["hard", "odd"]), unique=True).map(sorted),
        },
    ),
    min_size=1,
)
STEPS = st.lists(
    IMPORT
    | st.tuples(st.just("add"), IDS, LABEL, LVR, CODE)
    | st.tuples(st.just("edit"), IDS, LVR)
    | st.tuples(st.just("relabel"), IDS, LABEL)
    | st.tuples(st.just("remove"), IDS)
    | st.tuples(st.just("edit_many"), EDITS)
    | st.tuples(st.just("erase"), IDS),
    max_size=10,
)


class World:
    """The workspace, the dictionary, what was erased, and every state there was."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.models: list[Model] = [{}]
        self.erased: set[str] = set()
        self.ever: set[str] = set()

    @property
    def model(self) -> Model:
        return self.models[-1]

    def do(self, action: tuple[Any, ...]) -> None:
        kind, what, *_ = action
        if kind == "erase":
            self.erase(what)
        elif kind == "edit_many":
            self.edit_many(what)
        elif kind == "import" and self.erased & what.keys():
            with pytest.raises(BadInput, match="brings back what was erased"):
                plan_import(self.home, write_upload(self.home.folder, what, action[2]))
        elif kind == "add" and what in self.erased:
            with pytest.raises(BadInput, match="brings back what was erased"):
                add_example(self.home, {"lvr": 1, "area": "north"}, id=what, actor=ANA)
        elif kind in ("edit", "relabel", "remove") and what in self.erased:
            with pytest.raises(NotFound, match="was erased"):
                step(self.home, {**self.model, what: {}}, action)
        else:
            self.note(step(self.home, self.model, action))

    def erase(self, name: str) -> None:
        if name in self.erased or name not in self.ever:
            with pytest.raises((BadInput, NotFound)):
                erase_example(self.home, name, "asked for", ANA)
            return
        erase_example(self.home, name, "asked for", ANA)
        self.erased.add(name)
        self.models.append({key: row for key, row in self.model.items() if key != name})

    def edit_many(self, edits: dict[str, dict[str, Any]]) -> None:
        touched = {name: cells for name, cells in edits.items() if cells}
        if not touched or touched.keys() - self.model.keys():
            with pytest.raises(BadInput):
                edit_many(self.home, edits, actor=ANA)
            return
        after = {name: {**row, **touched.get(name, {})} for name, row in self.model.items()}
        event = edit_many(self.home, edits, actor=ANA)
        assert (event is None) == (after == self.model)
        self.note(after)

    def note(self, after: Model) -> None:
        if after != self.model:
            self.models.append(after)
        self.ever |= after.keys()

    def check(self, home: Home) -> None:
        """Every version is the model without what was erased; digests are those of the whole; numbers agree."""
        assert latest_version(home) == len(self.models) - 1
        entries = history(home)
        for version, model in enumerate(self.models):
            test_set = read_version(home, version)
            assert rows_of(home, version) == [row for key, row in model.items() if key not in self.erased]
            assert test_set.digest == reference.digest(model.values())
            assert [stone.example_id for stone in test_set.erased] == sorted(self.erased & model.keys())
            assert all(stone.row_hash for stone in test_set.erased)
            if version:
                assert entries[version - 1].erased == len(test_set.erased)
                assert entries[version - 1].examples == len(model)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_every_version_is_what_a_dictionary_says_without_what_was_erased(
    steps: list[tuple[Any, ...]],
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "ws"
        write_config(folder, config())
        home, other = open_home(folder), open_home(folder)
        try:
            world = World(home)
            for action in steps:
                read_version(other)  # somebody else looks on, with versions in memory
                world.do(action)
            world.check(home)
            world.check(other)
            forget_versions()
            world.check(other)
            for one in {0, len(world.models) // 2, len(world.models) - 1}:
                check_difference(home, world, one, len(world.models) - 1)
                check_difference(home, world, len(world.models) - 1, one)
            found = verify(folder)
            assert found.findings == ()
        finally:
            home.close()
            other.close()


def check_difference(home: Home, world: World, one: int, other: int) -> None:
    """What differs is the model's; of erased examples the fact is told, and no value."""
    old, new = world.models[one], world.models[other]
    found = diff(home, one, other)
    check_counts(home, found)
    rows = found.rows
    assert {row.example_id for row in rows} == {
        name for name in old.keys() | new.keys() if old.get(name) != new.get(name)
    }
    assert all((row.old, row.new, row.column) == (None, None, None) for row in rows if row.erased)
    assert {row.example_id for row in rows if row.erased} <= world.erased


def test_a_marker_is_gone_after_a_long_life(tmp_path: Path) -> None:
    """Many contents of one example, between many changes of others, so that the database splits and joins pages."""
    write_config(tmp_path / "ws", config())
    home = open_home(tmp_path / "ws")
    rows = {f"r{at}": ("no", 1.0, "x" * 300) for at in range(60)}
    commit_import(home, plan_import(home, write_upload(tmp_path, rows, ".csv")), ANA)
    for at in range(12):
        edit_many(home, {f"r{n}": {"code": f"MARKER-{n}-{at} " + "y" * 700} for n in range(20)}, actor=ANA)
    assert places_of("MARKER-7-", home.folder)
    erase_example(home, "r7", "asked for", ANA)
    assert places_of("MARKER-7-", home.folder) == []
    assert places_of("MARKER-8-", home.folder) == ["ledger.db"]
    assert verify(home.folder).ok
    home.close()
