"""The one style sheet of the HTML that views write. It takes its colours from the theme, light or dark.

Classes begin with ``lg-``; no data goes in here.
"""

from __future__ import annotations

import streamlit as st

from lookingglass.explanations.drawn import DRAWN_STYLE

STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding-top: 3.5rem; }
[data-testid="stBaseButton-primary"]:enabled { color: light-dark(#FFFFFF, #14171A); }
[data-testid="stMultiSelectTagsContainer"] :is([data-tag], [data-tag] *) { color: light-dark(#FFFFFF, #14171A); }
[data-testid="stCaptionContainer"] code { color: inherit; }
.lg {
  --quiet: color-mix(in srgb, currentColor 76%, transparent);
  --line: color-mix(in srgb, currentColor 16%, transparent);
  line-height: 1.45;
}
.lg-quiet { color: var(--quiet); }
.lg-small { font-size: 0.875rem; }
.lg-hint { text-decoration: underline dotted; text-underline-offset: 0.2em; cursor: help; }
@media (hover: none), (max-width: 860px) {
  .lg-why::after { content: " " attr(title); font-size: 0.8125rem; color: var(--quiet); }
  .lg-why { text-decoration: none; }
}
.lg-swatch { display: inline-block; width: 0.75em; height: 0.75em; border-radius: 2px; margin-right: 0.5em; }
.lg-table { width: 100%; border-collapse: collapse; margin: 0.25rem 0 0.5rem; }
.lg-table caption { text-align: left; color: var(--quiet); font-size: 0.875rem; padding-bottom: 0.35rem; }
.lg-table th, .lg-table td {
  padding: 0.5rem 0.6rem; border: 0; border-bottom: 1px solid var(--line);
  vertical-align: top; text-align: right; font-variant-numeric: tabular-nums;
}
.lg-table th:first-child, .lg-table td:first-child, .lg-table .lg-wide { text-align: left; padding-left: 0; }
.lg-table .lg-wide { overflow-wrap: anywhere; }
.lg-table th { font-weight: 600; }
.lg-table tbody th .lg-small { font-weight: 400; }
.lg-table thead th { font-size: 0.875rem; font-weight: 400; color: var(--quiet); }
.lg-table tbody th { overflow-wrap: anywhere; min-width: 9rem; }
.lg-table tbody th:has(> .lg-swatch) { position: relative; padding-left: 1.25rem !important; }
.lg-table th > .lg-swatch { position: absolute; left: 0; top: 0.8rem; }
.lg-narrow td, .lg-narrow th { padding: 0.4rem 0.35rem; }
.lg-narrow tbody th { min-width: 6rem; }
.lg-scroll { overflow-x: auto; }
.lg-value { font-weight: 600; white-space: nowrap; }
.lg-range { display: block; font-weight: 400; font-size: 0.8125rem; color: var(--quiet); white-space: nowrap; }
.lg .lg-list { list-style: none; margin: 0; padding: 0; }
.lg .lg-list li { padding: 0.45rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; margin: 0; }
.lg-list time { display: block; font-size: 0.8125rem; color: var(--quiet); }
.st-key-first-minutes [data-testid="stPageLink-NavLink"] {
  padding: 0; height: auto; max-width: 100%; text-decoration: underline; background: none;
}
.st-key-first-minutes [data-testid="stPageLink-NavLink"] * { white-space: normal; overflow: visible; }
[class*="st-key-chips"] [data-testid="stPageLink-NavLink"] {
  height: auto; max-width: 100%; background: rgb(128 134 139 / 12%);
}
[class*="st-key-chips"] [data-testid="stPageLink-NavLink"] * {
  white-space: normal; overflow-wrap: anywhere; font-weight: 400;
}
DRAWN
.lg-empty {
  border: 1px dashed color-mix(in srgb, currentColor 40%, transparent); border-radius: 0.5rem; padding: 1.25rem;
}
.lg-empty code { overflow-wrap: anywhere; }
@media (max-width: 640px) {
  [data-testid="stMain"] h1 { font-size: 1.9rem; }
  [data-testid="stMain"] h3 { font-size: 1.35rem; }
}
@media (max-width: 860px) {
  .lg-table thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .lg-table, .lg-table tbody, .lg-table tr, .lg-table th, .lg-table td { display: block; }
  .lg-table tr { padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
  .lg-table th, .lg-table td { border: 0; padding: 0.15rem 0; text-align: left; }
  .lg-table td[data-label] { display: grid; grid-template-columns: 8.5rem 1fr; column-gap: 0.75rem; }
  .lg-table td[data-label]::before { content: attr(data-label); color: var(--quiet); font-size: 0.875rem; }
  .lg-table caption { display: block; }
  .lg-table th > .lg-swatch { top: 0.45rem; }
  .lg-table td .lg-range { display: inline; white-space: normal; }
  .lg-table td .lg-range + .lg-range { display: block; }
}
</style>""".replace("DRAWN", DRAWN_STYLE.strip())


def style() -> None:
    """Put the style sheet on the page, for every view that writes HTML: the entry does, once a run."""
    st.html(STYLE)
