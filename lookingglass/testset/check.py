"""Checks of a version that a person should know of before trusting figures made on it. One function a check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from lookingglass.errors import one_line
from lookingglass.home import Home
from lookingglass.testset.model import TestSet
from lookingglass.testset.versions import read_version

Outcome = Literal["passed", "issue", "tip", "not applicable"]
_NAMED = 5


@dataclass(frozen=True)
class CheckResult:
    """What one check found.

    Attributes:
        code: permanent short name. ``title``: what was looked at.
        outcome: passed; issue (figures may be wrong); tip (worth knowing); not applicable (says nothing either way).
        detail: what was found and what follows from it. ``examples``: ids of the first few concerned.
    """

    code: str
    title: str
    outcome: Outcome
    detail: str
    examples: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON-able values."""
        return {**vars(self), "examples": list(self.examples)}


def check(home: Home, version: int | None = None) -> list[CheckResult]:
    """Run every check on one version, the latest when None. Raises NotFound for a version that is not."""
    test_set = read_version(home, version)
    return [run(test_set) for run in CHECKS.values()]


def _both_answers(test_set: TestSet) -> CheckResult:
    title = "The labelled samples hold both answers"
    labels = test_set.y_true[test_set.is_sample & (test_set.y_true >= 0)]
    if not len(labels):
        return CheckResult(
            "both-answers", title, "issue", "No sample has a label: no figure can be made of this version."
        )
    positives = int((labels == 1).sum())
    if 0 < positives < len(labels):
        return CheckResult(
            "both-answers",
            title,
            "passed",
            f"{positives:,} of {len(labels):,} labelled samples are positive.",
        )
    only = test_set.config.task.positive_name if positives else test_set.config.task.negative_name
    return CheckResult(
        "both-answers",
        title,
        "issue",
        f"All {len(labels):,} are {only!r}: no candidate can be told from another.",
    )


def _unlabelled(test_set: TestSet) -> CheckResult:
    title = "Every example has a label"
    if not test_set.examples:
        return CheckResult("unlabelled", title, "not applicable", "There are no examples.")
    without = test_set.rows.filter(pl.col("@label").is_null()).get_column("@id")
    if not len(without):
        return CheckResult("unlabelled", title, "passed", f"All {test_set.examples:,} have one.")
    detail = (
        f"{len(without):,} of {test_set.examples:,} have none: they are scored, and left out of most figures."
    )
    return CheckResult("unlabelled", title, "tip", detail, tuple(without.head(_NAMED)))


def _contradictions(test_set: TestSet) -> CheckResult:
    title = "The same inputs have the same label"
    inputs = [name for name in test_set.config.inputs if name in test_set.rows.columns]
    labelled = test_set.rows.filter(pl.col("@label").is_not_null())
    if not inputs or not labelled.height:
        return CheckResult(
            "same-inputs-two-labels", title, "not applicable", "There are no labelled examples with inputs."
        )
    groups = labelled.group_by(inputs, maintain_order=True).agg(
        "@id", pl.col("@label").n_unique().alias("labels")
    )
    found = groups.filter(pl.col("labels") > 1).get_column("@id")
    if not len(found):
        return CheckResult(
            "same-inputs-two-labels", title, "passed", "No two examples contradict each other."
        )
    detail = (
        f"{len(found):,} sets of identical inputs have different labels, such as {one_line(', '.join(found[0]), 80)}: "
        "no candidate can be right on all of them. Look at them, and relabel what is wrong."
    )
    return CheckResult("same-inputs-two-labels", title, "issue", detail, tuple(found[0])[:_NAMED])


def _constant(test_set: TestSet) -> CheckResult:
    title = "Every input varies"
    if test_set.examples < 2:
        return CheckResult("constant-input", title, "not applicable", "There are fewer than two examples.")
    names = [name for name in test_set.config.inputs if test_set.rows.get_column(name).n_unique() == 1]
    if not names:
        return CheckResult("constant-input", title, "passed", "No input is the same everywhere.")
    same = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} the same in every example"
    detail = f"{same}: how candidates use it cannot be seen here."
    return CheckResult("constant-input", title, "tip", detail)


CHECKS: dict[str, Callable[[TestSet], CheckResult]] = {
    "both-answers": _both_answers,
    "unlabelled": _unlabelled,
    "same-inputs-two-labels": _contradictions,
    "constant-input": _constant,
}
"""Code -> check."""
