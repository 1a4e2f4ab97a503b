"""What a threshold is held to, drawn into the first panel: limits on the shown figure, and the agreed threshold.

Knows nothing of the other panels.
"""

from __future__ import annotations

import altair as alt

from lookingglass.charts.marks import FAINT, haloed, values
from lookingglass.charts.threshold_inputs import SENSES


def limits(y: alt.Y) -> list[alt.Chart]:
    """Return each limit as a dotted line across the panel, with its words at the right end."""
    layers: list[alt.Chart] = []
    for sense in SENSES:
        line = values({}).transform_calculate(metric=f"first.{sense}", words=f"first.{sense}_told || ''")
        line = line.transform_filter("isValid(datum.metric)").encode(y=y)
        layers.append(line.mark_rule(color=FAINT, strokeDash=[2, 3], strokeWidth=1.5))
        # Beneath the upper end of the axis there is no room above the line.
        above = alt.ExprRef("datum.metric > first.metric_high * 0.9 ? 9 : -9")
        words = line.encode(x=alt.value("width"), text="words:N")
        layers += haloed(words, FAINT, align="right", dx=-4, dy=above)
    return layers


def agreed(x: alt.X) -> list[alt.Chart]:
    """Return the agreed threshold as a dotted upright line, with its name beside it at the top."""
    line = values({}).transform_calculate(at="first.agreed").transform_filter("isValid(datum.at)").encode(x=x)
    turned = "datum.at > 0.6"
    side = {"align": alt.ExprRef(f"{turned} ? 'right' : 'left'"), "dx": alt.ExprRef(f"{turned} ? -6 : 6")}
    words = line.encode(y=alt.value(10), text=alt.value("agreed"))
    return [line.mark_rule(color=FAINT, strokeDash=[2, 3], strokeWidth=1.5), *haloed(words, FAINT, **side)]
