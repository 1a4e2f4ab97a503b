"""What lies over the threshold chart: costs, other candidates, groups, flat zones, two thresholds, real prevalence."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookingglass.charts import (
    MOST_GROUPS,
    MOST_OTHERS,
    AnswerWords,
    CostWords,
    Curve,
    GroupCurve,
    HeldTo,
    candidate_colour,
    candidate_shape,
    chart_svg,
    responsive_spec,
    starting_at,
    threshold_frame,
)
from lookingglass.metrics import Costs
from lookingglass.thresholds import per_thousand, score_histogram, threshold_table

WORDS = AnswerWords("application", "denied", "approved")
Y_TRUE = [1, 0, 1, 0, 0]
Y_SCORE = [0.9, 0.8, 0.5, 0.5, 0.1]
OTHER_SCORE = [0.7, 0.2, 0.6, 0.3, 0.1]
COSTS = Costs(cost_fp=100, cost_fn=500)
MONEY = CostWords("EUR", 100, 500)


def curve(name: str = "boosted", scores: list[float] = Y_SCORE, **options: Any) -> Curve:
    return Curve(name, threshold_table(Y_TRUE, scores, costs=COSTS), **options)


def group(name: str, n: int, positives: int, tp: list[int], fp: list[int]) -> GroupCurve:
    return GroupCurve(name, n, positives, n - positives, tp, fp)


def test_the_cost_of_each_threshold_stands_in_the_workspaces_money() -> None:
    """At 0.5 two are wrongly denied and none is missed: 200 EUR over five applications, counted by hand."""
    frame = threshold_frame(curve(), WORDS, cost=MONEY)
    at = frame.filter(pl.col("threshold") == 0.5).row(0, named=True)
    assert (at["cost"], at["cost_text"]) == (pytest.approx(40), "40 EUR")
    assert frame["cost_title"][0] == "Expected cost per application, EUR"
    assert frame["cost"][0] == pytest.approx(1000 / 5), "answering nobody misses both"


def test_the_cost_of_a_stated_volume() -> None:
    frame = threshold_frame(curve(), WORDS, cost=CostWords("EUR", 100, 500, volume=10_000, period="month"))
    at = frame.filter(pl.col("threshold") == 0.5).row(0, named=True)
    assert at["cost"] == pytest.approx(400_000)
    assert at["cost_text"] == "400\u202f000 EUR"
    assert frame["cost_title"][0] == "Expected cost of 10,000 applications a month, EUR"


def test_what_the_threshold_is_held_to_stands_in_the_first_panel() -> None:
    """A limit is on the axis even where no curve reaches it, in the figure's unit; nobody stands at the right end."""
    held_to = HeldTo(at_least=0.7, at_most=1.2, agreed=0.5)
    first = threshold_frame(curve(), WORDS, metric="recall", held_to=held_to).row(0, named=True)
    told = {name: first[name] for name in ("at_least_told", "at_most_told")}
    assert told == {"at_least_told": "at least 70.0\u202f%", "at_most_told": "at most 120.0\u202f%"}
    assert (first["at_least"], first["agreed"]) == (pytest.approx(0.7), pytest.approx(0.5))
    assert first["metric_high"] > 1.2
    nobody = threshold_frame(curve(), WORDS, held_to=HeldTo(agreed=float("inf")))
    assert nobody["agreed"][0] == 1.0
    assert not {"agreed", "at_least", "at_most"} & set(threshold_frame(curve(), WORDS).columns)


@pytest.mark.parametrize(
    ("held_to", "seen", "unseen"),
    [
        (HeldTo(at_least=0.7), ["at least 70.0"], ["agreed", "at most"]),
        (HeldTo(at_most=0.4, agreed=0.9), ["at most 40.0", "agreed"], ["at least"]),
        (None, [], ["agreed", "at least", "at most"]),
    ],
)
def test_what_was_set_is_drawn_and_nothing_else(
    held_to: HeldTo | None, seen: list[str], unseen: list[str]
) -> None:
    picture = chart_svg(threshold_frame(curve(), WORDS, metric="recall", held_to=held_to), "metric")
    assert [words in picture for words in seen] == [True] * len(seen)
    assert not [words for words in unseen if words in picture]


