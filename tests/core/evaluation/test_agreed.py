"""What people agreed on is what candidates are judged by, everywhere, at once, and without asking a model again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import fbeta_score, precision_score, recall_score

import lookingglass as lg
from lookingglass.candidates import get_candidate, retire
from lookingglass.decisions import Decision, NewDecision, agree, confirm
from lookingglass.errors import BadInput
from lookingglass.evaluation import evaluator as evaluator_module
from lookingglass.evaluation.browse import Filters
from lookingglass.evaluation.evaluate import CandidateEvaluation
from lookingglass.evaluation.evaluator import PATTERNS_COST_NOTHING
from lookingglass.evaluation.judging import settings_sentence
from lookingglass.figures import Figure
from lookingglass.metrics.catalogue import METRICS, evaluate_metrics
from lookingglass.metrics.compare import paired_difference
from lookingglass.metrics.formulas import WITHIN_CLASS, Costs, Settings
from lookingglass.testset import add_example
from lookingglass.thresholds.aims import Aim
from tests.core.evaluation.conftest import ANA, flip
from tests.core.evaluation.test_background import wait

pytestmark = pytest.mark.usefixtures("evaluated")

MONEY = Settings(costs=Costs(cost_fp=1.0, cost_fn=5.0))
CHEAPEST = Aim("cost_per_example", MONEY)
BEST_F1 = Aim("f1")


@pytest.fixture
def evaluated(ws: lg.Workspace) -> None:
    """Bring every candidate to the first version."""
    ws.evaluate()


def agree_on(ws: lg.Workspace, name: str, threshold: float | None, aim: Aim = CHEAPEST) -> Decision:
    """Record a decision with what is measured at its threshold now."""
    measured = ws.measured_at(name, threshold, aim.settings)
    fingerprint = get_candidate(ws.home, name).fingerprint
    return agree(ws.home, NewDecision(name, fingerprint, measured, threshold, aim, ["ana"], "Because."), ANA)


def of(ws: lg.Workspace, name: str) -> CandidateEvaluation:
    found = ws.evaluate().candidate(name)
    assert found is not None
    return found


def figure(figures: Mapping[str, Figure], name: str) -> float:
    value = figures[name].value
    assert value is not None
    return value


def test_a_candidate_is_judged_at_the_threshold_agreed_for_it_and_no_other(ws: lg.Workspace) -> None:
    before = {item.name: item.metrics for item in ws.evaluate().candidates}
    agree_on(ws, "strong", 0.2, BEST_F1)
    evaluation = ws.evaluate()
    assert evaluation.model_rows_scored == 0
    told = {
        item["name"]: item["threshold"] for item in json.loads(json.dumps(evaluation.to_json()))["candidates"]
    }
    assert told.pop("strong") == {"value": 0.2, "source": "agreed"}
    assert list(told.values()) == [{"value": 0.5, "source": "default"}] * 3
    y_true, yes = ws.test_set().y_true, ws.scores("strong") >= 0.2
    metrics = of(ws, "strong").metrics
    assert figure(metrics, "precision") == pytest.approx(precision_score(y_true, yes), abs=1e-12)
    assert figure(metrics, "recall") == pytest.approx(recall_score(y_true, yes), abs=1e-12)
    assert metrics["roc_auc"] == before["strong"]["roc_auc"]
    for name in ("weak", "told", "baseline"):
        assert of(ws, name).metrics == before[name]
    assert (ws.threshold("strong").value, ws.threshold("weak").value) == (0.2, 0.5)
    assert ws.decision("strong") == ws.decisions[-1]
    assert ws.decision("weak") is None


def test_answering_nobody_is_a_decision_like_any_other(ws: lg.Workspace) -> None:
    agree_on(ws, "strong", None)
    board = ws.leaderboard(reference="weak")
    told = next(row for row in board.to_json()["rows"] if row["name"] == "strong")
    assert told["threshold"] == {"value": None, "source": "agreed"}
    metrics = of(ws, "strong").metrics
    assert (metrics["recall"].k, metrics["selection_rate"].k) == (0, 0)
    assert metrics["precision"].reason == "nothing answered yes"
    row = next(row for row in board.rows if row.name == "strong")
    weak = figure(of(ws, "weak").metrics, "recall")
    assert row.differences["recall"].value == pytest.approx(-weak)
    page = ws.browse(Filters(wrong="strong"), size=200)
    assert page.total == int(ws.test_set().y_true.sum())
    assert set(page.verdicts("strong")) == {"wrong"}
    assert not page.answers["strong"].says_yes.any()


def test_two_are_compared_each_at_its_own_threshold_under_the_same_costs(ws: lg.Workspace) -> None:
    before = next(row for row in ws.leaderboard(reference="weak").rows if row.name == "strong")
    agree_on(ws, "weak", 0.35, BEST_F1)
    agree_on(ws, "strong", 0.2)
    row = next(row for row in ws.leaderboard(reference="weak").rows if row.name == "strong")
    expected = paired_difference(
        ws.test_set().y_true, ws.scores("strong"), ws.scores("weak"), 0.2, 0.35, costs=MONEY.costs
    )
    assert dict(row.differences) == expected
    assert before.differences["recall"] != expected["recall"]
    assert before.differences["roc_auc"] == expected["roc_auc"]
    mirrored = next(row for row in ws.leaderboard(reference="strong").rows if row.name == "weak")
    assert figure(mirrored.differences, "cost_per_example") == -figure(expected, "cost_per_example")
    dearer = Settings(costs=Costs(cost_fp=3.0, cost_fn=1.0))
    agree_on(ws, "strong", 0.2, Aim("cost_per_example", dearer))
    again = next(row for row in ws.leaderboard(reference="weak").rows if row.name == "strong")
    assert dict(again.differences) == paired_difference(
        ws.test_set().y_true, ws.scores("strong"), ws.scores("weak"), 0.2, 0.35, costs=dearer.costs
    )
    assert (
        of(ws, "weak").metrics["cost_per_example"]
        == evaluate_metrics(ws.test_set().y_true, ws.scores("weak"), 0.35, costs=dearer.costs)[
            "cost_per_example"
        ]
    )


def test_costs_and_beta_of_the_latest_decision_hold_for_all(ws: lg.Workspace) -> None:
    assert of(ws, "weak").metrics["cost_per_example"].reason == "no costs agreed"
    agree_on(ws, "strong", 0.2, Aim("f_beta", Settings(2.0, MONEY.costs)))
    evaluation = ws.evaluate()
    assert evaluation.settings == ws.settings == Settings(2.0, MONEY.costs)
    assert evaluation.to_json()["settings"]["costs"]["cost_fn"] == 5.0
    y_true = ws.test_set().y_true
    for name, at in (("strong", 0.2), ("weak", 0.5), ("told", 0.5)):
        yes = ws.scores(name) >= at
        wrong_yes, wrong_no = int((yes & (y_true == 0)).sum()), int((~yes & (y_true == 1)).sum())
        metrics = of(ws, name).metrics
        assert figure(metrics, "cost_per_example") == pytest.approx(
            (wrong_yes + 5 * wrong_no) / 200, abs=1e-12
        )
        assert figure(metrics, "f_beta") == pytest.approx(fbeta_score(y_true, yes, beta=2), abs=1e-12)
    assert ws.leaderboard(metric="cost_per_example").rows[0].name == "strong"
    agree_on(ws, "told", 0.4, BEST_F1)
    assert of(ws, "strong").metrics["cost_per_example"].reason == "no costs agreed"
    assert of(ws, "strong").threshold.value == 0.2


def test_prevalence_in_real_use_shifts_every_figure_that_depends_on_it(ws: lg.Workspace) -> None:
    plain, told = of(ws, "weak").metrics, Settings(1.0, MONEY.costs, 0.1)
    assert ws.leaderboard().to_json()["settings_note"] is None
    agree_on(ws, "strong", 0.2, Aim("cost_per_example", told))
    y_true, weak, strong = ws.test_set().y_true, ws.scores("weak"), ws.scores("strong")
    shifted = of(ws, "weak").metrics
    assert dict(shifted) == evaluate_metrics(y_true, weak, 0.5, costs=MONEY.costs, prevalence=0.1)
    changed = {name for name in plain if plain[name] != shifted[name]}
    assert changed == set(METRICS) - WITHIN_CLASS
    yes = weak >= 0.5
    miss, alarm = 1 - yes[y_true == 1].mean(), yes[y_true == 0].mean()
    assert figure(shifted, "cost_per_example") == pytest.approx(0.1 * miss * 5 + 0.9 * alarm, abs=1e-12)
    board = ws.leaderboard(reference="weak")
    row = next(row for row in board.rows if row.name == "strong")
    assert dict(row.differences) == paired_difference(
        y_true, strong, weak, 0.2, 0.5, costs=MONEY.costs, prevalence=0.1
    )
    data = json.loads(json.dumps(board.to_json()))
    assert data["settings"]["prevalence"] == 0.1
    assert data["settings_note"] == "Worked out for 10.0\u202f% positives in real use, as agreed."
    assert data["settings_note"] in board.text()
    session = ws.figures("weak", 0.5, settings=told)
    assert session == shifted, "the session and the board say the same"
    with lg.open_workspace(ws.home.folder) as again:
        assert again.leaderboard(reference="weak", fresh=False).to_json() == board.to_json()
    agree_on(ws, "strong", 0.2, Aim("cost_per_example", Settings(1.0, MONEY.costs, 0.6)))
    other = next(row for row in ws.leaderboard(reference="weak").rows if row.name == "strong")
    assert dict(other.differences) == paired_difference(
        y_true, strong, weak, 0.2, 0.5, costs=MONEY.costs, prevalence=0.6
    ), "nothing of the share before"
    assert dict(other.evaluation.metrics) == evaluate_metrics(
        y_true, strong, 0.2, costs=MONEY.costs, prevalence=0.6
    )


@pytest.mark.parametrize(
    ("share", "words"), [(0.08, "8.0"), (0.125, "12.5"), (0.0005, "0.05"), (0.999999, "99.9999")]
)
def test_a_share_is_told_without_rounding_it_away(share: float, words: str) -> None:
    said = settings_sentence(Settings(prevalence=share))
    assert said == f"Worked out for {words}\u202f% positives in real use, as agreed."
    assert settings_sentence(Settings(2.0, MONEY.costs)) is None


def test_another_share_ranks_nobody_anew_but_for_what_follows_it(
    ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A threshold that moves under the same share makes no average precision and no loss again."""
    agree_on(ws, "strong", 0.2, Aim("cost_per_example", Settings(1.0, MONEY.costs, 0.1)))
    ws.leaderboard()
    made: list[str] = []
    figures, differences = evaluator_module.part_figures, evaluator_module.part_differences

    def counted(*args: Any, **options: Any) -> Any:
        made.extend(args[3])
        return figures(*args, **options)

    def compared(*args: Any, **options: Any) -> Any:
        made.extend(args[5])
        return differences(*args, **options)

    monkeypatch.setattr(evaluator_module, "part_figures", counted)
    monkeypatch.setattr(evaluator_module, "part_differences", compared)
    agree_on(ws, "strong", 0.3, Aim("cost_per_example", Settings(1.0, MONEY.costs, 0.1)))
    ws.leaderboard()
    assert "precision" in made
    assert not {"roc_auc", "average_precision", "brier", "log_loss"} & set(made)


