"""Other costs tried in the browser: what the frame brings, and that the chart works out what the server would."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from lookingglass.charts import (
    AnswerWords,
    CostWords,
    Curve,
    candidate_colour,
    responsive_spec,
    threshold_frame,
)
from lookingglass.charts.live_costs import AMOUNTS, COSTS, cost_of_mark, live_signals
from lookingglass.charts.marks import DATASET
from lookingglass.charts.responsive import SpecChanged, make_responsive, spec_for
from lookingglass.charts.threshold_inputs import slider_end
from lookingglass.metrics import Costs
from lookingglass.metrics.formulas import Settings
from lookingglass.thresholds import threshold_table
from lookingglass.thresholds.curve import settle

WORDS = AnswerWords("application", "denied", "approved")
ZERO = CostWords("EUR", 0, 0)


def table(labels: list[int], scores: list[float], money: CostWords, prevalence: float | None = None) -> Any:
    """Return a threshold table under these costs, as the workspace makes it."""
    costs = Costs(money.cost_fp, money.cost_fn, money.gain_tp, money.gain_tn)
    return settle(threshold_table(labels, scores, costs=costs), Settings(costs=costs, prevalence=prevalence))


def examples(candidates: int = 3) -> tuple[list[int], list[list[float]]]:
    """Return labels and each candidate's scores of 400 examples; few distinct scores, so that rows are exact."""
    generator = np.random.default_rng(5)
    labels = (generator.random(400) < 0.2).astype(int)
    scores = [
        np.round(1 / (1 + np.exp(-(generator.normal(size=400) + 1.5 * labels - 1))), 2).tolist()
        for _ in range(candidates)
    ]
    return labels.tolist(), scores


def frame_of(
    money: CostWords, prevalence: float | None = None, candidates: int = 3, **options: Any
) -> pl.DataFrame:
    labels, scores = examples(candidates)
    curves = [
        Curve(f"model {number}", table(labels, each, money, prevalence), candidate_colour(number))
        for number, each in enumerate(scores)
    ]
    return threshold_frame(
        curves[0], WORDS, start=0.4, others=curves[1:], cost=money, prevalence=prevalence, **options
    )


def test_the_frame_brings_each_amount_to_the_last_digit_and_where_its_slider_ends() -> None:
    frame = frame_of(CostWords("EUR", 1000.1, 0.3, gain_tp=-0.25, gain_tn=0, turn=1795317178917))
    first = frame.row(0, named=True)
    assert [float(each) for each in first["amounts"].split(",")] == [1000.1, 0.3, -0.25, 0.0, 1795317178917]
    assert [float(each) for each in first["amount_ends"].split(",")] == [5000, 2, 2, 2]
    assert (first["currency"], first["cost_scale"], first["limited"]) == ("EUR", 1, False)
    assert frame["amounts"].null_count() == len(frame) - 1


def test_without_costs_there_are_no_amounts_to_try() -> None:
    labels, (scores,) = examples(1)
    frame = threshold_frame(Curve("any", threshold_table(labels, scores)), WORDS)
    assert not {"amounts", "amount_ends", "cost_scale"} & set(frame.columns)


@pytest.mark.parametrize(
    ("amount", "end"),
    [(None, 100), (0, 100), (-5, 100), (1, 5), (5, 20), (1000, 5000), (1300, 10_000), (25, 100), (0.02, 0.1)],
)
def test_a_slider_ends_at_a_round_amount_with_room_for_four_times_what_it_is_now(
    amount: float | None, end: float
) -> None:
    assert slider_end(amount) == pytest.approx(end)


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_any_amount_has_a_slider(amount: float) -> None:
    assert 0 < slider_end(amount) < float("inf")


def test_the_sliders_are_called_by_the_workspaces_words_and_nothing_else_differs() -> None:
    spec = spec_for(frame_of(CostWords("EUR", 1, 5), candidates=1))
    names = [
        signal["bind"]["name"] for signal in spec["signals"] if signal.get("bind", {}).get("input") == "range"
    ]
    assert names == ["Threshold", "Wrongly denied", "Wrongly approved", "Rightly denied", "Rightly approved"]
    plain = json.dumps(responsive_spec("AA", "{yes}"))
    assert "Wrongly AA" in plain
    assert "Wrongly {yes}" in plain, "a word is not taken for a place"
    assert plain.replace("AA", "denied").replace("{yes}", "approved") == json.dumps(spec)


