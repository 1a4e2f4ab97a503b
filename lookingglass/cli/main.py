"""The ``lookingglass`` command itself: finds the verb, loads only its module, and turns errors into one line.

Exit 0: fine. 1: a check that was asked for did not hold. 2: bad input. 70: a defect of ours, with the log's number.
"""

from __future__ import annotations

import importlib
import logging
import sys
import uuid

import click

from lookingglass import __version__
from lookingglass.errors import ImportRejected, LookingGlassError, one_line

VERBS = {
    "demo": ("lookingglass.cli.demo", "build the worked use cases as workspaces"),
    "init": ("lookingglass.cli.init", "make a workspace from a data file"),
    "dashboard": ("lookingglass.cli.dashboard", "serve the dashboard"),
    "candidates": ("lookingglass.cli.candidates", "add, list and retire the models under evaluation"),
    "testset": ("lookingglass.cli.testset", "import, edit, compare and export the living test set"),
    "problems": ("lookingglass.cli.problems", "problems that test patterns describe"),
    "evaluate": ("lookingglass.cli.evaluate", "bring every candidate up to date and print the figures"),
    "threshold": (
        "lookingglass.cli.threshold",
        "choose a threshold under requirements, and record its agreement",
    ),
    "explain": ("lookingglass.cli.explain", "say why a candidate gives an example its score"),
    "fairness": ("lookingglass.cli.fairness", "hold groups against each other at a threshold"),
    "policy": ("lookingglass.cli.policy", "set and show what must hold between groups"),
    "review": ("lookingglass.cli.review", "list, add and export verdicts on reasons"),
    "audit": ("lookingglass.cli.audit", "verify and export the ledger"),
}
"""Verb -> (module that defines a click command of the verb's name, one line of help)."""


class LazyVerbs(click.Group):
    """A group that imports a verb's module only when that verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of a person's work."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the verb's module and return its command."""
        if cmd_name not in VERBS:
            return None
        command = getattr(importlib.import_module(VERBS[cmd_name][0]), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{VERBS[cmd_name][0]}.{cmd_name} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])


@click.group(
    cls=LazyVerbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(__version__, prog_name="lookingglass")
def lookingglass() -> None:
    """Choose, explain and sign off classifiers on a living test set."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with the agreed code."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    try:
        result = lookingglass.main(args=arguments, prog_name="lookingglass", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "lookingglass"
        return _fail(f"{one_line(error.format_message())} (see `{where} --help`)")
    except click.ClickException as error:
        return _fail(one_line(error.format_message()))
    except (click.Abort, KeyboardInterrupt):
        return _fail("stopped.", 130)
    except LookingGlassError as error:
        code = _fail(str(error), error.exit_code)
        if isinstance(error, ImportRejected) and error.total > 1:
            _list_problems(error)
        return code
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception:
        number = uuid.uuid4().hex[:8]
        logging.basicConfig(level=logging.INFO)
        logging.getLogger("lookingglass").exception("internal error %s", number)
        return _fail(
            f"an internal error, number {number}: the lines above say where. Please report them.", 70
        )
    return result if isinstance(result, int) else 0


def _list_problems(rejected: ImportRejected) -> None:
    for problem in rejected.problems:
        click.echo(f"  {problem}", err=True)
    more = rejected.total - len(rejected.problems)
    if more:
        click.echo(f"  and {more:,} more", err=True)


def _fail(message: str, code: int = 2) -> int:
    click.echo(f"error: {message}", err=True)
    return code
