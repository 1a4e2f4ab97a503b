"""The page testset after an erasure: what can no longer be shown is told, and everything else still is."""

from __future__ import annotations

from pathlib import Path

from lookingglass.ledger import Actor
from lookingglass.testset import erase_example, relabel
from lookingglass.wording import DASH
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, wait_for_version, words

PAGE = "pages/testset.py"
ANA = Actor("ana")


def test_versions_with_erased_content_are_compared_with_what_is_left(open_app: Open, demo: Path) -> None:
    """Forward and back: a sentence for each version concerned, a line that an example was erased, nothing of it."""
    with open_workspace(demo / "mortgage") as ws:
        rows = ws.test_set().rows
        gone, stays = rows.item(0, "@id"), rows.item(1, "@id")
        relabel(ws.home, stays, "no" if rows.item(1, "@label") == "yes" else "yes", actor=ANA)
        erase_example(ws.home, gone, "asked for by the applicant", ANA)
    wait_for_version(demo, 4)
    for since, to in (("2", "4"), ("4", "2")):
        app = open_app(PAGE, view="compare", **{"from": since, "to": to})
        said = words(app)
        assert "1 example of version 2 was erased since, so nothing of it is compared here." in said
        assert "of version 4 was erased since" not in said
        (table,) = [item.value for item in app.dataframe]
        told = dict(zip(table["Example"], table["What"], strict=True))
        assert told[stays] == "relabelled"
        assert gone in told
        (line,) = [row for row in table.to_dict("records") if row["Example"] == gone]
        assert (line["Before"], line["After"]) == (DASH, DASH)
    app = open_app(PAGE, view="compare", **{"from": "0", "to": "1"})
    assert "1 example of version 1 was erased since" in words(app)