def test_test_patterns_speak_neither_for_costs_nor_for_prevalence(ws: lg.Workspace) -> None:
    for number, label in enumerate(("yes", "no", "yes")):
        values = {"a": 0.1 * number, "b": 0.0, "group": "red"}
        add_example(ws.home, values, id=f"p{number}", label=label, origin="pattern", actor=ANA)
    ws.evaluate()
    agree_on(ws, "strong", 0.2, Aim("cost_per_example", Settings(2.0, MONEY.costs, 0.1)))
    patterns = of(ws, "strong").patterns
    assert (patterns["cost_per_example"].value, patterns["cost_per_example"].reason) == (
        None,
        PATTERNS_COST_NOTHING,
    )
    ids = ws.test_set().ids
    rows = [ids.index(f"p{number}") for number in range(3)]
    yes = ws.scores("strong")[rows] >= 0.2
    assert yes.any()
    assert figure(patterns, "f_beta") == pytest.approx(fbeta_score([1, 0, 1], yes, beta=2), abs=1e-12)


def test_a_decision_makes_only_the_figures_anew_that_it_changes(
    ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.leaderboard()
    figures, differences = evaluator_module.part_figures, evaluator_module.part_differences
    made: list[str] = []
    pairs: list[tuple[str, str]] = []
    ranked: list[str] = []

    def counted(scored: Any, *args: Any, **options: Any) -> Any:
        made.append(scored.candidate.name)
        return figures(scored, *args, **options)

    def compared(one: Any, other: Any, *args: Any, **options: Any) -> Any:
        pairs.append((one.candidate.name, other.candidate.name))
        ranked.extend({"roc_auc", "average_precision", "brier"} & set(args[-1]))
        return differences(one, other, *args, **options)

    monkeypatch.setattr(evaluator_module, "part_figures", counted)
    monkeypatch.setattr(evaluator_module, "part_differences", compared)
    agree_on(ws, "weak", 0.3, BEST_F1)
    made.clear()
    counters = ws.engine.aligned.counters
    read = (counters.files_read, counters.rows_looked_up)
    board = ws.leaderboard()
    assert board.evaluation.model_rows_scored == 0
    assert (counters.files_read, counters.rows_looked_up) == read
    assert set(made) <= {"weak"}
    assert pairs
    assert all("weak" in pair for pair in pairs)
    assert not ranked, "what no threshold changes is not made again"
    made.clear()
    pairs.clear()
    ws.leaderboard(metric="f1")
    assert not made
    assert not pairs


def test_figures_kept_on_disk_are_those_of_their_own_threshold_and_costs(
    ws: lg.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.leaderboard()
    agree_on(ws, "strong", 0.2)
    with lg.open_workspace(ws.home.folder) as again:  # with what was kept before the decision
        found = again.evaluate().candidate("strong")
        assert found is not None
        y_true, yes = again.test_set().y_true, again.scores("strong") >= 0.2
        assert figure(found.metrics, "precision") == pytest.approx(precision_score(y_true, yes), abs=1e-12)
        board = again.leaderboard()
    monkeypatch.setattr(evaluator_module, "part_figures", None)
    monkeypatch.setattr(evaluator_module, "part_differences", None)
    with lg.open_workspace(ws.home.folder) as third:  # with what was kept after it
        assert third.leaderboard(fresh=False).to_json() == board.to_json()
        assert figure(third.leaderboard(fresh=False).rows[0].evaluation.metrics, "cost_per_example") > 0


def test_open_dashboards_follow_a_decision_without_a_new_version(ws: lg.Workspace) -> None:
    keeper = ws.background()
    before = wait(keeper, lambda state: state.version == 1 and state.target is None)
    decision = agree_on(ws, "strong", 0.2)
    board = ws.leaderboard(fresh=False)
    assert board.rows[0].evaluation.threshold.value == 0.2, "whoever recorded it sees it at once"
    after = wait(keeper, lambda state: state.head == decision.seq and state.target is None)
    assert after.head > before.head, "which is what other open pages look at"
    assert after.version == 1


def test_groups_effects_and_verdicts_follow_the_decision(ws: lg.Workspace) -> None:
    add_example(
        ws.home, {"a": 0.0, "b": 0.0, "group": "red"}, id="p", label="yes", origin="pattern", actor=ANA
    )
    score = float(of_scores(ws, "p"))
    ws.evaluate(version=1)
    assert score < 0.5
    assert right(ws) == 0
    assert ws.browse(Filters(id="p")).verdicts("strong") == ["wrong"]
    yes_before = answered_yes(ws)
    agree_on(ws, "strong", score)
    assert right(ws) == 1, "a score at the threshold is a yes, and what was kept is not shown"
    assert ws.browse(Filters(id="p")).verdicts("strong") == ["right"]
    assert ws.browse(Filters(id="p")).verdicts("weak") == ["wrong"]
    assert answered_yes(ws) > yes_before
    assert answered_yes(ws, 0.5) == yes_before


def answered_yes(ws: lg.Workspace, *at: float) -> int:
    """Return how many samples are answered yes, over all groups."""
    return sum(group.figures["selection_rate"].k or 0 for group in ws.groups("strong", "group", *at))


def of_scores(ws: lg.Workspace, example: str) -> np.float64:
    ws.evaluate()
    found: np.float64 = ws.scores("strong")[ws.test_set().ids.index(example)]
    return found


def right(ws: lg.Workspace) -> int | None:
    return next(item for item in ws.effects(2, 1).effects if item.candidate == "strong").patterns_after.k


def test_what_became_of_a_decision_is_told_at_its_own_threshold_and_costs(ws: lg.Workspace) -> None:
    decision = agree_on(ws, "strong", 0.2)
    still = ws.changed_since(decision)
    assert not still.is_out_of_date
    assert still.effect.state == "unchanged"
    for number in range(8):
        flip(ws, f"x-{number:05d}")
    ws.evaluate()
    later = agree_on(ws, "strong", 0.9, BEST_F1)  # what is agreed now is not what was agreed then
    changed = ws.changed_since(decision)
    assert changed.is_out_of_date
    assert (changed.decision.version, changed.version) == (1, 9)
    assert [item.candidate for item in changed.effects.effects] == ["strong"]
    assert changed.effect.metric == "cost_per_example"
    assert changed.effect.state == "moved"
    assert changed.then == decision.figures
    assert changed.effect.before.value == figure(decision.figures, "cost_per_example")
    y_true, yes = ws.test_set().y_true, ws.scores("strong") >= 0.2
    cost = (int((yes & (y_true == 0)).sum()) + 5 * int((~yes & (y_true == 1)).sum())) / 200
    assert changed.effect.after.value == pytest.approx(cost, abs=1e-12)
    assert figure(changed.now, "cost_per_example") == pytest.approx(cost, abs=1e-12)
    frame = changed.frame()
    (row,) = frame.filter(frame["metric"] == "recall").to_dicts()
    assert (row["then"], row["now"]) == (changed.then["recall"].value, changed.now["recall"].value)
    assert json.loads(json.dumps(changed.to_json()))["out_of_date"] is True
    assert later.replaced_by is None
    assert ws.decisions[0].replaced_by == later.seq


def test_a_decision_that_is_out_of_date_is_confirmed_with_what_is_measured_now(ws: lg.Workspace) -> None:
    decision = agree_on(ws, "strong", 0.2)
    assert ws.times_used() == 1
    flip(ws)
    assert ws.times_used() == 0
    with pytest.raises(BadInput, match="there is nothing to confirm"):
        confirm(ws.home, decision, ws.measured(decision, 1), ANA)
    ws.evaluate()
    test_set = ws.test_set()
    assert decision.standing(test_set.version, test_set.digest) == "out of date"
    again = confirm(ws.home, decision, ws.measured(decision), ANA)
    assert again.standing(test_set.version, test_set.digest) == "in force"
    assert again.figures == ws.figures("strong", 0.2, settings=MONEY)
    assert again.counts is not None
    assert sum(again.counts.values()) == 200
    assert (ws.times_used(), ws.times_used(1)) == (1, 1)


def test_a_decision_of_a_candidate_that_is_gone_or_unscored_says_so(ws: lg.Workspace, tmp_path: Path) -> None:
    decision = agree_on(ws, "told", 0.4, BEST_F1)
    values = {"a": 0.0, "b": 0.0, "group": "red"}
    add_example(ws.home, values, id="new", label="yes", origin="sample", actor=ANA)
    with pytest.raises(BadInput, match="told: 1 of 201 samples have no score"):
        ws.measured(decision)
    changed = ws.changed_since(decision)
    assert changed.effect.state == "undefined"
    assert "1 of 201 labelled samples of version 2" in str(changed.effect.difference.reason)
    assert changed.now["recall"].value is None
    retire(ws.home, "told", ANA)
    assert ws.changed_since(decision).effect.candidate == "told"
    assert ws.decision("told") is not None
