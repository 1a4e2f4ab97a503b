"""Live sliders for the four amounts: other costs are tried in the browser, and told when the slider is let go.

The expected cost of a row is linear in its recall and false positive rate, so the compiled threshold chart needs no
further columns: its cost curves, their axis, lowest points and texts and the line of equal cost are worked out anew
from the amounts that the sliders stand at, only when one of them is moved. While none is, everything shows what the
frame says. ``lookingglass.charts.responsive`` puts these parts into it. Knows nothing of the page.
"""

from __future__ import annotations

import re
from typing import Any

from lookingglass.charts.ends import ROOM
from lookingglass.charts.marks import DATASET
from lookingglass.charts.room import LONGEST
from lookingglass.charts.threshold import UNTRIED
from lookingglass.charts.threshold_inputs import MOST_OTHERS
from lookingglass.thresholds.curve import NOBODY

Spec = dict[str, Any]

COSTS = "costs"
"""The signal that tells what was tried: ``{"fp": [amount], "fn": ..., "tp": ..., "tn": ..., "turn": [number]}``.

An amount is null where its slider was not moved. Each turn is another number, so the same amounts can be news again.
"""

AMOUNTS = ("fp", "fn", "tp", "tn")
TRY_STEPS = 100
YES, NO = "{yes}", "{no}"
"""Stand in the sliders' names for what the two answers are called."""

_NAMES = {"fp": f"Wrongly {YES}", "fn": f"Wrongly {NO}", "tp": f"Rightly {YES}", "tn": f"Rightly {NO}"}
_VERBS = {"fp": "costs", "fn": "costs", "tp": "brings", "tn": "brings"}

_FOLLOWS = 1e-7
"""Added to the position of a slider that only follows the frame: a hand leaves it at whole hundredths."""

_EQUAL = 4e-6
"""Costs that differ by less, as a share of what all cases of a class cost, are the same: rates have 32 bits."""

_LINE = ("at", "tpr", "fpr", "precision", "metric", "cost")
_PLACES = range(MOST_OTHERS + 1)


def named(name: str, yes: str, no: str) -> str:
    """Return a slider's name in the workspace's words: ``Wrongly denied``, ``Rightly approved``.

    Args:
        yes, no: what the two answers are called so that it follows "wrongly".
    """
    told = {YES: yes, NO: no}
    return re.sub(f"{YES}|{NO}", lambda found: told[found[0]], name)


def live_signals() -> list[Spec]:
    """Return the signals of the whole chart that the sliders set, and what follows from them."""
    own = [
        {
            "name": "typed",
            "update": "{amounts: split(first.amounts || '', ','), ends: split(first.amount_ends || '', ',')}",
        },
        *_told_signals(),
        *(signal for place, name in enumerate(AMOUNTS) for signal in _amount_signals(place, name)),
    ]
    moved = " || ".join(f"amount_{name} !== {_typed(place)}" for place, name in enumerate(AMOUNTS))
    share, scale = "first.prevalence", "first.cost_scale"
    worked_out = {
        "tried": f"isValid(first.amounts) && ({moved})",
        "cost_of_none": f"{scale} * ({share} * amount_fn - (1 - {share}) * amount_tn)",
        "cost_by_tpr": f"-{scale} * {share} * (amount_fn + amount_tp)",
        "cost_by_fpr": f"{scale} * (1 - {share}) * (amount_fp + amount_tn)",
        "cost_longest": "max(abs(cost_by_tpr), abs(cost_by_fpr), 1e-300)",
        "cost_step": f"{_EQUAL} * cost_longest",
        "iso_dx": f"tried ? max(-cost_by_tpr, 0) / cost_longest : {UNTRIED['iso_dx']}",
        "iso_dy": f"tried ? max(cost_by_fpr, 0) / cost_longest : {UNTRIED['iso_dy']}",
        "cost_here": f"tried && isValid(row.cost) ? {_cost('row')} : {UNTRIED['cost_here']}",
        "cost_here_text": f"tried && isValid(row.cost) ? {_money('cost_here')} : {UNTRIED['cost_here_text']}",
    }
    return [*own, *({"name": name, "update": text} for name, text in worked_out.items())]


