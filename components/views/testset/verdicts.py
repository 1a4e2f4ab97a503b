"""What the candidates say of one example, and what happened to it. Draws; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.context import Context
from components.formatting import escaped, when
from components.views.testset.cells import BEING_SCORED, SIGNS, is_scoring
from lookingglass.evaluation.browse import Page
from lookingglass.testset.example_history import ExampleChange
from lookingglass.wording import ended, joined, threshold_text


def verdict_sentence(page: Page) -> str:
    """Return ``3 of 6 models are right.`` for the one example of this page; '' when nobody can say."""
    words = [page.verdicts(name)[0] for name, answers in page.answers.items() if answers.is_model]
    judged = [word for word in words if word in ("right", "wrong")]
    if not judged:
        return ""
    right = judged.count("right")
    return f"{right} of {len(judged)} {'model is' if len(judged) == 1 else 'models are'} right."


def verdict_table(ctx: Context, page: Page) -> None:
    """Draw every candidate's answer, its score and whether it is right, for the one example of this page."""
    task, scoring = ctx.ws.config.task, is_scoring(ctx)
    rows, thresholds = [], set[float | None]()
    for name, answers in page.answers.items():
        verdict, score = page.verdicts(name)[0], ""
        thresholds.add(answers.threshold)
        if verdict == "no score":
            says, word = "–", BEING_SCORED if scoring else SIGNS[verdict]
        else:
            answer = task.positive_name if answers.says_yes[0] else task.negative_name
            says, word = answer, SIGNS[verdict]
            score = f' <span class="lg-range">score {answers.scores[0]:.3f}</span>'
        rows.append(
            f'<tr><th scope="row">{escaped(name)}</th>'
            f'<td data-label="Says" class="lg-wide"><span>{escaped(says)}{score}</span></td>'
            f'<td data-label="Verdict" class="lg-wide lg-value">{escaped(word)}</td></tr>'
        )
    scores = sorted(at for at in thresholds if at is not None)
    told = joined(list(dict.fromkeys(threshold_text(at, scores) for at in scores)), "or")
    ways = [f"from a score of {told}"] * bool(scores) + ["never"] * (None in thresholds)
    at = f"{escaped(task.positive_name)} {escaped(joined(ways, 'or'))}"
    st.html(
        f'<div class="lg"><table class="lg-table lg-narrow"><caption>Each says {at}.</caption><thead><tr>'
        '<th scope="col">Candidate</th><th scope="col" class="lg-wide">Says</th>'
        f'<th scope="col" class="lg-wide">Verdict</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def change_list(changes: Sequence[ExampleChange]) -> None:
    """Draw what happened to the example, newest first."""
    lines = "".join(
        f"<li><strong>{escaped(one.actor)}</strong> {escaped(one.words)} (version {one.version})"
        f"{'. Why: ' + escaped(ended(one.note)) if one.note else '.'}{when(one.time)}</li>"
        for one in reversed(changes)
    )
    st.html(f'<div class="lg"><ul class="lg-list">{lines}</ul></div>')
