"""``lookingglass init``: make a workspace from a data file, with the schema that its columns propose."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from lookingglass.cli.common import as_option, say, workspace_argument
from lookingglass.creating import create_workspace_from_file
from lookingglass.ledger import Actor
from lookingglass.testset import describe_schema


@click.command()
@workspace_argument
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    help="CSV, Parquet or JSON Lines with one example a row.",
)
@click.option("--label", required=True, metavar="COL", help="The column with the true answer.")
@click.option("--positive", required=True, metavar="VALUE", help="The value of the label that counts as yes.")
@click.option("--kind", type=click.Choice(["tabular", "text", "image"]), default="tabular", show_default=True)
@click.option(
    "--id",
    "id_column",
    metavar="COL",
    help="The column with a stable id (default: example_id, else row numbers).",
)
@click.option(
    "--group", "groups", multiple=True, metavar="COL", help="A group column for fairness; repeatable."
)
@click.option("--text", "texts", multiple=True, metavar="COL", help="A text input; repeatable.")
@click.option("--ignore", "ignored", multiple=True, metavar="COL", help="A column to leave out; repeatable.")
@click.option("--title", metavar="TEXT", help="What people call this use case.")
@click.option("--unit", metavar="WORD", help="What one example is called (default: example).")
@click.option("--positive-name", metavar="TEXT", help="The positive answer in plain words.")
@click.option("--negative-name", metavar="TEXT", help="The negative answer in plain words.")
@click.option("--delimiter", metavar="C", help="The character between CSV cells (default: a comma).")
@as_option
def init(
    workspace: Path,
    data: Path,
    label: str,
    positive: str,
    kind: Literal["tabular", "text", "image"],
    id_column: str | None,
    groups: tuple[str, ...],
    texts: tuple[str, ...],
    ignored: tuple[str, ...],
    title: str | None,
    unit: str | None,
    positive_name: str | None,
    negative_name: str | None,
    delimiter: str | None,
    actor: Actor,
) -> None:
    """Make WORKSPACE from a data file; its columns and roles are proposed, written to workspace.toml and told."""
    with create_workspace_from_file(
        workspace,
        data,
        label=label,
        positive=positive,
        kind=kind,
        id_column=id_column,
        groups=groups,
        texts=texts,
        ignored=ignored,
        delimiter=delimiter,
        words={"title": title, "unit": unit, "positive_name": positive_name, "negative_name": negative_name},
        actor=actor,
    ) as ws:
        for line in describe_schema(ws.config):
            say(line)
        test_set = ws.test_set()
        say(
            f"{workspace}: version {test_set.version}, {test_set.examples:,} examples, {test_set.positives:,} positive."
        )
        say(
            f"Check the columns in {workspace / 'workspace.toml'}, then add a model: "
            f"lookingglass candidates add {workspace} NAME FILE"
        )