def page_signals() -> list[Spec]:
    """Return the signals that follow from the data of ``page_data`` and stand beside them."""
    lowest = ", ".join(
        f"length(data('lowest_{place}')) ? data('lowest_{place}')[0] : {{}}" for place in _PLACES
    )
    low, high = "extent(pluck(lowest, 'cost'))[0]", "extent(pluck(lowest, 'top'))[1]"
    # The names stand above one end of the curves: above answering nobody, or everybody.
    beside = "max(first.cost_key_right ? cost_of_none : cost_of_none + cost_by_tpr + cost_by_fpr, 0)"
    needed = f"min(cost_low + ({beside} - cost_low) / first.key_room"
    return [
        {"name": "lowest", "update": f"[{lowest}]"},
        {
            "name": "cost_low",
            "update": f"tried ? min({ROOM} * {low}, 0) || 0 : {UNTRIED['cost_low']}",
        },
        {"name": "cost_top", "update": f"max({ROOM} * {high}, 0) || 1"},
        {
            "name": "cost_high",
            "update": f"tried ? max(cost_top, {needed}, cost_low + {LONGEST} * (cost_top - cost_low)))"
            f" : {UNTRIED['cost_high']}",
        },
    ]


def page_data() -> list[Spec]:
    """Return each candidate's lowest point while costs are tried, its columns named as the moved candidate's are."""
    # One formula a row: every row of every candidate is worked out anew in each move.
    return [
        {
            "name": f"lowest_{place}",
            "source": DATASET,
            "transform": [
                {"type": "filter", "expr": f"tried && {_is_point(place)}"},
                {
                    "type": "project",
                    "fields": ["idx", "label", *(_column(place, name) for name in _LINE)],
                    "as": ["idx", "label", *_LINE],
                },
                {"type": "formula", "as": "rank", "expr": f"round(({_cost('datum')}) / cost_step)"},
                # Rows fall from the highest threshold, which so wins among equals, as on the server.
                {
                    "type": "aggregate",
                    "fields": ["rank", "rank"],
                    "ops": ["argmin", "max"],
                    "as": ["row", "top"],
                },
                *({"type": "formula", "as": name, "expr": f"datum.row.{name}"} for name in _LINE),
                {"type": "formula", "as": "cost", "expr": _cost("datum")},
                {"type": "formula", "as": "top", "expr": "datum.top * cost_step"},
                {"type": "formula", "as": "told", "expr": f"{_money('datum.cost')} + ' at ' + {_at(place)}"},
            ],
        }
        for place in _PLACES
    ]


def cost_of_mark(field: str) -> str:
    """Return the expression of a point's height over the cost axis, whose column is ``field``; any where it is null."""
    prefix = field.removesuffix("cost")
    return f"tried ? {_cost('datum', prefix)} : datum.{field}"


def told_params() -> Spec:
    """Return what Streamlit must read to send back what was tried."""
    return {"name": COSTS, "select": {"type": "point", "fields": [*AMOUNTS, "turn"]}}


def _column(place: int, name: str) -> str:
    return f"c{place}_{name}" if place else name


def _is_point(place: int) -> str:
    """Return whether a row is a point of a candidate's cost curve."""
    return "datum.kind == 'curve' && isValid(datum.cost)" if place == 0 else f"isValid(datum.c{place}_cost)"


def _typed(place: int) -> str:
    return f"toNumber(typed.amounts[{place}])"


def _cost(row: str, prefix: str = "") -> str:
    """Return the expected cost of a row; an undefined rate counts as 0 and has no weight."""
    return f"cost_of_none + cost_by_tpr * {row}.{prefix}tpr + cost_by_fpr * {row}.{prefix}fpr"


def _money(amount: str) -> str:
    """Return an amount as ``wording.money`` writes it, of a total as ``wording.estimated`` has it."""
    told = f"(first.cost_scale !== 1 && abs({amount}) >= 10 ? toNumber(format({amount}, '.3r')) : {amount})"
    whole = f"abs({told}) >= 1000 || abs({told} - round({told})) < 0.0005"
    digits = f"format({told}, {whole} ? ',.0f' : abs({told}) < 1 ? ',.3f' : ',.2f')"
    return f"join(split({digits}, ','), '\u202f') + (first.currency ? ' ' + first.currency : '')"


