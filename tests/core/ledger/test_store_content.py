"""Content beside the events: kept once, under its own name, and never served when it was changed."""

from __future__ import annotations

import pytest

from lookingglass.errors import Damaged
from lookingglass.ledger import Ledger, StaleWrite
from tests.core.ledger.acts import ANA, CHANGED, sha
from tests.core.ledger.conftest import Tamper


def test_content_is_kept_with_its_event_and_once(ledger: Ledger) -> None:
    rows = {sha(b"row"): b"row", sha(b"\x00\xff"): b"\x00\xff"}
    ledger.append("testset", CHANGED, {"content": sha(b"row")}, ANA, content=rows)
    ledger.append("testset", CHANGED, {"content": sha(b"row")}, ANA, content=rows)
    assert ledger.content([*rows, sha(b"unknown")]) == rows
    assert ledger.content([]) == {}


def test_a_refused_event_leaves_no_content(ledger: Ledger) -> None:
    with pytest.raises(StaleWrite):
        ledger.append("testset", CHANGED, {}, ANA, expected=3, content={sha(b"row"): b"row"})
    assert ledger.content([sha(b"row")]) == {}


def test_content_under_a_wrong_name_is_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="does not match its name"):
        ledger.append("testset", CHANGED, {}, ANA, content={sha(b"row"): b"other"})


def test_more_content_than_one_query_takes(ledger: Ledger) -> None:
    rows = {sha(b"%d" % number): b"%d" % number for number in range(1203)}
    ledger.append("testset", CHANGED, {}, ANA, content=rows)
    assert ledger.content(rows) == rows


def test_changed_content_is_never_served(ledger: Ledger, tamper: Tamper) -> None:
    ledger.append("testset", CHANGED, {}, ANA, content={sha(b"row"): b"row"})
    tamper("UPDATE content SET body = X'00'")
    with pytest.raises(Damaged, match="was changed: bring the ledger back"):
        ledger.content([sha(b"row")])