def test_without_costs_there_is_nothing_to_draw() -> None:
    """Not 0 and not NaN: the cost panel shows a sentence, and the ROC curve no line of equal cost."""
    frame = threshold_frame(curve(), WORDS)
    assert frame["cost"].null_count() == len(frame)
    assert not {"cost_title", "iso_dx", "cost_low"} & set(frame.columns)


def test_costs_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        CostWords("EUR", float("nan"), 1)
    with pytest.raises(ValueError, match="volume"):
        CostWords("EUR", 1, 1, volume=0)


@pytest.mark.parametrize(
    ("money", "prevalence", "slope"),
    [
        (CostWords("EUR", 100, 500), None, (3 / 2) * (100 / 500)),
        (CostWords("EUR", 100, 500, gain_tp=100, gain_tn=50), None, (3 / 2) * (150 / 600)),
        (CostWords("EUR", 100, 500), 0.1, (0.9 / 0.1) * (100 / 500)),
    ],
)
def test_the_line_of_equal_cost_has_its_slope(
    money: CostWords, prevalence: float | None, slope: float
) -> None:
    """Slope = (N / P) (cost_fp + gain_tn) / (cost_fn + gain_tp), on the prevalence in real use when that differs."""
    first = threshold_frame(curve(), WORDS, cost=money, prevalence=prevalence).row(0, named=True)
    assert first["iso_dy"] / first["iso_dx"] == pytest.approx(slope)


@pytest.mark.parametrize(
    ("money", "direction"),
    [(CostWords("EUR", 100, 0), (0, 1)), (CostWords("EUR", 0, 100), (1, 0)), (CostWords("", 0, 0), (0, 0))],
)
def test_a_line_of_equal_cost_may_be_upright_level_or_missing(
    money: CostWords, direction: tuple[float, float]
) -> None:
    assert money.iso_direction(0.4) == direction


def test_points_on_the_line_of_equal_cost_cost_the_same() -> None:
    """The slope is that of the cost itself: moving along it changes the expected cost by nothing."""
    dx, dy = CostWords("EUR", 130, 470, gain_tp=20, gain_tn=7).iso_direction(0.23)
    at_fpr, at_tpr = 0.3, 0.6

    def expected(fpr: float, tpr: float) -> float:
        return 0.23 * ((1 - tpr) * 470 - tpr * 20) + 0.77 * (fpr * 130 - (1 - fpr) * 7)

    assert expected(at_fpr + 0.1 * dx, at_tpr + 0.1 * dy) == pytest.approx(expected(at_fpr, at_tpr))


def test_each_candidate_is_marked_at_its_own_best_threshold() -> None:
    """By cost where there are costs, by the chosen metric otherwise; the candidate may bring its own."""
    others = [curve("old", OTHER_SCORE, colour=candidate_colour(1), shape=candidate_shape(7))]
    rows = threshold_frame(curve(), WORDS, others=others, cost=MONEY).filter(pl.col("kind") == "candidate")
    assert rows["name"].to_list() == ["boosted", "old"]
    assert rows["colour"].to_list() == [candidate_colour(0), candidate_colour(1)]
    assert rows["shape"].to_list() == ["circle", "square"]
    # By hand: boosted costs least at 0.5 (two wrongly denied), old at 0.6 (no mistake).
    assert rows["at"].to_list() == [0.5, 0.6]
    assert rows["cost"].to_list() == [40, 0]
    assert rows["told"].to_list() == ["boosted: 40 EUR at 0.50", "old: 0 EUR at 0.60"]
    plain = threshold_frame(curve(best=1), WORDS, metric="precision", others=others)
    at = plain.filter(pl.col("kind") == "candidate")["at"].to_list()
    assert at == [0.9, 0.7], "among equal precisions the highest threshold; the first brought its own"


