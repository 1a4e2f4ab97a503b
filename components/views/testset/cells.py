"""How examples, labels, scores and verdicts read in the views of the test set. Draws nothing by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from components.context import Context
from components.views.images import thumbnail
from lookingglass.errors import LookingGlassError
from lookingglass.evaluation.browse import Page, Verdict
from lookingglass.testset import latest_version

SIGNS: Mapping[Verdict, str] = {
    "right": "✓ right",
    "wrong": "✗ wrong",
    "no label": "no label",
    "no score": "no score",
}
BEING_SCORED = "being scored"


def is_scoring(ctx: Context) -> bool:
    """Whether scores that are not there yet may still come: the evaluation has not reached this version."""
    state = ctx.keeper.state()
    return (state.target is not None or state.version < latest_version(ctx.ws.home)) and not state.cancelled


def verdict_text(verdict: Verdict, score: float, *, scoring: bool) -> str:
    """Return ``✗ 0.831`` (✓ right, ✗ wrong, none without a label); without a score whether it is still to come."""
    if verdict == "no score":
        return BEING_SCORED if scoring else SIGNS[verdict]
    sign = SIGNS[verdict][0] if verdict in ("right", "wrong") else ""
    return f"{sign} {score:.3f}".strip()


def picture(ctx: Context, cell: str | None) -> str | None:
    """Return the data address of an image cell's thumbnail, None for a missing or damaged image."""
    if cell is None:
        return None
    try:
        return thumbnail(ctx.ws.image(cell))
    except LookingGlassError:
        return None


def listing(ctx: Context, page: Page) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return one page as people read it, and the kind of each column: id, text, image, verdict, number or other."""
    config, rows = ctx.ws.config, page.rows
    scoring = is_scoring(ctx)
    columns: list[pl.Series] = [rows.get_column("@id").alias("id")]
    kinds = {"id": "id"}

    def put(name: str, series: pl.Series, kind: str) -> None:
        while name in kinds:
            name += " "
        columns.append(series.alias(name))
        kinds[name] = kind

    label = rows.get_column("@label").fill_null("unlabelled")
    put(config.task.label, label, "other")
    first = [name for name, column in config.stored.items() if column.type in ("text", "image")]
    rest = [name for name in config.stored if name not in first]
    for name in first:
        if config.stored[name].type == "image":
            shown = [picture(ctx, cell) for cell in rows.get_column(name)]
            put(name, pl.Series(shown, dtype=pl.String), "image")
        else:
            put(name, rows.get_column(name), "text")
    for name, answers in page.answers.items():
        if not answers.is_model:
            continue
        words = [
            verdict_text(verdict, float(score), scoring=scoring)
            for verdict, score in zip(page.verdicts(name), answers.scores, strict=True)
        ]
        put(name, pl.Series(words, dtype=pl.String), "verdict")
    for name in rest:
        put(name, rows.get_column(name), "number" if rows.schema[name].is_numeric() else "other")
    for name, title in (("@tags", "tags"), ("@problems", "problems")):
        put(title, rows.get_column(name).list.join(", "), "other")
    put("origin", rows.get_column("@origin"), "other")
    put("source", rows.get_column("@source"), "other")
    return pl.DataFrame(columns), kinds


def without_times(words: str) -> str:
    """Return what others did without the exact times in it, which say little to somebody who is looking on."""
    return re.sub(r" at \d{4}-\d\d-\d\dT[\d:.]+Z", "", words)


def shown_value(ctx: Context, column: str, value: Any) -> str:
    """Return a cell's value in words, whole: a missing one as a dash, marks with commas between."""
    if value is None or value == [] or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, bytes):
        return "a new image"
    return str(value)
