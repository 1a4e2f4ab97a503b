"""Registering a candidate: what is proposed, what is refused in one line, and that a refusal changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import skops.io
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression

from lookingglass.candidates import (
    WorkerPool,
    approve_file,
    get_candidate,
    list_candidates,
    register,
    register_baseline,
    retire,
    scores_without_model,
)
from lookingglass.config import write_config
from lookingglass.errors import BadInput, CandidateFailed, LookingGlassError, NotAllowed, NotFound
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from lookingglass.testset import read_version
from tests.core.candidates.conftest import ANA, small_config
from tests.core.candidates.models import CLASSES, INPUTS, acting, frame, half, labels, logistic


def refusal(home: Home, act: Callable[[], object]) -> str:
    """Return the sentence of a refusal, after making sure that nothing was changed: no event, no file."""

    def state() -> tuple[object, set[Path]]:
        return home.ledger.head(), set(home.files.folder.rglob("*"))

    before = state()
    with pytest.raises(LookingGlassError) as refused:
        act()
    assert state() == before
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_skops_file_needs_nothing_but_a_name(home: Home, skops_file: Path) -> None:
    """Format, inputs and classes come from the file; it answers through the pool as scikit-learn does."""
    candidate = register(home, "first", skops_file, actor=ANA)
    manifest = candidate.manifest
    assert (manifest.format, list(manifest.inputs), list(manifest.classes)) == ("skops", INPUTS, CLASSES)
    assert candidate.files == {"model.skops": hashlib.sha256(skops_file.read_bytes()).hexdigest()}
    assert (candidate.actor, candidate.retired, candidate.order) == ("ana", False, 0)
    assert home.ledger.event(candidate.seq).payload["tried_rows"] == 5
    with WorkerPool() as pool:
        answer = pool.get(home, candidate).predict_proba(read_version(home).inputs(INPUTS))
    assert answer == pytest.approx(logistic().predict_proba(frame(8)), rel=1e-14)


def test_an_onnx_file_is_told_its_columns(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(
        to_onnx(logistic(), initial_types=[("X", FloatTensorType([None, 2]))]).SerializeToString()
    )
    words = refusal(home, lambda: register(home, "net", path, actor=ANA))
    assert words.startswith("model.onnx does not name its columns (it takes 2): say which")
    candidate = register(home, "net", path, inputs=INPUTS, actor=ANA)
    assert (candidate.manifest.format, list(candidate.manifest.classes)) == ("onnx", CLASSES)


def test_a_folder_with_a_manifest(home: Home, tmp_path: Path, skops_file: Path) -> None:
    """Its fields are kept; what is said on the command line goes before them."""
    folder = tmp_path / "second"
    folder.mkdir()
    (folder / "model.skops").write_bytes(skops_file.read_bytes())
    (folder / "candidate.toml").write_text(
        'name = "second"\nformat = "skops"\nfile = "model.skops"\ndescription = "as the file says"\n'
        'inputs = ["a", "b"]\nclasses = ["no", "yes"]\ntrained_on = 2026-11-02\ntrained_by = "bo"\n'
        'data_hash = "sha256:1"\ncode_commit = "da1341b"\nchange = "more rows"\n'
    )
    candidate = register(home, "second", folder, description="as I say", actor=ANA)
    assert candidate.manifest.description == "as I say"
    assert (candidate.manifest.trained_on, candidate.manifest.trained_by) == ("2026-11-02", "bo")
    assert candidate.to_json()["code_commit"] == "da1341b"


@pytest.mark.parametrize("name", ["", "a/b", "../x", "x" * 300, ".hidden", "with space", "né", "a\nb"])
def test_a_name_that_cannot_be_one(home: Home, skops_file: Path, name: str) -> None:
    assert "cannot be the name of a candidate" in refusal(
        home, lambda: register(home, name, skops_file, actor=ANA)
    )


def test_a_name_is_taken_for_good(home: Home, skops_file: Path) -> None:
    register_baseline(home, 0.25, 1, ANA)
    words = refusal(home, lambda: register(home, "baseline", skops_file, actor=ANA))
    assert words.startswith("The name baseline is taken: ana registered it on ")


def test_a_retired_candidate_keeps_its_name(home: Home, skops_file: Path) -> None:
    """Figures of older versions still speak of it, so nobody else is called the same."""
    register_baseline(home, 0.25, 1, ANA)
    retire(home, "baseline", ANA, "superseded")
    words = refusal(home, lambda: register(home, "baseline", skops_file, actor=ANA))
    assert words.startswith("The name baseline is taken (retired): ana registered it on ")


def files_that_are_refused() -> dict[str, tuple[str, bytes, str]]:
    """Return file name, content and the beginning of the refusal; more of them: ``inspection/test_checks.py``."""
    table, outcome = frame(), labels(frame())
    group = LogisticRegression().fit(table.rename(columns={"b": "group"}), outcome)
    return {
        "empty": (
            "model.skops",
            b"",
            "model.skops is empty: choose the file again, or save it again. Nothing was changed.",
        ),
        "unknown": (
            "model.pt",
            b"PK\x03\x04 torch",
            "model.pt is of no known format: save the model as ONNX or skops",
        ),
        "a pickle": (
            "model.joblib",
            b"\x80\x04N.",
            "model.joblib is a pickle, a program that could do anything",
        ),
        "a hidden pickle": (
            "model.bin",
            b"\x80\x04N.",
            "model.bin is a pickle, a program that could do anything",
        ),
        "a group": (
            "model.skops",
            skops.io.dumps(group),
            "model.skops wants column group, which is no input here",
        ),
    }


FILES = files_that_are_refused()


@pytest.mark.parametrize("case", FILES)
def test_files_that_are_refused(home: Home, tmp_path: Path, case: str) -> None:
    name, data, words = FILES[case]
    (tmp_path / name).write_bytes(data)
    assert refusal(home, lambda: register(home, "bad", tmp_path / name, actor=ANA)).startswith(words)


def test_things_that_are_not_there(home: Home, tmp_path: Path, skops_file: Path) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        register(home, "x", tmp_path / "missing.skops", actor=ANA)
    with pytest.raises(NotFound, match=r"has no candidate\.toml"):
        register(home, "x", tmp_path / "ws", actor=ANA)
    with pytest.raises(NotFound, match="There is no candidate 'nobody' here; there are: none yet"):
        register(home, "x", skops_file, parent="nobody", actor=ANA)
    with pytest.raises(
        BadInput, match=r"There is no format 'http' to add: there are predictions, onnx, skops, joblib\."
    ):
        register(home, "x", skops_file, format="http", actor=ANA)
    assert list_candidates(home) == []


def behaviours() -> dict[str, tuple[Callable[[Any], Any], str]]:
    """Return what a model does when it is tried, and the refusal; more of them: ``inspection/test_checks.py``."""
    return {
        "wrong shape": (
            lambda table: half(len(table))[:2],
            "model.joblib answered 2 scores for 5 rows. Nothing was changed.",
        ),
        "raises": (
            lambda table: table["zip"],
            "model.joblib: the model raised KeyError: 'zip'. Nothing was changed.",
        ),
    }


@pytest.mark.parametrize("case", list(behaviours()))
def test_a_model_that_does_not_answer_the_test_set_is_refused(tmp_path: Path, home: Home, case: str) -> None:
    """An approved pickle may start, but it must answer for the rows that are there."""
    act, words = behaviours()[case]
    path = tmp_path / "model.joblib"
    path.write_bytes(acting(act))
    approve_file(home, hashlib.sha256(path.read_bytes()).hexdigest(), "test", ANA)
    assert refusal(home, lambda: register(home, "bad", path, inputs=INPUTS, actor=ANA)) == words


def test_a_joblib_file_runs_once_it_is_approved(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(acting(lambda table: half(len(table))))
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    assert sha in refusal(home, lambda: register(home, "old", path, inputs=INPUTS, actor=ANA))
    approve_file(home, f"sha256:{sha.upper()}", "bo wrote it", ANA)
    candidate = register(home, "old", path, inputs=INPUTS, actor=ANA)
    with WorkerPool() as pool:
        assert (pool.get(home, candidate).predict_proba(read_version(home).inputs(INPUTS)) == 0.5).all()


def test_an_unapproved_pickle_is_never_started_even_if_it_is_in_the_ledger(
    home: Home, tmp_path: Path
) -> None:
    """The pool asks the ledger again: a registration alone does not make a pickle run."""
    sha = home.files.add_bytes(b"\x80\x04N.")
    fields = {"name": "sly", "format": "joblib", "file": "m.joblib", "inputs": INPUTS, "classes": CLASSES}
    payload = {"name": "sly", "fingerprint": "sha256:0", "manifest": fields, "files": {"m.joblib": sha}}
    home.ledger.append("candidates", "candidate_registered", payload, ANA)
    with WorkerPool() as pool, pytest.raises(CandidateFailed, match="its file was not approved"):
        pool.get(home, get_candidate(home, "sly"))


@pytest.mark.parametrize(
    ("sha", "reason", "words"), [("abc", "x", "64 hexadecimal"), ("0" * 64, " ", "needs a reason")]
)
def test_an_approval_names_one_file_and_a_reason(home: Home, sha: str, reason: str, words: str) -> None:
    assert words in refusal(home, lambda: approve_file(home, sha, reason, ANA))


def test_roles_are_kept(tmp_path: Path, skops_file: Path) -> None:
    """A reviewer may not register, an editor may not approve; nothing of the file is run before that is known."""
    write_config(
        tmp_path / "ws", small_config(people={"eva": ["editor"], "rob": ["reviewer"], "adi": ["admin"]})
    )
    home = open_home(tmp_path / "ws")
    for path in (skops_file, tmp_path / "not looked for.skops"):
        with pytest.raises(NotAllowed):
            register(home, "x", path, actor=Actor("rob"))
    with pytest.raises(NotAllowed):
        approve_file(home, "0" * 64, "why not", Actor("eva"))
    approve_file(home, "0" * 64, "looked at it", Actor("adi"))
    assert register(home, "x", skops_file, actor=Actor("eva")).actor == "eva"
    home.close()


def test_an_empty_test_set_still_tries_the_start(tmp_path: Path, skops_file: Path) -> None:
    write_config(tmp_path / "ws", small_config())
    home = open_home(tmp_path / "ws")
    candidate = register(home, "early", skops_file, actor=ANA)
    assert home.ledger.event(candidate.seq).payload["tried_rows"] == 0
    home.close()


def test_the_baseline_answers_its_share_for_everybody_and_comes_once(home: Home) -> None:
    baseline = register_baseline(home, 0.119, 1, ANA)
    assert (
        baseline.manifest.description == "answers the share of 'denied' in version 1 (11.9 %) for everybody"
    )
    assert (baseline.name, baseline.manifest.format) == ("baseline", "baseline")
    assert scores_without_model(home, baseline, read_version(home)).tolist() == [0.119] * 8
    assert register_baseline(home, 0.5, 2, ANA) == baseline
    assert len(list_candidates(home)) == 1
    with (
        WorkerPool() as pool,
        pytest.raises(CandidateFailed, match="a baseline candidate has no model to run"),
    ):
        pool.get(home, baseline)


def test_two_people_registering_at_once_both_succeed_but_one_name_goes_once(home: Home) -> None:
    """The second writer looks again: another name goes through, the same name is refused."""
    append, raced = home.ledger.append, []

    def racing(stream: str, type: str, payload: Any, actor: Actor, **more: Any) -> Any:
        if not raced:
            raced.append(True)
            append("candidates", "file_approved", {"sha256": "0" * 64, "reason": "meanwhile"}, ANA)
        return append(stream, type, payload, actor, **more)

    home.ledger.append = racing  # type: ignore[method-assign]  # the race is made here, between look and write
    assert register_baseline(home, 0.2, 1, ANA).order == 0
    assert raced
