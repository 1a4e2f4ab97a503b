"""Two people who edit one example on the command line."""

from __future__ import annotations

import pytest

from tests.core.cli.bad_input.desk import Desk


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
