"""The only place that names what the session and the address hold.

What a link must carry (workspace, candidate, version, threshold, metrics, reference) lives in the URL; the session
keeps a copy because moving between pages empties the URL. Values are read once a run into ``Linked`` and set
through ``link``. What only one page understands (a filter, a view) is in components/links.py.
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import streamlit as st

from components import address
from components.links import LINKED, OF_PAGE

Made = TypeVar("Made")

_SHOWN_PAGE = "page that is shown"
_UNREADABLE = "parts of the link that could not be read"
_HANDED_OVER = "linked in this run"
_HINT_DISMISSED = "first five minutes dismissed"
_PERSON = "person"
_TOLD_NEXT = "told on the next run"
_ECHO_SECONDS = 3.0


@dataclass(frozen=True)
class Linked:
    """What a link carries; None where the page's own default holds."""

    workspace: str | None = None
    candidate: str | None = None
    version: int | None = None
    threshold: float | None = None
    metric: str | None = None
    rank: str | None = None
    reference: str | None = None
    here: Mapping[str, Any] = field(default_factory=dict)
    """What the address says for the page that is shown alone, by name."""
    unreadable: tuple[str, ...] = ()
    """What could not be read, told until the person chooses something."""


def read_linked(page: str = "") -> Linked:
    """Return what the URL says, and where it is silent what the session remembers; then make the URL say all of it.

    Args:
        page: key of the page that is shown, whose own values are read too. An address that carries one of them says all
            of them: what is remembered of the page is then forgotten.
    """
    st.session_state[_SHOWN_PAGE] = page
    address.put_right(page)
    said = address.says()
    _forget_other_workspace(said)
    own = OF_PAGE.get(page, {})
    if any(name in said for name in own):
        for name in own:
            if name not in said:
                st.session_state.pop(_remembered(name), None)
    values, here = _read(LINKED), _read(own)
    return Linked(**values, here=here, unreadable=tuple(st.session_state.setdefault(_UNREADABLE, [])))


