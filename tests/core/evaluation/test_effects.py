"""What a change of the test set did to every candidate: figures before and after, words, and what cannot be said."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import lookingglass as lg
from lookingglass.candidates import register
from lookingglass.errors import NotFound
from lookingglass.evaluation.effects import Effect, Effects
from lookingglass.evaluation.scores import Failure
from lookingglass.figures import Figure, undefined
from lookingglass.later import Later
from lookingglass.testset import add_example, commit_import, plan_import, relabel, remove, tag
from tests.core.evaluation.conftest import ANA, flip, rows


def of(effects: Effects, name: str) -> Effect:
    return next(item for item in effects.effects if item.candidate == name)


def flip_many(ws: lg.Workspace, count: int) -> None:
    for number in range(count):
        flip(ws, f"x-{number:05d}")


def add_pattern(ws: lg.Workspace, name: str, label: str = "no") -> None:
    values = {"a": 3.0, "b": 3.0, "group": "red"}
    add_example(ws.home, values, label=label, id=name, tags=[], problems=[], note="", actor=ANA)


def test_one_relabelled_sample_shows_before_and_after_and_could_be_chance(ws: lg.Workspace) -> None:
    ws.evaluate()
    old = ws.test_set()
    worst = int(np.argmax(np.abs(old.y_true - ws.scores("strong"))))
    flip(ws, old.ids[worst])
    ws.evaluate()
    effects = ws.effects()
    assert (effects.since, effects.version, effects.differing) == (1, 2, 1)
    assert [item.candidate for item in effects.effects] == ["strong", "weak", "told"]
    strong = of(effects, "strong")
    scores = ws.scores("strong")
    values = [roc_auc_score(one.y_true, scores) for one in (old, ws.test_set())]
    assert strong.before.value == pytest.approx(values[0])
    assert strong.after.value == pytest.approx(values[1])
    assert strong.difference.value == pytest.approx(values[1] - values[0])
    assert strong.difference.reason == "a single example differs, too few for an interval"
    assert strong.words == f"strong {values[0]:.3f} → {values[1]:.3f}, could be chance"
    assert strong.words in effects.sentence
    assert "baseline" not in effects.sentence
    assert effects.headline.startswith("strong 0.")
    assert effects.headline.endswith("; 2 others moved less or not at all.")


def test_many_samples_relabelled_to_what_the_candidate_says_are_more_than_chance(ws: lg.Workspace) -> None:
    ws.evaluate()
    old = ws.test_set()
    wrong = np.flatnonzero((ws.scores("strong") >= 0.5) != (old.y_true == 1))[:25]
    for row in wrong:
        flip(ws, old.ids[row])
    ws.evaluate()
    effects = ws.effects(since=1)
    strong = of(effects, "strong")
    assert effects.differing == 25
    assert strong.verdict == "more than chance"
    assert strong.difference.low is not None
    assert strong.difference.low > 0


def test_patterns_never_move_the_figures_of_samples(ws: lg.Workspace) -> None:
    ws.evaluate()
    add_pattern(ws, "p-1")
    ws.evaluate()
    strong = of(ws.effects(), "strong")
    assert (strong.state, strong.difference.value, strong.patterns_differ) == ("unchanged", 0.0, True)
    assert (
        strong.words
        == f"strong unchanged at {strong.after.value:.3f}; patterns answered rightly 0 of 1, all new"
    )
    assert ws.effects().sentence.startswith(
        "No figure on samples moves. Patterns answered rightly, all of them new: strong 0 of 1; weak "
    )
    assert ws.effects().headline == "no figure on samples moved."
    add_pattern(ws, "p-2", "yes")
    ws.evaluate()
    assert of(ws.effects(), "strong").patterns_words == "0 of 1 → 1 of 2"
    assert of(ws.effects(1, since=3), "strong").patterns_words == "none left, 1 of 2 before"
    assert ws.effects().differing == 0


def test_a_tag_changes_nothing_and_all_are_told_together(ws: lg.Workspace) -> None:
    ws.evaluate()
    tag(ws.home, "x-00003", add=["odd"], note="", actor=ANA)
    ws.evaluate()
    assert ws.effects().sentence == "No figure moves: the labelled samples are the same in both versions."


def test_any_two_versions_can_be_compared_in_either_direction(ws: lg.Workspace) -> None:
    ws.evaluate()
    flip_many(ws, 8)
    ws.evaluate()
    there, back = ws.effects(9, since=1), ws.effects(1, since=9)
    one, other = of(there, "strong"), of(back, "strong")
    assert one.difference.value == pytest.approx(-(other.difference.value or 0))
    assert one.difference.low == pytest.approx(-(other.difference.high or 0))
    assert (there.differing, back.differing) == (8, 8)
    same = ws.effects(9, since=9)
    assert {item.state for item in same.effects} == {"unchanged"}


def test_samples_that_come_and_go_count_as_differing(ws: lg.Workspace, tmp_path: Path) -> None:
    ws.evaluate()
    more = tmp_path / "more.csv"
    rows(40, start=200).to_csv(more, index=False)
    commit_import(ws.home, plan_import(ws.home, more), ANA)
    remove(ws.home, "x-00007", note="twice", actor=ANA)
    ws.evaluate()
    effects = ws.effects(since=1)
    assert (effects.samples_before, effects.samples_after, effects.differing) == (200, 239, 41)
    strong = of(effects, "strong")
    assert strong.difference.low is not None
    assert strong.difference.n == 240


def test_what_was_never_scored_has_its_reason_and_is_not_zero(ws: lg.Workspace, tmp_path: Path) -> None:
    ws.evaluate()
    more = tmp_path / "more.csv"
    rows(3, start=200).to_csv(more, index=False)
    commit_import(ws.home, plan_import(ws.home, more), ANA)
    ws.evaluate()
    effects = ws.effects()
    told = of(effects, "told")
    assert told.state == "undefined"
    assert (told.difference.value, told.after.value) == (None, None)
    assert told.before.value is not None
    assert told.words == "told cannot be compared: 3 of 203 labelled samples of version 2 were never scored"
    assert of(effects, "strong").state == "moved"
    assert effects.headline.endswith("; told cannot be compared.")


def test_a_failed_candidate_says_its_own_sentence(ws: lg.Workspace) -> None:
    ws.evaluate()
    values = {"a": 0.5, "b": 0.5, "group": "red"}
    path = ws.home.folder / "one.csv"
    pd.DataFrame([{"example_id": "x-00900", **values, "outcome": "yes"}]).to_csv(path, index=False)
    commit_import(ws.home, plan_import(ws.home, path), ANA)
    test_set, weak = ws.test_set(), ws.candidate("weak")
    ws.engine.store.write_failure(
        weak.fingerprint, Failure(test_set.digest, test_set.version, "it ran out of memory.", test_set.time)
    )
    ws.evaluate()
    effect = of(ws.effects(), "weak")
    assert effect.state == "failed"
    assert effect.words == "weak failed: it ran out of memory"
    assert effect.after.reason == "it failed on version 2"


def test_the_first_version_is_where_figures_start(ws: lg.Workspace) -> None:
    ws.evaluate()
    effects = ws.effects(1)
    strong = of(effects, "strong")
    assert (effects.since, strong.state, strong.before.value) == (0, "first", None)
    assert strong.words == f"strong starts at {strong.after.value:.3f}"
    with pytest.raises(NotFound):
        ws.effects(7)


def test_one_class_alone_is_undefined_with_its_reason(ws: lg.Workspace) -> None:
    test_set = ws.test_set()
    for name, label in zip(test_set.ids, test_set.y_true, strict=True):
        if label == 1 and name != "x-00001":
            relabel(ws.home, name, "no", note="", actor=ANA)
    if ws.test_set().y_true[1] == 0:
        relabel(ws.home, "x-00001", "yes", note="", actor=ANA)
    flip(ws, "x-00001")
    ws.evaluate()
    ws.evaluate(ws.test_set().version - 1)
    strong = of(ws.effects(), "strong")
    assert strong.state == "undefined"
    assert strong.words == "strong cannot be compared: after: no positives"


def test_a_later_candidate_is_compared_where_inputs_are_the_same(
    ws: lg.Workspace, model_files: dict[str, Path]
) -> None:
    """Scores belong to inputs, so a candidate that came after a relabelling can be judged on both sides of it."""
    flip(ws)
    register(ws.home, "third", model_files["third"], actor=ANA)
    ws.evaluate()
    assert of(ws.effects(2, since=1), "third").before.value is not None


def test_candidates_that_moved_less_than_can_be_shown_are_told_together() -> None:
    def item(name: str, order: int, before: float, after: float) -> Effect:
        none = undefined("none")
        sides = (Figure(before, 900), Figure(after, 900), Figure(after - before, 900, p_value=0.5))
        return Effect(name, order, "roc_auc", "moved", *sides, none, none, False)

    tiny = [item("one", 0, 0.8312, 0.8314), item("two", 1, 0.7, 0.7001)]
    effects = Effects(1, 2, "roc_auc", 3, 900, 900, (*tiny, item("three", 2, 0.831, 0.826)))
    assert effects.sentence == "three 0.831 → 0.826, could be chance; one and two moved by less than 0.001."
    assert effects.headline == "three 0.831 → 0.826, could be chance; 2 others moved less or not at all."
    assert (
        Effects(1, 2, "roc_auc", 3, 900, 900, tuple(tiny)).headline == "no candidate moved by 0.001 or more."
    )


def test_frame_and_json_say_the_same(ws: lg.Workspace) -> None:
    ws.evaluate()
    flip_many(ws, 8)
    ws.evaluate()
    effects = ws.effects(since=1)
    frame, told = effects.frame(), effects.to_json()
    assert frame["candidate"].to_list() == [item["name"] for item in told["candidates"]]
    assert frame["difference"][0] == told["candidates"][0]["difference"]["value"]
    assert told["samples"] == {"before": 200, "after": 200, "differing": 8}
    assert told["sentence"] == effects.sentence


def test_effects_are_made_once_and_again_when_scores_arrive(ws: lg.Workspace) -> None:
    flip(ws)
    unscored = ws.effects()
    assert of(unscored, "strong").state == "undefined"
    ws.evaluate()
    ready = ws.effects()
    assert of(ready, "strong").state == "moved"
    assert ws.effects() is ready


def test_a_page_need_not_wait_for_effects(ws: lg.Workspace) -> None:
    ws.evaluate()
    flip(ws)
    ws.evaluate()
    soon = ws.effects_soon(2, 1, wait=30)
    assert soon is not None
    assert soon.sentence == ws.effects().sentence


def test_work_for_later_is_begun_once_and_handed_out_when_done() -> None:
    later: Later[int] = Later("test")
    begun, go = [], threading.Event()

    def make() -> int:
        begun.append(1)
        go.wait(10)
        return 7

    assert later.get("key", make, 0.01) is None
    assert later.get("key", make, 0.01) is None
    go.set()
    assert later.get("key", make, 10) == 7
    assert begun == [1]
    with pytest.raises(ZeroDivisionError):
        later.get("wrong", lambda: 1 // 0, 10)
    later.close()
