"""A real workspace with a model's predictions, in which people agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lookingglass.candidates import get_candidate, register
from lookingglass.config import write_config
from lookingglass.decisions import Measured, NewDecision
from lookingglass.figures import Figure, undefined
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from lookingglass.testset import add_example, read_version
from tests.core.testset.conftest import config

ANA, BO = Actor("ana"), Actor("bo")
AIM = {
    "goal": "cost_per_example",
    "beta": 1.0,
    "costs": {"cost_fp": 1.0, "cost_fn": 5.0, "gain_tp": 0.0, "gain_tn": 0.0},
    "prevalence": None,
    "requirements": [],
    "capacity": None,
}
FIGURES = {
    "recall": Figure(0.75, 4, 0.3, 0.95, "wilson", 3),
    "precision": undefined("nothing answered yes", 0),
}

Draft = Callable[..., NewDecision]


def measured(home: Home, version: int | None = None, **changes: Any) -> Measured:
    """Return what was measured on a version, the latest when None."""
    test_set = read_version(home, version)
    fields: dict[str, Any] = {
        "version": test_set.version,
        "digest": test_set.digest,
        "figures": FIGURES,
        "counts": {"tp": 3, "fp": 2, "tn": 5, "fn": 1},
    }
    return Measured(**{**fields, **changes})


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Return a workspace of three examples with two candidates, told and other."""
    write_config(tmp_path / "ws", config())
    home = open_home(tmp_path / "ws")
    for name in ("a", "b", "c"):
        add_example(home, {"lvr": 1, "area": "north"}, id=name, actor=ANA)
    for name, score in (("told", 0.4), ("other", 0.6)):
        file = tmp_path / f"{name}.csv"
        file.write_text("example_id,score\n" + "".join(f"{one},{score}\n" for one in "abc"))
        register(home, name, file, actor=ANA)
    yield home
    home.ledger.close()


@pytest.fixture
def draft(home: Home) -> Draft:
    """Return a maker of decisions that can be recorded, with what a test changes."""

    def make(candidate: str = "told", **changes: Any) -> NewDecision:
        fields: dict[str, Any] = {
            "candidate": candidate,
            "fingerprint": get_candidate(home, candidate).fingerprint,
            "threshold": 0.31,
            "aim": AIM,
            "people": ["ana", "Bo"],
            "reason": "A missed denial costs five times a wrong one.",
            **changes,
        }
        if "measured" not in fields:
            fields["measured"] = measured(home)
        return NewDecision(**fields)

    return make
