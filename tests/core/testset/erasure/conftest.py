"""A workspace whose examples have a history to be erased."""

from __future__ import annotations

import pytest

from lookingglass.home import Home
from lookingglass.testset import commit_import, edit_example, plan_import, relabel
from tests.core.testset.conftest import ANA, BO, GOOD, HEADER
from tests.core.testset.erasure.remains import File


@pytest.fixture
def filled(home: Home, file: File) -> Home:
    """Return a workspace whose example a had three contents: imported, imported again, edited by hand.

    Versions: 1 import of a, b, c; 2 edit of b; 3 second import, of a and d; 4 edit of a; 5 relabel of c.
    """
    first = GOOD.replace("a,no,0.8,1,north,001,true", "a,no,0.8,1,north,MARK-ONE,true")
    commit_import(home, plan_import(home, file(first)), ANA)
    edit_example(home, "b", {"lvr": 1}, actor=ANA)
    second = f"{HEADER}\na,no,0.8,1,north,MARK-TWO,true\nd,yes,0.5,1,north,x,true\n"
    commit_import(home, plan_import(home, file(second, "more.csv")), ANA)
    edit_example(home, "a", {"code": "MARK-THREE"}, actor=ANA)
    relabel(home, "c", "no", actor=BO)
    return home
