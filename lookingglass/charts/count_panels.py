"""The panels that count at the chosen threshold: of 1,000 in words, and group by group. Know nothing of the others."""

from __future__ import annotations

import altair as alt

from lookingglass.charts.marks import BAND, FAINT, INK, SIZES, panel, values
from lookingglass.charts.palette import NEGATIVE, NEUTRAL, POSITIVE
from lookingglass.charts.threshold_inputs import FEWEST_CASES, MOST_GROUPS

HAS_GROUPS = "isValid(first.group_step)"

_CELLS = (
    {"cell": "tp", "right": 1, "yes": 1, "of": "row", "term": "true positives"},
    {"cell": "fp", "right": 0, "yes": 1, "of": "row", "term": "false positives"},
    {"cell": "fn", "right": 0, "yes": 0, "of": "low", "term": "false negatives"},
    {"cell": "tn", "right": 1, "yes": 0, "of": "low", "term": "true negatives"},
)
_ROOM = 16
"""Pixels of the panel's width for each letter of a count's words, where its term has room behind them."""

_ASKED = "low.tp + low.fp - row.tp - row.fp"
_ASKED_1000 = "max(1000 - row.tp_1000 - row.fp_1000 - low.fn_1000 - low.tn_1000, 0)"


def counts_panel() -> alt.LayerChart:
    """Return the four counts of 1,000 units in plain words, each with its bar; five where a person is asked."""
    step = f"({BAND} ? 46 : 58)"
    records = [
        *({**cell, "place": place, "asked": 0} for place, cell in enumerate(_CELLS)),
        {"cell": "asked", "right": 1, "yes": 2, "of": "row", "term": "in between", "place": 2, "asked": 1},
    ]
    base = (
        values(*records)
        .transform_filter(f"!datum.asked || {BAND}")
        .transform_calculate(
            exact=f"datum.asked ? {_ASKED} : datum.of == 'low' ? low[datum.cell] : row[datum.cell]",
            shown=f"datum.asked ? {_ASKED_1000} : datum.of == 'low' ? low[datum.cell + '_1000']"
            " : row[datum.cell + '_1000']",
            words="datum.asked ? 'a person is asked' : (datum.right ? 'rightly ' : 'wrongly ')"
            " + (datum.yes ? first.positive_called : first.negative_called)",
            top=f"{step} * (datum.place + (!datum.asked && datum.place >= 2 && {BAND} ? 1 : 0))",
        )
        .transform_calculate(
            number="isValid(datum.shown) ? '' + datum.shown : '–'",
            behind="!isValid(datum.exact) ? '' : format(datum.exact, ',')"
            f" + (length(datum.words) > counts_width / {_ROOM} ? '' : ' ' + datum.term)",
            bar=f"datum.top + {step} - 24",
            bar_end="datum.bar + 8",
            colour=f"datum.yes == 1 ? '{POSITIVE}' : datum.yes == 0 ? '{NEGATIVE}' : '{NEUTRAL}'",
            zero="0",
            long="datum.shown || 0",
            all="1000",
        )
    )
    pixels = alt.Scale(domain=[0, SIZES["counts"][1]], range=[0, SIZES["counts"][1]])
    line, bar = alt.Y("top:Q", scale=pixels, axis=None), alt.Y("bar:Q", scale=pixels, axis=None)
    x = alt.X("zero:Q", scale=alt.Scale(domain=[0, 1000]), axis=None)
    colour = alt.Color("colour:N", scale=None)
    below = alt.ExprRef(f"{BAND} ? 12 : 18")
    layers = [
        base.mark_rect(color=FAINT, opacity=0.18, cornerRadius=2).encode(
            x=x, x2="all:Q", y=bar, y2="bar_end:Q"
        ),
        base.mark_rect(cornerRadius=2).encode(
            x=x,
            x2="long:Q",
            y=bar,
            y2="bar_end:Q",
            color=colour,
            opacity=alt.condition("datum.right == 1", alt.value(0.45), alt.value(1)),
        ),
        base.mark_text(
            align="left", baseline="middle", dy=below, fontSize=22, fontWeight=600, color=INK
        ).encode(x=alt.value(0), y=line, text="number:N"),
        base.mark_text(
            align="left",
            baseline="middle",
            dy=below,
            fontSize=14,
            color=INK,
            limit=alt.ExprRef("counts_width - 100"),
        ).encode(x=alt.value(50), y=line, text="words:N"),
        base.mark_text(align="right", baseline="middle", dy=below, fontSize=12, color=FAINT).encode(
            x=alt.value("width"), y=line, text="behind:N"
        ),
    ]
    title = (
        f"'At ' + ({BAND} ? (low.label || '') + ' to ' : '') + (row.label || '') + ', of 1,000'"
        " + (first.in_use ? ' if ' + format(100 * first.prevalence, '.3~r') + ' % are ' + first.positive_name"
        " : ' ' + (first.units || ''))"
    )
    return panel("counts", layers, title, "Counted on the labelled samples")


