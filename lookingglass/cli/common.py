"""What every verb of the command line shares: the workspace argument, ``--as``, ``--json`` and where output goes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lookingglass.errors import BadInput
from lookingglass.ledger import Actor, system_user

workspace_argument = click.argument("workspace", type=click.Path(path_type=Path))
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on standard output, nothing else."
)


def _actor(_context: click.Context, _parameter: click.Parameter, name: str | None) -> Actor:
    who = name or system_user()
    if who is None:
        raise BadInput("this machine does not say who you are: name yourself with --as NAME.")
    return Actor(who)


def as_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--as NAME`` to a writing verb; the verb receives ``actor: Actor`` (default: the system's user)."""
    return click.option(
        "--as", "actor", metavar="NAME", callback=_actor, help="Who does this (default: the system's user)."
    )(command)


def say(message: str) -> None:
    """Tell the person something, on standard error, so that standard output stays for results."""
    click.echo(message, err=True)


def emit(result: object) -> None:
    """Print ``result`` as one JSON object on standard output."""
    click.echo(json.dumps(result, ensure_ascii=False, allow_nan=False))