def test_no_best_threshold_is_marked_where_there_is_none() -> None:
    """Selection rate has no better side; a metric that is undefined everywhere has no best either."""
    for metric, labels in (("selection_rate", Y_TRUE), ("recall", [0] * 5)):
        frame = threshold_frame(Curve("any", threshold_table(labels, Y_SCORE)), WORDS, metric=metric)
        rows = frame.filter(pl.col("kind") == "candidate")
        assert (rows["best"].to_list(), rows["at"].to_list()) == ([None], [None])


def test_other_candidates_lines_stand_in_columns_and_may_be_longer() -> None:
    scores = np.linspace(0.01, 0.99, 40)
    long = Curve("long", threshold_table([1, 0] * 20, scores))
    frame = threshold_frame(curve(), WORDS, others=[long])
    table = long.table
    assert frame["c1_tpr"].drop_nulls().len() == len(table) == len(frame)
    assert frame["c1_fpr"].to_list() == pytest.approx(table.metrics["false_positive_rate"].tolist())
    assert frame["kind"].to_list().count("curve") == len(curve().table)
    assert frame["kind"].to_list()[-1] == "more"
    assert frame["c1_colour"][0] == long.colour


def test_more_than_five_candidates_or_six_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="6 candidates do not fit"):
        threshold_frame(curve(), WORDS, others=[curve()] * (MOST_OTHERS + 1))
    rows = len(curve().table)
    one = group("x", 5, 2, [0] * rows, [0] * rows)
    with pytest.raises(ValueError, match="7 groups do not fit"):
        threshold_frame(curve(), WORDS, groups=[one] * (MOST_GROUPS + 1))


def test_rates_of_groups_by_row_and_a_dash_for_fewer_than_ten_cases() -> None:
    table = curve().table
    assert len(table) == 5
    groups = [
        group("one", 40, 10, [0, 1, 5, 10, 10], [0, 0, 3, 15, 30]),
        group("two", 20, 9, [0, 0, 1, 2, 9], [0, 0, 0, 0, 11]),
    ]
    frame = threshold_frame(curve(), WORDS, groups=groups, group_column="district")
    assert frame["g0_tpr"][:5].to_list() == pytest.approx([0, 0.1, 0.5, 1, 1])
    assert frame["g0_fpr"][:5].to_list() == pytest.approx([0, 0, 0.1, 0.5, 1])
    assert frame["g0_sel"][:5].to_list() == pytest.approx([0, 1 / 40, 8 / 40, 25 / 40, 1])
    assert frame["g1_tpr"].null_count() == len(frame), "nine positives are not estimable"
    assert frame["g1_fpr"][:5].to_list() == pytest.approx([0, 0, 0, 0, 1])
    first = frame.row(0, named=True)
    assert (first["g0_name"], first["g0_n"], first["g0_positives"], first["g0_negatives"]) == (
        "one",
        40,
        10,
        30,
    )
    assert first["group_column"] == "district"


def test_counts_of_a_group_must_have_the_tables_rows() -> None:
    with pytest.raises(ValueError, match="group 'one'"):
        threshold_frame(curve(), WORDS, groups=[group("one", 40, 10, [1], [1])])


def test_flat_zones_stand_on_the_threshold_axis() -> None:
    """Their upper end may be "answer nobody", which stands at the right end."""
    first = threshold_frame(curve(), WORDS, cost=MONEY, flat_zone=(0.3, 0.6), cost_flat_zone=(0.5, None)).row(
        0, named=True
    )
    assert (first["flat_low"], first["flat_high"]) == (pytest.approx(0.3), pytest.approx(0.6))
    assert (first["cost_flat_low"], first["cost_flat_high"]) == (0.5, 1.0)
    assert "flat_low" not in threshold_frame(curve(), WORDS).columns


def test_the_lower_of_two_thresholds_is_a_row() -> None:
    frame = threshold_frame(curve(), WORDS, start=0.9, ask_from=0.5)
    assert frame["threshold"][frame["ask_from"][0]] == 0.5
    assert "ask_from" not in threshold_frame(curve(), WORDS).columns