def test_what_was_tried_is_read_by_name() -> None:
    told = responsive_spec()["params"][1]
    assert (told["name"], told["select"]["fields"]) == (COSTS, [*AMOUNTS, "turn"])


def test_a_compiled_chart_whose_cost_lines_cannot_be_moved_is_refused(compiled: dict[str, Any]) -> None:
    text = (
        json.dumps(compiled)
        .replace('"field": "c2_cost"', '"value": 3')
        .replace('"scale": "cost_y", "value"', '"value"')
    )
    with pytest.raises(SpecChanged, match="4 lines"):
        make_responsive(json.loads(text))
    signals = [signal for signal in compiled["signals"] if signal["name"] != "iso_dx"]
    with pytest.raises(SpecChanged, match="iso_dx"):
        make_responsive({**compiled, "signals": signals})


def drawn(frame: pl.DataFrame, tried: CostWords | None = None) -> str:
    """Return the picture of a frame as the browser draws it; with ``tried``, with its sliders at these amounts."""
    spec = spec_for(frame) | {"data": [{"name": DATASET, "values": frame.to_dicts()}]}
    spec.pop("params")
    if tried is not None:
        amounts = dict(zip((f"amount_{name}" for name in AMOUNTS), tried.amounts, strict=True))
        spec["signals"] = [
            {"name": signal["name"], "value": amounts[signal["name"]]}
            if signal["name"] in amounts
            else signal
            for signal in spec["signals"]
        ]
    picture: str = vl_convert.vega_to_svg(spec, allowed_base_urls=[])
    return picture


def group_of(picture: str, panel: str) -> str:
    """Return the part of the picture in which a panel is drawn."""
    parts = re.split(r'class="mark-group role-scope (\w+)_group', picture)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[panel]


def texts(part: str) -> list[str]:
    """Return the texts of a panel, each once, without what a threshold is written with."""
    return list(
        dict.fromkeys(
            re.sub(r" at \S+$", "", text) for text in re.findall(r"<text[^>]*>([^<]+)</text>", part)
        )
    )


def cost_lines(picture: str) -> list[list[float]]:
    """Return the heights of the points of each cost curve, from 0 at its lowest to 1 at its highest."""
    lines = re.findall(r'mark-line role-mark cost_layer_\d+_marks"[^>]*><path[^>]* d="(M[^"]+)"', picture)
    heights = [np.array([float(each) for each in re.findall(r",(-?[\d.]+)", line)]) for line in lines]
    return [((each.max() - each) / (each.max() - each.min())).tolist() for each in heights]


@pytest.mark.parametrize(
    ("tried", "prevalence"),
    [
        (CostWords("EUR", 700, 2300), None),
        (CostWords("EUR", 700, 2300, gain_tp=150, gain_tn=40), 0.07),
        (CostWords("EUR", 30, 0, volume=10_000, period="month"), None),
        (CostWords("", 4, 12.5, gain_tn=-3), 0.4),
    ],
)
def test_trying_costs_draws_what_the_server_draws_for_them(
    tried: CostWords, prevalence: float | None
) -> None:
    """The same curves, texts, lowest points and line of equal cost, once worked out here and once by the core."""
    before = CostWords(tried.currency, 5000, 100, volume=tried.volume, period=tried.period)
    opened = frame_of(before, prevalence)
    here, there = drawn(opened, tried), drawn(frame_of(tried, prevalence))
    assert texts(group_of(here, "roc")) == texts(group_of(there, "roc"))
    lines = [cost_lines(picture) for picture in (here, there)]
    assert len(lines[0]) == len(lines[1]) == 3
    for tried_line, server_line in zip(*lines, strict=True):
        assert tried_line == pytest.approx(server_line, abs=0.002)
    told = [
        [text for text in texts(group_of(picture, "cost")) if text.startswith("model")]
        for picture in (here, there)
    ]
    assert told[0] == told[1] != []
    at = [[text for text in texts(group_of(picture, "cost")) if ":  " in text] for picture in (here, there)]
    assert at[0] == at[1] != []
    iso = [_dashed(group_of(picture, "roc")) for picture in (here, there)]
    assert iso[0] == pytest.approx(iso[1], abs=0.01)
    untried = [drawn(opened, costs) for costs in (before, None)]
    assert re.sub(r"clip\d+", "", untried[0]) == re.sub(r"clip\d+", "", untried[1])


