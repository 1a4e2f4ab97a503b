"""scikit-learn models from skops and joblib files: what they are given, what they answer, and what is refused."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import skops.io
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from lookingglass.candidates import Worker
from lookingglass.candidates.formats.base import FileRefused
from lookingglass.candidates.formats.skops import SkopsFormat
from lookingglass.config import Limits
from lookingglass.errors import CandidateFailed
from tests.core.candidates.models import CLASSES, INPUTS, acting, batch, frame, labels, logistic

LIMITS = Limits(memory_mb=600, batch_seconds=20)


def worker(data: bytes, format_name: str = "skops", **manifest: Any) -> Worker:
    """Return a worker for a scikit-learn model."""
    said = {"inputs": INPUTS, "classes": CLASSES} | manifest
    return Worker("model", format_name, said, {f"model.{format_name}": data}, LIMITS)


@pytest.fixture(scope="module")
def plain() -> Iterator[Worker]:
    """One warm worker with the logistic regression."""
    with worker(skops.io.dumps(logistic())) as model:
        yield model


def test_skops_gives_what_scikit_learn_gives(plain: Worker) -> None:
    """To the last bits, which depend on how many threads multiply: the worker has one."""
    assert plain.predict_proba(batch()) == pytest.approx(logistic().predict_proba(frame(8)), rel=1e-14)
    assert plain.facts["inputs"] == INPUTS
    assert plain.facts["classes"] == CLASSES


def test_no_rows_are_answered_without_asking(plain: Worker) -> None:
    assert plain.predict_proba(batch().slice(0, 0)).shape == (0, 2)


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(n_estimators=3, random_state=0),
        GradientBoostingClassifier(n_estimators=3),
        HistGradientBoostingClassifier(max_iter=3),
        CalibratedClassifierCV(LinearSVC(), cv=2),
        MLPClassifier((3,), solver="adam", tol=10.0),
        KNeighborsClassifier(3),
        make_pipeline(StandardScaler(), GaussianNB()),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_ordinary_classifiers_are_on_the_reviewed_list(estimator: Any) -> None:
    """Loaded here, as the worker loads them: these files are our own."""
    table = frame()
    fitted = estimator.fit(table, labels(table))
    loaded = SkopsFormat().load(skops.io.dumps(fitted))
    assert loaded.facts.classes == tuple(CLASSES)


def _double(table: Any, times: int) -> Any:
    return table * times


def refused_skops() -> Iterator[tuple[str, bytes, str]]:
    """Yield skops files that are refused, and why."""
    table = frame()
    doubling = make_pipeline(FunctionTransformer(partial(_double, times=2)), LogisticRegression())
    yield (
        "partial",
        skops.io.dumps(doubling.fit(table, labels(table))),
        "holds types that are not allowed: .*functools.partial",
    )
    yield "not a zip", b"not a zip at all", "is not a skops file"
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("hello.txt", "hello")
    yield "another zip", empty.getvalue(), "is not a skops file"
    yield "cut off", skops.io.dumps(logistic())[:-40], "is cut off or damaged: copy it again"
    yield (
        "no probabilities",
        skops.io.dumps(LinearSVC().fit(table, labels(table))),
        "holds a LinearSVC that has no predict_proba",
    )
    yield "not fitted", skops.io.dumps(LogisticRegression()), "without classes_: save it after fitting"
    yield "a list", skops.io.dumps([1, 2]), "holds a list that has no predict_proba"


@pytest.mark.parametrize(("data", "words"), [pytest.param(d, w, id=name) for name, d, w in refused_skops()])
def test_skops_files_that_are_refused_and_why(data: bytes, words: str) -> None:
    with pytest.raises(FileRefused, match=words):
        SkopsFormat().load(data)


def test_a_refused_file_is_named_and_its_worker_is_gone() -> None:
    with worker(b"not a zip at all") as model:
        with pytest.raises(
            CandidateFailed, match=r"^model\.skops is not a skops file: save the model with skops\.io\.dump$"
        ):
            model.warm()
        assert model.pid is None


def test_a_pickle_is_refused_as_skops_without_being_loaded() -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return (exit, (7,))

    with pytest.raises(FileRefused, match="is not a skops file"):
        SkopsFormat().load(pickle.dumps(Bomb()))


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ({"inputs": ["a", "c"]}, "wants other columns: a, b; the manifest names a, c"),
        ({"inputs": ["b", "a"]}, "wants its columns in the order a, b; the manifest names b, a"),
        ({"inputs": ["a"]}, "wants other columns: a, b; the manifest names a"),
        ({"classes": ["0", "1"]}, "has other classes: no, yes; the manifest names 0, 1"),
        ({"classes": ["yes", "no"]}, "has its classes in the order no, yes; the manifest names yes, no"),
    ],
)
def test_a_manifest_that_the_model_contradicts(
    plain: Worker, manifest: dict[str, list[str]], words: str
) -> None:
    said = {"inputs": INPUTS, "classes": CLASSES} | manifest
    with pytest.raises(CandidateFailed) as failure:
        plain.settle(said["inputs"], said["classes"])
    assert str(failure.value) == words


def test_a_model_trained_without_names_says_its_number_of_columns() -> None:
    table = frame()
    facts = (
        SkopsFormat().load(skops.io.dumps(LogisticRegression().fit(table.to_numpy(), labels(table)))).facts
    )
    assert (facts.inputs, facts.input_count, facts.classes) == (None, 2, tuple(CLASSES))


def test_words_and_numbers_with_gaps_reach_the_model_as_pandas_would_read_them() -> None:
    """Each column's type as the model sees it, and where it sees gaps, reported as probabilities."""

    def act(table: Any) -> Any:
        assert list(table.columns) == ["number", "whole", "gappy", "flag", "word"]
        assert [str(kind) for kind in table.dtypes][:4] == ["float64", "int64", "float64", "bool"]
        assert all(isinstance(word, str) for word in table["word"].dropna())
        gaps = table[["number", "gappy", "word"]].isna().to_numpy().sum(axis=1) / 4
        return np.column_stack([1 - gaps, gaps])

    table = pa.table(
        {
            "number": [1.5, None, 2.0],
            "whole": [1, 2, 3],
            "gappy": pa.array([1, None, None], pa.int64()),
            "flag": [True, False, True],
            "word": ["001", None, "NA"],
        }
    )
    with worker(acting(act), "joblib", inputs=table.column_names) as model:
        assert model.predict_proba(table)[:, 1].tolist() == [0.0, 0.75, 0.25]
        sliced = model.predict_proba(pa.concat_tables([table.slice(1, 1), table.slice(2, 1)]))
        assert sliced[:, 1].tolist() == [0.75, 0.25]


