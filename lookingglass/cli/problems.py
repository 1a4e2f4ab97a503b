"""``lookingglass problems``: list, open, show."""

from __future__ import annotations

from pathlib import Path

import click

from lookingglass.cli.common import as_option, emit, json_option, say, workspace_argument
from lookingglass.home import open_home
from lookingglass.ledger import Actor


@click.group()
def problems() -> None:
    """What a stakeholder would call a bug, each described by test patterns."""


@problems.command("list")
@workspace_argument
@json_option
def list_(workspace: Path, as_json: bool) -> None:
    """Show the problems in the order of their opening."""
    from lookingglass.problems import list_problems

    home = open_home(workspace)
    found = list_problems(home)
    if as_json:
        emit({"workspace": home.config.name, "problems": [problem.to_json() for problem in found]})
        return
    for problem in found:
        click.echo(
            f"{problem.problem_id}  {problem.name}  {len(problem.pattern_ids)} patterns  {problem.actor}"
        )
    if not found:
        say(
            "No problems yet: open one with `lookingglass problems open WORKSPACE --name NAME --description TEXT`."
        )


@problems.command("open")
@workspace_argument
@click.option("--name", required=True, metavar="NAME", help="Short and unique.")
@click.option("--description", required=True, metavar="TEXT", help="What goes wrong, and for whom.")
@click.option(
    "--pattern", "patterns", multiple=True, metavar="ID", help="An example that shows it; repeatable."
)
@as_option
@json_option
def open_(
    workspace: Path, name: str, description: str, patterns: tuple[str, ...], actor: Actor, as_json: bool
) -> None:
    """Open a problem."""
    from lookingglass.problems import open_problem

    problem = open_problem(open_home(workspace), name, description, patterns, actor)
    say(f"{problem.problem_id}, {problem.name!r}, is open; it has {len(problem.pattern_ids)} patterns.")
    if as_json:
        emit(problem.to_json())


@problems.command()
@workspace_argument
@click.argument("name")
@json_option
def show(workspace: Path, name: str, as_json: bool) -> None:
    """Show one problem, by NAME or id."""
    from lookingglass.problems import get_problem

    problem = get_problem(open_home(workspace), name)
    if as_json:
        emit(problem.to_json())
        return
    click.echo(f"{problem.problem_id}  {problem.name}\n{problem.description}")
    click.echo(f"opened by {problem.actor} {problem.time[:16].replace('T', ' ')}")
    for pattern in problem.pattern_ids:
        click.echo(f"  {pattern}")
