"""From a wrong reason to a problem: its name and description, and the patterns that were kept, in the living set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lookingglass.home import Home
from lookingglass.ledger import Actor
from lookingglass.ledger.roles import require
from lookingglass.problems import open_problem
from lookingglass.problems.register import OPENED, Problem
from lookingglass.testset import NewExample, add_examples, check_examples
from lookingglass.testset.events import CHANGED


@dataclass(frozen=True)
class Filed:
    """What was recorded: the problem, with the ids of its patterns, and the version that holds them."""

    problem: Problem
    pattern_ids: tuple[str, ...]
    version: int


def file_problem(
    home: Home,
    name: str,
    description: str,
    patterns: Sequence[NewExample],
    *,
    actor: Actor,
    key: str,
) -> Filed:
    """Open a problem and add the patterns that describe it as one version of the test set.

    Everything is checked first, so that nothing is left half done; where it was cut off all the same, the same ``key``
    goes on where it stopped.

    Args:
        patterns: at least one; each is added with this problem's name to those that it describes.
        key: idempotency key; a second call with it records nothing more and returns the same.

    Raises:
        BadInput: the name is taken or cannot be used, or a pattern does not fit: which one, counted from 1.
        NotAllowed: the actor may not open problems or not change the test set.
    """
    for act in (OPENED, CHANGED):
        require(home.config.people, actor.name, act)
    check_examples(home, patterns)
    problem = open_problem(home, name, description, actor=actor, key=f"{key} problem")
    named = [replace(one, problems=sorted({*one.problems, problem.name})) for one in patterns]
    event = add_examples(home, named, note=f"describes “{problem.name}”", actor=actor, key=f"{key} patterns")
    ids = tuple(change["example_id"] for change in event.payload["changes"])
    return Filed(replace(problem, pattern_ids=ids), ids, event.payload["version"])