def test_categories_go_through_an_encoder_as_they_did_in_training() -> None:
    table = pd.DataFrame({"colour": ["red", "blue"] * 20, "size": np.arange(40.0)})
    answers = np.where(table["colour"] == "red", "yes", "no")
    encoder = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["colour"]), (StandardScaler(), ["size"])
    )
    pipeline = make_pipeline(encoder, LogisticRegression()).fit(table, answers)
    with worker(skops.io.dumps(pipeline), inputs=["colour", "size"]) as model:
        assert model.predict_proba(pa.table(dict(table))) == pytest.approx(
            pipeline.predict_proba(table), abs=1e-12
        )


def test_one_text_input_is_a_list_of_str_and_one_category_is_a_table() -> None:
    texts = ["good one", "bad two"] * 5
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, ["yes", "no"] * 5)
    with worker(skops.io.dumps(pipeline), inputs=["comment"]) as model:
        answer = model.predict_proba(pa.table({"comment": ["good two", None]}))
        assert answer == pytest.approx(pipeline.predict_proba(["good two", ""]), abs=1e-12)

    def act(table: Any) -> Any:
        is_table = float(hasattr(table, "columns"))
        return np.tile([1 - is_table, is_table], (len(table), 1))

    with worker(acting(act), "joblib", inputs=["colour"], text=False) as model:
        assert model.predict_proba(pa.table({"colour": ["red"]}))[0, 1] == 1
        model.settle(["colour"], CLASSES, text=True)
        assert model.predict_proba(pa.table({"colour": ["red"]}))[0, 1] == 0


def test_images_are_decoded_to_arrays_of_bytes() -> None:
    from PIL import Image

    def png(grey: int) -> bytes:
        buffer = io.BytesIO()
        Image.new("L", (4, 3), grey).save(buffer, "png")
        return buffer.getvalue()

    def act(images: Any) -> Any:
        assert (images.dtype, images.shape[1:]) == (np.uint8, (3, 4))
        light = images.mean(axis=(1, 2)) / 255
        return np.column_stack([1 - light, light])

    with worker(acting(act), "joblib", inputs=["picture"]) as model:
        table = pa.table({"picture": pa.array([png(0), png(255), png(51)], pa.binary())})
        assert model.predict_proba(table)[:, 1] == pytest.approx([0, 1, 0.2])


class Ours(ClassifierMixin, BaseEstimator):
    """A classifier of a type that nobody reviewed."""

    def fit(self, table: Any, answers: Any) -> Ours:
        """Remember the classes."""
        self.classes_ = np.unique(answers)
        return self

    def predict_proba(self, table: Any) -> Any:
        """Answer one half."""
        return np.full((len(table), 2), 0.5)


def test_a_type_that_nobody_reviewed_is_named() -> None:
    data = skops.io.dumps(Ours().fit(None, CLASSES))
    with pytest.raises(FileRefused, match=r"holds types that are not allowed: .*test_estimators\.Ours"):
        SkopsFormat().load(data)


def test_a_broken_joblib_file_is_named() -> None:
    with (
        worker(b"\x80\x04broken", "joblib") as model,
        pytest.raises(CandidateFailed, match="is not a joblib file that can be"),
    ):
        model.warm()


def test_a_zip_bomb_in_a_skops_file_ends_at_the_memory_limit() -> None:
    """A few kilobytes that unpack to more than the limit pass every check of the format; only the limit helps."""
    good = zipfile.ZipFile(io.BytesIO(skops.io.dumps(logistic())))
    bomb = io.BytesIO()
    with good, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in good.namelist():
            data = good.read(name)
            if name.endswith(".npy"):
                header = (
                    b"\x93NUMPY\x01\x00v\x00"
                    + b"{'descr': '<f8', 'fortran_order': False, 'shape': (20000000,), }".ljust(117)
                    + b"\n"
                )
                with archive.open(name, "w", force_zip64=True) as entry:
                    entry.write(header)
                    for _ in range(160):
                        entry.write(bytes(1_000_000))
            else:
                archive.writestr(name, data)
    assert len(bomb.getvalue()) < 5_000_000
    limits = Limits(memory_mb=100)
    manifest = {"inputs": INPUTS, "classes": CLASSES}
    with (
        Worker("bomb", "skops", manifest, {"model.skops": bomb.getvalue()}, limits) as model,
        pytest.raises(CandidateFailed) as failure,
    ):
        model.predict_proba(batch())
    assert str(failure.value) == "memory limit (100 MB) reached"
