"""Two people changed the same example: as it was opened, theirs and yours side by side, and the person decides.

Nothing typed is lost: it is kept for the session until it is recorded or given up by a button.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import state
from components.context import Context
from components.formatting import escaped, plain, refusal
from components.views.images import image_tag
from components.views.testset.cells import shown_value, without_times
from lookingglass.errors import EditConflict, ExampleConflict, LookingGlassError
from lookingglass.testset import add_example, edit_many
from lookingglass.wording import plural

UNDECIDED = "undecided"
THEIRS, MINE = "theirs", "mine"


@dataclass(frozen=True)
class Undecided:
    """What a person wanted to record and could not, because others were faster.

    Attributes:
        edits: example id -> column -> their value, in conflict or not.
        conflicts: the examples that others changed, as they were, and as they are.
    """

    workspace: str
    edits: Mapping[str, Mapping[str, Any]]
    note: str
    conflicts: tuple[ExampleConflict, ...]


def keep(undecided: Undecided) -> None:
    """Keep what is to be decided for the next run."""
    state.keep(UNDECIDED, undecided)


def undecided(ctx: Context, example_id: str | None = None) -> Undecided | None:
    """Return what is to be decided in this workspace, None when nothing is.

    Args:
        example_id: only if it is about this example alone.
    """
    found: Undecided | None = state.kept(UNDECIDED)
    if found is None or found.workspace != ctx.ws.config.name:
        return None
    return found if example_id is None or list(found.edits) == [example_id] else None


def draw(ctx: Context, found: Undecided, *, on_done: Callable[[], None]) -> None:
    """Draw both versions of each example, the choice for each cell, and the two ways out."""
    st.subheader("Somebody else changed it while you did", anchor=False)
    wanted: dict[str, dict[str, Any]] = {
        name: dict(cells) for name, cells in found.edits.items() if name not in _ids(found)
    }
    again: list[ExampleConflict] = []
    open_cells: list[str] = []
    for one in found.conflicts:
        st.markdown(plain(f"{without_times(one.words)}. You opened it before that."))
        mine = found.edits[one.example_id]
        st.html(_table(ctx, one, mine))
        if one.theirs is None:
            if st.checkbox(
                plain(f"Add {one.example_id} again, with my values"), key=f"again {one.example_id}"
            ):
                again.append(one)
            continue
        chosen, undecided_cells = _choices(ctx, one, mine)
        open_cells.extend(undecided_cells)
        if chosen:
            wanted[one.example_id] = chosen
    cells = sum(len(of_one) for of_one in wanted.values()) + sum(
        len(found.edits[one.example_id]) for one in again
    )
    if open_cells:
        st.markdown(plain(f"Choose for {', '.join(open_cells)}."))
    else:
        st.markdown(
            f"**Will be recorded:** {cells:,} of your {plural('value', cells)}, over what they wrote."
            if cells
            else "**Will be recorded:** nothing; theirs stays as it is."
        )
    with st.container(horizontal=True):
        if st.button("Write mine over theirs", type="primary", disabled=bool(open_cells) or not cells):
            _write(ctx, found, wanted, again, on_done)
        if st.button("Keep theirs, give up mine"):
            state.forget(UNDECIDED)
            on_done()
            st.rerun()


def _ids(found: Undecided) -> set[str]:
    return {one.example_id for one in found.conflicts}


def _choices(ctx: Context, one: ExampleConflict, mine: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Draw one choice a cell of mine; return those chosen, and the names of those not decided yet.

    Where only I changed the cell, mine is the first choice; where both did, there is none.
    """
    chosen: dict[str, Any] = {}
    waiting: list[str] = []
    for name, value in mine.items():
        both = one.theirs is not None and one.theirs.get(name) != one.base.get(name)
        label = f"{_column(ctx, name)} of {one.example_id}"
        taken = st.segmented_control(
            plain(label),
            [THEIRS, MINE],
            default=None if both else MINE,
            key=f"take {name} {one.example_id} {one.version}",
            format_func=lambda side: "Keep theirs" if side == THEIRS else "Write mine",
        )
        if taken is None:
            waiting.append(label)
        elif taken == MINE:
            chosen[name] = value
    return chosen, waiting


def _table(ctx: Context, one: ExampleConflict, mine: Mapping[str, Any]) -> str:
    """Return the cells in which any of the three differ, as HTML; everything that people wrote is escaped."""
    theirs = one.theirs
    names = [
        name
        for name in one.base
        if name in mine or (theirs is not None and theirs.get(name) != one.base[name])
    ]
    names += [name for name in mine if name not in one.base]
    rows = []
    for name in names:
        cells = [
            ("As you opened it", one.base.get(name)),
            ("Theirs", None if theirs is None else theirs.get(name)),
            ("Yours", mine.get(name, one.base.get(name))),
        ]
        body = "".join(
            f'<td class="lg-wide" data-label="{title}">'
            f"{'removed' if title == 'Theirs' and theirs is None else _value(ctx, name, value)}</td>"
            for title, value in cells
        )
        rows.append(f'<tr><th scope="row">{escaped(_column(ctx, name))}</th>{body}</tr>')
    head = "".join(
        f'<th scope="col" class="lg-wide">{title}</th>'
        for title in ("Value", "As you opened it", "Theirs", "Yours")
    )
    return (
        f'<div class="lg"><table class="lg-table"><caption>{escaped(one.example_id)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _value(ctx: Context, name: str, value: Any) -> str:
    if isinstance(value, str) and value.startswith("sha256:"):
        try:
            return image_tag(ctx.ws.image(value), name)
        except LookingGlassError:
            return "an image"
    return escaped(shown_value(ctx, name, value))


def _column(ctx: Context, name: str) -> str:
    return ctx.ws.config.task.label if name == "@label" else name.removeprefix("@")


def _write(
    ctx: Context,
    found: Undecided,
    wanted: Mapping[str, Mapping[str, Any]],
    again: list[ExampleConflict],
    on_done: Callable[[], None],
) -> None:
    act = "decide a conflict"
    try:
        if wanted:
            edit_many(
                ctx.ws.home,
                wanted,
                note=found.note,
                actor=ctx.actor,
                seen_version=found.conflicts[0].version,
                key=state.request_key(act),
            )
        for one in again:
            row = {**one.base, **found.edits[one.example_id]}
            add_example(
                ctx.ws.home,
                {
                    name: value
                    for name, value in row.items()
                    if name in ctx.ws.config.stored and value is not None
                },
                label=row["@label"],
                id=one.example_id,
                origin=row["@origin"],
                source=row["@source"],
                tags=row["@tags"],
                problems=row["@problems"],
                note=found.note,
                actor=ctx.actor,
                key=state.request_key(f"{act} {one.example_id}"),
            )
            state.done(f"{act} {one.example_id}", f"Added {one.example_id} again")
    except EditConflict as error:
        keep(Undecided(found.workspace, found.edits, found.note, error.conflicts))
        st.rerun()
    except LookingGlassError as error:
        st.error(refusal(error))
        return
    state.forget(UNDECIDED)
    state.done(act, "Recorded your values over theirs")
    on_done()
    state.link("version", None)
    st.rerun()
