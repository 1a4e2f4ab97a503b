"""A threshold session in process: the question stands in the link, the best is told and moved to, people agree, and an
agreement that the test set has overtaken says so on every page until somebody confirms it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from components.views.threshold.limits import typed_bound
from lookingglass.metrics.formulas import Costs, Settings
from lookingglass.testset import relabel
from lookingglass.thresholds import Aim, parse_requirement
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, wait_for_version, words
from tests.core.evaluation.conftest import ANA

PAGE = "pages/threshold.py"
COSTS = {"candidate": "boosted", "metric": "cost_per_example", "fp": "1", "fn": "5", "currency": "USD"}


def button(app: AppTest, begins: str) -> Button:
    """Return the one button whose words begin so."""
    found = [one for one in app.button if one.label.startswith(begins)]
    assert len(found) == 1, [one.label for one in app.button]
    return found[0]


def test_the_best_for_the_aim_is_the_cores_and_one_press_moves_there(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app(PAGE, **COSTS, require="recall >= 0.7")
    aim = Aim("cost_per_example", Settings(1.0, Costs(1, 5)), (parse_requirement("recall >= 0.7"),))
    with open_workspace(demo / "mortgage") as ws:
        chosen = ws.choose("boosted", aim)
    button(app, "Move to ").click().run()
    assert float(app.query_params["threshold"]) == chosen.threshold
    recall = chosen.figures["recall"]
    assert f"{recall.k:,} of {recall.n:,}" in words(app)
    assert "Recall at least 70.0\u202f%: holds" in words(app)
    assert not [one for one in app.button if one.label.startswith("Move to ")]


def test_a_cost_is_told_for_the_stated_volume_with_its_interval(open_app: Open, demo: Path) -> None:
    said = words(open_app(PAGE, **COSTS, threshold="0.2", volume="10000", period="month"))
    with open_workspace(demo / "mortgage") as ws:
        figure = ws.figures("boosted", 0.2, settings=Settings(1.0, Costs(1, 5)))["cost_per_example"]
    assert figure.value is not None
    told = f"{float(f'{figure.value * 10_000:.3g}'):,.0f}".replace(",", "\u202f")
    assert f"That costs {told} USD (95 %: " in said
    assert "for 10,000 applications a month." in said


def test_limits_that_no_threshold_keeps_are_named_with_the_nearest_point(open_app: Open) -> None:
    said = words(open_app(PAGE, candidate="boosted", require="recall >= 0.95;selection_rate <= 0.05"))
    assert "No threshold keeps all limits" in said
    assert "Recall at least 95.0" in said
    assert "comes closest" in said


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"fp": "-3", "fn": "5"}, "would pay better"),
        ({"fp": "nan", "fn": "5"}, "fp=nan, which cannot be read"),
        ({"metric": "cost_per_example"}, "the cost needs costs"),
        ({"prevalence": "1.5"}, "share of positives in real use must lie between"),
        ({"require": "recal >= 0.8"}, "'recal' is no metric"),
        ({"require": "recall >= 0.8 by nowhere"}, "there is no group column 'nowhere'"),
        ({"capacity": "lots"}, "is no capacity"),
        ({"metric": "nonsense"}, "'nonsense' is no metric"),
    ],
)
def test_a_link_that_asks_for_what_cannot_be_says_so_and_shows_the_rest(
    open_app: Open, query: dict[str, str], told: str
) -> None:
    said = words(open_app(PAGE, candidate="boosted", **query))
    assert told in said
    assert "At 0.50, of 1,000 applications" in said


def test_people_agree_and_every_page_says_so_until_the_test_set_moves_on(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app(PAGE, **COSTS, threshold="0.2")
    app.text_input(key="agree people 0").set_value("Ana, Bo")
    app.text_area(key="agree reason 0").set_value("A missed denial costs five times as much.")
    button(app, "Agree on 0.20").click().run()
    assert not app.exception
    assert not app.error, app.error
    with open_workspace(demo / "mortgage") as ws:
        decision = ws.decision("boosted")
        first = ws.test_set().rows.item(0, "@id")
        now = ws.test_set().rows.item(0, "@label")
    assert decision is not None
    assert (decision.threshold, decision.people, decision.version) == (0.2, ("Ana", "Bo"), 2)
    assert decision.settings.costs == Costs(1, 5)
    assert decision.figures["recall"].n == 143
    with open_workspace(demo / "mortgage") as ws:
        groups = {group.value: group for group in ws.groups("boosted", "black", 0.2)}
    recorded = decision.figures["false_positive_rate where black is yes"]
    assert recorded.value == groups["yes"].figures["false_positive_rate"].value
    assert "Agreed for boosted: 0.20, by Ana and Bo" in words(app)
    assert app.text_area(key="agree reason 1").value == "", "the form is empty for the next agreement"
    app.switch_page("pages/candidates.py").run()
    assert "Agreed: boosted at 0.20" in " ".join(chips(app))

    with open_workspace(demo / "mortgage") as ws:
        relabel(ws.home, first, "yes" if now == "no" else "no", note="a second look", actor=ANA)
    wait_for_version(demo, 3)
    app.run()
    assert "out of date: agreed on v2, now v3" in " ".join(chips(app))
    app.switch_page(PAGE).run()
    assert "Out of date: agreed on version 2, now version 3." in words(app)
    button(app, "Confirm 0.20 on version 3").click().run()
    app.text_input(key=f"confirm people {decision.seq}").set_value("Ana, Bo")
    button(app, "It still holds: confirm 0.20 on version 3").click().run()
    with open_workspace(demo / "mortgage") as ws:
        confirmed = ws.decision("boosted")
    assert confirmed is not None
    assert (confirmed.confirms, confirmed.version, confirmed.threshold) == (decision.seq, 3, 0.2)
    assert confirmed.people == ("Ana", "Bo")
    assert set(decision.figures) <= set(confirmed.figures), "what was seen of the groups is measured again"
    assert "Out of date" not in words(app)


def test_an_agreement_without_a_reason_is_refused_and_nothing_is_recorded(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app(PAGE, **COSTS, threshold="0.2")
    app.text_input(key="agree people 0").set_value("Ana")
    button(app, "Agree on 0.20").click().run()
    assert "reason" in app.error[0].value
    with open_workspace(demo / "mortgage") as ws:
        assert ws.decisions == []


def test_what_is_agreed_can_be_left_out_again_and_the_link_to_send_says_so(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app(PAGE, **COSTS, threshold="0.2", volume="10000", prevalence="0.2", ask="0.1", low="0.15")
    app.text_input(key="agree people 0").set_value("Ana")
    app.text_area(key="agree reason 0").set_value("To see what stays.")
    button(app, "Agree on 0.15 to 0.20").click().run()
    app = open_app(PAGE, candidate="boosted")
    assert "for 10,000 applications a month" in words(app), "what was agreed holds where the link is silent"
    button(app, "As in the samples").click().run()
    assert "for 10,000 applications a month" not in words(app)
    assert "applications a person decides" in words(app)
    button(app, "Ask nobody").click().run()
    assert "applications a person decides" not in words(app)
    button(app, "Without costs").click().run()
    assert "That costs" not in words(app)
    link = app.code[0].value
    for part in (
        "fp=none",
        "fn=none",
        "volume=none",
        "prevalence=none",
        "ask=none",
        "low=none",
        "group=black",
    ):
        assert part in link


def test_with_a_person_in_between_everything_speaks_of_the_final_answers(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app(
        PAGE, **COSTS, threshold="0.35", low="0.1", ask="0.15", require="recall >= 0.7;mcc >= 0.99"
    )
    with open_workspace(demo / "mortgage") as ws:
        band = ws.band_at("boosted", 0.1, 0.35, Settings(1.0, Costs(1, 5)), 0.15)
    assert band.counts is not None
    said = words(app)
    asked = band.counts.asked_positives + band.counts.asked_negatives
    assert f"From 0.10 to 0.35, of 1,000 applications a person decides {round(asked / 1.192)}; of" in said
    recall = band.figures["recall"]
    assert "Recall at least 70.0\u202f%: holds" in said
    assert f"{recall.k:,} of {recall.n:,}" in said
    assert "MCC at least 0.990: does not hold" in said
    assert "Every figure with a person in between" in said
    assert "Every figure at 0.35, if nobody were asked" in said
    app.text_input(key="agree people 0").set_value("Ana")
    app.text_area(key="agree reason 0").set_value("Doubtful ones are looked at.")
    app.checkbox(key="agree although 0").check()
    with open_workspace(demo / "mortgage") as ws:
        groups = {group.value: group for group in ws.groups("boosted", "black", 0.1)}
    missed = groups["yes"].figures["false_negative_rate"]
    assert f"{missed.k:,} of {missed.n:,}" in said, (
        "a person is right: only below the lower one is anybody missed"
    )
    button(app, "Agree on 0.10 to 0.35").click().run()
    with open_workspace(demo / "mortgage") as ws:
        decision = ws.decision("boosted")
        alone = ws.figures("boosted", 0.35)["recall"]
    assert decision is not None
    assert (decision.figures["recall"].k, decision.figures["recall_with_asking"].k) == (alone.k, recall.k)


def test_the_cheapest_pair_keeps_the_limits_and_says_what_asking_saves(open_app: Open) -> None:
    said = words(open_app(PAGE, **COSTS, ask="0.15", require="recall >= 0.7", volume="1000"))
    assert "Cheapest that keeps the limits with a person asked from" in said
    assert "That saves " in said
    said = words(open_app(PAGE, **COSTS, ask="0.15", most="0.01", require="precision >= 0.99;recall >= 0.9"))
    assert "no two thresholds keep all limits" in said


def test_a_person_in_between_without_prices_is_told_without_a_cost(open_app: Open) -> None:
    said = words(open_app(PAGE, candidate="boosted", threshold="0.35", low="0.1"))
    assert "applications a person decides" in said
    assert "That costs" not in said
    said = words(open_app(PAGE, candidate="boosted", threshold="0.35", low="0.5"))
    assert "the threshold for asking lies above the one for yes" in said
    assert "At 0.35, of 1,000 applications" in said


def test_what_the_limits_cost_is_told(open_app: Open, demo: Path) -> None:
    said = words(open_app(PAGE, **COSTS, require="recall >= 0.9", volume="1000"))
    aim = Aim("cost_per_example", Settings(1.0, Costs(1, 5)))
    with open_workspace(demo / "mortgage") as ws:
        free = ws.choose("boosted", aim).figures["cost_per_example"].value
        held = replace(aim, requirements=(parse_requirement("recall >= 0.9"),))
        kept = ws.choose("boosted", held).figures["cost_per_example"].value
    assert free is not None
    assert kept is not None
    assert kept > free
    assert f"keeping them costs {(kept - free) * 1000:.3g} USD more" in said


@pytest.mark.parametrize(
    ("typed", "metric", "bound"),
    [
        ("70", "recall", "70%"),
        ("0.7", "recall", "0.7"),
        ("70 %", "recall", "70%"),
        ("0,7", "recall", "0.7"),
        ("1", "recall", "1"),
        ("0.5%", "selection_rate", "0.5%"),
        ("0.3", "mcc", "0.3"),
        ("-0.3", "mcc", "-0.3"),
        ("30", "mcc", None),
        ("130", "recall", None),
        ("-1", "recall", None),
        ("a lot", "recall", None),
        ("1.5", "recall", None),
        ("1.5 %", "recall", "1.5%"),
        ("nan", "recall", None),
        ("", "recall", None),
    ],
)
def test_a_limit_is_read_as_people_type_it(typed: str, metric: str, bound: str | None) -> None:
    assert typed_bound(typed, metric) == bound


def test_the_record_of_decisions_says_what_people_saw(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app(PAGE, **COSTS, threshold="0.2", volume="10000")
    app.text_input(key="agree people 0").set_value("Ana")
    app.text_area(key="agree reason 0").set_value("A missed denial costs five times as much.")
    button(app, "Agree on 0.20").click().run()
    with open_workspace(demo / "mortgage") as ws:
        decision = ws.decision("boosted")
    assert decision is not None
    recall = decision.figures["recall"]
    said = words(open_app(PAGE, view="decisions"))
    assert f"({recall.k:,} of {recall.n:,})" in said
    assert "10,000 applications a month" in said
    assert "False positive rate where black is yes" in said


def chips(app: AppTest) -> list[str]:
    """Return what the chips say."""
    return [str(link.proto.label).replace("\\", "").replace("\u2060", "") for link in app.get("page_link")]


def test_test_patterns_are_counted_only_when_somebody_says_so(open_app: Open) -> None:
    app = open_app(PAGE, candidate="boosted")
    assert "of 1,192" in words(app)
    assert "of 1,204" not in words(app)
    app.query_params["origin"] = "all"
    app.run()
    assert "of 1,204" in words(app)
    assert app.toggle[0].value is True
