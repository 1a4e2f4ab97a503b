"""``lookingglass policy``: set what must hold between groups, show it, and hold a candidate against it."""

from __future__ import annotations

from pathlib import Path

import click

from lookingglass.cli.common import as_option, emit, json_option, say, workspace_argument
from lookingglass.errors import BadInput, NotFound
from lookingglass.evaluation.policy_checks import PolicyCheck
from lookingglass.fairness import SMALLEST_DENOMINATOR
from lookingglass.ledger import Actor
from lookingglass.policies import Policy, PolicyRecord, list_policies, parse_policy_limit, set_policy
from lookingglass.wording import utc_text
from lookingglass.workspace import open_workspace


@click.group()
def policy() -> None:
    """Limits between groups, agreed on before results are looked at."""


@policy.command("set")
@workspace_argument
@click.option(
    "--limit",
    "limits",
    multiple=True,
    required=True,
    metavar="TEXT",
    help='"recall difference 0.1 by black", "selection_rate ratio 0.8 by black,single"; repeatable.',
)
@click.option("--waivable", multiple=True, metavar="TEXT", help="A limit that may be waived; repeatable.")
@click.option(
    "--reference",
    "references",
    multiple=True,
    metavar="COL=VALUE",
    help="The group that the others of these columns are held against (default: the largest); repeatable.",
)
@click.option("--minimum", type=int, default=SMALLEST_DENOMINATOR, show_default=True, metavar="N")
@click.option(
    "--cannot-tell",
    type=click.Choice(["blocks", "passes"]),
    default="blocks",
    show_default=True,
    help="What it means for a release that a verdict cannot be told.",
)
@click.option(
    "--reason", required=True, metavar="TEXT", help="Why these limits: who is harmed by which mistake."
)
@click.option(
    "--after-results/--before-results",
    required=True,
    help="Whether results were looked at before; it is put on the record.",
)
@as_option
@json_option
def set_(
    workspace: Path,
    limits: tuple[str, ...],
    waivable: tuple[str, ...],
    references: tuple[str, ...],
    minimum: int,
    cannot_tell: str,
    reason: str,
    after_results: bool,
    actor: Actor,
    as_json: bool,
) -> None:
    """Set the policy; it replaces the one in force."""
    named = dict(map(_reference, references))
    parsed = [parse_policy_limit(text, named) for text in limits]
    parsed += [parse_policy_limit(text, named, waivable=True) for text in waivable]
    unused = set(named) - {",".join(each.by) for each in parsed}
    if unused:
        raise BadInput(f"a reference is given for {min(unused)!r}, and no limit is by that.")
    made = Policy(tuple(parsed), reason, minimum, "passes" if cannot_tell == "passes" else "blocks")
    with open_workspace(workspace) as ws:
        for each in parsed:
            ws.check_slices(each.by)
        record = set_policy(ws.home, made, actor, after_results=after_results)
    if as_json:
        emit(record.to_json())
    else:
        say(_heading(record))


def _reference(text: str) -> tuple[str, str]:
    columns, sign, value = text.partition("=")
    if not (sign and columns):
        raise BadInput(f"--reference names columns and the group's values, as in black=no, not {text!r}.")
    return columns, value


@policy.command()
@workspace_argument
@click.option(
    "--candidate", metavar="NAME", help="Hold this candidate against it; exit 1 when a limit blocks."
)
@click.option("--threshold", type=float, metavar="T", help="Yes from this score on (default: its own).")
@click.option(
    "--version", type=click.IntRange(min=1), metavar="N", help="A test-set version (default: the latest)."
)
@json_option
def show(
    workspace: Path, candidate: str | None, threshold: float | None, version: int | None, as_json: bool
) -> None:
    """Show the policy in force, and whether a candidate keeps to it."""
    checks: tuple[PolicyCheck, ...] = ()
    with open_workspace(workspace, make_ledger=False) as ws:
        records = list_policies(ws.home)
        if not records:
            raise NotFound(f"no policy is set in {ws.config.name}: set one with `lookingglass policy set`.")
        now = records[-1]
        if candidate is not None:
            ws.candidate(candidate)
            ws.engine.bring_up_to_date(version)
            checks = ws.policy_checks(candidate, now.policy, threshold, version)
    if as_json:
        told = {**now.to_json(), "earlier": [each.to_json() for each in records[:-1]]}
        emit(told if candidate is None else {**told, "checks": [each.to_json() for each in checks]})
    else:
        click.echo(_heading(now))
        click.echo(now.policy.reason)
        for each in now.policy.limits:
            click.echo(f"  {each.text}{' (waivable)' if each.waivable else ''}")
        for check in checks:
            click.echo(_told(check))
    if any(check.blocks for check in checks):
        raise click.exceptions.Exit(1)


def _heading(record: PolicyRecord) -> str:
    when = "after results were looked at" if record.after_results else "before results were looked at"
    return f"Policy {record.version}, set by {record.actor} at {utc_text(record.time)}, {when} ({record.digest[:15]})"


def _told(check: PolicyCheck) -> str:
    groups = ", ".join(each.slice.title for each in check.outside or check.unclear)
    more = f": {groups}" if groups else f": {check.reason}" if check.reason else ""
    settle = f"; about {check.further:,} further examples would settle it" if check.further else ""
    return f"{check.verdict}: {check.limit.text}{more}{settle}"
