"""Reasons over many predictions: choose which and how many, and have them explained in the background.

What they add up to is drawn by ``summed``, while they come, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components import state
from components.context import Context
from components.formatting import plain, refusal, within
from components.views.explanations import jobs
from components.views.explanations.queue import kind_words
from components.views.explanations.summed import draw_against, draw_summed
from components.views.orientation import empty_state
from components.watching import watch
from lookingglass.errors import LookingGlassError
from lookingglass.evaluation.browse import Filters
from lookingglass.evaluation.picking import PICKS
from lookingglass.explanations import Explanation
from lookingglass.wording import called, duration_text, ended, plural

ONE, MANY = "one", "many"
USUAL = "typical"
COUNTS = ("20", "50", "100")
USUAL_COUNT = "50"
REDRAWN = 5
"""While explanations come, the figures are drawn anew after each fifth part of them, and no sooner than so many."""


@dataclass(frozen=True)
class _Side:
    """One candidate and what is kept of its reasons.

    Attributes:
        job: its batch, under way or ended, None when none was started since this server began.
        told: the explanations that are kept.
    """

    asked: jobs.Asked
    job: jobs.Job | None
    told: Sequence[Explanation]

    @property
    def name(self) -> str:
        return self.asked.candidate

    @property
    def left(self) -> int:
        return len(self.asked.ids) - len(self.told)

    @property
    def under_way(self) -> bool:
        return self.job is not None and not self.job.ended


def choose_view(ctx: Context) -> bool:
    """Draw the choice between one prediction after the other and many together; return whether it is many."""
    words = {ONE: "One by one", MANY: "Over many"}
    asked = MANY if ctx.linked.here.get("view") == MANY else ONE
    chosen = state.linked_segments("view", "View", list(words), asked, words=words.__getitem__, default=ONE)
    return chosen == MANY


def draw_many(ctx: Context, candidate: str, beside: Sequence[str]) -> None:
    """Draw everything about the reasons of one candidate over many predictions, and of those beside it."""
    kind, count = _choose(ctx, beside)
    ids = _ids(ctx, candidate, beside, kind, count)
    if ids is None:
        return
    if not ids:
        empty_state("There is none of these.", "Look at another kind of predictions.")
        return
    asked = [
        jobs.Asked(str(ctx.ws.home.folder), name, ctx.ws.candidate(name).fingerprint, ids, ctx.version)
        for name in (candidate, *beside)
    ]
    # looked up before what is kept is read, so that what comes in between is seen as news
    found = [jobs.find(each) for each in asked]
    drawn = [_stamp(job) for job in found]
    try:
        sides = [
            _Side(each, job, ctx.ws.kept_explanations(each.candidate, ids, version=ctx.version))
            for each, job in zip(asked, found, strict=True)
        ]
    except LookingGlassError as error:
        st.info(refusal(error))
        return
    _acts(ctx, sides, kind)
    watch(lambda: [_stamp(jobs.find(each)) for each in asked] != drawn, lambda: _under_way(asked))
    for side in sides:
        _trouble(side)
    first = sides[0]
    if not first.told:
        if not first.under_way:
            st.caption(
                plain(
                    f"Nothing is explained of these yet. What is explained is kept, stays when you leave the page, "
                    f"and is never asked twice. Each takes some hundred to some thousand answers of {candidate}."
                )
            )
        return
    draw_summed(ctx, first.told, kind, len(ids))
    for side in sides[1:]:
        draw_against(ctx, first.told, side.told, side.name)


def _choose(ctx: Context, beside: Sequence[str]) -> tuple[str, int]:
    """Draw the choice of predictions; return their kind and how many at most."""
    here, words = ctx.linked.here, kind_words(ctx)
    kinds = [USUAL, *(kind for kind in words if kind != USUAL and (kind != "differ" or beside))]
    kind, count = here.get("over", USUAL), here.get("many", USUAL_COUNT)
    left, right = st.columns(2)
    with left:
        kind = state.linked_select(
            "over", "Which predictions", kinds, kind if kind in kinds else USUAL,
            words=words.__getitem__, default=USUAL,
        )  # fmt: skip
    with right:
        count = state.linked_segments(
            "many", "How many", list(COUNTS), count if count in COUNTS else USUAL_COUNT,
            default=USUAL_COUNT, label_visibility="visible",
        )  # fmt: skip
    return kind, int(count)


def _ids(
    ctx: Context, candidate: str, beside: Sequence[str], kind: str, count: int
) -> tuple[str, ...] | None:
    """Return the examples; a typical sample is drawn from the real ones, without the test patterns."""
    other = beside[0] if kind == "differ" else None
    filters = Filters(origin="sample") if kind == USUAL else None
    which = next(each for each in PICKS if each == kind)
    try:
        return ctx.ws.pick(candidate, which, ctx.version, filters=filters, other=other, limit=count).ids
    except LookingGlassError as error:
        st.error(refusal(error))
        return None


def _acts(ctx: Context, sides: Sequence[_Side], kind: str) -> None:
    """Draw a button for each candidate that something is left to explain of; the first is the page's primary one."""
    waiting = [side for side in sides if side.left and not side.under_way]
    refused = ctx.ws.home.read_only
    with st.container(horizontal=True):
        for side in waiting:
            st.button(
                plain(_act(ctx, side, kind)),
                key=f"explain many {side.name}",
                type="primary" if side is waiting[0] else "secondary",
                on_click=jobs.start,
                args=(side.asked,),
                disabled=refused is not None,
                help=None if refused is None else plain(refused),
            )


