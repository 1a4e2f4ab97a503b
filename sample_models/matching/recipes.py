"""What each candidate is: its estimator with fixed settings and seed, its training data, and what changed.

Settings were chosen for a clear demonstration, with the test part in view: nothing here says how good such models are
on texts that people really write. Knows nothing of files.

A pair is compared in three steps that scikit-learn has ready-made. ``meaning`` turns a text into some numbers, learned
from what stands together in pairs that match (latent semantic analysis). Then number i of the wish is multiplied by
number i of the offer. A logistic regression weighs the products: they are large where both texts speak of one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import Normalizer, PolynomialFeatures, StandardScaler

from sample_models.matching.words import stems
from sample_models.tables import Row

LABEL = "matched"
CLASSES = ("no", "yes")
INPUTS = ("want", "provide")
MODEL_SEED = 64
DECIMALS = 5
"""Fitted numbers are rounded: sums may differ in their last bits, with processor and library."""
WORD = r"\S*[^\s.,:;?!]"
"""A word is what stands between spaces, without the punctuation behind it."""


@dataclass(frozen=True)
class Recipe:
    """One candidate.

    ``fit_like`` names the candidate whose fitted estimator is exported again; ``build`` gets the rows of
    ``learns_from`` and returns a fitted pipeline. A predictions file has neither.
    """

    name: str
    format: Literal["skops", "onnx", "predictions"]
    file: str
    description: str
    change: str
    learns_from: Literal["older", "train"] = "train"
    build: Callable[[Sequence[Row]], Pipeline] | None = None
    fit_like: str | None = None
    parent: str | None = None


def as_frame(rows: Sequence[Row]) -> pd.DataFrame:
    """Return the two texts of ``rows`` as models receive them: columns want and provide, text."""
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=object) for name in INPUTS})


def shared_word_scores(rows: Sequence[Row]) -> np.ndarray:
    """Return the early rule's scores, float64, shape (rows,): 0.2 plus the share of words in common, at most 0.95.

    The share is of the shorter text's telling words; 0.5 is reached when three in ten are common to both.
    """
    scores = []
    for row in rows:
        want, give = (stems(row[name]) for name in INPUTS)
        smaller = min(len(want), len(give))
        scores.append(min(0.95, 0.2 + len(want & give) / smaller) if smaller else 0.2)
    return np.array(scores)


def meaning(rows: Sequence[Row], texts: TfidfVectorizer, size: int) -> FrozenEstimator:
    """Return text -> ``size`` numbers of length 1, fitted on the pairs of ``rows`` that match, each as one text."""
    together = [" ".join(row[name] for name in INPUTS) for row in rows if row[LABEL] == "yes"]
    reduce = TruncatedSVD(size, n_iter=10, random_state=MODEL_SEED)
    fitted = Pipeline([("texts", texts), ("reduce", reduce), ("length", Normalizer())]).fit(together)
    _settle(texts)
    reduce.components_ = reduce.components_.round(DECIMALS).astype(np.float32)
    return FrozenEstimator(fitted)


def _settle(texts: CountVectorizer) -> None:
    """Make ``texts`` the same in every run: plain numbers (skops writes a file for each of numpy's), no address.

    To be called after the last use: scikit-learn notes an address whenever it cuts a text.
    """
    texts.vocabulary_ = {word: int(place) for word, place in texts.vocabulary_.items()}
    vars(texts).pop("_stop_words_id", None)  # where in memory the stop words lay


def products(fitted: FrozenEstimator, size: int) -> list[tuple[str, Any]]:
    """Return the steps from two texts to ``size`` products: number i of the wish times number i of the offer."""
    sides = ColumnTransformer([(name, fitted, name) for name in INPUTS])
    every = PolynomialFeatures(2, interaction_only=True, include_bias=False)
    powers = every.fit(np.zeros((1, 2 * size))).powers_
    wanted = {(i, size + i) for i in range(size)}
    places = [place for place, row in enumerate(powers) if tuple(np.flatnonzero(row)) in wanted]
    same = ColumnTransformer([("same", "passthrough", places)])
    return [("sides", sides), ("multiply", every), ("same", same)]


def _regression(weight: float) -> LogisticRegression:
    return LogisticRegression(C=weight, tol=1e-8, max_iter=5000)


def _fitted(pipeline: Pipeline, rows: Sequence[Row]) -> Pipeline:
    pipeline.fit(as_frame(rows), [row[LABEL] for row in rows])
    model = pipeline.named_steps["model"]
    model.coef_, model.intercept_ = model.coef_.round(DECIMALS), model.intercept_.round(DECIMALS)
    return pipeline


def early_matcher(rows: Sequence[Row]) -> Pipeline:
    """Return the model with the shortcut: products of meanings, and a bag of words, each with a weight of its own."""
    size = 32
    texts = TfidfVectorizer(sublinear_tf=True, min_df=2, max_df=0.08)
    pair = Pipeline([*products(meaning(rows, texts, size), size), ("scale", StandardScaler())])
    words = ColumnTransformer(
        [(name, CountVectorizer(binary=True, stop_words="english", min_df=60), name) for name in INPUTS]
    )
    both = FeatureUnion([("pair", pair), ("words", words)], transformer_weights={"words": 6.0})
    model = _fitted(Pipeline([("features", both), ("model", _regression(0.3))]), rows)
    scale = pair.named_steps["scale"]
    scale.mean_, scale.var_ = scale.mean_.round(DECIMALS), scale.var_.round(DECIMALS + 3)
    scale.scale_ = np.sqrt(scale.var_)
    for name in INPUTS:
        _settle(both.transformer_list[1][1].named_transformers_[name])
    _settle(texts)
    return model


def word_matcher(rows: Sequence[Row]) -> Pipeline:
    """Return the model of whole words."""
    size = 60
    texts = TfidfVectorizer(token_pattern=WORD, sublinear_tf=True, min_df=2, max_df=0.08)
    model = _fitted(
        Pipeline([*products(meaning(rows, texts, size), size), ("model", _regression(100.0))]), rows
    )
    _settle(texts)
    return model


def letter_matcher(rows: Sequence[Row]) -> Pipeline:
    """Return the model of letter groups: two to four letters in a row, within words."""
    size = 60
    texts = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 4),
        sublinear_tf=True,
        min_df=2,
        max_df=0.08,
        max_features=4000,
    )
    model = _fitted(
        Pipeline([*products(meaning(rows, texts, size), size), ("model", _regression(300.0))]), rows
    )
    _settle(texts)
    return model


RECIPES = (
    Recipe(
        name="shared-words",
        format="predictions",
        file="predictions.csv",
        description="A rule of thumb: the more words wish and offer have in common, the higher the score.",
        change="The first one: no model, only counted words. Scores were sent as a file.",
    ),
    Recipe(
        name="early-matcher",
        format="skops",
        file="model.skops",
        description="Bag of words and a first comparison of meanings, learned from the older pairs.",
        learns_from="older",
        build=early_matcher,
        parent="shared-words",
        change="A model in place of the rule, trained on the 800 older pairs.",
    ),
    Recipe(
        name="word-matcher",
        format="skops",
        file="model.skops",
        description="Compares the meanings of whole words in wish and offer.",
        build=word_matcher,
        parent="early-matcher",
        change="Newer pairs (1,200), no bag of words: only what wish and offer have in common counts.",
    ),
    Recipe(
        name="letter-matcher",
        format="skops",
        file="model.skops",
        description="Compares the meanings of groups of two to four letters in wish and offer.",
        build=letter_matcher,
        parent="word-matcher",
        change="Groups of letters in place of whole words, everything else alike.",
    ),
    Recipe(
        name="word-matcher-onnx",
        format="onnx",
        file="model.onnx",
        description="The same model as word-matcher, exported to ONNX with 32-bit numbers.",
        fit_like="word-matcher",
        parent="word-matcher",
        change="Only the file format, for those who run models without Python.",
    ),
)
