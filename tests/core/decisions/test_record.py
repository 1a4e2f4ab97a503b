"""What may stand in a decision: nothing is recorded that is not finite, not named, not in the agreed form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lookingglass.decisions import Volume, agree, compare_decisions, list_decisions
from lookingglass.errors import BadInput
from lookingglass.figures import Figure
from lookingglass.home import Home
from lookingglass.metrics.bootstrap import ResampledFigure
from lookingglass.metrics.formulas import Settings
from lookingglass.thresholds.aims import Aim, parse_requirement
from tests.core.decisions.conftest import ANA, Draft, measured

NAN, INF = float("nan"), float("inf")
GOOD = {"value": 0.5, "low": 0.4, "high": 0.6, "method": "wilson", "n": 10}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no reason": ({"reason": "  "}, "the reason is missing: say it in a sentence"),
    "a reason without end": ({"reason": "x" * 2_001}, "the reason has 2,001 characters, 2,000 are allowed"),
    "a turned reason": ({"reason": "fine\u202egnihton"}, "the reason holds characters that cannot be seen"),
    "nobody": ({"people": []}, "name at least one who agreed"),
    "one text for people": ({"people": "ana, bo"}, "a list of names, not one text"),
    "an empty name": ({"people": ["ana", " "]}, "a person's name has 1 to 200 characters"),
    "a long name": ({"people": ["a" * 201]}, "a person's name has 1 to 200 characters"),
    "a name with a line break": ({"people": ["ana\nbo"]}, r"the name 'ana\\nbo' holds characters"),
    "a crowd": ({"people": [str(n) for n in range(51)]}, "51 people are named, 50 can be"),
    "no threshold": ({"threshold": NAN}, "the threshold is a number, not nan"),
    "an endless threshold": ({"threshold": INF}, "the threshold is a number, not inf"),
    "a yes for a threshold": ({"threshold": True}, "the threshold is a number, not True"),
    "the band upside down": ({"ask_from": 0.4}, r"a person is asked from 0\.4, above the threshold 0\.31"),
    "a band without a number": ({"ask_from": NAN}, "the score from which a person is asked is a number"),
    "no volume": ({"volume": Volume(0)}, "the volume is above 0, not 0"),
    "an endless volume": ({"volume": Volume(INF)}, "the volume is a number, not inf"),
    "no period": ({"volume": Volume(5, " ")}, "the period is missing"),
    "a long currency": ({"currency": "E" * 21}, "the currency has 21 characters, 20 are allowed"),
    "no aim": ({"aim": 3}, "the aim is no JSON object"),
    "an aim without goal": ({"aim": {"beta": 1.0}}, "this describes no aim"),
    "a requirement that nobody knows": (
        {"aim": {"goal": "f1", "requirements": [{"metric": "luck", "sense": ">=", "bound": 0.5}]}},
        "'luck' is no metric",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_decision_can_hold_is_refused(draft: Draft, case: str) -> None:
    changes, sentence = REFUSED[case]
    with pytest.raises(BadInput, match=sentence):
        draft(**changes)


FIGURES: dict[str, tuple[Any, str]] = {
    "a bare number": (0.5, "the figure recall has no value and n"),
    "without n": ({"value": 0.5}, "the figure recall has no value and n"),
    "not finite": ({**GOOD, "low": NAN}, "low of the figure recall is a number, not nan"),
    "a text for a number": ({**GOOD, "value": "0.5"}, "value of the figure recall is a number, not '0.5'"),
    "half an example": ({**GOOD, "n": 2.5}, r"n of the figure recall is a whole number, not 2\.5"),
    "undefined without reason": (
        {"value": None, "n": 0},
        "the figure recall has no value and does not say why",
    ),
    "something else": ({**GOOD, "colour": "red"}, "the figure recall holds 'colour', which no figure has"),
}


@pytest.mark.parametrize("case", FIGURES)
@pytest.mark.parametrize("part", ["figures", "optimism_corrected"])
def test_a_figure_without_its_agreed_form_is_refused(home: Home, case: str, part: str) -> None:
    figure, sentence = FIGURES[case]
    with pytest.raises(BadInput, match=sentence):
        measured(home, **{part: {"recall": figure}})


def test_counts_and_ranges_are_checked(home: Home) -> None:
    with pytest.raises(BadInput, match="the count fn is a whole number, not None"):
        measured(home, counts={"tp": 1, "fp": 2, "tn": 3})
    with pytest.raises(BadInput, match="the flat zone has its ends the wrong way round"):
        measured(home, flat_zone=(0.5, 0.4))
    with pytest.raises(BadInput, match="the flat zone has two ends"):
        measured(home, flat_zone=(0.5,))
    with pytest.raises(BadInput, match="the range of chosen thresholds has its ends the wrong way round"):
        measured(home, chosen=(None, 0.4))


@pytest.mark.parametrize(
    "figure",
    [Figure(0.1 + 0.2, 7, 0.1, 0.9, "wilson", 3), ResampledFigure(0.5, 9, 0.1, 0.9, "bootstrap", seed=4)],
)
def test_figures_come_back_as_they_were(home: Home, draft: Draft, figure: Figure) -> None:
    figures = {"recall": figure, "accuracy": GOOD}
    told = measured(home, figures=figures, optimism_corrected={"f1": figure}, chosen=(0.2, None))
    made = agree(home, draft(measured=told), ANA)
    assert made.figures == {"recall": figure, "accuracy": Figure(0.5, 10, 0.4, 0.6, "wilson")}
    assert made.optimism_corrected == {"f1": figure}
    assert made.chosen == (0.2, None)


def test_a_person_may_stand_between_without_any_automatic_yes(home: Home, draft: Draft) -> None:
    made = agree(home, draft(threshold=None, ask_from=0.3), ANA)
    assert (made.threshold, made.ask_from) == (None, 0.3)


@pytest.mark.parametrize("make", [lambda: Volume(5.5, "Woche"), lambda: None])
def test_a_volume_is_kept(home: Home, draft: Draft, make: Callable[[], Volume | None]) -> None:
    assert agree(home, draft(volume=make()), ANA).volume == make()


def test_an_aim_is_recorded_in_full_and_comes_back(home: Home, draft: Draft) -> None:
    aim = Aim("f_beta", Settings(2.0, prevalence=0.1), (parse_requirement("recall >= 0.8 by area"),))
    made = agree(home, draft(aim=aim), ANA)
    assert made.aim == aim.to_json()
    assert made.parsed_aim == aim
    assert made.settings == aim.settings


def test_a_decision_of_a_newer_version_can_be_read_without_its_aim(home: Home, draft: Draft) -> None:
    made = agree(home, draft(), ANA)
    payload = home.ledger.events("decisions")[-1].payload
    payload = {**payload, "aim": {"goal": "luck", "costs": {"cost_of_time": 1}}, "weather": "fine"}
    home.ledger.append("decisions", "threshold_agreed", payload, ANA)
    newer = list_decisions(home)[-1]
    assert (newer.threshold, newer.parsed_aim, newer.settings) == (0.31, None, Settings())
    assert [row.key for row in compare_decisions(made, newer)] == [
        "goal",
        "cost_fp",
        "cost_fn",
        "gain_tp",
        "gain_tn",
    ]
