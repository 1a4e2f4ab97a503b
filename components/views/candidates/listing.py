"""The list of candidates with their states, and the tree of which came from which. HTML out of standings."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.formatting import escaped, hint, when
from components.views.candidates.standing import Standing, State
from lookingglass.candidates import Candidate
from lookingglass.candidates.formats import FORMATS
from lookingglass.charts import candidate_colour
from lookingglass.charts.palette import GREEN, GREY, ORANGE, VERMILION
from lookingglass.wording import DASH, short_hash

DEEPEST = 6
"""Beyond so many steps the tree is not indented further, so that names keep room on a phone."""

HANGING = 1.2
"""How far the second line of a long description stands in, in rem."""

_WIDTHS = """<style>
.lg-candidates .lg-range { white-space: normal; overflow-wrap: anywhere; }
.lg-candidates td.lg-wide { padding-right: 1.25rem; }
@media (min-width: 861px) {
  .lg-candidates { table-layout: fixed; }
  .lg-candidates thead th:nth-child(1) { width: 27%; }
  .lg-candidates thead th:nth-child(2) { width: 22%; }
  .lg-candidates thead th:nth-child(4) { width: 18%; }
}
@media (max-width: 860px) { .lg-candidates td .lg-range { display: block !important; } }
</style>"""

_SIGNS: dict[State, tuple[str, str]] = {
    "complete": ("✓", GREEN),
    "incomplete": ("?", ORANGE),
    "failed": ("✗", VERMILION),
    "evaluating": ("…", GREY),
    "stopped": ("?", ORANGE),
    "retired": (DASH, GREY),
}


def colour_of(candidate: Candidate) -> str:
    """Return the candidate's colour, the same on every page."""
    return GREY if candidate.manifest.format == "baseline" else candidate_colour(candidate.order)


def candidate_table(found: Sequence[Standing], caption: str) -> None:
    """Draw one row a candidate: colour, name, format, state, who registered it when, what changed, its parent."""
    st.html(_WIDTHS)
    st.html(candidate_table_html(found, caption))


def candidate_table_html(found: Sequence[Standing], caption: str) -> str:
    """Return the list as HTML; everything that people wrote is escaped."""
    heads = ("State", "What changed", "Registered")
    head = "".join(f'<th scope="col" class="lg-wide">{each}</th>' for each in heads)
    body = "".join(_row(item) for item in found)
    return (
        f'<div class="lg"><table class="lg-table lg-candidates"><caption>{escaped(caption)}</caption>'
        f'<thead><tr><th scope="col">Candidate</th>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def swatch(candidate: Candidate) -> str:
    """Return HTML: the candidate's colour as a small square."""
    return f'<span class="lg-swatch" style="background:{colour_of(candidate)}" aria-hidden="true"></span>'


def state_html(item: Standing) -> str:
    """Return HTML: the state as a sign in its colour and in words."""
    sign, colour = _SIGNS[item.state]
    return (
        f'<span style="color:{colour};font-weight:600" aria-hidden="true">{sign}</span> {escaped(item.words)}'
    )


def _row(item: Standing) -> str:
    candidate, manifest = item.candidate, item.candidate.manifest
    fingerprint = hint(short_hash(candidate.fingerprint), candidate.fingerprint)
    told = f'<span class="lg-range">{escaped(FORMATS[manifest.format].title)}, {fingerprint}</span>'
    origin = f' <span class="lg-range">from {escaped(manifest.parent)}</span>' if manifest.parent else ""
    cells = (
        ("State", state_html(item)),
        ("What changed", (escaped(manifest.change or manifest.description) or DASH) + origin),
        ("Registered", f'{when(candidate.time)} <span class="lg-range">by {escaped(candidate.actor)}</span>'),
    )
    drawn = "".join(
        f'<td class="lg-wide" data-label="{label}"><span>{html}</span></td>' for label, html in cells
    )
    return f'<tr><th scope="row">{swatch(candidate)}{escaped(item.name)}{told}</th>{drawn}</tr>'


def family_tree(tree: Sequence[tuple[Candidate, int]]) -> None:
    """Draw which candidate came from which, each below its parent with what changed."""
    st.html(family_tree_html(tree))


def family_tree_html(tree: Sequence[tuple[Candidate, int]], marked: str | None = None) -> str:
    """Return the tree as a list in HTML; ``marked`` is written in bold."""
    items = "".join(_leaf(candidate, depth, candidate.name == marked) for candidate, depth in tree)
    return f'<div class="lg"><ul class="lg-list">{items}</ul></div>'


def _leaf(candidate: Candidate, depth: int, marked: bool) -> str:
    manifest = candidate.manifest
    change = manifest.change or manifest.description
    name = f"<strong>{escaped(candidate.name)}</strong>" if marked else escaped(candidate.name)
    gone = ' <span class="lg-quiet">(retired)</span>' if candidate.retired else ""
    told = f'<span class="lg-quiet">: {escaped(change)}</span>' if change else ""
    branch = '<span class="lg-quiet" aria-hidden="true">└ </span>' if depth else ""
    from_whom = f'<span class="lg-quiet"> from {escaped(manifest.parent)}</span>' if depth > DEEPEST else ""
    indent = min(depth, DEEPEST) * 1.1
    return (
        f'<li style="padding:0.2rem 0 0.2rem {indent + HANGING:.1f}rem;text-indent:-{HANGING}rem;border:0">'
        f"{branch}{swatch(candidate)}{name}{gone}{from_whom}{told}</li>"
    )
