"""Explanations are LIME's own: to 1e-9 those of stock lime with the same seed, words, regions and background."""

from __future__ import annotations

import numpy as np
import pytest
from lime.lime_image import LimeImageExplainer
from lime.lime_tabular import LimeTabularExplainer
from lime.lime_text import LimeTextExplainer
from numpy.typing import NDArray

from lookingglass.explanations import ExplainSettings, Explanation, ModelAsked
from lookingglass.explanations.background import background_of
from lookingglass.explanations.images import ground_of, segments_of
from lookingglass.explanations.tabular import TableTask, decode
from lookingglass.explanations.taking_apart import subject_of
from lookingglass.explanations.tokens import words_of
from lookingglass.testset.images import pixels_of
from lookingglass.workspace import Workspace
from tests.core.explanations.in_process import probabilities, sample_model

ONE_RUN = ExplainSettings(samples=600, most_samples=600, repeats=1)
BETWEEN = "\n\x1f\n"  # stock lime takes one text: this stands between two, and is no word
TOLERANCE = 1e-9


def by_place(explanation: Explanation) -> NDArray[np.float64]:
    """Return the weights field by field, in reading order."""
    fields = list(explanation.inputs)
    order = sorted(explanation.weights, key=lambda each: (fields.index(each.field), each.position))
    return np.array([each.weight for each in order])


def compare(ours: Explanation, stock: object, weights: NDArray[np.float64]) -> None:
    """Compare everything that the local model says."""
    assert by_place(ours) == pytest.approx(weights, abs=TOLERANCE)
    assert ours.r2 == pytest.approx(stock.score, abs=TOLERANCE)
    assert ours.intercept == pytest.approx(stock.intercept[1], abs=TOLERANCE)
    assert ours.local_prediction == pytest.approx(np.ravel(stock.local_pred)[0], abs=TOLERANCE)


def dense(local: list[tuple[int, float]]) -> NDArray[np.float64]:
    """Return LIME's (feature, weight) pairs in the features' order."""
    weights = np.zeros(len(local))
    for feature, weight in local:
        weights[feature] = weight
    return weights


@pytest.mark.parametrize("selection", ["auto", "none"])
def test_a_pair_of_texts_gets_the_weights_of_stock_lime(texts: Workspace, selection: str) -> None:
    ours = texts.explain("early-matcher", "test-0002", ONE_RUN)
    model = sample_model("matching", "early-matcher")

    def predict(variations: list[str]) -> NDArray[np.float64]:
        pairs = [text.split(BETWEEN) for text in variations]
        return probabilities(model, {"want": [p[0] for p in pairs], "provide": [p[1] for p in pairs]})

    explainer = LimeTextExplainer(
        split_expression=words_of,
        bow=False,
        mask_string="",
        feature_selection=selection,
        random_state=ours.seed,
    )
    text = f"{ours.inputs['want']}{BETWEEN}{ours.inputs['provide']}"
    stock = explainer.explain_instance(
        text, predict, labels=(1,), num_features=1000, num_samples=ours.samples
    )
    compare(ours, stock, dense(stock.local_exp[1]))


@pytest.mark.parametrize("candidate", ["boosted", "early-scorecard"])
def test_a_row_gets_the_weights_of_stock_lime(rows: Workspace, candidate: str) -> None:
    ours = rows.explain(candidate, "app-0002", ONE_RUN)
    home, chosen = rows.home, rows.candidate(candidate)
    model = sample_model("mortgage", candidate)
    subject = subject_of(home, chosen, "app-0002", None, None)
    asked = ModelAsked(home, chosen, rows.engine.pool)
    task = TableTask(subject.values, rows.config, background_of(home), asked)

    def predict(variations: NDArray[np.float64]) -> NDArray[np.float64]:
        columns = {each.name: decode(each, variations[:, at]) for at, each in enumerate(task.encoded)}
        return probabilities(model, columns)

    explainer = LimeTabularExplainer(
        task.background,
        categorical_features=[at for at, each in enumerate(task.encoded) if each.levels is not None],
        discretizer="quartile",
        random_state=ours.seed,
    )
    stock = explainer.explain_instance(
        task.row, predict, labels=(1,), num_features=100, num_samples=ours.samples
    )
    compare(ours, stock, dense(stock.local_exp[1]))
    assert asked.rows_scored == 0, "the second opinion asked our worker"


@pytest.mark.parametrize("candidate", ["marked", "clean"])
def test_an_image_gets_the_weights_of_stock_lime(pictures: Workspace, candidate: str) -> None:
    ours = pictures.explain(candidate, "digit-0013", ONE_RUN)
    model = sample_model("digits", candidate)
    image = pixels_of(pictures.image(ours.inputs["image"]))
    ground = ground_of(background_of(pictures.home).images("image"), image)

    def predict(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        return np.asarray(model.predict_proba(images[..., 0].reshape(len(images), -1)))

    stock = LimeImageExplainer(random_state=ours.seed).explain_instance(
        image,
        predict,
        labels=(1,),
        top_labels=None,
        hide_color=int(ground),
        num_samples=ours.samples,
        segmentation_fn=lambda _: segments_of(8, 8),
        random_seed=0,
    )
    compare(ours, stock, dense(stock.local_exp[1]))