@settings(max_examples=50, deadline=None)
@given(
    cases=st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1, allow_nan=False)), max_size=30),
    prevalence=st.none() | st.floats(0.001, 0.999),
)
def test_counts_of_1000_add_up_and_are_those_of_the_thresholds_unit(
    cases: list[tuple[int, float]], prevalence: float | None
) -> None:
    """Without a prevalence they are ``per_thousand``'s; with one, each class is as common as in real use."""
    labels, scores = [case[0] for case in cases], [case[1] for case in cases]
    table = threshold_table(labels, scores)
    frame = threshold_frame(Curve("any", table), WORDS, prevalence=prevalence)
    for row in range(len(table)):
        shown = {name: frame[f"{name}_1000"][row] for name in ("tp", "fp", "fn", "tn")}
        if prevalence is None:
            assert shown == (per_thousand(table.counts(row)) or dict.fromkeys(shown))
        elif 0 < sum(labels) < len(labels):
            assert sum(shown.values()) == 1000
            assert shown["tp"] + shown["fn"] == pytest.approx(1000 * prevalence, abs=1.001)
            share = table.tp[row] / table.positives
            assert shown["tp"] == pytest.approx(1000 * prevalence * share, abs=1.001)
        else:
            assert set(shown.values()) == {None}, "one class is missing: undefined, not 0"


def test_the_prevalence_in_real_use_is_drawn_and_said() -> None:
    first = threshold_frame(curve(), WORDS, prevalence=0.2).row(0, named=True)
    assert (first["prevalence"], first["in_use"]) == (pytest.approx(0.2), True)
    first = threshold_frame(curve(), WORDS).row(0, named=True)
    assert (first["prevalence"], first["in_use"]) == (pytest.approx(0.4), False)


def test_a_frame_can_start_where_somebody_let_go() -> None:
    """So that what is taken away shows the threshold that was seen; all else stays as it was."""
    frame = threshold_frame(curve(), WORDS, start=0.9)
    moved = starting_at(frame, 0.5)
    assert moved["threshold"][moved["start"][0]] == 0.5
    assert moved.drop("start").equals(frame.drop("start"))
    assert moved.schema == frame.schema
    assert starting_at(frame, None)["start"][0] == 0
    assert starting_at(frame, 0.4321).equals(frame), "no row"


def full_frame(groups: int = MOST_GROUPS, others: int = MOST_OTHERS) -> pl.DataFrame:
    """512 thresholds of each of five candidates, six groups, costs, long names."""
    generator = np.random.default_rng(7)
    labels = (generator.random(20_000) < 0.2).astype(int)
    curves = [
        Curve(
            f"a candidate with a long name, number {number}",
            threshold_table(labels, generator.random(20_000), costs=COSTS),
        )
        for number in range(others + 1)
    ]
    rows = len(curves[0].table)
    assert rows == 513
    counts = np.sort(generator.integers(0, 700, rows))
    return threshold_frame(
        curves[0],
        WORDS,
        histogram=score_histogram(labels, generator.random(20_000)),
        others=curves[1:],
        cost=CostWords("EUR", 100, 500, volume=10_000, period="month"),
        groups=[group(f"group {number}", 3000, 1000, counts, counts) for number in range(groups)],
        flat_zone=(0.2, 0.3),
        cost_flat_zone=(0.2, 0.3),
        ask_from=0.1,
        prevalence=0.3,
    )


def sent_bytes(frame: pl.DataFrame) -> int:
    """Return what Streamlit sends: an Arrow stream of the frame."""
    table = frame.to_arrow()
    sink = pa.BufferOutputStream()
    with pa.RecordBatchStreamWriter(sink, table.schema) as writer:
        writer.write_table(table)
    return int(sink.getvalue().size)


def test_the_payload_of_five_candidates_and_six_groups_stays_under_a_megabyte() -> None:
    """The frame as it is sent, and the spec (performance.md, budget 1)."""
    assert sent_bytes(full_frame()) + len(json.dumps(responsive_spec())) < 1_000_000


def test_everything_at_once_still_leaves_row_i_at_row_i() -> None:
    frame = full_frame()
    assert frame["idx"][:513].to_list() == list(range(513))
    assert frame["kind"][:513].unique().to_list() == ["curve"]
    assert not frame.select(pl.col(pl.Float32, pl.Float64).is_nan().any()).row(0).count(True), (
        "undefined is null"
    )
