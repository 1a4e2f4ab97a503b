"""Thresholds and costs through the front door: on the labelled samples, with every figure, made once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lookingglass as lg
from lookingglass.candidates import WorkerPool, register
from lookingglass.errors import BadInput, NotFound
from lookingglass.metrics import Costs, Settings, distinguishable, evaluate_metrics, paired_difference
from lookingglass.metrics.formulas import AT_THRESHOLD, WITHIN_CLASS
from lookingglass.thresholds import Aim, Capacity, Sample, best_band, choose, parse_requirement
from tests.core.evaluation.conftest import ANA, flip

MONEY = Settings(costs=Costs(cost_fp=1, cost_fn=4))
CHEAP = Aim("cost_per_example", MONEY)


@pytest.fixture(scope="module")
def scored(
    tmp_path_factory: pytest.TempPathFactory, prepared: Path, pool: WorkerPool
) -> Iterator[lg.Workspace]:
    """Open a copy of the prepared workspace in which every candidate has answered; nobody may change it."""
    folder = Path(shutil.copytree(prepared, tmp_path_factory.mktemp("scored") / "ws"))
    with lg.open_workspace(folder, pool=pool) as workspace:
        workspace.evaluate()
        yield workspace


@pytest.fixture
def own(ws: lg.Workspace) -> lg.Workspace:
    """Return a workspace of the test's own, in which every candidate has answered."""
    ws.evaluate()
    return ws


def test_a_choice_has_every_figure_of_the_samples_there(scored: lg.Workspace) -> None:
    aim = Aim(
        "f1", Settings(costs=Costs(1, 4), prevalence=0.2), (parse_requirement("recall >= 0.6 by group"),)
    )
    found = scored.choose("strong", aim)
    test_set = scored.test_set()
    y_true, y_score = test_set.y_true, scored.scores("strong")
    assert found.feasible
    assert found.threshold in set(y_score.tolist())
    for value in ("red", "blue"):
        inside = (test_set.rows.get_column("group") == value).to_numpy()
        recall = evaluate_metrics(y_true[inside], y_score[inside], found.threshold)["recall"].value
        assert recall is not None
        assert recall >= 0.6
    assert dict(found.figures) == evaluate_metrics(
        y_true, y_score, found.threshold, costs=Costs(1, 4), prevalence=0.2
    )
    assert found.honesty is not None
    assert set(found.honesty.corrected) == set(AT_THRESHOLD)
    assert (found.version, found.digest) == (test_set.version, test_set.digest)
    assert found.fingerprint == scored.candidate("strong").fingerprint
    json.dumps(found.to_json(), allow_nan=False)
    frame = found.frame()
    assert frame["metric"].to_list() == list(found.figures)
    row = frame.filter(frame["metric"] == "f1").row(0, named=True)
    assert row["value"] == found.figures["f1"].value
    assert row["corrected"] == found.honesty.corrected["f1"].value
    assert frame.filter(frame["metric"] == "roc_auc")["corrected"].to_list() == [None]


def test_a_choice_is_made_once_and_anew_when_a_label_changes(own: lg.Workspace) -> None:
    first = own.choose("strong", CHEAP)
    assert own.choose("strong", Aim("cost_per_example", Settings(costs=Costs(1, 4)))) is first
    flip(own)
    after = own.choose("strong", CHEAP)
    assert (after.version, first.version) == (2, 1)
    assert after.digest != first.digest
    assert own.choose("strong", CHEAP, version=1).to_json() == first.to_json()


def test_infeasible_has_no_figures(scored: lg.Workspace) -> None:
    aim = Aim("f1", requirements=(parse_requirement("recall>=1"), parse_requirement("precision>=1")))
    found = scored.choose("told", aim)
    assert (found.feasible, found.threshold, dict(found.figures), found.honesty) == (False, None, {}, None)
    assert found.to_json()["flat_zone"] is None
    assert found.frame().is_empty()


def test_curves_and_figures_follow_the_settings(scored: lg.Workspace) -> None:
    told = Settings(beta=2, costs=Costs(1, 4), prevalence=0.1)
    usual, shifted = scored.curve("strong", always=[0.3]), scored.curve("strong", always=[0.3], settings=told)
    for name in ("thresholds", "tp", "fp", "tn", "fn"):
        np.testing.assert_array_equal(getattr(usual, name), getattr(shifted, name))
    row = shifted.index_of(0.3)
    figures = scored.figures("strong", 0.3, settings=told)
    for name in AT_THRESHOLD:
        assert shifted.metrics[name][row] == pytest.approx(figures[name].value), name
        assert (usual.metrics[name][row] == shifted.metrics[name][row]) == (name in WITHIN_CLASS), name
    assert figures["roc_auc"] == scored.figures("strong", 0.3)["roc_auc"]
    assert scored.figures("strong", 0.3, settings=told) is figures
    assert scored.curve("strong", always=[0.3], settings=told) is shifted
    row_already = float(usual.thresholds[3])
    assert scored.curve("strong", always=[row_already]) is scored.curve("strong")
    assert scored.curve("strong", always=[row_already, 0.3], settings=told) is shifted