def _dashed(part: str) -> list[float]:
    """Return the line of equal cost of the ROC panel."""
    (line,) = re.findall(r'<path[^>]* d="(M[^"]+)"[^>]*stroke-dasharray="8,3"', part)
    return [float(number) for number in re.findall(r"-?[\d.]+", line)]


def test_all_amounts_at_0_draw_a_flat_line_and_no_line_of_equal_cost() -> None:
    here = drawn(frame_of(CostWords("EUR", 100, 500)), ZERO)
    assert "NaN" not in here
    assert "Infinity" not in here
    cost = group_of(here, "cost")
    assert "model 0: 0 EUR at answer nobody" in texts(cost)
    assert "same cost" not in texts(group_of(here, "roc"))


def test_under_limits_the_lowest_point_is_said_to_leave_them_aside() -> None:
    frame = frame_of(CostWords("EUR", 100, 500), candidates=1, limited=True)
    assert any(
        "limits aside" in text for text in texts(group_of(drawn(frame, CostWords("EUR", 100, 400)), "cost"))
    )
    assert not any("limits aside" in text for text in texts(group_of(drawn(frame), "cost")))


def test_the_zone_that_was_as_good_as_the_best_is_hidden_while_other_costs_are_tried() -> None:
    frame = frame_of(CostWords("EUR", 100, 500), cost_flat_zone=(0.2, 0.4))
    assert "as good as the best" in group_of(drawn(frame), "cost")
    assert "as good as the best" not in group_of(drawn(frame, CostWords("EUR", 100, 400)), "cost")


AMOUNT = st.integers(0, 10_000)


@settings(max_examples=60, deadline=None)
@given(
    cases=st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1, allow_nan=False)), min_size=1, max_size=30),
    amounts=st.tuples(AMOUNT, AMOUNT, AMOUNT, AMOUNT).filter(lambda each: sum(each) > 0),
    prevalence=st.none() | st.floats(0.01, 0.99),
)
def test_the_browsers_expressions_give_the_cores_cost_at_every_row(
    cases: list[tuple[int, float]], amounts: tuple[int, int, int, int], prevalence: float | None
) -> None:
    """Of the expressions that the browser computes, undefined rates read as 0 as JavaScript reads them."""
    labels, scores = [case[0] for case in cases], [case[1] for case in cases]
    money = CostWords("EUR", *amounts, volume=50)
    frame = threshold_frame(
        Curve("any", table(labels, scores, money, prevalence)), WORDS, cost=money, prevalence=prevalence
    )
    first = SimpleNamespace(**{name: value or 0 for name, value in frame.row(0, named=True).items()})
    expressions = {signal["name"]: signal.get("update", "") for signal in live_signals()}
    known: dict[str, Any] = {"first": first}
    known |= {f"amount_{name}": amount for name, amount in zip(AMOUNTS, amounts, strict=True)}
    for name in ("cost_of_none", "cost_by_tpr", "cost_by_fpr"):
        known[name] = eval(expressions[name], {}, known)  # noqa: S307 - the chart's own expression, plain arithmetic
    tried = re.fullmatch(r"tried \? (.+) : datum\.cost", cost_of_mark("cost"))
    assert tried is not None
    for row in frame.filter(pl.col("kind") == "curve").iter_rows(named=True):
        if row["cost"] is not None:
            known["datum"] = SimpleNamespace(tpr=row["tpr"] or 0, fpr=row["fpr"] or 0)
            worked_out = eval(tried[1], {}, known)  # noqa: S307 - as above
            assert worked_out == pytest.approx(row["cost"], rel=1e-5, abs=1e-5 * 50 * max(amounts))
