"""``lookingglass threshold``: the best threshold for a goal, with its figures, and the agreement on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from lookingglass.cli.common import emit, json_option, say, workspace_argument
from lookingglass.cli.threshold_words import lines
from lookingglass.decisions import NewDecision, Volume, agree, decision_in_force
from lookingglass.errors import BadInput
from lookingglass.evaluation.choosing import ThresholdChoice, session_measured
from lookingglass.evaluation.sessions import Origin
from lookingglass.ledger import Actor, system_user
from lookingglass.metrics import Costs, Settings
from lookingglass.metrics.counts import Counts
from lookingglass.thresholds import (
    COST,
    Aim,
    Band,
    goal_named,
    parse_capacity,
    parse_requirement,
    parse_share,
    total,
)
from lookingglass.thresholds.aims import direction
from lookingglass.wording import joined, threshold_text
from lookingglass.workspace import Workspace, open_workspace


@click.command()
@workspace_argument
@click.option("--candidate", required=True, metavar="NAME", help="Whose threshold.")
@click.option("--maximise", metavar="METRIC", help="What is to be as high as possible.")
@click.option("--minimise", metavar="cost", help="What is to be as low as possible: cost, or a metric.")
@click.option("--cost-fp", type=float, metavar="X", help="What a false positive costs.")
@click.option("--cost-fn", type=float, metavar="X", help="What a false negative costs.")
@click.option("--gain-tp", type=float, metavar="X", help="What a true positive brings (default: 0).")
@click.option("--gain-tn", type=float, metavar="X", help="What a true negative brings (default: 0).")
@click.option(
    "--require",
    "requirements",
    multiple=True,
    metavar="TEXT",
    help='What must hold: "recall>=0.8", "false_positive_rate<=5% by COLUMN"; repeatable.',
)
@click.option("--capacity", metavar="10%|N", help="How many may be answered yes: a share, or cases.")
@click.option("--beta", type=float, default=1.0, metavar="B", help="Of f_beta (default: 1).")
@click.option("--prevalence", metavar="P", help="The share of positives in real use (default: the samples').")
@click.option("--volume", type=float, metavar="N", help="Cases a period, for totals and a capacity in cases.")
@click.option("--period", default="month", metavar="WORD", help="The period of the volume (default: month).")
@click.option("--currency", default="", metavar="TEXT", help="Of the costs, for people.")
@click.option(
    "--ask-cost", type=float, metavar="X", help="What asking a person costs: adds the cheapest band."
)
@click.option("--most-asked", metavar="10%", help="The largest share that a person may be asked about.")
@click.option(
    "--version", type=click.IntRange(min=1), metavar="N", help="A test-set version (default: the latest)."
)
@click.option(
    "--origin",
    type=click.Choice(["sample", "all"]),
    default="sample",
    help="Count the samples alone, which speak for real use (the default), or test patterns too.",
)
@click.option("--agree", "agreeing", is_flag=True, help="Record the threshold as agreed.")
@click.option("--reason", metavar="TEXT", help="With --agree: why this threshold.")
@click.option("--metric-reason", default="", metavar="TEXT", help="With --agree: why this metric.")
@click.option("--people", metavar="A,B", help="With --agree: who agreed.")
@click.option("--as", "who", metavar="NAME", help="Who records it (default: the system's user).")
@json_option
def threshold(
    workspace: Path,
    candidate: str,
    maximise: str | None,
    minimise: str | None,
    requirements: tuple[str, ...],
    capacity: str | None,
    beta: float,
    prevalence: str | None,
    volume: float | None,
    period: str,
    currency: str,
    ask_cost: float | None,
    most_asked: str | None,
    version: int | None,
    origin: Origin,
    agreeing: bool,
    reason: str | None,
    metric_reason: str,
    people: str | None,
    who: str | None,
    as_json: bool,
    **money: float | None,
) -> None:
    """Choose a threshold: the best of all, under requirements; exit 1 when none meets them."""
    aim = Aim(
        _goal(maximise, minimise),
        Settings(beta, _costs(minimise, money), None if prevalence is None else parse_share(prevalence)),
        tuple(parse_requirement(text) for text in requirements),
        None if capacity is None else parse_capacity(capacity, volume),
    )
    told = None if volume is None else Volume(volume, period)
    if told is not None:
        told.to_json()  # refuses a volume that is none before anything is worked out
    if most_asked is not None and ask_cost is None:
        raise BadInput("--most-asked needs --ask-cost: say what asking a person costs.")
    agreement = _agreement(agreeing, reason, people, who)
    with open_workspace(workspace) as ws:
        ws.candidate(candidate)
        ws.engine.bring_up_to_date(version)
        counted = ws.counting(origin)
        choice = counted.choose(candidate, aim, version)
        band = None
        if ask_cost is not None:
            share = None if most_asked is None else parse_share(most_asked)
            band = counted.best_band(
                candidate,
                aim.settings,
                ask_cost,
                share,
                version,
                requirements=aim.requirements,
                capacity=aim.capacity,
            )
        possible = choice.feasible or (band is not None and band.feasible)
        decision = None
        if agreement is not None and possible:
            new = NewDecision(
                candidate=choice.candidate,
                fingerprint=choice.fingerprint,
                **_agreed_at(ws, choice, band, origin),
                aim=aim,
                people=agreement.people,
                reason=agreement.reason,
                metric_reason=metric_reason,
                currency=currency,
                volume=told,
                ask_cost=ask_cost,
                origin=origin,
            )
            seen = decision_in_force(ws.home, choice.fingerprint)
            decision = agree(ws.home, new, agreement.actor, seen=seen.seq if seen else 0)
        result = {
            **choice.to_json(),
            "origin": origin,
            "times_used": ws.times_used(choice.version),
            "totals": _totals(choice, told),
            "band": None if band is None else band.to_json(),
            "decision": None if decision is None else decision.to_json(),
        }
    if as_json:
        emit(result)
    else:
        click.echo("\n".join(lines(choice, band, told, currency, result["times_used"])))
    if not possible:
        if agreement is not None:
            say("Nothing was agreed: no threshold meets the requirements.")
        raise click.exceptions.Exit(1)
    if decision is not None:
        at = threshold_text(decision.threshold)
        say(f"{at} is agreed for {candidate} by {joined(decision.people)} (event {decision.seq}).")


def _goal(maximise: str | None, minimise: str | None) -> str:
    if (maximise is None) == (minimise is None):
        raise BadInput("say what the threshold is for: either --maximise METRIC or --minimise cost.")
    goal = goal_named(maximise or minimise or "")
    if maximise is not None and direction(goal) == "lower":
        raise BadInput(f"{goal} is better when it is lower: use --minimise {minimised(goal)}.")
    if minimise is not None and direction(goal) == "higher":
        raise BadInput(f"{goal} is not better when it is lower: use --maximise {goal}.")
    return goal


def minimised(goal: str) -> str:
    """Return a goal's name as ``--minimise`` is usually given it."""
    return "cost" if goal == COST else goal


