"""``lookingglass candidates``: add, inspect, list, retire, describe, scores, approve."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from lookingglass.candidates import (
    add_scores,
    approve_file,
    describe,
    get_candidate,
    inspect_file,
    list_candidates,
    register,
    retire,
)
from lookingglass.candidates.formats import FORMATS
from lookingglass.cli.common import as_option, emit, json_option, say, workspace_argument
from lookingglass.home import open_home
from lookingglass.ledger import Actor

_Verb = TypeVar("_Verb", bound=Callable[..., Any])


def _names(_context: click.Context, _parameter: click.Parameter, text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


_addable = ", ".join(name for name in FORMATS if name != "baseline")


_FROM_FILE = "(default: from the file)"
_READ = (
    click.option("--format", "format_name", metavar="F", help=f"One of {_addable} {_FROM_FILE}."),
    click.option(
        "--inputs", metavar="a,b,c", callback=_names, help=f"Columns in the model's order {_FROM_FILE}."
    ),
    click.option(
        "--classes", metavar="no,yes", callback=_names, help=f"The model's own class order {_FROM_FILE}."
    ),
)
_TOLD = (
    click.option("--description", metavar="TEXT", help="What it is, in one line."),
    click.option("--parent", metavar="NAME", help="The candidate before this one."),
    click.option("--change", metavar="TEXT", help="What is different from the one before."),
    click.option("--trained-on", metavar="DATE", help="When it was trained."),
    click.option("--trained-by", metavar="NAME", help="Who trained it."),
    click.option("--data-hash", metavar="SHA256", help="What it was trained on."),
    click.option("--code-commit", metavar="HASH", help="The commit of the code that trained it."),
)


def _read(command: _Verb) -> _Verb:
    """Give a verb the options that say how a file is read."""
    return reduce(lambda wrapped, option: option(wrapped), reversed(_READ), command)


def _told(command: _Verb) -> _Verb:
    """Give a verb the options that say what a person tells of a candidate."""
    return reduce(lambda wrapped, option: option(wrapped), reversed(_TOLD), command)


@click.group()
def candidates() -> None:
    """The models under evaluation: register, list, retire."""


@candidates.command()
@workspace_argument
@click.argument("name")
@click.argument("file_or_dir", type=click.Path(path_type=Path))
@_read
@_told
@as_option
@json_option
def add(
    workspace: Path,
    name: str,
    file_or_dir: Path,
    format_name: str | None,
    inputs: list[str] | None,
    classes: list[str] | None,
    actor: Actor,
    as_json: bool,
    **said: Any,
) -> None:
    """Register a model file, a predictions file, or a folder with a candidate.toml."""
    with closing(open_home(workspace)) as home:
        candidate = register(
            home,
            name,
            file_or_dir,
            format=format_name,
            inputs=inputs,
            classes=classes,
            actor=actor,
            **said,
        )
    inputs_words = f", {len(candidate.manifest.inputs)} inputs" if candidate.manifest.inputs else ""
    say(
        f"{candidate.name} is registered ({candidate.manifest.format}{inputs_words}, {candidate.fingerprint[:19]})."
    )
    if as_json:
        emit(candidate.to_json())


@candidates.command("inspect")
@workspace_argument
@click.argument("file_or_dir", type=click.Path(path_type=Path))
@_read
@as_option
@json_option
def inspect_(
    workspace: Path,
    file_or_dir: Path,
    format_name: str | None,
    inputs: list[str] | None,
    classes: list[str] | None,
    actor: Actor,
    as_json: bool,
) -> None:
    """Say what a file is and which checks it passes, without registering it; exit 1 when one fails."""
    with closing(open_home(workspace)) as home:
        proposal = inspect_file(
            home, file_or_dir, format=format_name, inputs=inputs, classes=classes, actor=actor, on_step=say
        )
    if as_json:
        emit(proposal.to_json())
    else:
        for check in proposal.checks:
            click.echo(f"{check.outcome:14}  {check.title}: {check.sentence}")
    if proposal.refusal is not None:
        raise click.exceptions.Exit(1)


@candidates.command("list")
@workspace_argument
@click.argument("name", required=False)
@click.option("--all", "include_retired", is_flag=True, help="The retired ones too.")
@json_option
def list_(workspace: Path, name: str | None, include_retired: bool, as_json: bool) -> None:
    """Show the candidates in the order of their registration, or just NAME."""
    with closing(open_home(workspace)) as home:
        chosen = [get_candidate(home, name)] if name else list_candidates(home, include_retired)
    if as_json:
        emit({"workspace": home.config.name, "candidates": [candidate.to_json() for candidate in chosen]})
        return
    for candidate in chosen:
        state = " (retired)" if candidate.retired else ""
        words = candidate.manifest.description or candidate.manifest.change
        click.echo(
            f"{candidate.name}{state}  {candidate.manifest.format}  {candidate.time[:10]} {candidate.actor}  {words}"
        )
    if not chosen:
        say("No candidates yet: add one with `lookingglass candidates add WORKSPACE NAME FILE`.")


@candidates.command("retire")
@workspace_argument
@click.argument("name")
@click.option("--reason", default="", metavar="TEXT", help="Why.")
@as_option
def retire_(workspace: Path, name: str, reason: str, actor: Actor) -> None:
    """Take NAME out of the evaluations to come; its history stays."""
    with closing(open_home(workspace)) as home:
        retire(home, name, actor, reason)
    say(f"{name} is retired.")


@candidates.command("describe")
@workspace_argument
@click.argument("name")
@_told
@as_option
def describe_(workspace: Path, name: str, actor: Actor, **fields: str | None) -> None:
    """Change what is said about NAME; the model itself never changes."""
    with closing(open_home(workspace)) as home:
        describe(home, name, actor, **fields)
    say(f"{name} is described anew.")


@candidates.command()
@workspace_argument
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@as_option
@json_option
def scores(workspace: Path, name: str, file: Path, actor: Actor, as_json: bool) -> None:
    """Give a predictions candidate further scores; an existing one is never replaced."""
    with closing(open_home(workspace)) as home:
        result = add_scores(home, name, file, actor)
    say(result.words if result.event is not None else f"{result.words} Nothing was changed.")
    if as_json:
        emit({"rows": result.rows, "new": result.new, "kept": result.kept, "waiting": result.waiting})


@candidates.command()
@workspace_argument
@click.argument("sha256")
@click.option(
    "--reason", required=True, metavar="TEXT", help="Who looked at the file, and where it comes from."
)
@as_option
def approve(workspace: Path, sha256: str, reason: str, actor: Actor) -> None:
    """Allow the one joblib or pickle file with this SHA-256 (admins only)."""
    with closing(open_home(workspace)) as home:
        approve_file(home, sha256, reason, actor)
    say(f"The file {sha256[:12]}… may be registered now.")
