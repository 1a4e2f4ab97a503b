"""The score store gives back exactly what was answered, for the inputs asked, and nothing for the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lookingglass.errors import NotSaved
from lookingglass.evaluation.scores import Failure, ScoreStore

FINGERPRINT = "sha256:" + "ab" * 32


def ids(*numbers: int) -> pl.Series:
    return pl.Series([number.to_bytes(32, "big") for number in numbers], dtype=pl.Binary)


def test_scores_come_back_in_the_order_asked_with_gaps_where_there_is_none(tmp_path: Path) -> None:
    store = ScoreStore(tmp_path)
    store.write(FINGERPRINT, ids(1, 2, 3), np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]]))
    store.write(FINGERPRINT, ids(4), np.array([[0.25, 0.75]]))
    found = store.aligned(FINGERPRINT, ids(4, 9, 2), 1)
    np.testing.assert_array_equal(found, [0.75, np.nan, 0.2])
    np.testing.assert_array_equal(store.aligned(FINGERPRINT, ids(4, 9, 2), 0), [0.25, np.nan, 0.8])


def test_a_candidate_without_files_has_no_scores(tmp_path: Path) -> None:
    found = ScoreStore(tmp_path).aligned(FINGERPRINT, ids(1, 2), 1)
    assert np.isnan(found).all()
    assert found.shape == (2,)


def test_the_same_input_answered_twice_counts_once(tmp_path: Path) -> None:
    store = ScoreStore(tmp_path)
    store.write(FINGERPRINT, ids(1), np.array([[0.9, 0.1]]))
    store.write(FINGERPRINT, ids(1), np.array([[0.9, 0.1]]))
    np.testing.assert_array_equal(store.aligned(FINGERPRINT, ids(1, 1), 1), [0.1, 0.1])


def test_a_half_written_file_is_not_read(tmp_path: Path) -> None:
    store = ScoreStore(tmp_path)
    (store.candidate_folder(FINGERPRINT) / "torn.tmp").write_bytes(b"PAR1 and then the power went")
    assert store.files(FINGERPRINT) == ()
    assert np.isnan(store.aligned(FINGERPRINT, ids(1), 1)).all()


def test_a_failure_is_kept_per_version_content_and_can_be_forgotten(tmp_path: Path) -> None:
    store = ScoreStore(tmp_path)
    failure = Failure("sha256:" + "1" * 64, 3, "no answer within 60 s", "2026-01-01T00:00:00Z")
    store.write_failure(FINGERPRINT, failure)
    assert store.failure(FINGERPRINT, failure.digest) == failure
    assert store.failure(FINGERPRINT, "sha256:" + "2" * 64) is None
    store.forget_failure(FINGERPRINT, failure.digest)
    assert store.failure(FINGERPRINT, failure.digest) is None


def test_a_torn_score_file_costs_its_own_scores_and_no_more(tmp_path: Path) -> None:
    """Scores are derived: a file that cannot be read is put away, so that its inputs are asked for again."""
    store = ScoreStore(tmp_path)
    first, second = (pl.Series([bytes([number]) * 32], dtype=pl.Binary) for number in (1, 2))
    store.write(FINGERPRINT, first, np.array([[0.25, 0.75]]))
    (torn,) = store.files(FINGERPRINT)
    store.write(FINGERPRINT, second, np.array([[0.5, 0.5]]))
    torn.write_bytes(torn.read_bytes()[:40])
    np.testing.assert_array_equal(store.aligned(FINGERPRINT, pl.concat([first, second]), 1), [np.nan, 0.5])
    assert torn not in store.files(FINGERPRINT)


def test_scores_that_cannot_be_kept_are_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "scores").write_text("a file where the folder should be")
    store = ScoreStore(tmp_path / "scores")
    with pytest.raises(NotSaved, match="Scores could not be kept in"):
        store.write(FINGERPRINT, pl.Series([b"1" * 32], dtype=pl.Binary), np.array([[0.5, 0.5]]))


def test_reading_leaves_no_trace(tmp_path: Path) -> None:
    """A workspace on a read-only disk can be looked at."""
    store = ScoreStore(tmp_path / "scores")
    assert store.files(FINGERPRINT) == ()
    assert store.failure(FINGERPRINT, "sha256:00") is None
    assert not (tmp_path / "scores").exists()
