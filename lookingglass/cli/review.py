"""``lookingglass review``: list, add, export. Verdicts on the reasons of single answers."""

from __future__ import annotations

from pathlib import Path

import click

from lookingglass.cli.common import as_option, emit, json_option, say, workspace_argument
from lookingglass.explanations import ExplainSettings, Explanation
from lookingglass.ledger import Actor
from lookingglass.reviews import (
    VERDICT_WORDS,
    VERDICTS,
    NewReview,
    ReviewSummary,
    StandingReview,
    Verdict,
    gather_reviews,
    record_review,
    summarise_reviews,
    write_review,
)
from lookingglass.wording import counts_text, figure_text, plural
from lookingglass.workspace import open_workspace


@click.group()
def review() -> None:
    """Verdicts on reasons: right, wrong, unsure, per example and candidate."""


@review.command("list")
@workspace_argument
@click.option("--candidate", metavar="NAME", help="Those on one candidate's answers alone.")
@json_option
def list_(workspace: Path, candidate: str | None, as_json: bool) -> None:
    """Show the verdicts that stand, oldest first, and what they add up to."""
    with open_workspace(workspace) as ws:
        if candidate is not None:
            ws.candidate(candidate)
        standing = [one for one in ws.reviews if candidate in (None, one.review.candidate)]
        summaries = summarise_reviews(standing)
        if as_json:
            emit(
                {
                    "workspace": ws.config.name,
                    "candidates": [summary.to_json() for summary in summaries],
                    "reviews": [one.to_json() for one in standing],
                }
            )
            return
    for one in standing:
        click.echo(_line(one))
    for summary in summaries:
        click.echo(_summed(summary))
    if not standing:
        say(
            "No reviews yet: add one with `lookingglass review add WORKSPACE --candidate NAME --example ID "
            "--verdict right`."
        )


@review.command("add")
@workspace_argument
@click.option("--candidate", required=True, metavar="NAME", help="Whose answer.")
@click.option("--example", required=True, metavar="ID", help="The example that was answered.")
@click.option(
    "--verdict",
    required=True,
    type=click.Choice(VERDICTS),
    help="On the reasons, not on the answer: a right answer can have a wrong reason.",
)
@click.option("--comment", default="", metavar="TEXT", help="Why, in your words.")
@as_option
@json_option
def add(
    workspace: Path,
    candidate: str,
    example: str,
    verdict: Verdict,
    comment: str,
    actor: Actor,
    as_json: bool,
) -> None:
    """Record a verdict on the reasons that `lookingglass explain` shows for one answer."""
    with open_workspace(workspace) as ws:
        test_set = ws.test_set()
        told = ws.explain(candidate, example, version=test_set.version)
        new = NewReview.on(told, test_set, ws.threshold(candidate).value, verdict, comment)
        recorded = record_review(ws.home, new, actor)
    say(
        f"{recorded.candidate}, {recorded.example_id}: {VERDICT_WORDS[recorded.verdict].lower()}, as {actor.name}."
    )
    if as_json:
        emit(recorded.to_json())


@review.command("export")
@workspace_argument
@click.option(
    "--candidate",
    "candidates",
    multiple=True,
    metavar="NAME",
    help="Whose reviews (default: all); repeatable.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=".html to read offline or print, .json for programs; replaced when it is there.",
)
@click.option(
    "--explain",
    "anew",
    is_flag=True,
    help="Make explanations anew that are not kept any more; may take a while.",
)
@json_option
def export_(workspace: Path, candidates: tuple[str, ...], out: Path, anew: bool, as_json: bool) -> None:
    """Write the reviews to one file for people who were not there."""
    with open_workspace(workspace) as ws:

        def explain(candidate: str, example: str, settings: ExplainSettings, version: int) -> Explanation:
            say(f"Explaining {example} under {candidate}")
            return ws.explain(candidate, example, settings, version)

        record = gather_reviews(ws.home, candidates, explain=explain if anew else None)
    write_review(record, out)
    lacking = sum(one.explanation is None for one in record.answers)
    say(f"{out}: {len(record.answers):,} reviewed {plural('answer', len(record.answers))}.")
    if lacking:
        hint = "" if anew else " (--explain makes those anew that can still be made)"
        say(f"{lacking:,} of them without reasons; the file says why{hint}.")
    if as_json:
        emit({"file": str(out), "reviews": len(record.answers), "without_reasons": lacking})


def _line(one: StandingReview) -> str:
    given = one.review
    said = f"{given.candidate}  {given.example_id}  {given.verdict}  {given.actor} {given.time[:10]}"
    if given.comment:
        said += f"  {' '.join(given.comment.split())}"
    return said + (f"  (since then: {'; '.join(one.moved)})" if one.moved else "")


def _summed(summary: ReviewSummary) -> str:
    share = summary.share_right
    counts = f", {counts_text(share)}" if share.value is not None else ""
    moved = f"; {summary.moved:,} on what is another by now" if summary.moved else ""
    return (
        f"{summary.candidate}: {summary.reviewed:,} reviewed, right reason in "
        f"{figure_text('recall', share)}{counts}{moved}"
    )
