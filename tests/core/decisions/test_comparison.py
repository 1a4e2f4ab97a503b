"""Two decisions side by side: rows of what differs, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from lookingglass.decisions import Decision, agree, compare_decisions
from lookingglass.home import Home
from tests.core.decisions.conftest import AIM, ANA, FIGURES, Draft, measured

RECALL = {"metric": "recall", "sense": ">=", "bound": 0.8, "by": "area"}
TENTH = {"share": 0.1, "count": None, "volume": None}


def texts(a: Decision, b: Decision) -> dict[str, tuple[str, str]]:
    return {row.key: (row.before, row.after) for row in compare_decisions(a, b)}


def test_nothing_differs_from_itself(home: Home, draft: Draft) -> None:
    one = agree(home, draft(), ANA)
    assert compare_decisions(one, one) == ()
    assert compare_decisions(one, agree(home, draft(), ANA)) == ()


def test_what_differs_is_told_and_nothing_else(home: Home, draft: Draft) -> None:
    one = agree(home, draft(currency="EUR"), ANA)
    costs = {"cost_fp": 2.0, "cost_fn": 5.0, "gain_tp": 0.0, "gain_tn": 0.0}
    figures = {"recall": replace(FIGURES["recall"], value=0.5), "f1": FIGURES["recall"]}
    other = agree(
        home,
        draft(
            currency="EUR",
            threshold=None,
            aim={**AIM, "costs": costs, "prevalence": 0.1, "requirements": [RECALL], "capacity": TENTH},
            people=["Bo"],
            measured=measured(home, figures=figures),
        ),
        ANA,
    )
    assert texts(one, other) == {
        "threshold": ("0.31", "answer nobody"),
        "cost_fp": ("1 EUR", "2 EUR"),
        "prevalence": ("none", "10 %"),
        "requirements": ("none", "recall >= 0.8 by area"),
        "capacity": ("none", "10%"),
        "people": ("ana, Bo", "Bo"),
        "figures.recall": ("75.0\u202f% (30.0–95.0\u202f%)", "50.0\u202f% (30.0–95.0\u202f%)"),
        "figures.precision": ("– (nothing answered yes)", "–"),
        "figures.f1": ("–", "0.750 (0.300–0.950)"),
    }
    first = compare_decisions(one, other)[1]
    assert first.what == "cost of a wrong yes"
    assert set(first.to_json()) == {"key", "what", "before", "after"}


def test_thresholds_that_two_decimals_do_not_tell_apart_are_told_apart(home: Home, draft: Draft) -> None:
    one, other = (agree(home, draft(threshold=at), ANA) for at in (0.312, 0.3124))
    assert texts(one, other) == {"threshold": ("0.312", "0.3124")}
    third = agree(home, draft(threshold=0.3124 + 1e-12), ANA)
    assert texts(other, third)["threshold"][0] != texts(other, third)["threshold"][1]
