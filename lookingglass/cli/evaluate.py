"""``lookingglass evaluate``: bring every candidate to a test-set version and print every figure."""

from __future__ import annotations

from pathlib import Path

import click

from lookingglass.cli.common import emit, json_option, say, workspace_argument
from lookingglass.evaluation.engine import Progress, Status
from lookingglass.workspace import open_workspace


@click.command()
@workspace_argument
@click.option(
    "--version", type=click.IntRange(min=1), metavar="N", help="A test-set version (default: the latest)."
)
@click.option(
    "--reference",
    metavar="NAME",
    help="The candidate that the others are compared with (default: the baseline).",
)
@json_option
def evaluate(workspace: Path, version: int | None, reference: str | None, as_json: bool) -> None:
    """Score what has no score yet, on every candidate, and print the leaderboard."""
    with open_workspace(workspace) as ws:
        result = ws.evaluate(version, on_progress=_tell, retry_failed=True)
        if as_json:
            emit(result.to_json())
            return
        board = ws.leaderboard(version=result.version, reference=reference)
        click.echo(board.text())


def _tell(progress: Progress) -> None:
    if progress.status is Status.RUNNING and progress.done:
        say(f"{progress.candidate}: {progress.done:,} of {progress.total:,} rows")
    elif progress.status is Status.FAILED:
        say(f"{progress.candidate}: failed: {progress.error}")
