"""Where each candidate stands with the version shown: complete, lacking answers, failed, being evaluated, retired.

Read from the scores and from the keeper; draws nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from components.context import Context
from components.formatting import within
from lookingglass.candidates import Candidate, list_candidates
from lookingglass.evaluation.background import KeeperState
from lookingglass.evaluation.engine import Progress, Status
from lookingglass.memo import BoundedCache
from lookingglass.wording import duration_text

State = Literal["complete", "incomplete", "failed", "evaluating", "stopped", "retired"]


@dataclass(frozen=True)
class Standing:
    """One candidate's state on one version.

    Attributes:
        missing: examples without an answer, of ``examples``.
        words: the state as a person would say it.
    """

    candidate: Candidate
    state: State
    words: str
    missing: int = 0
    examples: int = 0

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.candidate.name

    @property
    def is_baseline(self) -> bool:
        """Whether this is the workspace's own baseline, which nobody brought."""
        return self.candidate.manifest.format == "baseline"


_known: BoundedCache[tuple[Standing, ...]] = BoundedCache(64)


def standings(ctx: Context) -> tuple[Standing, ...]:
    """Return every candidate's state in the order of registration, retired ones too."""
    state, home = ctx.keeper.state(), ctx.ws.home
    test_set = ctx.ws.test_set(ctx.version)
    key = (str(home.folder), test_set.identity, home.ledger.last_seq("candidates"), state)
    return _known.get(key, lambda: _look(ctx, state, test_set.digest))


def _look(ctx: Context, state: KeeperState, digest: str) -> tuple[Standing, ...]:
    progress = {item.candidate: item for item in state.progress}
    return tuple(
        _standing(ctx, candidate, state, progress.get(candidate.name), digest)
        for candidate in list_candidates(ctx.ws.home, include_retired=True)
    )


def _standing(
    ctx: Context, candidate: Candidate, state: KeeperState, progress: Progress | None, digest: str
) -> Standing:
    if candidate.retired:
        because = candidate.retired_because
        return Standing(candidate, "retired", f"Retired: {because}" if because else "Retired")
    if _is_asked(state, candidate, progress):
        return Standing(candidate, "evaluating", _progress_words(progress))
    failure = ctx.ws.engine.store.failure(candidate.fingerprint, digest)
    if failure is not None:
        return Standing(candidate, "failed", f"Failed: {within(failure.error)}")
    scores = ctx.ws.scores(candidate.name, ctx.version)
    missing, examples = int(np.isnan(scores).sum()), len(scores)
    if not missing:
        return Standing(candidate, "complete", "Complete", 0, examples)
    words = f"{examples - missing:,} of {examples:,} answered"
    if progress is not None and progress.status is Status.CANCELLED:
        return Standing(candidate, "stopped", f"Stopped: {words}", missing, examples)
    return Standing(candidate, "incomplete", f"Incomplete: {words}, {missing:,} missing", missing, examples)


def _is_asked(state: KeeperState, candidate: Candidate, progress: Progress | None) -> bool:
    """Whether the keeper is at work on the candidate, or has not yet seen that it was registered."""
    if state.cancelled or state.error:
        return False
    if progress is None or state.target is None:
        return state.head < candidate.seq
    return progress.status in {Status.WAITING, Status.RUNNING}


def _progress_words(progress: Progress | None) -> str:
    if progress is None or not progress.total:
        return "Being evaluated"
    words = f"Being evaluated: {progress.done:,} of {progress.total:,}"
    left = progress.seconds_left
    return words if left is None else f"{words}, about {duration_text(left)} left"


def answer_words(found: Sequence[Standing], isolation: str) -> str:
    """Return the page's answer in one sentence: how many candidates, in which formats, who is not ready, how they run.

    Args:
        isolation: how models run here, such as ``every model runs isolated``.
    """
    active = [item for item in found if item.state != "retired" and not item.is_baseline]
    if not active:
        return "No candidates yet."
    formats = len({item.candidate.manifest.format for item in active})
    one = len(active) == 1
    count = "1 candidate" if one else f"{len(active)} candidates"
    kinds = "" if one else " in one format" if formats == 1 else f" in {formats} formats"
    parts = [
        f"{count}{kinds}",
        *_troubled(active, "failed", "{name} failed", "{n} failed"),
        *_lacking(active),
        *_troubled(active, "stopped", "the evaluation of {name} was stopped", "{n} were stopped"),
        *_troubled(active, "evaluating", "{name} is being evaluated", "{n} are being evaluated"),
        isolation,
    ]
    return "; ".join(parts) + "."


def _troubled(items: Sequence[Standing], state: State, one: str, many: str) -> list[str]:
    names = [item.name for item in items if item.state == state]
    if len(names) <= 2:
        return [one.format(name=name) for name in names]
    return [many.format(n=len(names))]


def _lacking(items: Sequence[Standing]) -> list[str]:
    short = [item for item in items if item.state == "incomplete"]
    if len(short) > 2:
        return [f"{len(short)} lack answers"]
    return [
        f"{item.name} lacks {item.missing:,} {'answer' if item.missing == 1 else 'answers'}" for item in short
    ]
