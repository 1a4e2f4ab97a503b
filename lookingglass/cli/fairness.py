"""``lookingglass fairness``: what a threshold does to each group, and how far groups lie from a reference."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click

from lookingglass.cli.common import emit, json_option, workspace_argument
from lookingglass.errors import BadInput
from lookingglass.evaluation.assessing import Fairness
from lookingglass.evaluation.sessions import Origin
from lookingglass.fairness import (
    FAILURES,
    GROUP_METRICS,
    SEARCHED,
    SMALLEST_DENOMINATOR,
    WORST_BY,
    Disparity,
    Limit,
    Search,
    words_of,
)
from lookingglass.fairness.limits import Measure
from lookingglass.figures import Figure
from lookingglass.vocabulary import METRIC_WORDS
from lookingglass.wording import figure_text, interval_text, number, threshold_text
from lookingglass.workspace import open_workspace

SHOWN = 20


@click.command()
@workspace_argument
@click.option("--candidate", required=True, metavar="NAME", help="Whose answers.")
@click.option(
    "--threshold",
    type=float,
    metavar="T",
    help="Yes from this score on; inf answers nobody (default: the candidate's own).",
)
@click.option(
    "--by",
    required=True,
    metavar="COL[,COL2]",
    help="One to three columns to slice by, or COL:length, COL:case, COL:script, COL:unknown-words, problem:NAME, "
    "tag:NAME.",
)
@click.option(
    "--reference",
    metavar="VALUE[,VALUE2]",
    help="The group that the others are held against (default: the largest).",
)
@click.option(
    "--bands", multiple=True, metavar="COL=A/B/C", help="Where the bands of a number begin; repeatable."
)
@click.option(
    "--words",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The known words for COL:unknown-words: a word list, or what the model was trained on.",
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="TEXT",
    help='How far a group may lie from the reference: "recall difference 0.1", "selection_rate ratio 0.8"; repeatable.',
)
@click.option(
    "--minimum",
    type=click.IntRange(min=1),
    default=SMALLEST_DENOMINATOR,
    show_default=True,
    metavar="N",
    help="A figure over fewer cases is not estimable.",
)
@click.option(
    "--worst-by",
    type=click.Choice(WORST_BY),
    default="accuracy",
    show_default=True,
    help="Sort groups by this, worst first.",
)
@click.option(
    "--search",
    "searched",
    type=click.Choice(SEARCHED),
    help="Also look for the worst slices nobody asked about: what is failed at there.",
)
@click.option(
    "--version", type=click.IntRange(min=1), metavar="N", help="A test-set version (default: the latest)."
)
@click.option(
    "--origin",
    type=click.Choice(get_args(Origin)),
    default="sample",
    help="Count the samples alone, which speak for real use (the default), or test patterns too.",
)
@json_option
def fairness(
    workspace: Path,
    candidate: str,
    threshold: float | None,
    by: str,
    reference: str | None,
    bands: tuple[str, ...],
    words: Path | None,
    limits: tuple[str, ...],
    minimum: int,
    worst_by: str,
    searched: str | None,
    version: int | None,
    origin: Origin,
    as_json: bool,
) -> None:
    """Tell what a threshold does to each group, with intervals, and hold groups against a reference."""
    edges = dict(map(parse_bands, bands))
    known = None if words is None else words_of(_read(words))
    agreed = [parse_limit(text) for text in limits]
    with open_workspace(workspace) as ws:
        ws.candidate(candidate)
        ws.engine.bring_up_to_date(version)
        found = ws.counting(origin).fairness(
            candidate,
            split_names(by, list(ws.config.stored)),
            reference,
            threshold,
            version,
            bands=edges,
            known=known,
            limits=agreed,
            minimum=minimum,
            worst_by=worst_by,
        )
        worst = None
        if searched is not None:
            worst = ws.counting(origin).worst_slices(candidate, searched, threshold, version)
    if as_json:
        emit({**found.to_json(), **({} if worst is None else {"search": worst.to_json()})})
    else:
        click.echo("\n".join([*lines(found), *([] if worst is None else search_lines(worst))]))


def split_names(text: str, columns: Sequence[str]) -> list[str]:
    """Return what to slice by; a column whose own name holds a comma is meant whole."""
    if text in columns:
        return [text]
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise BadInput(f"--by names columns with commas between them, not {text!r}.")
    return names


def parse_bands(text: str) -> tuple[str, tuple[float, ...]]:
    """Return the column and the edges of ``dir=0.3/0.4``. Raises BadInput."""
    column, sign, numbers = text.rpartition("=")
    try:
        edges = tuple(float(number) for number in numbers.split("/"))
    except ValueError:
        edges = ()
    if not (sign and column and edges):
        raise BadInput(f"--bands says where bands begin, as in dir=0.3/0.4, not {text!r}.")
    return column, edges


def parse_limit(text: str) -> Limit:
    """Return the limit that ``recall difference 0.1`` or ``selection_rate ratio 0.8`` means. Raises BadInput."""
    parts = text.split()
    measures: dict[str, Measure] = {measure: measure for measure in get_args(Measure)}
    try:
        metric, measure, bound = parts[0], measures[parts[1]], float(parts[2])
        if len(parts) > 3:
            raise ValueError
    except (ValueError, IndexError, KeyError):
        raise BadInput(
            f'--limit names a metric, difference or ratio, and a number, as in "recall difference 0.1", not {text!r}.'
        ) from None
    return Limit(metric, measure, bound)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadInput(f"there is no file {file}.") from None
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"{file} cannot be read as UTF-8 text.") from None


def lines(found: Fairness) -> list[str]:
    """Return the result as a person reads it."""
    data = found.found
    result = [f"{found.candidate} at {threshold_text(found.threshold)}, by {', '.join(data.by)}", ""]
    for each in data.slices[:SHOWN]:
        result.append(f"{each.slice.title}: {each.n:,} examples, {each.wrong:,} answered wrongly")
        for name in GROUP_METRICS:
            figure = each.figures[name]
            small = ", small group" if name in each.small else ""
            between = f", {interval_text(name, figure)}" if figure.low is not None else ""
            told = figure_text(name, figure, counts=True)
            result.append(f"  {METRIC_WORDS[name].label}: {told}{between}{small}")
    more = len(data.slices) - SHOWN
    if more > 0:
        result.append(f"and {more:,} more groups (all with --json)")
    if data.reference is not None and data.disparities:
        result += ["", f"Against {data.reference.title}, p-values corrected for {data.family} questions:"]
        clear = [each for each in data.disparities if each.alarms or each.limit is not None]
        result += [f"  {_told(each)}" for each in clear[:SHOWN]]
        if not clear:
            result.append("  no group differs by more than chance")
        if len(clear) > SHOWN:
            result.append(f"  and {len(clear) - SHOWN:,} more (all with --json)")
    for gap in data.gaps:
        if gap.figure.value is not None and gap.usual_high is not None:
            result.append(
                f"{gap.name}: {number(gap.figure.value, 'rate')}; identical groups stay below "
                f"{number(gap.usual_high, 'rate')} in 95 of 100 cases"
            )
    return [*result, *(f"note: {note}" for note in data.notes)]


def search_lines(worst: Search) -> list[str]:
    """Return what a search found as a person reads it."""
    heading = f"Of {worst.looked_at:,} slices of at least {worst.smallest:,} cases, more {FAILURES[worst.metric]} in"
    rest = [
        f"  {each.slice.title}: {number(each.figure.value or 0.0, 'rate')} ({each.failures:,} of {each.n:,}), "
        f"{_difference(each.difference)} against the rest, p {each.p_adjusted:.2g}"
        for each in worst.found
    ]
    return ["", f"{heading}:", *(rest or ["  none, by more than chance"])]


def _told(each: Disparity) -> str:
    p_value = "" if each.p_adjusted is None else f", p {each.p_adjusted:.2g}"
    verdict = (
        "" if each.limit is None else f": {each.verdict} the limit {each.limit.measure} {each.limit.bound:g}"
    )
    if each.limit is not None and each.verdict == "cannot tell":
        verdict = f": cannot tell ({each.reason})"
        if each.further:
            verdict += f"; about {each.further:,} further examples would settle it"
    return f"{each.slice.title}, {METRIC_WORDS[each.metric].label}: {_difference(each.difference)}{p_value}{verdict}"


def _difference(figure: Figure) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return f"not estimable ({figure.reason})"
    return f"{figure.value * 100:+.1f} points ({figure.low * 100:+.1f} to {figure.high * 100:+.1f})"