def test_every_candidate_at_its_own_best_threshold(scored: lg.Workspace) -> None:
    board = scored.best_costs(CHEAP, reference="weak")
    assert {row.name for row in board.rows} == {"strong", "weak", "told", "baseline"}
    values = [row.cost.value for row in board.rows if row.cost is not None]
    assert None not in values
    assert values == sorted(values)  # type: ignore[type-var]  # None is not among them
    assert board.best is not None
    assert board.best.name == "strong"
    assert (board.best.to_best, board.best.verdict) == (None, None)
    y_true = scored.test_set().y_true
    for row in board.rows:
        own = scored.choose(row.name, CHEAP)
        assert row.choice is own
        assert row.cost == own.figures["cost_per_example"]
        assert own.honesty is not None
        assert row.corrected == own.honesty.corrected["cost_per_example"]
        for other, difference in (("strong", row.to_best), ("weak", row.to_reference)):
            if row.name == other:
                assert difference is None
                continue
            expected = paired_difference(
                y_true,
                scored.scores(row.name),
                scored.scores(other),
                own.threshold,
                scored.choose(other, CHEAP).threshold,
                metrics=["cost_per_example"],
                costs=Costs(1, 4),
            )
            assert difference == expected["cost_per_example"]
            corrected = row.corrected_to_best if other == "strong" else row.corrected_to_reference
            against = scored.choose(other, CHEAP).honesty
            assert corrected is not None
            assert against is not None
            costs = [one.corrected["cost_per_example"].value for one in (own.honesty, against)]
            assert corrected.value == pytest.approx(costs[0] - costs[1])  # type: ignore[operator]  # both have one
            assert corrected.method == "bootstrap, both choices made anew"
            verdict = row.verdict if other == "strong" else row.reference_verdict
            assert verdict == distinguishable(corrected), "what is told follows the corrected difference"
    (worst,) = [row for row in board.rows if row.name == "told"]
    assert worst.verdict == "more than chance"
    assert next(row.is_baseline for row in board.rows if row.name == "baseline")
    told = json.loads(json.dumps(board.to_json(), allow_nan=False))
    assert (told["best"], told["reference"], told["left_out"]) == ("strong", "weak", {})
    assert board.frame()["candidate"].to_list() == [row.name for row in board.rows]
    assert scored.best_costs(CHEAP, reference="weak") is board


def test_two_candidates_that_answer_alike_are_not_told_apart(
    own: lg.Workspace, model_files: dict[str, Path]
) -> None:
    register(own.home, "twin", model_files["strong"], actor=ANA, description="the same file again")
    own.evaluate()
    board = own.best_costs(CHEAP)
    twin = next(row for row in board.rows if row.to_best is not None and row.to_best.value == 0)
    assert {twin.name, board.rows[0].name} == {"strong", "twin"}
    assert twin.to_best is not None
    assert (twin.to_best.p_value, twin.verdict) == (1.0, "could be chance")


def test_a_candidate_without_all_scores_is_left_out_and_said_so(ws: lg.Workspace) -> None:
    board = ws.best_costs(CHEAP)
    assert [row.name for row in board.rows] == ["told", "baseline"]
    assert board.left_out == {"strong": "some samples have no score", "weak": "some samples have no score"}
    with pytest.raises(
        BadInput,
        match=r"'strong' cannot be compared with: the candidates with complete scores are (told|baseline), ",
    ):
        ws.best_costs(CHEAP, reference="strong")
    with pytest.raises(BadInput, match="strong: 200 of 200 samples have no score"):
        ws.choose("strong", CHEAP)


def test_candidates_that_meet_no_requirement_come_last_without_a_cost(scored: lg.Workspace) -> None:
    aim = Aim("cost_per_example", MONEY, (parse_requirement("balanced_accuracy >= 0.75"),))
    board = scored.best_costs(aim)
    assert [row.choice.feasible for row in board.rows] == sorted(
        (row.choice.feasible for row in board.rows), reverse=True
    )
    told = next(row for row in board.rows if row.name == "told")
    assert (told.cost, told.corrected, told.to_best, told.verdict) == (None, None, None, None)
    with pytest.raises(BadInput, match="the cost needs costs"):
        scored.best_costs(Aim("f1"))


def test_a_band_through_the_front_door(scored: lg.Workspace) -> None:
    sample = Sample.of(scored.test_set().y_true, scored.scores("strong"))
    band = scored.best_band("strong", MONEY, 0.2, 0.3)
    assert band == best_band(sample, MONEY, 0.2, 0.3)
    same = scored.band_at("strong", band.low, band.high, MONEY, 0.2, most_asked=0.3)
    assert same == replace(band, saving=None, corrected={})
    rules = [parse_requirement("recall >= 0.9 by group")]
    held = scored.best_band("strong", MONEY, 0.2, 0.3, requirements=rules, capacity=Capacity(share=0.9))
    assert held.feasible
    assert held.rules == ("recall >= 0.9 by group", "answering at most 90%", "asking at most 30%")
    assert held.figures["recall"].value >= 0.9  # type: ignore[operator]  # there are positives
    missed = scored.band_at("strong", 0.9, 0.9, MONEY, 0.2, requirements=rules).missed
    assert [(one.rule, one.group in {"red", "blue"}) for one in missed] == [("recall >= 0.9 by group", True)]
    with pytest.raises(BadInput, match="there is no group column 'colour'"):
        scored.best_band("strong", MONEY, 0.2, requirements=[parse_requirement("recall >= 0.9 by colour")])
    single = choose(sample, CHEAP)
    cost = band.figures["cost_per_example"].value
    assert cost is not None
    assert single.value is not None
    assert cost < single.value


def test_wrong_names_say_what_there_is(scored: lg.Workspace) -> None:
    with pytest.raises(BadInput, match="there is no group column 'colour': the group columns are group"):
        scored.choose("strong", Aim("f1", requirements=(parse_requirement("recall>=0.1 by colour"),)))
    with pytest.raises(NotFound, match="there is no candidate 'nobody'"):
        scored.choose("nobody", CHEAP)