def _act(ctx: Context, side: _Side, kind: str) -> str:
    """Say what the button does: ``Explain 50 typical pairs under early-matcher``."""
    task, count = ctx.ws.config.task, len(side.asked.ids)
    if side.told:
        tried = "again" if side.job is not None and side.job.failed else "that are left"
        return f"Explain the {side.left} {tried} under {side.name}"
    units = plural(task.unit, count)
    words = {
        USUAL: f"{count} typical {units}",
        "confident mistakes": f"the {count} surest {plural('mistake', count)}",
        "wrong yes": f"{count} {units} wrongly {called(task.positive_name)}",
        "wrong no": f"{count} {units} wrongly {called(task.negative_name)}",
        "nearest": f"the {count} {units} nearest the threshold",
        "differ": f"the {count} {units} that differ most",
    }
    return f"Explain {words[kind]} under {side.name}"


def _stamp(job: jobs.Job | None) -> tuple[int, str, int] | None:
    """Return what a page depends on of a job: which it is, where it stands, and roughly how far it is."""
    if job is None:
        return None
    return id(job), job.stage, job.done // max(REDRAWN, len(job.asked.ids) // 5)


def _under_way(asked: Sequence[jobs.Asked]) -> None:
    """Draw how far each job is, with the button that stops it."""
    for each in asked:
        job = jobs.find(each)
        if job is None or job.ended:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(job.done / max(1, len(each.ids)), 1.0), text=plain(progress_words(job)))
            st.button(
                "Stop",
                key=f"stop explaining {each.candidate}",
                on_click=job.cancel,
                disabled=job.stage == "stopping",
            )


def progress_words(job: jobs.Job) -> str:
    """Return how far a job is: ``early-matcher: 12 of 50 explained, about 40 seconds left``."""
    name, total = job.asked.candidate, len(job.asked.ids)
    if job.stage == "waiting":
        return f"{name}: waiting until the explanations before these are done"
    if job.progress is None:
        return f"{name}: 0 of {total} explained, getting ready"
    words = f"{name}: {job.done} of {total} explained"
    if job.progress.failed:
        words += f", {job.progress.failed} failed"
    if job.stage == "stopping":
        return f"{words}, stopping after those under way"
    left = job.progress.seconds_left
    return words if left is None else f"{words}, about {duration_text(left)} left"


def _trouble(side: _Side) -> None:
    """Say what is the matter with a job that ended before its last example, or could not explain some."""
    job = side.job
    if job is None or not job.ended or not side.left:
        return
    kept = f"{len(side.told)} of {len(side.asked.ids)} are explained and kept"
    if job.trouble is not None:
        st.error(plain(f"{side.name}: {ended(within(job.trouble))} {kept}."))
    elif job.stage == "stopped":
        st.info(plain(f"{side.name}: stopped; {kept}. Going on costs only what is left."))
    if job.trouble is None and job.failed:
        example, reason = next(iter(job.failed.items()))
        st.warning(
            plain(
                f"{side.name}: {len(job.failed)} could not be explained and are not counted; "
                f"the first is {example}: {ended(within(reason))}"
            )
        )
