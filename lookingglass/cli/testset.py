"""``lookingglass testset``: import, history, show, diff, check, export; single changes are in testset_changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookingglass.cli import testset_changes
from lookingglass.cli.common import as_option, emit, json_option, say, workspace_argument
from lookingglass.home import open_home
from lookingglass.ledger import Actor

if TYPE_CHECKING:
    from lookingglass.testset import Tombstone

SHOWN = 20

version_option = click.option(
    "--version",
    type=click.IntRange(min=0),
    metavar="N",
    help="A version of the test set (default: the latest).",
)


@click.group()
def testset() -> None:
    """The living test set: what is in it, how it came about, and every way to change it."""


for verb in testset_changes.VERBS:
    testset.add_command(verb)


@testset.command("import")
@workspace_argument
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", metavar="TEXT", help="Where new examples come from (default: the file's name).")
@click.option(
    "--origin",
    type=click.Choice(["sample", "pattern"]),
    default="sample",
    show_default=True,
    help="Drawn from real use, or written to describe a problem.",
)
@testset_changes.note_option
@click.option("--delimiter", metavar="C", help="The character between CSV cells (default: a comma).")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@as_option
@json_option
def import_(
    workspace: Path,
    file: Path,
    source: str | None,
    origin: str,
    note: str,
    delimiter: str | None,
    dry_run: bool,
    actor: Actor,
    as_json: bool,
) -> None:
    """Add and change examples from a CSV, Parquet or JSON Lines FILE, by their id; never removes one."""
    from lookingglass.testset import commit_import, latest_version, plan_import

    home = open_home(workspace)
    plan = plan_import(home, file, origin=origin, source=source, delimiter=delimiter, note=note)
    event = None if dry_run else commit_import(home, plan, actor)
    if dry_run or event is None:
        say(plan.words)
    else:
        say(f"Version {event.payload['version']}: {plan.words_when_done}")
    if as_json:
        emit({**plan.to_json(), "dry_run": dry_run, "version": latest_version(home)})


@testset.command()
@workspace_argument
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the last N versions.")
@json_option
def history(workspace: Path, limit: int | None, as_json: bool) -> None:
    """Say who changed what, when and why, version by version."""
    from lookingglass.testset import history as read_history

    home = open_home(workspace)
    entries = read_history(home, limit)
    if as_json:
        emit({"workspace": home.config.name, "versions": [entry.to_json() for entry in entries]})
        return
    for entry in entries:
        why = f" ({entry.note})" if entry.note else ""
        since = f" [{entry.since}]" if entry.since else ""
        when = entry.time[:16].replace("T", " ")
        click.echo(f"{entry.version}  {when}  {entry.actor} {entry.words}{why}{since}")
    if not entries:
        say("Nothing was imported yet.")


@testset.command()
@workspace_argument
@version_option
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help=f"Only the first N examples ({SHOWN} without --json).",
)
@json_option
def show(workspace: Path, version: int | None, limit: int | None, as_json: bool) -> None:
    """Print a version's examples."""
    from lookingglass.testset import read_version

    test_set = read_version(open_home(workspace), version)
    if as_json:
        emit(test_set.to_json(limit))
        return
    shown = test_set.to_json(SHOWN if limit is None else limit)["examples"]
    for example in shown:
        cells = " ".join(
            f"{name}={'' if value is None else value}" for name, value in example["columns"].items()
        )
        label = "unlabelled" if example["label"] is None else example["label"]
        click.echo(f"{example['id']}  {label}  {example['origin']}  {cells}")
    say(
        f"Version {test_set.version}: {len(shown):,} of {test_set.examples:,} examples, "
        f"{test_set.labelled:,} labelled, {test_set.positives:,} positive, {test_set.digest}."
    )
    _say_erased(test_set.erased)


@testset.command()
@workspace_argument
@click.option(
    "--from", "from_", type=click.IntRange(min=0), metavar="N", help="The version before (default: one less)."
)
@click.option(
    "--to", type=click.IntRange(min=0), metavar="M", help="The version after (default: the latest)."
)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Only the first N differences.")
@json_option
def diff(workspace: Path, from_: int | None, to: int | None, limit: int | None, as_json: bool) -> None:
    """Compare two versions: what was added, removed, relabelled, edited, by whom and why."""
    from lookingglass.testset import diff as compare
    from lookingglass.testset import latest_version

    home = open_home(workspace)
    end = latest_version(home) if to is None else to
    found = compare(home, max(0, end - 1) if from_ is None else from_, end)
    if as_json:
        result = found.to_json()
        emit({"workspace": home.config.name, **result, "changes": result["changes"][:limit]})
        return
    for row in found.rows[:limit]:
        why = f" ({row.note})" if row.note else ""
        click.echo(f"{row.words}, {row.by_whom}{why}")
    counts = (
        ", ".join(f"{count:,} {what}" for what, count in found.counts().items() if count) or "no difference"
    )
    say(f"Version {found.from_version} to {found.to_version}: {counts}.")
    _say_erased(found.erased)


@testset.command()
@workspace_argument
@version_option
@json_option
def check(workspace: Path, version: int | None, as_json: bool) -> int:
    """Look for what would mislead: exit code 1 when there is an issue."""
    from lookingglass.testset import check as run_checks
    from lookingglass.testset import read_version

    home = open_home(workspace)
    results = run_checks(home, version)
    failed = any(result.outcome == "issue" for result in results)
    if as_json:
        summary = read_version(home, version).summary()
        emit({"test_set": summary, "passed": not failed, "checks": [result.to_json() for result in results]})
    else:
        for result in results:
            click.echo(f"{result.outcome}: {result.title}. {result.detail}")
    return 1 if failed else 0


@testset.command()
@workspace_argument
@version_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Ends in .csv, .parquet or .jsonl.",
)
@json_option
def export(workspace: Path, version: int | None, out: Path, as_json: bool) -> None:
    """Write a version to a file that can be imported again."""
    from lookingglass.testset import export as write
    from lookingglass.testset import read_version

    test_set = read_version(open_home(workspace), version)
    write(test_set, out)
    say(f"{out}: {test_set.examples:,} examples of version {test_set.version}, {test_set.digest}.")
    _say_erased(test_set.erased)
    if as_json:
        erased = [stone.to_json() for stone in test_set.erased]
        emit({"file": str(out), "test_set": test_set.summary(), "erased": erased})


def _say_erased(stones: Sequence[Tombstone]) -> None:
    """Tell what is missing because its content was erased."""
    for stone in stones:
        say(f"Left out: {stone.words}.")
