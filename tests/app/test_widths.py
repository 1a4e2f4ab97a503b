"""In the tables of examples the names of candidates and the ids are read whole."""

from __future__ import annotations

import json

import pytest

from components.views.widths import MOST, is_cut, width_of
from tests.app.conftest import Open

NEEDED = 7
"""Pixels that a letter of a header takes at least."""


def test_every_candidate_has_a_column_as_wide_as_its_name(open_app: Open) -> None:
    columns = json.loads(open_app("pages/testset.py").dataframe[0].proto.columns)
    for name in ("early-scorecard", "full-scorecard", "boosted-blind", "vendor-scores"):
        assert columns[name]["width"] >= NEEDED * len(name)


def test_the_labels_words_are_read_whole_in_the_table_that_is_edited(open_app: Open) -> None:
    app = open_app("pages/testset.py", view="table")
    columns = json.loads(app.data_editor[0].proto.columns)
    assert columns["@label"]["width"] >= NEEDED * len("yes (denied)")
    assert columns["@id"]["width"] >= NEEDED * len("app-0001")


@pytest.mark.parametrize("length", [1, 10, 30, 60, 300])
def test_a_name_is_either_read_whole_or_said_to_be_cut(length: int) -> None:
    name = "x" * length
    assert width_of(name) <= MOST
    assert is_cut(name) or width_of(name) >= NEEDED * length


def test_cells_count_too_and_ids_leave_room_for_the_rest() -> None:
    assert width_of("id", ["a-long-example-id"]) > width_of("id", ["a"])
    assert width_of("id", ["x" * 200], most=180) == 180
