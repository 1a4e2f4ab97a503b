"""The mortgage data: every real application is there once, unchanged, and the split is what its README says."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest

from lookingglass.config import load_config
from sample_models.mortgage.recipes import ALL_INPUTS, CATEGORIES, NUMBERS
from sample_models.mortgage.split import APPLICATIONS, draw, read_applications
from sample_models.mortgage.train import HERE, PATTERNS
from sample_models.tables import ID_COLUMN, Row, read_rows

SOURCE_SHA256 = "48d485a5ecb43d396695839e34748f56a8d513a3495f26930f4c8145facd84bc"


@pytest.fixture(scope="module")
def train() -> list[Row]:
    return read_rows(HERE / "train.csv")


@pytest.fixture(scope="module")
def test_part() -> list[Row]:
    return read_rows(HERE / "testset.csv")


def test_the_source_is_unchanged() -> None:
    """The table is the source's, to the byte, and its SOURCES note names the same hash."""
    assert hashlib.sha256(APPLICATIONS.read_bytes()).hexdigest() == SOURCE_SHA256
    assert SOURCE_SHA256 in (APPLICATIONS.parent / "SOURCES.md").read_text(encoding="utf-8")


def test_every_application_is_in_exactly_one_part(train: list[Row], test_part: list[Row]) -> None:
    """2,381 rows, none lost, none twice, each with the source's own text under the id of its place."""
    assert (len(train), len(test_part)) == (1189, 1192)
    parts = {row[ID_COLUMN]: row for row in [*train, *test_part]}
    assert len(parts) == 2381
    assert not {row[ID_COLUMN] for row in train} & {row[ID_COLUMN] for row in test_part}
    with APPLICATIONS.open(encoding="utf-8", newline="") as file:
        for number, source in enumerate(csv.DictReader(file), start=1):
            assert parts[f"app-{number:04d}"] == {ID_COLUMN: f"app-{number:04d}", **source}


def test_the_parts_are_alike(train: list[Row], test_part: list[Row]) -> None:
    """Label by group is shared out evenly; the incomplete row makes one more approved application in the test part."""
    strata = [Counter((row["deny"], row["black"]) for row in part) for part in (train, test_part)]
    assert strata[0] == {("no", "no"): 926, ("no", "yes"): 121, ("yes", "no"): 94, ("yes", "yes"): 48}
    assert strata[1] == {("no", "no"): 927, ("no", "yes"): 122, ("yes", "no"): 95, ("yes", "yes"): 48}


def test_the_incomplete_row_is_kept_in_the_test_part(train: list[Row], test_part: list[Row]) -> None:
    """app-2381 lacks pbcr and self; it stays, and nobody learned from it."""
    incomplete = [row[ID_COLUMN] for row in test_part if "" in row.values()]
    assert incomplete == ["app-2381"]
    assert [name for name, value in test_part[-1].items() if value == ""] == ["pbcr", "self"]
    assert all("" not in row.values() for row in train)


def test_the_split_depends_on_ids_and_not_on_order() -> None:
    """Shuffled rows are drawn into the same parts."""
    rows = read_applications()
    ids = {row[ID_COLUMN] for row in draw(rows).train}
    assert {row[ID_COLUMN] for row in draw(rows[::-1]).train} == ids
    assert {row[ID_COLUMN] for row in draw(rows, seed=1).train} != ids


def test_workspace_declares_every_column_and_admits_every_row(test_part: list[Row]) -> None:
    """Each value of test set and patterns lies within what workspace.toml allows, and a stray value would not."""
    config = load_config(HERE)
    assert list(config.columns) == list(test_part[0])
    assert set(config.inputs) == set(ALL_INPUTS)
    assert set(config.groups) == {"black", "single", "self"}
    for row in [*test_part, *read_rows(PATTERNS)]:
        for name, column in config.columns.items():
            value = row[name]
            if value == "":
                assert column.missing != "refuse"
            elif column.type == "number":
                assert column.min is not None
                assert column.max is not None
                assert column.min <= float(value) <= column.max
            elif column.values is not None:
                assert value in column.values


def test_workspace_and_recipes_agree_on_columns() -> None:
    """What the recipes encode as answers are the declared categories with the same values."""
    config = load_config(HERE)
    assert {name for name in config.inputs if config.columns[name].type == "number"} == set(NUMBERS)
    assert {name: config.columns[name].values for name in CATEGORIES} == CATEGORIES


def test_patterns_keep_the_promises_of_their_description() -> None:
    """Eight to approve below 80 %, four to refuse above 90 %, three pairs that differ only in black."""
    patterns = read_rows(PATTERNS)
    assert len({row[ID_COLUMN] for row in patterns}) == 12
    assert all(row["dmi"] == "yes" for row in patterns)
    assert sum(row["deny"] == "no" and float(row["lvr"]) < 0.8 for row in patterns) == 8
    assert sum(row["deny"] == "yes" and float(row["lvr"]) > 0.9 for row in patterns) == 4
    approved = [row for row in patterns if row["deny"] == "no"]
    others = Counter(_without(row, "black") for row in approved)
    assert sorted(others.values()) == [1, 1, 2, 2, 2]


def _without(row: Row, column: str) -> tuple[str, ...]:
    return tuple(value for name, value in row.items() if name not in (column, ID_COLUMN))


def test_no_pattern_is_a_real_application() -> None:
    """Patterns are invented: none repeats an application."""
    real = {_without(row, "") for row in read_applications()}
    assert not real & {_without(row, "") for row in read_rows(PATTERNS)}


def test_sample_files_are_never_translated() -> None:
    """Byte-for-byte comparison needs line ends left alone by git."""
    assert "* -text" in (Path(HERE).parent / ".gitattributes").read_text(encoding="utf-8")
