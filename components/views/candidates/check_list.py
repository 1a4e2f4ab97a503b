"""The checks of a file: each with its sign, its outcome in a word and its sentence."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.formatting import escaped
from lookingglass.candidates import CheckResult
from lookingglass.charts.palette import GREEN, GREY, ORANGE, VERMILION
from lookingglass.wording import DASH

_SIGNS = {
    "passed": ("✓", GREEN, "passed"),
    "failed": ("✗", VERMILION, "failed"),
    "tip": ("!", ORANGE, "worth knowing"),
    "not applicable": (DASH, GREY, "not checked"),
}


def check_list(checks: Sequence[CheckResult], caption: str) -> None:
    """Draw one row a check."""
    st.html(check_list_html(checks, caption))


def check_list_html(checks: Sequence[CheckResult], caption: str) -> str:
    """Return the checks as HTML, everything escaped: sentences quote files."""
    rows = "".join(_row(check) for check in checks)
    return (
        f'<div class="lg"><table class="lg-table"><caption>{escaped(caption)}</caption><thead><tr>'
        '<th scope="col">Check</th><th scope="col" class="lg-wide">Outcome</th>'
        f'<th scope="col" class="lg-wide">What was found</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _row(check: CheckResult) -> str:
    sign, colour, word = _SIGNS[check.outcome]
    outcome = f'<span style="color:{colour};font-weight:600" aria-hidden="true">{sign}</span> {word}'
    return (
        f'<tr data-check="{escaped(check.code)}"><th scope="row">{escaped(check.title)}</th>'
        f'<td class="lg-wide" data-label="Outcome" style="white-space:nowrap"><span>{outcome}</span></td>'
        f'<td class="lg-wide" data-label="Found"><span>{escaped(check.sentence)}</span></td></tr>'
    )
