"""A page with nothing but the linked threshold chart, on scores drawn from a fixed seed.

What it shows beside the curves is asked for in its address: ``?costs=1``, ``?groups=1``, ``?between=0.15``.
"""

import numpy as np
import streamlit as st

from components.views.threshold_chart import threshold_chart
from lookingglass.charts import AnswerWords, CostWords, Curve, GroupCurve, candidate_colour, threshold_frame
from lookingglass.metrics import Costs
from lookingglass.thresholds import ThresholdTable, score_histogram, threshold_table

COSTS = Costs(cost_fp=400, cost_fn=2000)
NAMES = ("one", "two", "three")
SHARES = (0.5, 0.497, 0.003)  # the third group has fewer than 10 positives


def examples(rows: int) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Return labels, the scores of five candidates and each example's group, for the first ``rows`` of 3,000."""
    generator = np.random.default_rng(20261121)
    labels = (generator.random(3000) < 0.12).astype(np.int8)[:rows]
    scores = [
        1 / (1 + np.exp(-(generator.normal(size=3000)[: len(labels)] + 1.6 * labels - 1.5 - number / 9)))
        for number in range(5)
    ]
    return labels, scores, generator.choice(3, size=3000, p=SHARES)[:rows]


def group_curves(
    table: ThresholdTable, labels: np.ndarray, scores: np.ndarray, group: np.ndarray
) -> list[GroupCurve]:
    """Return each group's counts at the rows of the table."""
    found = []
    for number, name in enumerate(NAMES):
        inside = group == number
        reached = scores[inside][None, :] >= table.thresholds[:, None]
        tp, fp = ((reached & (labels[inside] == label)).sum(axis=1) for label in (1, 0))
        positives = int(labels[inside].sum())
        found.append(GroupCurve(name, int(inside.sum()), positives, int(inside.sum()) - positives, tp, fp))
    return found


def main() -> None:
    """Draw the page."""
    st.set_page_config(layout="wide")
    rows = int(st.number_input("Rows", 100, 3000, 2400))
    asked = st.query_params
    labels, scores, group = examples(rows)
    costs = COSTS if "costs" in asked else None
    curves = [
        Curve(
            f"candidate {number}",
            threshold_table(labels, each, always=(0.5, 0.25), costs=costs),
            candidate_colour(number),
        )
        for number, each in enumerate(scores)
    ]
    frame = threshold_frame(
        curves[0],
        AnswerWords("application", "denied", "approved"),
        start=0.25,
        histogram=score_histogram(labels, scores[0]),
        others=curves[1:],
        flat_zone=(0.38, 0.58) if costs else None,
        cost=CostWords("EUR", costs.cost_fp, costs.cost_fn, volume=10_000, period="month") if costs else None,
        cost_flat_zone=(0.3, 0.47) if costs else None,
        groups=group_curves(curves[0].table, labels, scores[0], group) if "groups" in asked else (),
        group_column="district",
        ask_from=float(asked["between"]) if "between" in asked else None,
    )
    let_go = threshold_chart(frame)
    st.text(f"let go at {'nothing yet' if let_go is None else let_go.threshold}")


if __name__ == "__main__":
    main()
