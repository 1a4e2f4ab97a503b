"""The explanation page: mistakes first, one after the other, each reason in its place, several candidates beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components.registry import TOP
from lookingglass.cli.dashboard import FOLDER_VARIABLE
from lookingglass.evaluation.browse import Filters
from lookingglass.explanations import ExplainSettings
from lookingglass.explanations.drawn import signed_weight
from lookingglass.explanations.images import painted_out
from lookingglass.problems import list_problems
from lookingglass.testset import add_example, edit_example
from lookingglass.wording import number
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, wait_for_version, words
from tests.core.evaluation.conftest import ANA

PAGE = "pages/explanations.py"


def shown(app: AppTest) -> str:
    """Return the id of the example that is looked at."""
    return str(app.subheader[0].value).replace("\\", "")


def test_a_row_of_a_table_has_its_reasons_and_the_next_is_a_press_away(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app(PAGE, candidate="boosted")
    with open_workspace(demo / "mortgage") as ws:
        picked = ws.pick("boosted", "confident mistakes")
        told = ws.explain("boosted", picked.ids[0])
    said = words(app)
    assert shown(app) == picked.ids[0]
    assert f"1 of 50, the first 50 of {picked.total}" in said
    assert "approved at the threshold 0.50: wrong, the label is denied." in said
    assert re.findall(r'<tr><th scope="row">([^<]*)</th>', said) == [each.feature for each in told.weights]
    assert signed_weight(told.weights[0].weight) in said
    assert f"R2 of {told.r2:.2f}" in said
    app.button(key="next example").click().run()
    assert (shown(app), app.query_params["example"]) == (picked.ids[1], picked.ids[1])
    app.button(key="previous example").click().run()
    assert shown(app) == picked.ids[0]


def test_several_candidates_stand_beside_each_other_on_one_scale(open_app: Open) -> None:
    said = words(open_app(PAGE, candidate="boosted", beside="boosted-onnx,nobody"))
    assert "#### boosted" in said
    assert "#### boosted-onnx" in said
    lengths = [float(each) for each in re.findall(r"50%; width: ([\d.]+)%; background", said)]
    assert max(lengths) == 50.0, "the strongest of all is drawn to the end"


def test_a_file_of_predictions_and_links_to_no_such_example_say_what_is_the_matter(
    open_app: Open, demo: Path
) -> None:
    said = words(open_app(PAGE, candidate="vendor-scores"))
    assert "a file of predictions without a model" in said
    assert "register the model itself" in said
    with open_workspace(demo / "mortgage") as ws:
        mistakes = set(ws.pick("boosted", "confident mistakes", limit=200).ids)
        right = next(name for name in ws.test_set().ids if name not in mistakes)
    app = open_app(PAGE, candidate="boosted", example=right)
    assert shown(app) == right
    assert "Not among these" in words(app)
    said = words(open_app(PAGE, candidate="boosted", example="gone", q="no such words"))
    assert "The link names the example gone, which is not here" in said
    assert "There is none of these." in said


@pytest.fixture
def open_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Return a function that opens the page on a workspace of a folder, once every candidate is evaluated."""

    def open_it(folder: Path, workspace: str, version: int, **query: str) -> AppTest:
        monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
        wait_for_version(folder, version, workspace)
        app = AppTest.from_file(str(TOP / "app.py"), default_timeout=60)
        app.run()
        app.switch_page(PAGE)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    yield open_it
    st.cache_resource.clear()


def test_words_are_coloured_in_their_place_and_never_interpreted(
    matching: Path, open_in: Callable[..., AppTest]
) -> None:
    text = "Looking for <b>financial</b> modelling </script><script>alert(1)</script> & maths"
    with open_workspace(matching / "matching") as ws:
        example = ws.test_set().ids[0]
        edit_example(ws.home, example, {"want": text, "provide": "I teach financial maths"}, actor=ANA)
        version = ws.test_set().version
    app = open_in(matching, "matching", version, candidate="word-matcher", example=example)
    said = words(app)
    assert "<script>alert" not in said
    assert "<b>" not in said
    assert "&lt;" in said
    assert "% of all weight" in said
    assert re.search(r"<mark style=\"background: color-mix\([^\"]*\)\" title=\"[+−±][\d.]+\">financial", said)


