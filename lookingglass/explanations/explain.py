"""Explains one example under one candidate: takes it apart, runs LIME until it settles, repeats, and says what to mind.

Knows every modality only as a ``Task``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lookingglass.candidates import Candidate, WorkerPool
from lookingglass.errors import NotFound, NotSaved
from lookingglass.explanations.arithmetic import one_thread
from lookingglass.explanations.asked import ModelAsked, refuse_unexplainable
from lookingglass.explanations.local import Local, Task
from lookingglass.explanations.result import (
    NOT_SETTLED,
    SAME_ANSWER,
    UNSTABLE,
    WEAK_FIT,
    Explanation,
    Stability,
)
from lookingglass.explanations.settings import ExplainSettings
from lookingglass.explanations.settle import SAME, settled_run, stability_of
from lookingglass.explanations.store import ExplanationStore
from lookingglass.explanations.taking_apart import Subject, settings_for, subject_of, task_of
from lookingglass.home import Home
from lookingglass.testset import read_version

DEFAULTS = ExplainSettings()
logger = logging.getLogger(__name__)


def explain(
    home: Home,
    pool: WorkerPool,
    candidate: Candidate,
    example_id: str,
    settings: ExplainSettings = DEFAULTS,
    version: int | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Explanation:
    """Return why ``candidate`` gives an example its score; a kept explanation costs no model call.

    Args:
        version: the test-set version to read the example from, the latest when None.
        overrides: other values for some of the columns: what if. Such an explanation is never kept.

    Raises:
        BadInput: the candidate cannot be explained, or a value does not fit; the message says what would be needed.
        NotFound: there is no such example or version.
        CandidateFailed: the worker could not answer; asking again starts a fresh one.
    """
    refuse_unexplainable(candidate)
    subject = subject_of(home, candidate, example_id, version, overrides)
    settings = settings_for(home, candidate, settings)
    store = ExplanationStore(home.folder)
    if subject.overrides is None:
        kept = store.read(candidate.fingerprint, settings, subject.input_id)
        if kept is not None:
            return replace(kept, candidate=candidate.name, example_id=example_id)
    asked = ModelAsked(home, candidate, pool)
    made = explained(task_of(home, subject, asked, settings), asked, subject, settings)
    if subject.overrides is None and home.read_only is None:
        _keep(home, store, made, version)
    return made


def kept_explanations(
    home: Home,
    candidate: Candidate,
    example_ids: Sequence[str] | None = None,
    settings: ExplainSettings = DEFAULTS,
    version: int | None = None,
) -> list[Explanation]:
    """Return the explanations that are kept of examples of a version, all of them when None, in their order.

    Raises:
        BadInput: the candidate cannot be explained.
        NotFound: there is no such version or example.
    """
    refuse_unexplainable(candidate)
    settings = settings_for(home, candidate, settings)
    store, rows = ExplanationStore(home.folder), read_version(home, version)
    inputs = rows.rows.get_column("@input_id")
    ids = rows.ids if example_ids is None else list(example_ids)
    places = range(rows.examples) if example_ids is None else [rows.position(each) for each in ids]
    found = [
        (example_id, store.read(candidate.fingerprint, settings, bytes(inputs[place]).hex()))
        for example_id, place in zip(ids, places, strict=True)
    ]
    return [
        replace(each, candidate=candidate.name, example_id=example_id)
        for example_id, each in found
        if each is not None
    ]


def explained(task: Task, asked: ModelAsked, subject: Subject, settings: ExplainSettings) -> Explanation:
    """Return the explanation of an example that was taken apart. Raises CandidateFailed."""
    candidate, notes = asked.candidate, list(task.notes)
    first, settled, stability = None, None, None
    if task.features:
        named = (candidate.fingerprint, subject.content)
        with one_thread():
            first, settled = settled_run(task, settings, *named)
            stability = stability_of(task, settings, *named, first)
        score = first.score
    else:
        score = float(task.original()[asked.positive])
    alike = first is not None and first.spread <= SAME
    fitted = None if alike else first
    made = Explanation(
        candidate=candidate.name,
        fingerprint=candidate.fingerprint,
        example_id=subject.example_id,
        input_id=subject.input_id,
        modality=task.modality,
        score=score,
        weights=_weights(task, fitted),
        intercept=None if fitted is None else fitted.intercept,
        local_prediction=None if fitted is None else fitted.local_prediction,
        r2=None if fitted is None else fitted.r2,
        samples=0 if first is None else first.samples,
        settled=settled,
        seed=subject.seed(candidate.fingerprint, settings),
        settings=settings,
        stability=stability,
        distinct=asked.distinct,
        model_rows_scored=asked.rows_scored,
        notes=(),
        inputs=task.inputs,
        overrides=subject.overrides,
        grid=task.grid,
    )
    if alike:
        notes.append(f"{SAME_ANSWER}.")
    notes += _warnings(made, task, settings, stability)
    return replace(made, notes=tuple(notes))


def _weights(task: Task, local: Local | None) -> tuple[Any, ...]:
    if local is None:
        return ()
    weighted = [
        replace(feature, weight=float(weight))
        for feature, weight in zip(task.features, local.weights, strict=True)
    ]
    return tuple(sorted(weighted, key=lambda each: -abs(each.weight)))


def _warnings(
    made: Explanation, task: Task, settings: ExplainSettings, stability: Stability | None
) -> list[str]:
    """Say what keeps an explanation from being believed as it stands."""
    said = []
    if made.weak_fit:
        said.append(
            f"{WEAK_FIT}: the local model explains {max(0.0, made.r2 or 0.0):.0%} of how the score moves "
            f"(R2 {made.r2:.2f}, below {settings.r2_limit:.2f}), so its weights may mislead."
        )
    if made.unstable and stability is not None:
        said.append(
            f"{UNSTABLE}: other seeds give other reasons (VSI {stability.vsi:.0f} of 100 over "
            f"{stability.repeats} runs, below {settings.vsi_limit:.0f})."
        )
    if made.settled is False:
        said.append(
            f"{NOT_SETTLED}: the strongest {settings.top_k} still changed between "
            f"{made.samples // 2:,} and {made.samples:,} samples, the most that were allowed."
        )
    if made.samples and task.most_samples < settings.samples:
        said.append(f"{made.samples:,} samples instead of {settings.samples:,}: one variation is large.")
    return said


def _keep(home: Home, store: ExplanationStore, made: Explanation, version: int | None) -> None:
    """Keep an explanation unless its example was erased meanwhile; one that cannot be written is made again."""
    try:
        store.write(made)
    except NotSaved as error:
        logger.warning("%s", error)
        return
    try:
        read_version(home, version).position(made.example_id)
    except NotFound:
        store.forget(made)
        raise
