"""The checks that a file passes before it becomes a candidate: permanent codes, titles, and one result each.

Knows nothing of how a check is made; ``inspection`` makes them and the ledger keeps what came of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

Outcome = Literal["passed", "failed", "tip", "not applicable"]

FILE_CHECKS: dict[str, str] = {
    "file-not-empty": "The file holds something",
    "format-known": "Its format is known",
    "no-code-in-file": "It brings no code of its own",
    "loads-in-isolation": "It loads in a process of its own",
    "inputs-exist": "The columns it wants are here",
    "classes-match": "It answers with this label's values",
    "answers-trial-rows": "It answers for rows of the test set",
    "scores-readable": "Its ids and scores can be read",
    "examples-known": "Its ids are in the test set",
    "new-model": "Nobody registered the same model before",
}
"""Code -> title, in the order in which they are made. A code is never used again for something else."""


@dataclass(frozen=True)
class CheckResult:
    """What came of one check.

    Attributes:
        code: a key of ``FILE_CHECKS``.
        outcome: ``tip`` is worth knowing and stops nothing; ``not applicable`` is not ``passed``.
        sentence: what was found, and what to do where it failed.
    """

    code: str
    outcome: Outcome
    sentence: str

    @property
    def title(self) -> str:
        """What is checked, in a few words."""
        return FILE_CHECKS.get(self.code, self.code)

    def to_json(self) -> dict[str, str]:
        """Return the result for the ledger and for ``--json``."""
        return {"code": self.code, "title": self.title, "outcome": self.outcome, "sentence": self.sentence}


def read_checks(recorded: object) -> tuple[CheckResult, ...]:
    """Return the results that an event holds; none where it holds none, as events did before there were checks."""
    if not isinstance(recorded, Sequence) or isinstance(recorded, str):
        return ()
    return tuple(_read(item) for item in recorded if isinstance(item, Mapping))


def _read(item: Mapping[str, Any]) -> CheckResult:
    known: dict[object, Outcome] = {outcome: outcome for outcome in get_args(Outcome)}
    outcome = known.get(item.get("outcome"), "not applicable")
    return CheckResult(str(item.get("code", "")), outcome, str(item.get("sentence", "")))
