"""A page with nothing but the linked threshold chart, on scores drawn from a fixed seed."""

import numpy as np
import streamlit as st

from components.views.threshold_chart import threshold_chart
from lookingglass.charts import AnswerWords, Curve, candidate_colour, threshold_frame
from lookingglass.thresholds import score_histogram, threshold_table

st.set_page_config(layout="wide")
rows = st.number_input("Rows", 100, 3000, 2400)
generator = np.random.default_rng(20261121)
labels = (generator.random(3000) < 0.12).astype(np.int8)[: int(rows)]
curves = [
    Curve(
        f"candidate {number}",
        threshold_table(
            labels,
            1 / (1 + np.exp(-(generator.normal(size=3000)[: len(labels)] + 1.6 * labels - 1.5 - number / 9))),
            always=(0.5, 0.25),
        ),
        candidate_colour(number),
    )
    for number in range(5)
]
histogram = score_histogram(labels, generator.random(len(labels)))
frame = threshold_frame(
    curves[0],
    AnswerWords("application", "denied", "approved"),
    start=0.25,
    histogram=histogram,
    others=curves[1:],
)
let_go = threshold_chart(frame)
st.text(f"let go at {'nothing yet' if let_go is None else let_go.threshold}")
