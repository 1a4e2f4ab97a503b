"""Opening a problem and listing those there are: a name, a description, the patterns that describe it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from lookingglass.errors import BadInput, Conflict, NotFound, one_line
from lookingglass.home import Home
from lookingglass.ledger import Actor, Event, StaleWrite
from lookingglass.testset import read_version
from lookingglass.testset.marks import clean_mark

STREAM = "problems"
OPENED = "problem_opened"
_TRIES = 20


@dataclass(frozen=True)
class Problem:
    """What a stakeholder would call a bug.

    Attributes:
        problem_id: ``problem-1`` and so on, in the order of opening.
        pattern_ids: ids of the examples that describe it: those named when it was opened, then those that were added
            to the test set under its name since, as of the latest version. An id may have left the test set.
    """

    problem_id: str
    name: str
    description: str
    pattern_ids: tuple[str, ...]
    actor: str
    time: str

    def to_json(self) -> dict[str, Any]:
        """Return the problem as JSON-able values."""
        return {**vars(self), "pattern_ids": list(self.pattern_ids)}


def open_problem(
    home: Home,
    name: str,
    description: str,
    pattern_ids: Sequence[str] = (),
    actor: Actor | None = None,
    *,
    key: str | None = None,
) -> Problem:
    """Open a problem and return it.

    Args:
        name: short and unique; ``testset add --problem NAME`` uses it.
        description: what goes wrong, for whom, in the stakeholder's words.
        pattern_ids: ids of examples of the latest version that show it.
        key: idempotency key; a second call with it returns the first one's problem.

    Raises:
        BadInput: the name is taken or cannot be used.
        NotFound: a pattern is not in the test set.
        NotAllowed: the actor may not open problems.
    """
    if actor is None:
        raise BadInput("a problem needs to be opened by somebody: say who.")
    title = clean_mark(name, "problem name")
    patterns = list(dict.fromkeys(pattern_ids))
    _check_patterns(home, patterns)
    for _ in range(_TRIES):
        events = home.ledger.events(STREAM)
        earlier = next((event for event in events if key is not None and event.key == key), None)
        if earlier is not None:
            return _problem(earlier, {})
        taken = next(
            (event for event in events if event.payload["name"].casefold() == title.casefold()), None
        )
        if taken is not None:
            raise BadInput(
                f"{taken.actor} already opened a problem {title!r} at {taken.time}: choose another name."
            )
        payload = {
            "problem_id": f"problem-{len(events) + 1}",
            "name": title,
            "description": description.strip(),
            "pattern_ids": patterns,
        }
        try:
            event = home.ledger.append(
                STREAM, OPENED, payload, actor, key=key, expected=events[-1].seq if events else 0
            )
        except StaleWrite:
            continue
        return _problem(event, {})
    raise Conflict("others are opening problems without pause: try again in a moment.")


def list_problems(home: Home) -> list[Problem]:
    """Return every problem in the order of opening."""
    events = home.ledger.events(STREAM, types=[OPENED])
    members = _members(home) if events else {}
    return [_problem(event, members) for event in events]


def get_problem(home: Home, name: str) -> Problem:
    """Return one problem by its name or id. Raises NotFound, naming those there are."""
    problems = list_problems(home)
    for problem in problems:
        if name in (problem.problem_id, problem.name) or name.casefold() == problem.name.casefold():
            return problem
    there = one_line(", ".join(problem.name for problem in problems), 200) or "none yet"
    raise NotFound(f"there is no problem {name!r}: there are {there}.")


def _check_patterns(home: Home, patterns: Sequence[str]) -> None:
    if not patterns:
        return
    test_set = read_version(home)
    there = test_set.rows.get_column("@id")
    wanted = pl.Series("@id", patterns, dtype=pl.String)
    absent = wanted.filter(~wanted.is_in(there.implode())).to_list()
    if absent:
        named = one_line(", ".join(absent), 120)
        raise NotFound(
            f"{named} {'is' if len(absent) == 1 else 'are'} not in version {test_set.version} of the test set: "
            "add the pattern first."
        )


def _members(home: Home) -> dict[str, list[str]]:
    """Return problem name -> ids of the examples that carry it in the latest version."""
    frame = read_version(home).rows.select("@id", "@problems").filter(pl.col("@problems").list.len() > 0)
    members: dict[str, list[str]] = {}
    for example, names in frame.iter_rows():
        for name in names:
            members.setdefault(name, []).append(example)
    return members


def _problem(event: Event, members: dict[str, list[str]]) -> Problem:
    payload = event.payload
    carried = [*members.get(payload["name"], ()), *members.get(payload["problem_id"], ())]
    return Problem(
        problem_id=payload["problem_id"],
        name=payload["name"],
        description=payload["description"],
        pattern_ids=tuple(dict.fromkeys([*payload["pattern_ids"], *carried])),
        actor=event.actor,
        time=event.time,
    )
