"""One candidate looked at closer: what it is, what it passed, its files, its family."""

from __future__ import annotations

import streamlit as st

from components.context import Context
from components.formatting import escaped, hint, when
from components.views.candidates.check_list import check_list
from components.views.candidates.listing import family_tree_html, state_html
from components.views.candidates.standing import Standing
from lookingglass.candidates import Candidate, ancestors, descendants
from lookingglass.candidates.formats import FORMATS
from lookingglass.errors import LookingGlassError
from lookingglass.wording import DASH, joined, short_hash


def facts(ctx: Context, item: Standing) -> None:
    """Draw the state and the manifest of one candidate as a table, with its files and their sizes."""
    st.html(facts_html(ctx, item))


def facts_html(ctx: Context, item: Standing) -> str:
    """Return the table as HTML; everything that people wrote is escaped."""
    candidate, manifest = item.candidate, item.candidate.manifest
    said = (
        ("What it is", escaped(manifest.description)),
        ("What changed", escaped(manifest.change)),
        ("Came from", escaped(manifest.parent or "")),
        ("Columns", _names(manifest.inputs)),
        ("Classes", _names(manifest.classes)),
        (
            "Trained",
            escaped(" ".join(part for part in (_on(manifest.trained_on), _by(manifest.trained_by)) if part)),
        ),
        ("Data", _shortened(manifest.data_hash)),
        ("Code", _shortened(manifest.code_commit)),
    )
    rows = [
        ("State", state_html(item)),
        ("Format", escaped(FORMATS[manifest.format].title)),
        *((label, html or DASH) for label, html in said),
        ("Fingerprint", hint(short_hash(candidate.fingerprint), candidate.fingerprint)),
        ("Files", _files(ctx, candidate)),
        ("Registered", f"{when(candidate.time)} by {escaped(candidate.actor)}"),
    ]
    body = "".join(
        f'<tr><th scope="row">{label}</th><td class="lg-wide"><span>{html}</span></td></tr>'
        for label, html in rows
    )
    return f'<div class="lg"><table class="lg-table"><tbody>{body}</tbody></table></div>'


def checks(candidate: Candidate) -> None:
    """Draw what the candidate's file passed before it was registered."""
    if candidate.checks:
        check_list(candidate.checks, "As recorded when it was registered.")
    else:
        st.caption("It was registered before checks were recorded one by one.")


def family(ctx: Context, candidate: Candidate) -> None:
    """Draw the candidates that this one came from and what came of it, as a tree."""
    near = {candidate.name, *ancestors(ctx.ws.home, candidate.name)}
    tree = descendants(ctx.ws.home)
    below = {item.name for item, _ in tree if candidate.name in ancestors(ctx.ws.home, item.name)}
    related = [(item, depth) for item, depth in tree if item.name in near | below]
    if len(related) < 2:
        st.caption("It names no candidate before it, and none names it.")
        return
    st.html(family_tree_html(related, candidate.name))


def _files(ctx: Context, candidate: Candidate) -> str:
    if not candidate.files:
        return "none"
    return "<br>".join(
        f"{escaped(name)}, {_size(ctx, sha)}, SHA-256 {hint(sha[:8], sha)}"
        for name, sha in candidate.files.items()
    )


def _size(ctx: Context, sha: str) -> str:
    try:
        return f"{ctx.ws.home.files.size(sha):,} bytes"
    except LookingGlassError:
        return "missing"


def _names(names: tuple[str, ...]) -> str:
    return escaped(joined(list(names))) if names else ""


def _shortened(digest: str) -> str:
    """Return a hash in its first characters with all of it on hover; what is no hash stays whole."""
    bare = digest.removeprefix("sha256:")
    if len(bare) > 12 and all(each in "0123456789abcdef" for each in bare):
        return hint(short_hash(digest), digest)
    return escaped(digest)


def _on(date: str) -> str:
    return f"on {date}" if date else ""


def _by(person: str) -> str:
    return f"by {person}" if person else ""
