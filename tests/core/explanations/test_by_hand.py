"""Models whose reasons can be worked out with pencil and paper; and how little of them reaches the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from lookingglass.config import Column, Task, WorkspaceConfig
from lookingglass.explanations import ExplainSettings
from lookingglass.explanations.arithmetic import one_thread
from lookingglass.explanations.background import Background
from lookingglass.explanations.images import ImageTask
from lookingglass.explanations.settle import settled_run, stability_of, strongest, vsi
from lookingglass.explanations.tabular import TableTask
from lookingglass.explanations.text import TextTask
from lookingglass.testset.images import picture_of
from tests.core.explanations.boxes import FINGERPRINT, Box, asked, text_columns

SEED = 7
NO_TEST_SET: Any = None
"""These backgrounds are asked for no image of a test set."""
WORDS = {"good": 0.3, "fine": 0.1, "bad": -0.2}


def bag_of_words(columns: dict[str, list[str]]) -> list[float]:
    """Answer 0.5, and what each known word adds wherever it stands."""
    texts = [" ".join(parts) for parts in zip(*columns.values(), strict=True)]
    return [0.5 + sum(weight for word, weight in WORDS.items() if word in text.split()) for text in texts]


def background(rows: dict[str, list[Any]]) -> Background:
    """Return a background of these rows."""
    count = len(next(iter(rows.values())))
    ids = [f"b-{number}" for number in range(count)]
    frame = pl.DataFrame({"@id": ids, "@input_id": [name.encode() for name in ids], **rows})
    return Background("0" * 64, frame, 1, NO_TEST_SET)


def config_of(columns: dict[str, Column]) -> WorkspaceConfig:
    label = Column(role="label", type="category", values=("no", "yes"))
    task = Task(label="outcome", positive="yes")
    return WorkspaceConfig(name="boxes", task=task, columns={**columns, "outcome": label})


def test_a_bag_of_words_gets_back_the_weight_of_each_word() -> None:
    """Ridge with alpha 1 shrinks a little: 2,000 samples leave less than 0.01 of it."""
    box = Box(bag_of_words)
    task = TextTask({"text": "a good day and a bad night , all fine"}, asked(box, text_columns("text")))
    local = task.run(SEED, 2000, None)
    expected = [WORDS.get(feature.feature, 0.0) for feature in task.features]
    assert local.weights == pytest.approx(expected, abs=0.01)
    assert local.r2 > 0.99
    assert local.intercept == pytest.approx(0.5, abs=0.01)
    assert local.local_prediction == pytest.approx(local.score, abs=0.01)
    assert local.score == pytest.approx(0.7)
    assert strongest(local.weights, 3) == {1, 5, 8}


def test_two_texts_are_explained_together_and_an_ignored_one_is_seen() -> None:
    def second_only(columns: dict[str, list[str]]) -> list[float]:
        return bag_of_words({"second": columns["second"]})

    box = Box(second_only)
    task = TextTask(
        {"first": "a good day", "second": "a bad night"}, asked(box, text_columns("first", "second"))
    )
    local = task.run(SEED, 1000, None)
    by_field = {
        field: sum(
            abs(w) for w, each in zip(local.weights, task.features, strict=True) if each.field == field
        )
        for field in ("first", "second")
    }
    assert by_field["first"] < 0.02 * by_field["second"]
    assert [each.position for each in task.features] == [0, 1, 2, 0, 1, 2]


def test_a_missing_text_stays_missing_in_every_variation() -> None:
    box = Box(lambda columns: bag_of_words({"first": columns["first"]}))
    task = TextTask({"first": "a good day", "second": None}, asked(box, text_columns("first", "second")))
    task.run(SEED, 100, None)
    assert {second for _, second in box.rows} == {None}
    assert task.inputs["second"] is None


def test_a_word_that_stands_twice_is_two_features() -> None:
    def first_word(columns: dict[str, list[str]]) -> list[float]:
        return [0.8 if text.startswith("good") else 0.3 for text in columns["text"]]

    task = TextTask({"text": "good day good night"}, asked(Box(first_word), text_columns("text")))
    local = task.run(SEED, 1000, None)
    assert local.weights == pytest.approx([0.5, 0, 0, 0], abs=0.02)


def test_a_category_and_a_number_get_back_what_they_add() -> None:
    """Red adds 0.4. The number adds a hundredth a step: its top quarter, 75 to 99, averages 0.5 more than the rest."""
    columns = {
        "colour": Column(role="feature", type="category", values=("red", "blue")),
        "steps": Column(role="feature", type="number"),
    }

    def answer(inputs: dict[str, list[Any]]) -> list[float]:
        red = np.array([colour == "red" for colour in inputs["colour"]])
        return (0.4 * red + 0.005 * np.array(inputs["steps"])).tolist()

    box = Box(answer)
    rows = {"colour": ["red", "blue"] * 50, "steps": [float(number) for number in range(100)]}
    task = TableTask(
        {"colour": "red", "steps": 90.0}, config_of(columns), background(rows), asked(box, columns)
    )
    local = task.run(SEED, 4000, None)
    assert local.weights == pytest.approx([0.4, 0.25], abs=0.02)
    assert local.score == pytest.approx(0.85)
    assert [(each.low, each.high) for each in task.features] == [(None, None), (74.25, None)]


def test_whole_numbers_stay_whole_and_few_values_stay_those_values() -> None:
    columns = {
        "years": Column(role="feature", type="integer"),
        "grade": Column(role="feature", type="number"),
        "member": Column(role="feature", type="boolean"),
    }
    box = Box(lambda inputs: [0.2 + 0.01 * years for years in inputs["years"]])
    rows = {
        "years": list(range(40)),
        "grade": [1.0, 2.0, 3.5, 5.0] * 10,
        "member": [True, False] * 20,
    }
    own = {"years": 35, "grade": 2.0, "member": True}
    task = TableTask(own, config_of(columns), background(rows), asked(box, columns))
    local = task.run(SEED, 1000, None)
    years, grades, members = (set(column) for column in zip(*box.rows, strict=True))
    assert all(isinstance(each, int) for each in years)
    assert years <= set(range(40))
    assert grades == {1.0, 2.0, 3.5, 5.0}
    assert members == {True, False}
    assert len(box.rows) == len(set(box.rows)) < 1000, "rounded variations that are the same are asked once"
    assert local.weights == pytest.approx([0.2, 0, 0], abs=0.02)


def test_a_region_gets_back_what_its_ink_adds() -> None:
    """The upper left region counts for 0.6, the lower right for -0.2, in an 8 x 8 image of 4 x 4 regions."""
    from PIL import Image

    def answer(inputs: dict[str, list[bytes]]) -> list[float]:
        import io

        scores = []
        for png in inputs["image"]:
            pixels = np.asarray(Image.open(io.BytesIO(png)))
            scores.append(0.3 + 0.6 * pixels[:2, :2].mean() / 255 - 0.2 * pixels[6:, 6:].mean() / 255)
        return scores

    columns = {"image": Column(role="image", type="image", size=(8, 8), channels=1)}
    ink = picture_of(np.full((8, 8), 255, dtype=np.uint8))
    box = Box(answer)

    class Black(Background):
        def images(self, column: str) -> Any:
            return [np.zeros((8, 8), dtype=np.uint8)]

    task = ImageTask(
        "image", ink.name, ink.png, Black("", pl.DataFrame(), 1, NO_TEST_SET), asked(box, columns)
    )
    local = task.run(SEED, 2000, None)
    expected = np.zeros(16)
    expected[0], expected[15] = 0.6, -0.2
    assert local.weights == pytest.approx(expected, abs=0.02)
    assert task.features[15].box == (6, 6, 8, 8)
    assert task.features[15].feature == "row 4, column 4"


def test_the_order_of_the_classes_is_the_candidates_own() -> None:
    straight = TextTask({"text": "a good day"}, asked(Box(bag_of_words), text_columns("text")))
    turned_box = Box(bag_of_words, classes=("yes", "no"))
    turned = TextTask({"text": "a good day"}, asked(turned_box, text_columns("text")))
    one, other = straight.run(SEED, 500, None), turned.run(SEED, 500, None)
    assert other.score == pytest.approx(0.8)
    assert other.weights == pytest.approx(one.weights, abs=1e-9)


def test_only_distinct_variations_reach_the_model_in_one_question() -> None:
    box = Box(bag_of_words)
    adapter = asked(box, text_columns("text"))
    task = TextTask({"text": "good bad fine day night"}, adapter)
    task.run(SEED, 4000, None)
    assert adapter.calls == 1
    assert adapter.rows_scored == len(box.rows) == len(set(box.rows)) <= 2**5
    task.run(SEED + 1, 4000, None)
    assert len(box.rows) == len(set(box.rows)) <= 2**5, "another seed asks for nothing twice"


def test_variations_that_come_to_the_same_text_are_asked_once() -> None:
    box = Box(bag_of_words)
    adapter = asked(box, text_columns("text"), batch_rows=2)
    TextTask({"text": "鱼鱼鱼"}, adapter).run(SEED, 500, None)
    assert sorted(box.rows) == [("",), ("鱼",), ("鱼鱼",), ("鱼鱼鱼",)], "in whatever question they come"
    assert adapter.distinct == 4


def test_a_question_is_no_larger_than_the_cap() -> None:
    box = Box(bag_of_words)
    adapter = asked(box, text_columns("text"), batch_rows=100)
    TextTask({"text": "a good day and a bad night for everybody in the house"}, adapter).run(SEED, 800, None)
    assert max(len(batch) for batch in box.batches) == 100
    assert adapter.calls == len(box.batches) == -(-adapter.rows_scored // 100)


def test_samples_are_doubled_until_the_strongest_settle() -> None:
    """Three words of clear weight settle at once."""
    settings = ExplainSettings(samples=100, most_samples=3200, top_k=3)
    task = TextTask({"text": "a good bad day was fine"}, asked(Box(bag_of_words), text_columns("text")))
    local, settled = settled_run(task, settings, FINGERPRINT, "00")
    assert settled is True
    assert local.samples == 200


def test_reasons_that_never_settle_stop_at_the_limit_and_say_so() -> None:
    """Forty words of about the same weight: which three come first is chance."""
    words = [f"w{number}" for number in range(40)]

    def alike(columns: dict[str, list[str]]) -> list[float]:
        return [len(text.split()) / 50 for text in columns["text"]]

    settings = ExplainSettings(samples=100, most_samples=1000, top_k=3, repeats=4)
    task = TextTask({"text": " ".join(words)}, asked(Box(alike), text_columns("text")))
    local, settled = settled_run(task, settings, FINGERPRINT, "00")
    assert settled is False
    assert local.samples == 1000, "100, 200, 400, 800 and the limit"
    stability = stability_of(task, settings, FINGERPRINT, "00", local)
    assert stability is not None
    assert stability.vsi < 60


def test_vsi_is_the_mean_overlap_of_pairs_of_runs() -> None:
    """{a, b}, {a, c}, {a, b}: the pairs have 1, 2 and 1 of 2 in common: 50 + 100 + 50 in the mean."""
    runs = [np.array([3.0, 2, 1]), np.array([3.0, 1, -2]), np.array([-3.0, 2, 1])]
    assert vsi(runs, 2) == pytest.approx(200 / 3)


def test_stability_tells_how_often_each_feature_was_among_the_strongest_and_its_sign() -> None:
    settings = ExplainSettings(samples=300, most_samples=300, top_k=2, repeats=5)
    task = TextTask({"text": "a good bad day was fine"}, asked(Box(bag_of_words), text_columns("text")))
    local, _ = settled_run(task, settings, FINGERPRINT, "00")
    stability = stability_of(task, settings, FINGERPRINT, "00", local)
    assert stability is not None
    assert (stability.repeats, stability.top_k, stability.vsi) == (5, 2, 100.0)
    told = {each.feature: (each.share, each.positive) for each in stability.features}
    assert told == {"good": (1.0, 1.0), "bad": (1.0, 0.0)}


def test_all_features_are_never_the_strongest_so_that_vsi_says_something() -> None:
    settings = ExplainSettings(samples=200, most_samples=200, top_k=5, repeats=3)
    task = TextTask({"text": "good bad day"}, asked(Box(bag_of_words), text_columns("text")))
    local, _ = settled_run(task, settings, FINGERPRINT, "00")
    stability = stability_of(task, settings, FINGERPRINT, "00", local)
    assert stability is not None
    assert stability.top_k == 2


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    task = TextTask({"text": "a good bad day was fine"}, asked(Box(bag_of_words), text_columns("text")))
    first, again, other = (task.run(seed, 200, None).weights for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_one_thread_of_arithmetic_is_used_until_the_last_explanation_is_done() -> None:
    from threadpoolctl import threadpool_info

    def threads() -> set[int]:
        return {library["num_threads"] for library in threadpool_info()}

    before = threads()
    with one_thread():
        with one_thread():
            assert threads() == {1}
        assert threads() == {1}, "another one is still under way"
    assert threads() == before


def test_more_repeats_and_other_limits_draw_the_same_but_more_samples_do_not() -> None:
    base = ExplainSettings()
    assert base.drawn == ExplainSettings(repeats=9, r2_limit=0.1, vsi_limit=5).drawn
    assert base.digest != ExplainSettings(repeats=9).digest
    assert base.drawn != ExplainSettings(samples=501).drawn
    assert base.drawn != ExplainSettings(background="ab").drawn
    assert ExplainSettings(kernel_width=1).digest == ExplainSettings(kernel_width=1.0).digest


@pytest.mark.parametrize(
    "wrong",
    [
        {"samples": 1},
        {"samples": 10_000_000},
        {"most_samples": 100},
        {"repeats": 0},
        {"top_k": 0},
        {"kernel_width": 0.0},
        {"kernel_width": float("nan")},
        {"r2_limit": 2.0},
        {"vsi_limit": -1.0},
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    from lookingglass.errors import BadSetting

    with pytest.raises(BadSetting):
        ExplainSettings(**wrong)
