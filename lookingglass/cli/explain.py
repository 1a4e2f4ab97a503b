"""``lookingglass explain``: why a candidate gives an example its score, with how far that can be believed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from lookingglass.cli.common import emit, json_option, workspace_argument
from lookingglass.explanations import DEFAULTS, Explanation, Weight
from lookingglass.workspace import open_workspace

SHOWN = 15


@click.command()
@workspace_argument
@click.option("--candidate", required=True, metavar="NAME", help="The candidate to explain.")
@click.option("--example", required=True, metavar="ID", help="The example whose score is explained.")
@click.option(
    "--samples",
    type=int,
    metavar="N",
    help=f"Exactly so many variations (default: {DEFAULTS.samples}, doubled until the strongest settle, at most "
    f"{DEFAULTS.most_samples:,}).",
)
@click.option(
    "--repeats",
    type=int,
    default=DEFAULTS.repeats,
    show_default=True,
    metavar="K",
    help="Runs with different seeds that stability is measured over; 1 measures none.",
)
@click.option(
    "--version", type=click.IntRange(min=1), metavar="N", help="A test-set version (default: the latest)."
)
@json_option
def explain(
    workspace: Path,
    candidate: str,
    example: str,
    samples: int | None,
    repeats: int,
    version: int | None,
    as_json: bool,
) -> None:
    """Say which words, values or regions move a candidate's score of one example, by LIME."""
    settings = replace(DEFAULTS, repeats=repeats)
    if samples is not None:
        settings = replace(settings, samples=samples, most_samples=samples)
    with open_workspace(workspace) as ws:
        made = ws.explain(candidate, example, settings, version)
        if as_json:
            emit(made.to_json())
            return
        threshold = ws.threshold(candidate).value
        click.echo(_text(made, threshold))


def _text(made: Explanation, threshold: float | None) -> str:
    at = "answers nobody" if threshold is None else f"threshold {threshold:g}"
    lines = [f"{made.example_id} under {made.candidate}: score {made.score:.4f} ({at})"]
    if made.r2 is not None:
        lines.append(
            f"local model {made.local_prediction:.4f}, R2 {made.r2:.2f}, {made.samples:,} samples, seed {made.seed}"
        )
    if made.stability is not None:
        lines.append(f"stability {made.stability.vsi:.0f} of 100 over {made.stability.repeats} runs")
    lines += [f"  {each.weight:+.4f}  {_named(each, made)}" for each in made.weights[:SHOWN]]
    more = len(made.weights) - SHOWN
    if more > 0:
        lines.append(f"  and {more:,} weaker (all with --json)")
    return "\n".join([*lines, *(f"note: {note}" for note in made.notes)])


def _named(each: Weight, made: Explanation) -> str:
    if made.modality == "tabular":
        return f"{each.feature} = {'no value' if each.value is None else each.value}"
    return f"{each.feature} ({each.field})" if len(made.inputs) > 1 else each.feature
