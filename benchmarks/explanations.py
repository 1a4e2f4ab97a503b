"""Budget 5, "Explanations ask the model once": rows that reach the model and time, beside stock lime on the same words.

Both draw 5,000 variations with the same seed and tokeniser, from a model that costs next to nothing and from one that
takes a millisecond a row. Then 100 explanations of a worked use case through real workers, one by one in this process
and in as many processes as there are cores. Run with the others by ``make bench``.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.results import Line, Result, at_most
from lookingglass.candidates import Candidate, Manifest
from lookingglass.config import Column, Task, WorkspaceConfig
from lookingglass.demo import build_demo, samples_folder
from lookingglass.explanations import ExplainSettings, ModelAsked
from lookingglass.explanations.text import TextTask
from lookingglass.explanations.tokens import words_of
from lookingglass.files import FileStore
from lookingglass.home import Home
from lookingglass.ledger import Actor
from lookingglass.workspace import open_workspace

SAMPLES = 5000
LENGTHS = (5, 20, 200)
SEED = 11
SLOW = 0.001
BATCH = 100


class Model:
    """A bag of words in this process, in the place of a worker and of the pool that it comes from."""

    def __init__(self, seconds_a_row: float) -> None:
        self.seconds_a_row = seconds_a_row
        self.rows = 0

    def get(self, _home: Home, _candidate: Candidate) -> Model:
        """Return itself."""
        return self

    def predict_proba(self, inputs: pa.Table) -> NDArray[np.float64]:
        """Answer one batch."""
        return self.answer(inputs.column("text").to_pylist())

    def answer(self, texts: list[str]) -> NDArray[np.float64]:
        """Answer texts, in no less than the time that they take."""
        self.rows += len(texts)
        began = time.perf_counter()
        yes = np.array(
            [0.2 + 0.6 * ("word0 " in f"{text} ") - 0.1 * ("word1 " in f"{text} ") for text in texts]
        )
        time.sleep(max(0.0, self.seconds_a_row * len(texts) - (time.perf_counter() - began)))
        return np.column_stack([1 - yes, yes])


def measure(scratch: Path, rounds: int) -> Result:
    """Return the lines of budget 5."""
    lines: list[Line] = []
    data: dict[str, Any] = {"samples": SAMPLES}
    for name, seconds_a_row in (("cheap model", 0.0), ("1 ms a row", SLOW)):
        for words in LENGTHS:
            told = _beside_stock(words, seconds_a_row, rounds if not seconds_a_row else 1)
            data[f"{name}, {words} words"] = told
            what = f"{words} words, {name}"
            if not seconds_a_row:
                lines.append(
                    at_most(f"{what}: rows sent, by distinct variations", told["sent"] / told["distinct"], 1)
                )
                difference = f"{told['difference']:.1e}"
                kept = told["difference"] <= 1e-9
                lines.append(
                    Line(
                        f"{what}: largest difference to stock lime's weights",
                        difference,
                        "at most 1e-9",
                        kept,
                    )
                )
            figure = f"{told['ours']:.2f} s for {told['sent']:,} rows, {told['stock']:.2f} s for {SAMPLES:,}"
            lines.append(Line(f"{what}: ours beside stock lime, {SAMPLES:,} samples", figure))
    told = _many(scratch)
    data["many"] = told
    one, all_cores = told["one"], told["all"]
    figure = f"{all_cores['wall']:.1f} s, {one['wall']:.1f} s one by one; {all_cores['cores']:.1f} cores busy"
    lines.append(Line(f"{BATCH} explanations through a real worker, {os.cpu_count()} cores", figure))
    return Result(5, "Explanations ask the model once", tuple(lines), data)


def _beside_stock(words: int, seconds_a_row: float, rounds: int) -> dict[str, float]:
    from lime.lime_text import LimeTextExplainer

    text = " ".join(f"word{number}" for number in range(words))
    ours, stock, difference, sent, distinct = [], [], 0.0, 0, 0
    for seed in range(SEED, SEED + rounds):
        model = Model(seconds_a_row)
        asked = _asked(model)
        task = TextTask({"text": text}, asked)
        began = time.perf_counter()
        local = task.run(seed, SAMPLES, None)
        ours.append(time.perf_counter() - began)
        sent, distinct = model.rows, asked.distinct
        explainer = LimeTextExplainer(
            split_expression=words_of, bow=False, mask_string="", feature_selection="none", random_state=seed
        )
        peer = Model(seconds_a_row)
        began = time.perf_counter()
        told = explainer.explain_instance(text, peer.answer, num_features=words, num_samples=SAMPLES)
        stock.append(time.perf_counter() - began)
        theirs = np.zeros(words)
        for index, weight in told.local_exp[1]:
            theirs[index] = weight
        difference = max(difference, float(np.abs(theirs - local.weights).max()))
    return {
        "ours": statistics.median(ours),
        "stock": statistics.median(stock),
        "sent": sent,
        "distinct": distinct,
        "difference": difference,
    }


def _many(scratch: Path) -> dict[str, dict[str, float]]:
    """Explain examples of a worked use case, on one thread and on all cores, nothing kept between."""
    folder = scratch / "matching"
    build_demo(samples_folder() / "matching", folder, actor=Actor("bench"), tell=lambda _line: None)
    settings = ExplainSettings(repeats=1)
    told = {}
    with open_workspace(folder) as ws:
        ids = ws.test_set().ids[: BATCH + 1]
        ws.explain("word-matcher", ids[-1], settings)  # the worker and the libraries are there
        for name, processes in (("one", 0), ("all", None)):
            shutil.rmtree(folder / "explanations", ignore_errors=True)
            worker = ws.engine.pool.get(ws.home, ws.candidate("word-matcher"))
            before, began = _busy(worker.pid), time.perf_counter()
            ws.explain_many("word-matcher", ids[:BATCH], settings, processes=processes)
            wall = time.perf_counter() - began
            told[name] = {"wall": wall, "cores": (_busy(worker.pid) - before) / wall}
    return told


def _busy(pid: int | None) -> float:
    """Return the seconds of processor time that this process, those it has ended, and the worker have had."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    mine = time.process_time() + ended.ru_utime + ended.ru_stime
    if pid is None:
        return mine
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return mine + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _asked(model: Model) -> ModelAsked:
    label = Column(role="label", type="category", values=("no", "yes"))
    config = WorkspaceConfig(
        name="bench",
        task=Task(label="answer", positive="yes"),
        columns={"text": Column(role="text", type="text"), "answer": label},
    )
    manifest = Manifest(name="bench", format="skops", inputs=("text",), classes=("no", "yes"))
    candidate = Candidate("bench", "sha256:" + "0" * 64, manifest, {}, 1, "", "bench", False, 0)
    home: Any = Home(Path("/nowhere"), config, None, FileStore(Path("/nowhere")))  # type: ignore[arg-type] # no ledger is read
    pool: Any = model
    return ModelAsked(home, candidate, pool)
