"""What holds of every comparison of two versions, however much of it is asked for."""

from __future__ import annotations

from lookingglass.home import Home
from lookingglass.testset import Diff, diff


def check_counts(home: Home, found: Diff) -> None:
    """All differences are counted as they are listed, and the first few are those of the whole list."""
    ids: dict[str, set[str]] = {}
    for row in found.rows:
        ids.setdefault(row.what, set()).add(row.example_id)
    kinds = ("added", "removed", "relabelled", "edited", "tagged", *(["erased"] if "erased" in ids else []))
    assert found.counts() == {kind: len(ids.get(kind, ())) for kind in kinds}
    assert found.total == len(found.rows)
    for most in (0, 1, 3):
        some = diff(home, found.from_version, found.to_version, most=most)
        assert some.rows == found.rows[:most]
        assert (some.total, some.counts(), some.erased) == (found.total, found.counts(), found.erased)