def test_an_example_without_any_reason_is_shown_as_it_is_in_every_script_and_never_interpreted(
    matching: Path, open_in: Callable[..., AppTest]
) -> None:
    """The matcher knows no word of it, so no word moves its answer; whoever judges the answer reads the text."""
    texts = (
        "أبحث عن درس في الطبخ مع فريق صغير",
        "我想学做饭 👩\u200d🍳 </script><script>alert(1)</script>",
        "zzz",
    )
    with open_workspace(matching / "matching") as ws:
        ids = ws.test_set().ids[: len(texts)]
        for example, text in zip(ids, texts, strict=True):
            edit_example(ws.home, example, {"want": text, "provide": "qqq"}, actor=ANA)
        version = ws.test_set().version
    for example, text in zip(ids, texts, strict=True):
        app = open_in(matching, "matching", version, candidate="word-matcher", example=example)
        said = words(app)
        assert "The model answers the same for every variation: there is no reason to show." in said
        assert f'<p class="lg-words" dir="auto">{escape(text)}</p>' in said
        assert "<script>alert" not in said


def test_an_image_stands_beside_itself_with_its_regions(
    digits: Path, open_in: Callable[..., AppTest]
) -> None:
    app = open_in(digits, "digits", 1, candidate="marked")
    said = words(app)
    assert said.count("data:image/png;base64,") >= 2
    assert "with the regions for and against" in said
    before = re.findall(r"base64,([^\"]{40,})", said)
    app.slider(key="opacity of regions").set_value(0.0).run()
    after = re.findall(r"base64,([^\"]{40,})", words(app))
    assert before[1] != after[1], "the tint is gone"
    assert before[0] == after[0]


