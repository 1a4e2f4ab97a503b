"""``lookingglass demo``: build the worked use cases as workspaces."""

from __future__ import annotations

from pathlib import Path

import click

from lookingglass.cli.common import as_option, say
from lookingglass.demo import build_demo, use_cases
from lookingglass.errors import BadInput, NotSaved
from lookingglass.folders import is_workspace
from lookingglass.ledger import Actor


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("workspaces"))
@click.option("--if-missing", is_flag=True, help="Say nothing about use cases that are there already.")
@as_option
def demo(folder: Path, if_missing: bool, actor: Actor) -> None:
    """Build every worked use case as a workspace in FOLDER (default: ./workspaces)."""
    for source in use_cases():
        target = folder / source.name
        if is_workspace(target):
            if not if_missing:
                say(f"{target}: is there already, left as it is.")
            continue
        if target.exists():
            raise BadInput(f"{target} exists but is not a workspace: move it away, or name another folder.")
        try:
            build_demo(source, target, actor=actor, tell=say)
        except OSError as error:
            raise NotSaved(
                f"{target} could not be made ({(error.strerror or '').lower()}): name another folder."
            ) from None
        say(f"{target}: ready. Look at it with `lookingglass dashboard {folder}`.")