def _read(names: Mapping[str, Callable[[str], object]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    unreadable: list[str] = st.session_state.setdefault(_UNREADABLE, [])
    said = address.says()
    for name, parse in names.items():
        raw = said.get(name, st.session_state.get(_remembered(name)))
        if raw is None:
            continue
        try:
            values[name] = parse(raw)
        except ValueError:
            _take_out(name)
            unreadable.append(f"{name}={raw}")
            continue
        st.session_state[_remembered(name)] = raw
        address.put(name, raw)
    return values


def _forget_other_workspace(said: Mapping[str, str]) -> None:
    """Drop what is remembered of another workspace than the URL names, as after the browser's Back button."""
    asked = said.get("workspace")
    if asked is not None and asked != st.session_state.get(_remembered("workspace"), asked):
        for name in LINKED:
            st.session_state.pop(_remembered(name), None)
        _forget_pages()


def _forget_pages() -> None:
    """Drop what is remembered for single pages; examples, problems and candidates belong to one workspace."""
    for page, names in OF_PAGE.items():
        for name in names:
            st.session_state.pop(_remembered(name, page), None)


def link(name: str, value: object | None) -> None:
    """Put a value into the URL and the session, or take it out of both when None.

    Another workspace has other candidates and versions, so choosing one clears the rest.
    """
    if name not in LINKED and name not in _own_names():
        raise KeyError(name)
    address.put_right()
    if name == "workspace":
        for other in (LINKED.keys() | _own_names()) - {"workspace"}:
            link(other, None)
        _forget_pages()
    st.session_state[_UNREADABLE] = []
    if value is None:
        _take_out(name)
        return
    st.session_state[_remembered(name)] = str(value)
    address.put(name, str(value))


def link_all(values: Mapping[str, object | None]) -> None:
    """Put several values into the link, each as ``link`` does."""
    for name, value in values.items():
        link(name, value)


def _own_names() -> set[str]:
    """Return the names that belong to the page that is shown."""
    return set(OF_PAGE.get(st.session_state.get(_SHOWN_PAGE, ""), ()))


def _take_out(name: str) -> None:
    st.session_state.pop(_remembered(name), None)
    address.take_out(name)


def linked_threshold(linked: Linked, default: float) -> float | None:
    """Return the threshold that the link carries, ``default`` without one; None answers nobody."""
    if linked.threshold is None:
        return default
    return None if math.isinf(linked.threshold) else linked.threshold


def link_threshold(threshold: float | None) -> None:
    """Put a threshold into the link; None, which answers nobody, is written as ``inf``."""
    link("threshold", math.inf if threshold is None else threshold)


def linked_select(
    name: str,
    label: str,
    options: list[str],
    current: str,
    *,
    words: Callable[[str], str] = str,
    default: str | None = None,
    help: str | None = None,
) -> str:
    """Draw a select box for one linked value and return the choice, which goes into the URL.

    Args:
        words: how an option reads on screen.
        default: the option that stands for "not in the link".
    """
    key = f"choose {name}"
    show_in(key, current)

    def commit() -> None:
        chosen = heard(key)
        if (
            chosen not in options
        ):  # the words of the choice changed under the browser, as when a workspace is renamed
            return
        link(name, None if chosen == default else chosen)

    return st.selectbox(label, options, key=key, on_change=commit, format_func=words, help=help) or current


def linked_segments(
    name: str,
    label: str,
    options: list[str],
    current: str,
    *,
    words: Callable[[str], str] = str,
    default: str,
    label_visibility: Literal["visible", "collapsed"] = "collapsed",
) -> str:
    """Draw a row of options for one linked value and return the choice; ``default`` stands for "not in the link"."""
    key = f"choose {name}"
    show_in(key, current)

    def commit() -> None:
        chosen = heard(key)
        link(name, None if chosen == default else chosen)

    chosen = st.segmented_control(
        label,
        options,
        key=key,
        on_change=commit,
        format_func=words,
        required=True,
        label_visibility=label_visibility,
    )
    return chosen or current


def linked_several(name: str, label: str, options: list[str], current: list[str], *, limit: int) -> list[str]:
    """Draw a choice of several of the ``options`` for one linked value and return it; none is "not in the link"."""
    key = f"choose {name}"
    show_in(key, current)

    def commit() -> None:
        chosen = [one for one in heard(key) if one in options]
        link(name, ",".join(chosen) or None)

    return st.multiselect(
        label, options, key=key, on_change=commit, max_selections=limit, placeholder="Nobody"
    )


def hand_over(linked: Linked) -> None:
    """Leave what app.py read for the page that it is about to run."""
    st.session_state[_HANDED_OVER] = linked


def take_over() -> Linked | None:
    """Return what app.py read in this run, once; None when the page was run without app.py."""
    found: Linked | None = st.session_state.pop(_HANDED_OVER, None)
    return found


def hint_dismissed() -> bool:
    """Whether this person closed the first-five-minutes hint."""
    return bool(st.session_state.get(_HINT_DISMISSED, False))


def dismiss_hint() -> None:
    """Close the first-five-minutes hint for good."""
    st.session_state[_HINT_DISMISSED] = True


def person() -> str | None:
    """Return the name that this session's person gave, None before they gave one."""
    return st.session_state.get(_PERSON) or None


def person_input(label: str, default: str, *, longest: int, help: str) -> None:
    """Draw the field for the person's name; what is given stays for the session."""
    key = "choose person"

    def commit() -> None:
        st.session_state[_PERSON] = " ".join(st.session_state[key].split())

    st.text_input(label, person() or default, key=key, max_chars=longest, on_change=commit, help=help)


def widget(key: str, default: Any = None) -> Any:
    """Return what a widget says now, in a callback too; ``default`` before it was drawn."""
    return st.session_state.get(key, default)


def show_in(key: str, value: object) -> None:
    """Make a choice that is about to be drawn say ``value``, which the link or another control decided.

    It is said in every run: a browser that missed the one run that said it would send back another choice as its own.
    """
    _tell(key, value)
    st.session_state[key] = value


def _tell(key: str, value: object) -> None:
    """Note what a choice is told, and what it said until now when another control decided that."""
    told = st.session_state.get(_told(key), value)
    if told != value and st.session_state.get(key) != value:
        st.session_state[_overtaken(key)] = (told, time.monotonic())
    st.session_state[_told(key)] = value


def heard(key: str, default: Any = None) -> Any:
    """Return what a choice says in its callback; what it was told last when the browser only repeats the one before.

    Pages look each second for what others did, and send along what their choices say. What another control has just
    decided may not have arrived in the browser yet; the old value then comes back and is nobody's choice.
    """
    says = st.session_state.get(key, default)
    before, since = st.session_state.get(_overtaken(key), (None, -math.inf))
    if says == before and time.monotonic() - since < _ECHO_SECONDS:
        return st.session_state.get(_told(key), says)
    return says


def text_in(key: str, value: str) -> str:
    """Make a text field that is about to be drawn say ``value``; return what the field takes as its default.

    What a field says already is left alone: to set it anew would take away what is being typed. Its default stands in
    every run, so that a browser that missed the run in which the field was new reads it there.
    """
    _tell(key, value)
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[key] = value
        return ""
    return value


def field_key(base: str, value: object) -> str:
    """Return the key of a field that lies in a popover and is about to be drawn with ``value`` as its default.

    What a closed popover holds is not there to be set: its browser would send the old value back as a choice. So a
    value that another control decided makes it another field.
    """
    count: int = st.session_state.get(_generation(base), 0)
    key = f"{base} {count}"
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[_generation(base)] = count + 1
        return f"{base} {count + 1}"
    return key


def keep(name: str, value: object) -> None:
    """Keep something for this session that no link carries, such as the version that a form was opened with."""
    st.session_state[_kept(name)] = value


def kept(name: str, default: Any = None) -> Any:
    """Return what was kept under this name, ``default`` when nothing was."""
    return st.session_state.get(_kept(name), default)


def kept_while(name: str, same: object, make: Callable[[], Made]) -> Made:
    """Return what was made under this name, made anew where it was made of something else than ``same``."""
    known = kept(name)
    if known is None or known[0] != same:
        known = (same, make())
        keep(name, known)
    made: Made = known[1]
    return made


def forget(name: str) -> None:
    """Drop what was kept under this name."""
    st.session_state.pop(_kept(name), None)


def request_key(act: str) -> str:
    """Return the idempotency key of the next ``act``: the same one until ``done``, however often a button fires."""
    key: str = st.session_state.setdefault(_requested(act), f"{act} {uuid.uuid4().hex}")
    return key


def done(act: str, words: str) -> None:
    """Note that ``act`` is recorded: its next request is another one, and ``words`` are told on the next run."""
    st.session_state.pop(_requested(act), None)
    st.session_state.setdefault(_TOLD_NEXT, []).append(words)


def told() -> list[str]:
    """Return what was done since the last run, once."""
    words: list[str] = st.session_state.pop(_TOLD_NEXT, [])
    return words


def _told(key: str) -> str:
    return f"told to {key}"


def _overtaken(key: str) -> str:
    return f"overtaken in {key}"


def _generation(base: str) -> str:
    return f"generation of {base}"


def _kept(name: str) -> str:
    return f"kept {name}"


def _requested(act: str) -> str:
    return f"request of {act}"


def _remembered(name: str, page: str | None = None) -> str:
    """Return the session's key of a linked value; one of a page's own is told apart by the page."""
    if name in LINKED:
        return f"linked {name}"
    return f"linked {name} of {st.session_state.get(_SHOWN_PAGE, '') if page is None else page}"