def _at(place: int) -> str:
    nobody = f"datum.row.idx === 0 ? '{NOBODY}'"
    return "datum.row.label" if place == 0 else f"({nobody} : format(datum.at, '.3~g'))"


def _by_hand(name: str) -> str:
    return f"abs(try_{name} - round(try_{name} * {TRY_STEPS}) / {TRY_STEPS}) < {_FOLLOWS / 2}"


def _amount_signals(place: int, name: str) -> list[Spec]:
    """Return where a slider ends, the slider, its amount and what is read beside it.

    New data put the slider where the frame says, unless it is being moved, or was let go since what they answer: an
    answer to the slider before it must not take it back. It keeps its end while the amount stands well on it, so that
    it does not jump away from under the hand.
    """
    typed, end = _typed(place), f"end_{name}"
    at_hand = f"round(try_{name} * {TRY_STEPS}) * {end} / {TRY_STEPS}"
    answered = (
        f"({COSTS}.turn ? {COSTS}.turn[0] : 0) <= (toNumber(typed.amounts[{len(AMOUNTS)}]) || 0)"
        f" && {COSTS}.{name} && {COSTS}.{name}[0] === {at_hand}"
    )
    held = f"({_by_hand(name)} && (moving || !({answered})))"
    fits = f"{end} > 0 && ({held} || {typed} <= 0 || {typed} >= 0.02 * {end} && {typed} <= 0.95 * {end})"
    new_end = f"({fits} ? {end} : toNumber(typed.ends[{place}]) || 0)"
    position = f"clamp({typed} / ({new_end} || 1), 0, 1)"
    amount = f"amount_{name}"
    return [
        {"name": end, "value": 0, "on": [{"events": {"signal": "typed"}, "update": new_end}]},
        {
            "name": f"try_{name}",
            "value": _FOLLOWS,
            "bind": {"input": "range", "name": _NAMES[name], "min": 0, "max": 1, "step": 1 / TRY_STEPS},
            "on": [
                {
                    "events": {"signal": "typed"},
                    "update": f"{held} ? try_{name} : round({position} * {TRY_STEPS}) / {TRY_STEPS} + {_FOLLOWS}",
                }
            ],
        },
        {
            "name": amount,
            "update": f"{_by_hand(name)} ? {at_hand} : {typed}",
        },
        {
            "name": f"said_{name}",
            "update": f"isValid({amount}) ? '{_VERBS[name]} ' + {_money(amount)} : ''",
            # A text that a person cannot change: Vega's own read-out of a range would show its position.
            "bind": {
                "input": "text",
                "name": f"{_NAMES[name]}, the amount",
                "readonly": "readonly",
                "tabindex": "-1",
                "autocomplete": "off",
            },
        },
    ]


def _told_signals() -> list[Spec]:
    """Return what notices that a slider is moved and let go.

    ``costs`` stands before ``moving``, which the same events end: it must still see that something was moved.
    """
    told = ", ".join(f"{name}: [{_by_hand(name)} ? amount_{name} : null]" for name in AMOUNTS)
    tell = f"moving && tried ? {{{told}, turn: [now()]}} : {COSTS}"
    let_go = [_anywhere(kind) for kind in ("pointerup", "pointercancel", "keyup")]
    by_hand = " || ".join(_by_hand(name) for name in AMOUNTS)
    return [
        {
            "name": COSTS,
            "value": {},
            "on": [
                {"events": let_go, "update": tell},
                # A screen reader may change a slider without a key or a pointer.
                {"events": _anywhere("change"), "update": f"pressed ? {COSTS} : {tell}"},
            ],
        },
        {
            "name": "moving",
            "value": False,
            "on": [
                {"events": [{"signal": f"try_{name}"} for name in AMOUNTS], "update": f"moving || {by_hand}"},
                {"events": let_go, "update": "false"},
                {"events": _anywhere("change"), "update": "pressed && moving"},
            ],
        },
        {
            "name": "pressed",
            "value": False,
            "on": [
                {"events": [_anywhere(kind) for kind in ("pointerdown", "keydown")], "update": "true"},
                {"events": let_go, "update": "false"},
            ],
        },
    ]


def _anywhere(kind: str) -> Spec:
    return {"source": "window", "type": kind}
