"""What if: other values under the same candidate, and the smallest single change that flips its answer."""

from __future__ import annotations

import numpy as np
import pytest

from lookingglass.errors import BadInput
from lookingglass.explanations import ExplainSettings, smallest_change
from lookingglass.testset.images import picture_of, pixels_of
from lookingglass.workspace import Workspace
from tests.core.explanations.in_process import probabilities, sample_model

QUICK = ExplainSettings(samples=100, most_samples=100, repeats=1)


def test_other_words_get_their_own_score_and_reasons_and_are_never_kept(texts: Workspace) -> None:
    before = texts.explain("early-matcher", "test-0007", QUICK)
    words = {"provide": "I can provide financial advice and financial planning."}
    changed = texts.explain("early-matcher", "test-0007", QUICK, overrides=words)
    again = texts.explain("early-matcher", "test-0007", QUICK, overrides=words)
    model = sample_model("matching", "early-matcher")
    expected = probabilities(model, {"want": [before.inputs["want"]], "provide": [words["provide"]]})[0, 1]
    assert changed.score == pytest.approx(expected)
    assert changed.overrides == words
    assert changed.input_id.startswith("what-if:")
    assert changed == again, "the same question gets the same answer"
    assert again.model_rows_scored > 0, "it was not kept"
    assert changed.inputs["want"] == before.inputs["want"]
    assert texts.explain("early-matcher", "test-0007", QUICK) == before.asked_again()


def test_an_override_that_is_no_input_or_does_not_fit_says_so(rows: Workspace) -> None:
    with pytest.raises(BadInput, match="black is no input of early-scorecard"):
        rows.explain("early-scorecard", "app-0001", QUICK, overrides={"black": "yes"})
    with pytest.raises(BadInput, match="lvr: 'much' is not a number"):
        rows.explain("early-scorecard", "app-0001", QUICK, overrides={"lvr": "much"})
    with pytest.raises(BadInput, match="nothing is no input of early-scorecard"):
        rows.explain("early-scorecard", "app-0001", QUICK, overrides={"nothing": 1})


def test_a_painted_image_gets_its_own_score(pictures: Workspace) -> None:
    plain = pictures.explain("marked", "digit-0013", QUICK)
    pixels = pixels_of(pictures.image(plain.inputs["image"])).copy()
    pixels[:, 0] = 0
    painted = pictures.explain("marked", "digit-0013", QUICK, overrides={"image": picture_of(pixels).png})
    assert painted.score < plain.score - 0.2, "the mark is gone"
    with pytest.raises(BadInput, match="9 x 9 pixels, the images here are 8 x 8"):
        pictures.explain(
            "marked", "digit-0013", QUICK, overrides={"image": picture_of(np.zeros((9, 9), np.uint8)).png}
        )


def test_each_word_left_out_is_tried_in_one_question_and_the_flips_are_those_of_the_model(
    texts: Workspace,
) -> None:
    home, pool, candidate = texts.home, texts.engine.pool, texts.candidate("early-matcher")
    score = texts.explain("early-matcher", "test-0002", QUICK).score
    found = smallest_change(home, pool, candidate, "test-0002", score - 0.05)
    model = sample_model("matching", "early-matcher")
    inputs = texts.explain("early-matcher", "test-0002", QUICK).inputs
    assert found.tried == found.model_rows_scored - 1
    assert found.flips
    moved = [abs(each.score - score) for each in found.flips]
    assert moved == sorted(moved, reverse=True)
    for each in found.flips:
        where = each.where
        assert where.start is not None
        assert where.end is not None
        text = inputs[where.field]
        assert text[where.start : where.end] == where.feature
        without = {**inputs, where.field: text[: where.start] + text[where.end :]}
        assert each.score == pytest.approx(probabilities(model, {k: [v] for k, v in without.items()})[0, 1])
        assert each.score < score - 0.05
    assert "bicycle" in {each.where.feature for each in found.flips}


def test_each_single_value_is_tried_and_the_smallest_comes_first(rows: Workspace) -> None:
    found = rows.smallest_change("full-scorecard", "app-0001")
    assert found.threshold == 0.5
    assert found.flips, "a refused insurance flips it"
    assert [each.size for each in found.flips] == sorted(each.size for each in found.flips)
    assert ("dmi", "yes") in {(each.where.feature, each.after) for each in found.flips}
    assert all(0 < each.size <= 1 for each in found.flips)
    assert all(each.score >= 0.5 for each in found.flips)
    model = sample_model("mortgage", "full-scorecard")
    values = rows.explain("full-scorecard", "app-0001", QUICK).inputs
    for each in found.flips:
        changed = {**values, each.where.field: each.after}
        assert each.score == pytest.approx(probabilities(model, {k: [v] for k, v in changed.items()})[0, 1])


def test_where_nothing_flips_the_nearest_change_is_told(rows: Workspace) -> None:
    home, pool, candidate = rows.home, rows.engine.pool, rows.candidate("early-scorecard")
    found = smallest_change(home, pool, candidate, "app-0001", 0.999999)
    assert found.flips == ()
    assert found.smallest is None
    assert found.nearest is not None
    assert any("no single change" in note for note in found.notes)
    assert found.frame().height == 0
    nobody = smallest_change(home, pool, candidate, "app-0001", None)
    assert nobody.flips == ()
    assert any("answers nobody" in note for note in nobody.notes)


def test_a_hidden_region_can_flip_an_image(pictures: Workspace) -> None:
    found = pictures.smallest_change("marked", "digit-0013")
    assert found.tried == 16
    assert found.smallest is not None
    assert found.smallest.where.feature in {"row 4, column 1", "row 3, column 1"}, "the mark"