def _costs(minimise: str | None, told: Mapping[str, float | None]) -> Costs | None:
    given = {name: amount for name, amount in told.items() if amount is not None}
    if not given and not (minimise is not None and goal_named(minimise) == COST):
        return None
    missing = [f"--{name.replace('_', '-')}" for name in ("cost_fp", "cost_fn") if name not in given]
    if missing:
        raise BadInput(
            f"the cost needs {joined(missing)}: say what each mistake costs, 0 where it costs nothing."
        )
    return Costs(**given)


@dataclass(frozen=True)
class _Agreement:
    """Who agreed, why, and who records it."""

    people: tuple[str, ...]
    reason: str
    actor: Actor


def _agreement(agreeing: bool, reason: str | None, people: str | None, who: str | None) -> _Agreement | None:
    if not agreeing:
        if reason is not None or people is not None:
            raise BadInput("--reason and --people are of an agreement: add --agree, or leave them out.")
        return None
    names = tuple(name.strip() for name in (people or "").split(",") if name.strip())
    if not names or not (reason or "").strip():
        raise BadInput("--agree needs --reason TEXT and --people A,B: who agreed, and why.")
    name = who or system_user()
    if name is None:
        raise BadInput("this machine does not say who you are: name yourself with --as NAME.")
    return _Agreement(names, reason or "", Actor(name))


def _agreed_at(ws: Workspace, choice: ThresholdChoice, band: Band | None, origin: Origin) -> dict[str, Any]:
    """Return threshold, ask_from and what was measured there."""
    if band is None or not band.feasible or band.low == band.high:
        at, ask_from, counts = choice.threshold, None, choice.choice.counts
        measured = session_measured(choice.version, choice.digest, at, choice.figures, counts, choice)
    else:
        at, ask_from, version = band.high, band.low, choice.version
        counted = ws.counting(origin)
        figures = counted.figures(choice.candidate, at, version, choice.aim.settings)
        six = band.counts
        counts = (
            None
            if six is None
            else Counts(six.tp, six.fp, six.asked_negatives + six.tn, six.asked_positives + six.fn)
        )
        measured = session_measured(version, choice.digest, at, figures, counts, choice, band)
    return {"threshold": at, "ask_from": ask_from, "measured": measured}


def _totals(choice: ThresholdChoice, volume: Volume | None) -> dict[str, Any] | None:
    """Return the cost over the stated volume, as chosen and corrected; None without a volume or costs."""
    if volume is None or choice.honesty is None or choice.aim.settings.costs is None:
        return None
    return {
        "volume": volume.to_json(),
        "cost": total(choice.figures[COST], volume.count).to_json(),
        "optimism_corrected": total(choice.honesty.corrected[COST], volume.count).to_json(),
    }
