"""``ws.fairness``: the samples alone unless told otherwise, the candidate's own threshold, kept by its inputs."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import lookingglass as lg
from lookingglass.cli.main import run
from lookingglass.config import Column
from lookingglass.errors import BadInput, NotFound
from lookingglass.evaluation.assessing import chosen_axes
from lookingglass.fairness import Axis, Limit

ROWS = 240


def table() -> pl.DataFrame:
    """Samples in which 30 % have no region, and a tenth of the texts are all lower case."""
    rng = np.random.default_rng(12)
    region: list[str | None] = rng.choice(["north", "south"], ROWS).tolist()
    label = rng.choice(["yes", "no"], ROWS, p=[0.4, 0.6])
    return pl.DataFrame(
        {
            "example_id": [f"e{n}" for n in range(ROWS)],
            "outcome": label,
            "age": rng.integers(18, 80, ROWS),
            "region": [None if n % 10 < 3 else value for n, value in enumerate(region)],
            "smoker": [["no", "No", "yes"][n % 3] for n in range(ROWS)],
            "note": ["please help me" if n % 10 == 0 else "Please help" for n in range(ROWS)],
            "score": np.clip(rng.normal(0.35 + 0.25 * (label == "yes"), 0.2), 0, 1).round(3),
        }
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a workspace with one predictions candidate once; nobody may change it."""
    folder, rows = tmp_path_factory.mktemp("fairness"), table()
    rows.drop("score").write_csv(folder / "data.csv")
    rows.select("example_id", "score").write_csv(folder / "scores.csv")
    workspace = folder / "ws"
    told = [
        "--label",
        "outcome",
        "--positive",
        "yes",
        "--group",
        "region",
        "--group",
        "smoker",
        "--text",
        "note",
    ]
    assert run(["init", str(workspace), "--data", str(folder / "data.csv"), *told]) == 0
    assert run(["candidates", "add", str(workspace), "vendor", str(folder / "scores.csv")]) == 0
    return workspace


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Copy the workspace for one test."""
    return Path(shutil.copytree(made, tmp_path / "ws"))


@pytest.fixture
def ws(folder: Path) -> Iterator[lg.Workspace]:
    """Open a workspace whose one candidate has answered."""
    with lg.open_workspace(folder) as opened:
        opened.evaluate()
        yield opened


def test_each_group_is_what_its_rows_say(ws: lg.Workspace) -> None:
    found = ws.fairness("vendor", "region", reference="north", threshold=0.5)
    rows = table().with_columns(pl.col("region").fill_null("missing"))
    assert {each.slice.to_json()["region"]: each.n for each in found.found.slices} == dict(
        rows.group_by("region").len().iter_rows()
    )
    for each in found.found.slices:
        mine = rows.filter(pl.col("region") == each.slice.to_json()["region"])
        yes, positive = mine["score"] >= 0.5, mine["outcome"] == "yes"
        assert each.counts.to_json() == {
            "tp": int((yes & positive).sum()),
            "fp": int((yes & ~positive).sum()),
            "tn": int((~yes & ~positive).sum()),
            "fn": int((~yes & positive).sum()),
        }
    data = found.to_json()
    assert data["candidate"] == "vendor"
    assert data["test_set"] == {"version": 1, "digest": ws.test_set().digest}
    assert (data["threshold"], data["threshold_source"], data["origin"]) == (0.5, "given", "sample")
    assert data["reference"] == {"region": "north"}
    assert found.metric_frame["count"].sum() == ROWS
    assert found.frame()["metric"].n_unique() == len(data["slices"][0]["metrics"])


def test_its_own_threshold_unless_another_is_named_and_infinity_answers_nobody(ws: lg.Workspace) -> None:
    own = ws.fairness("vendor", "region")
    assert (own.threshold, own.source) == (0.5, "default")
    nobody = ws.fairness("vendor", "region", threshold=math.inf)
    assert nobody.threshold is None
    assert {each.figures["selection_rate"].value for each in nobody.found.slices} == {0.0}
    with pytest.raises(BadInput, match="a threshold is a number, not nan"):
        ws.fairness("vendor", "region", threshold=math.nan)


def test_intersections_bands_texts_and_look_alikes(ws: lg.Workspace) -> None:
    three = ws.fairness("vendor", ("region", "smoker", "age"), bands={"age": (30, 50)})
    assert three.found.by == ("region", "smoker", "age")
    assert {each.slice.to_json()["age"] for each in three.found.slices} == {
        "below 30",
        "30 to below 50",
        "50 and above",
    }
    assert any('smoker: "No", "no" look alike' in note for note in three.found.notes)
    case = ws.fairness("vendor", "note:case")
    assert {each.slice.to_json()["note:case"]: each.n for each in case.found.slices} == {
        "all lower case": 24,
        "some upper case": 216,
    }
    words = ws.fairness("vendor", "note:unknown words", known=frozenset({"please", "help"}))
    assert {each.slice.to_json()["note:unknown words"]: each.n for each in words.found.slices} == {
        "no unknown words": 216,
        "25 % or more unknown words": 24,
    }
    assert ws.fairness("vendor", Axis("age", edges=(40.0,))).found.by == ("age",)


def test_patterns_are_counted_only_when_asked_for(folder: Path) -> None:
    workspace = str(folder)
    assert run(["problems", "open", workspace, "--name", "typos", "--description", "misread"]) == 0
    values = ["--set", "age=30", "--set", "region=north", "--set", "smoker=no", "--set", "note=hlep"]
    told = ["--id", "p1", "--label", "yes", "--problem", "typos", "--tag", "hard"]
    assert run(["testset", "add", workspace, *told, *values]) == 0
    (folder.parent / "more.csv").write_text("example_id,score\np1,0.1\n")
    assert run(["candidates", "scores", workspace, "vendor", str(folder.parent / "more.csv")]) == 0
    with lg.open_workspace(folder) as ws:
        ws.evaluate()
        samples = ws.fairness("vendor", "problem:typos")
        assert [each.slice.to_json() for each in samples.found.slices] == [{"problem:typos": "no"}]
        assert any("No sample has the problem 'typos'" in note for note in samples.found.notes)
        every = ws.counting("all").fairness("vendor", "problem:typos")
        assert every.origin == "all"
        assert {each.slice.to_json()["problem:typos"]: each.n for each in every.found.slices} == {
            "no": ROWS,
            "yes": 1,
        }
        assert sum(each.n for each in ws.fairness("vendor", "region").found.slices) == ROWS
        assert len(ws.counting("all").fairness("vendor", "tag:hard").found.slices) == 2
        with pytest.raises(BadInput, match="no example of version 2 has the tag 'x': there are hard"):
            ws.fairness("vendor", "tag:x")


def test_an_unlabelled_example_is_counted_apart(folder: Path) -> None:
    values = ["--set", "age=30", "--set", "region=north", "--set", "smoker=no", "--set", "note=x"]
    assert run(["testset", "add", str(folder), "--id", "u1", "--origin", "sample", *values]) == 0
    with lg.open_workspace(folder) as ws:
        ws.evaluate()
        found = ws.fairness("vendor", "region").found
        assert {each.slice.to_json()["region"]: each.unlabelled for each in found.slices} == {
            "north": 1,
            "south": 0,
            "missing": 0,
        }
        assert sum(each.n for each in found.slices) == ROWS
        assert "1 example without a label is in no figure." in found.notes


def test_a_sample_without_a_score_stops_the_count(folder: Path) -> None:
    values = ["--set", "age=30", "--set", "region=north", "--set", "smoker=no", "--set", "note=x"]
    told = ["--id", "s1", "--label", "yes", "--origin", "sample"]
    assert run(["testset", "add", str(folder), *told, *values]) == 0
    with lg.open_workspace(folder) as ws:
        ws.evaluate()
        with pytest.raises(BadInput, match="vendor: 1 of 241 samples have no score on version 2"):
            ws.fairness("vendor", "region")


def test_the_same_question_is_answered_once_and_thresholds_share_what_was_sorted(ws: lg.Workspace) -> None:
    first = ws.fairness("vendor", "region", limits=[Limit("recall", "difference", 0.1)])
    again = ws.fairness("vendor", ["region"], limits=(Limit("recall", "difference", 0.1),), threshold=0.5)
    assert again.found is first.found
    other = ws.fairness("vendor", "region", threshold=0.3)
    assert other.found is not first.found
    assessing = ws._derived.assessing
    assert len(assessing._tables) == 1
    assert len(assessing._found) == 2


def test_a_relabel_changes_the_answer(folder: Path) -> None:
    with lg.open_workspace(folder) as ws:
        ws.evaluate()
        before = ws.fairness("vendor", "region").found
        label = "no" if table()["outcome"][0] == "yes" else "yes"
        assert run(["testset", "relabel", str(folder), "--id", "e0", "--label", label]) == 0
        ws.evaluate()
        after = ws.fairness("vendor", "region")
        assert after.version == 2
        assert after.found.slices != before.slices
        assert ws.fairness("vendor", "region", version=1).found.slices == before.slices


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("colour", "there is nothing called 'colour' to slice by: name a column"),
        ("note", "note is text, and nearly every text differs: slice by note:length"),
        ("age:length", "age is no text, so it has no length"),
        (("region", "region"), "once only"),
        ((), "one to 3 columns, not 0"),
        (("region", "smoker", "age", "note:case"), "one to 3 columns, not 4"),
        (Axis("colour"), "there is no column 'colour' to slice by"),
        ("outcome", "nothing called 'outcome'"),
    ],
)
def test_what_cannot_be_sliced_by_is_refused(ws: lg.Workspace, by: str | tuple[str, ...], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        ws.fairness("vendor", by)


def test_other_bad_input(ws: lg.Workspace) -> None:
    with pytest.raises(BadInput, match="bands are given for 'age', which is not among"):
        ws.fairness("vendor", "region", bands={"age": (3,)})
    with pytest.raises(BadInput, match="region holds no numbers"):
        ws.fairness("vendor", "region", bands={"region": (3,)})
    with pytest.raises(BadInput, match="there is no group 'east' of region"):
        ws.fairness("vendor", "region", reference="east")
    with pytest.raises(NotFound, match="there is no candidate 'nobody'"):
        ws.fairness("nobody", "region")


def test_worst_slices_are_searched_over_every_column_and_kept(ws: lg.Workspace) -> None:
    found = ws.worst_slices("vendor", "recall", smallest=5)
    assert found.columns == ("age", "region", "smoker", "note:length", "note:script", "note:case")
    rows = table()
    missed = (rows["outcome"] == "yes") & (rows["score"] < 0.5)
    assert (found.cases, found.failures) == ((rows["outcome"] == "yes").sum(), missed.sum())
    assert ws.worst_slices("vendor", "recall", 0.5, smallest=5) is found
    stopped = ws.worst_slices("vendor", "recall", 0.4, smallest=5, stop=lambda: True)
    assert not stopped.complete
    assert ws.worst_slices("vendor", "recall", 0.4, smallest=5).complete
    assert (
        ws.worst_slices("vendor", by=("region", "smoker"), threshold=math.inf).failures
        == (rows["outcome"] == "yes").sum()
    )
    with pytest.raises(BadInput, match="cannot be searched by 'f1'"):
        ws.worst_slices("vendor", "f1")


def test_a_slice_that_fails_is_found_among_all(folder: Path) -> None:
    """Everybody in the south who smokes is answered wrongly from now on."""
    rows = table()
    bad = rows.filter((pl.col("region") == "south") & (pl.col("smoker") == "yes"))
    with lg.open_workspace(folder) as ws:
        for row in bad.iter_rows(named=True):
            wrong = "no" if row["score"] >= 0.5 else "yes"
            if row["outcome"] != wrong:
                assert (
                    run(["testset", "relabel", str(folder), "--id", row["example_id"], "--label", wrong]) == 0
                )
        ws.evaluate()
        first = ws.worst_slices("vendor", smallest=20).found[0]
    assert first.slice.to_json() == {"region": "south", "smoker": "yes"}
    assert first.failures == first.n == bad.height


def test_whole_numbers_in_a_group_column_are_groups_and_those_of_a_feature_are_cut(ws: lg.Workspace) -> None:
    columns = {**ws.config.columns, "office": Column(role=("group",), type="integer")}
    config = ws.config.model_copy(update={"columns": columns})
    assert chosen_axes(("office", "age"), config) == (Axis("office", as_is=True), Axis("age"))
    (banded,) = chosen_axes("office", config, {"office": (3, 5)})
    assert banded.edges == (3, 5)
    assert len(ws.fairness("vendor", "age").found.slices) == 4


def test_examples_without_a_label_among_the_others_shift_nothing(tmp_path: Path) -> None:
    """The first and some later examples have no label: each group and each searched slice is still its own rows."""
    rows = table()
    unlabelled = pl.Series([n % 7 == 0 for n in range(ROWS)])
    bad = pl.when(rows["outcome"] == "yes").then(0.1).otherwise(0.9)
    rows = rows.with_columns(
        pl.when(unlabelled).then(None).otherwise(rows["outcome"]).alias("outcome"),
        pl.when(rows["smoker"] == "yes").then(bad).otherwise(rows["score"]).alias("score"),
    )
    rows.drop("score").write_csv(tmp_path / "data.csv")
    rows.select("example_id", "score").write_csv(tmp_path / "scores.csv")
    told = [
        "--label",
        "outcome",
        "--positive",
        "yes",
        "--group",
        "region",
        "--group",
        "smoker",
        "--text",
        "note",
    ]
    assert run(["init", str(tmp_path / "ws"), "--data", str(tmp_path / "data.csv"), *told]) == 0
    assert run(["candidates", "add", str(tmp_path / "ws"), "vendor", str(tmp_path / "scores.csv")]) == 0
    labelled = rows.filter(pl.col("outcome").is_not_null())
    with lg.open_workspace(tmp_path / "ws") as ws:
        ws.evaluate()
        for each in ws.fairness("vendor", "smoker").found.slices:
            mine = labelled.filter(pl.col("smoker") == each.slice.to_json()["smoker"])
            assert each.n == mine.height
            assert each.counts.tp == ((mine["score"] >= 0.5) & (mine["outcome"] == "yes")).sum()
        assert (
            sum(each.unlabelled for each in ws.fairness("vendor", "smoker").found.slices) == unlabelled.sum()
        )
        (first,) = ws.worst_slices("vendor", smallest=5, by=("smoker", "region")).found
        assert first.slice.to_json() == {"smoker": "yes"}
        assert first.n == first.failures == labelled.filter(pl.col("smoker") == "yes").height


def test_a_problem_holds_the_patterns_it_was_opened_with_too(folder: Path) -> None:
    told = ["--name", "elderly", "--description", "misjudged", "--pattern", "e3", "--pattern", "e4"]
    assert run(["problems", "open", str(folder), *told]) == 0
    with lg.open_workspace(folder) as ws:
        ws.evaluate()
        for name in ("problem:elderly", "problem:problem-1"):
            found = ws.fairness("vendor", name).found
            assert found.by == ("problem:elderly",)
            assert {each.slice.to_json()["problem:elderly"]: each.n for each in found.slices} == {
                "no": ROWS - 2,
                "yes": 2,
            }