_RATES = (
    {"rate": "tpr", "column": 0, "told": "Recall", "short": "Recall", "of": "positives"},
    {"rate": "fpr", "column": 1, "told": "False positive rate", "short": "False pos.", "of": "negatives"},
    {"rate": "sel", "column": 2, "told": "Selection rate", "short": "Selected", "of": "n"},
)
_BAR = 0.5
"""Share of a column's width that 100 % takes; the number stands behind."""


def groups_panel() -> alt.LayerChart:
    """Return recall, false positive rate and selection rate of each group at the chosen threshold, one line a group."""
    width = 1 / len(_RATES)
    pixels = alt.Scale(domain=[0, SIZES["counts"][1]], range=[0, SIZES["counts"][1]])
    x = alt.X("from:Q", scale=alt.Scale(domain=[0, 1]), axis=None)
    base = (
        values(*({"group": group, **rate} for group in range(MOST_GROUPS) for rate in _RATES))
        .transform_filter("isValid(first['g' + datum.group + '_name'])")
        .transform_calculate(
            share="row['g' + datum.group + '_' + datum.rate]",
            n="first['g' + datum.group + '_' + datum.of]",
            name="first['g' + datum.group + '_name']",
            size="(length(first.units) > 16 ? 'n = ' : '') + format(first['g' + datum.group + '_n'], ',')"
            " + (length(first.units) > 16 ? '' : ' ' + first.units)",
            top="20 + datum.group * first.group_step",
            **{"from": f"datum.column * {width}"},
        )
        .transform_calculate(
            number="isValid(datum.share) ? format(100 * datum.share, '.1f') + ' %' : '–'",
            counted="isValid(datum.share) ? format(round(datum.share * datum.n), ',') + ' of ' + format(datum.n, ',')"
            f" : 'fewer than {FEWEST_CASES} cases (' + datum.n + ')'",
            to=f"datum['from'] + {width * _BAR} * (datum.share || 0)",
            full=f"datum['from'] + {width * _BAR}",
            bar="datum.top + 20",
            bar_end="datum.top + 28",
        )
    )
    line, bar = alt.Y("top:Q", scale=pixels, axis=None), alt.Y("bar:Q", scale=pixels, axis=None)
    one = base.transform_filter("datum.column == 0")
    heads = (
        values(*_RATES)
        .transform_filter(HAS_GROUPS)
        .transform_calculate(**{"from": f"datum.column * {width}"})
    )
    told = [
        alt.Tooltip("name:N", title="group"),
        alt.Tooltip("told:N", title="rate"),
        alt.Tooltip("number:N", title="value"),
        alt.Tooltip("counted:N", title="counted"),
    ]
    quiet = values({}).transform_filter(f"!({HAS_GROUPS})")
    layers = [
        quiet.mark_text(align="left", baseline="top", fontSize=14, color=FAINT).encode(
            x=alt.value(0), y=alt.value(4), text=alt.value("Choose groups to see their rates")
        ),
        heads.mark_text(
            align="left",
            baseline="middle",
            fontSize=12,
            color=FAINT,
            text=alt.ExprRef("groups_width < 310 ? datum.short : datum.told"),
        ).encode(x=x, y=alt.value(4)),
        one.mark_text(
            align="left",
            baseline="middle",
            dy=8,
            fontSize=13,
            fontWeight=600,
            color=INK,
            limit=alt.ExprRef("groups_width - 150"),
        ).encode(x=alt.value(0), y=line, text="name:N"),
        one.mark_text(align="right", baseline="middle", dy=8, fontSize=12, color=FAINT).encode(
            x=alt.value("width"), y=line, text="size:N"
        ),
        base.mark_rect(color=FAINT, opacity=0.18, cornerRadius=2).encode(
            x=x, x2="full:Q", y=bar, y2="bar_end:Q", tooltip=told
        ),
        base.mark_rect(cornerRadius=2).encode(
            x=x,
            x2="to:Q",
            y=bar,
            y2="bar_end:Q",
            color=alt.condition("datum.rate == 'sel'", alt.value(NEUTRAL), alt.value(POSITIVE)),
            opacity=alt.condition("datum.rate == 'tpr'", alt.value(0.45), alt.value(1)),
            tooltip=told,
        ),
        base.mark_text(align="left", baseline="middle", dx=6, dy=4, fontSize=12, color=INK).encode(
            x=alt.X("full:Q", scale=alt.Scale(domain=[0, 1]), axis=None), y=bar, text="number:N", tooltip=told
        ),
    ]
    title = (
        "(isValid(first.group_column) && first.group_column != '' ? 'By ' + first.group_column : 'Group by group')"
        " + ', at the same threshold'"
    )
    return panel("groups", layers, title, f"Labelled samples; a dash: fewer than {FEWEST_CASES} cases")