def test_a_verdict_is_recorded_and_the_next_visit_goes_on_where_it_stopped(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app(PAGE, candidate="boosted")
    first = shown(app)
    app.text_input(key=next(field.key for field in app.text_input if "right reason" in field.label)).input(
        "it looks at <b>debts</b>"
    )
    next(button for button in app.button if button.label == "Wrong reason").click().run()
    assert shown(app) == first, "one looks at what one has said"
    said = words(app).replace("\\", "")
    assert "on version 2: wrong reason (“it looks at <b>debts</b>”)." in said
    assert "1 of these reviewed" in said
    assert "boosted: 1 reviewed, 1 for a wrong one. Right in 0.0" in said
    with open_workspace(demo / "mortgage") as ws:
        (standing,) = ws.reviews
        told = ws.explain("boosted", first)
    review = standing.review
    assert (review.example_id, review.verdict, review.comment) == (first, "wrong", "it looks at <b>debts</b>")
    assert (review.score, review.picked, review.settings) == (
        told.score,
        "confident mistakes",
        told.settings.to_json(),
    )
    again = open_app(PAGE, candidate="boosted")
    assert shown(again) != first, "the first that has no verdict yet"
    with open_workspace(demo / "mortgage") as ws:
        edit_example(ws.home, first, {"lvr": 0.11}, actor=ANA)
    app = open_app(PAGE, candidate="boosted", example=first)
    assert "Since then: the example was changed." in words(app)
    assert "1 more on what is another by now" in words(app)


def test_a_group_narrows_what_is_looked_at(open_app: Open, demo: Path) -> None:
    with open_workspace(demo / "mortgage") as ws:
        found = ws.pick("boosted", "wrong no", filters=Filters(group=("black", "yes")))
        everybody = ws.pick("boosted", "wrong no")
    assert 0 < found.total < everybody.total
    app = open_app(PAGE, candidate="boosted", which="wrong no", group="black = yes")
    assert shown(app) == found.ids[0]
    assert f"1 of {found.total}" in words(app)


def test_a_typical_sample_is_drawn_without_test_patterns_and_only_whole_speaks_for_all(
    open_app: Open, demo: Path, served_before: None
) -> None:
    with open_workspace(demo / "mortgage") as ws:
        row = ws.test_set().rows.row(0, named=True)
        values = {name: row[name] for name in ws.config.stored}
        add_example(ws.home, values, label=row["@label"], problems=["Rounding"], actor=ANA)
        ws.evaluate()
        rows = ws.test_set().rows
        patterns = rows.filter(rows["@origin"] == "pattern")["@id"].to_list()
        sample = ws.pick("boosted", "typical", filters=Filters(origin="sample"))
        with_patterns = ws.pick("boosted", "typical", limit=200)
        one_group = ws.pick("boosted", "typical", filters=Filters(group=("black", "yes"), origin="sample"))
        version = ws.test_set().version
    wait_for_version(demo, version)
    assert set(patterns) & set(with_patterns.ids), "they would be in a sample of everything"
    assert with_patterns.total == sample.total + len(patterns)
    app = open_app(PAGE, candidate="boosted", which="typical")
    assert f"1 of 50, the first 50 of {sample.total:,}; drawn at random, without test patterns" in words(app)
    assert shown(app) == sample.ids[0]
    pressed(app, "Unsure")
    app = open_app(PAGE, candidate="boosted", which="typical", group="black = yes")
    assert shown(app) == next(each for each in one_group.ids if each != sample.ids[0])
    assert "drawn at random" not in words(app), "a group does not speak for all"
    pressed(app, "Unsure")
    app = open_app(PAGE, candidate="boosted", which="typical", problem="Rounding")
    assert shown(app) in patterns, "who asks for a problem asks for its patterns"
    app = open_app(PAGE, candidate="boosted", which="typical", example=with_patterns.ids[-1])
    assert "Not among these" in words(app)
    pressed(app, "Unsure")
    with open_workspace(demo / "mortgage") as ws:
        assert [each.review.picked for each in ws.reviews] == ["typical", "", ""]


def test_more_seeds_are_asked_when_somebody_wants_them(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app(PAGE, candidate="boosted")
    assert "5 runs with other seeds share" in words(app)
    pressed(app, "Ask with 10 seeds")
    said = words(app)
    assert "10 runs with other seeds share" in said
    with open_workspace(demo / "mortgage") as ws:
        told = ws.explain("boosted", shown(app), ExplainSettings(repeats=10))
    assert told.stability is not None
    first = told.stability.features[0]
    assert f"<td>{round(first.share * 10)} of 10</td>" in said


def pressed(app: AppTest, label: str) -> AppTest:
    """Press the first button with this label."""
    return next(button for button in app.button if button.label == label).click().run()


def test_a_wrong_reason_becomes_a_problem_with_the_patterns_that_are_kept(
    open_in: Callable[..., AppTest], matching: Path, served_before: None
) -> None:
    """The strongest word is proposed; what is kept is one version under the problem's name, with the labels chosen."""
    with open_workspace(matching / "matching") as ws:
        before = ws.test_set().version
    app = open_in(matching, "matching", before, candidate="word-matcher")
    example = shown(app)
    assert not [field for field in app.selectbox if field.label == "It wrongly rests on"]
    pressed(app, "Wrong reason")
    with open_workspace(matching / "matching") as ws:
        strongest = ws.explain("word-matcher", example).weights[0]
    name = next(field.value for field in app.text_input if field.label == "Name of the problem")
    assert name == f"Decides by “{strongest.feature}”"
    keeps = [box for box in app.checkbox if box.label.startswith("Keep ")]
    assert len(keeps) == 8, "itself, without the word, and six others with it"
    keeps[0].uncheck()
    keeps[7].uncheck().run()
    pressed(app, "File it with 6 test patterns")
    assert "Filed as the problem" in words(app)
    with open_workspace(matching / "matching") as ws:
        problem = list_problems(ws.home)[-1]
        rows = ws.test_set().rows
        added = rows[[ws.test_set().position(one) for one in problem.pattern_ids]]
    assert ws.test_set().version == before + 1
    assert (problem.name, len(problem.pattern_ids)) == (name, 6)
    assert set(added["@origin"]) == {"pattern"}
    without, others = added[strongest.field].to_list()[0], added[strongest.field].to_list()[1:]
    assert strongest.feature.casefold() not in without.casefold().split()
    assert all(text.endswith(f" {strongest.feature}") for text in others)


def test_the_smallest_change_is_said_and_other_words_are_explained_and_kept_as_a_pattern(
    open_in: Callable[..., AppTest], matching: Path, served_before: None
) -> None:
    app = open_in(matching, "matching", 1, candidate="word-matcher", which="nearest")
    example = shown(app)
    pressed(app, "Find the smallest change that flips the answer")
    with open_workspace(matching / "matching") as ws:
        found = ws.smallest_change("word-matcher", example)
        assert found.smallest is not None
        said = words(app)
        assert f"The answer flips without “{found.smallest.where.feature}”: score" in said
        assert f"of {found.tried} single changes tried flip it" in said
        told = ws.explain("word-matcher", example)
        other = ws.explain("word-matcher", example, overrides={"want": "a quiet word"})
        before = ws.test_set().version
    assert next(one for one in app.button if one.label == "Explain it with this").disabled
    next(one for one in app.text_area if one.label == "want").input("a quiet word").run()
    pressed(app, "Explain it with this")
    said = words(app)
    assert f"Score {number(other.score)} instead of {number(told.score)}" in said
    assert f"Score {number(told.score)}, " in said, "the original stays"
    pressed(app, "Save it as a test pattern")
    with open_workspace(matching / "matching") as ws:
        assert ws.test_set().version == before + 1
        row = ws.test_set().rows.row(-1, named=True)
    assert (row["want"], row["@origin"]) == ("a quiet word", "pattern")


def field_of(app: AppTest, label: str) -> Any:
    """Return the field of a column under "What if it were different?"."""
    return next(one for one in (*app.number_input, *app.selectbox, *app.text_input) if one.label == label)


def test_other_values_of_a_row_are_explained_and_the_smallest_change_is_one_of_a_value(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app(PAGE, candidate="boosted", which="nearest")
    example = shown(app)
    with open_workspace(demo / "mortgage") as ws:
        told = ws.explain("boosted", example)
        found = ws.smallest_change("boosted", example)
        lvr, dmi = 0.31, "no" if told.inputs["dmi"] == "yes" else "yes"
        other = ws.explain("boosted", example, overrides={"lvr": lvr, "dmi": dmi})
        before = ws.test_set().version
    assert found.smallest is not None
    pressed(app, "Find the smallest change that flips the answer")
    after = found.smallest.after
    assert f"The answer flips with {found.smallest.where.field} " in words(app)
    assert (f"{after:.4g}" if isinstance(after, float) else str(after)) in words(app)
    assert f"of {found.tried:,} single changes tried flip it" in words(app)
    field_of(app, "lvr").set_value(lvr).run()
    field_of(app, "dmi").set_value(dmi).run()
    pressed(app, "Explain it with this")
    said = words(app)
    was = told.inputs["lvr"]
    assert (
        f"With lvr {lvr:.4g} instead of {was:.4g}, dmi {dmi} instead of {told.inputs['dmi']}: "
        f"score {number(other.score)} instead of {number(told.score)}" in said
    )
    assert abs(other.score - told.score) > 0.01
    tables = [each for each in re.findall(r"<tbody>(.*?)</tbody>", said, re.S) if "Pushes the score" in each]
    drawn = [re.findall(r'<th scope="row">([^<]*)</th>', each) for each in tables]
    assert drawn == [[each.feature for each in one.weights] for one in (told, other)], "as it is, and changed"
    assert all(signed_weight(each.weight) in tables[1] for each in other.weights)
    pressed(app, "Back to how it is")
    assert (field_of(app, "lvr").value, field_of(app, "dmi").value) == (was, told.inputs["dmi"])
    assert "With lvr" not in words(app)
    with open_workspace(demo / "mortgage") as ws:
        assert ws.test_set().version == before, "nothing is kept that nobody saves"


def test_a_value_that_is_none_is_refused_in_place_and_an_emptied_field_is_a_missing_value(
    open_app: Open, demo: Path, served_before: None
) -> None:
    config = demo / "mortgage" / "workspace.toml"
    before = config.read_text()
    config.write_text(before.replace("[columns.lvr]\n", '[columns.lvr]\nmissing = "keep"\n'))
    app = open_app(PAGE, candidate="boosted")
    example = shown(app)
    for wrong, why in (
        ("a lot", "column lvr: 'a lot' is not a number."),
        ("99", "99 is above the largest allowed"),
    ):
        field_of(app, "lvr").input(wrong).run()
        pressed(app, "Explain it with this")
        assert why in words(app)
        assert field_of(app, "lvr").value == wrong, "what was typed stays, to be mended"
        assert "instead of" not in words(app)
        assert not [one for one in app.button if one.label == "Save it as a test pattern"]
    field_of(app, "lvr").input("").run()
    pressed(app, "Explain it with this")
    with open_workspace(demo / "mortgage") as ws:
        other = ws.explain("boosted", example, overrides={"lvr": None})
    assert "With lvr missing instead of " in words(app)
    assert f"score {number(other.score)} instead of" in words(app)
    assert other.notes[0].startswith("lvr ")
    assert other.notes[0] in words(app), "a column's name is not written anew"


def test_a_region_is_painted_out(open_in: Callable[..., AppTest], digits: Path, served_before: None) -> None:
    app = open_in(digits, "digits", 1, candidate="marked")
    regions = next(one for one in app.multiselect if one.label == "Paint out")
    regions.select(regions.options[0]).run()
    pressed(app, "Explain it with this")
    with open_workspace(digits / "digits") as ws:
        told = ws.explain("marked", shown(app))
        strongest = told.weights[0]
        assert strongest.box is not None
        painted = painted_out(ws.home, "image", ws.image(told.inputs["image"]), [strongest.box])
        other = ws.explain("marked", shown(app), overrides={"image": painted})
        tried = ws.smallest_change("marked", shown(app))
        hidden = tried.smallest or tried.nearest
        assert hidden is not None
        assert hidden.where.box is not None
        same = painted_out(ws.home, "image", ws.image(told.inputs["image"]), [hidden.where.box])
        assert ws.explain("marked", shown(app), overrides={"image": same}).score == pytest.approx(
            hidden.score
        )
    assert abs(other.score - told.score) > 0.001
    assert f"Score {number(other.score)} instead of {number(told.score)}" in words(app)
    assert words(app).count("with the regions for and against") == 4, (
        "alt and title, of the original and of this"
    )
