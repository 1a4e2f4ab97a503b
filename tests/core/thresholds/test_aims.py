"""Aims: read as people write them, refused in a sentence, and the same after the ledger and a link."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookingglass.errors import BadInput
from lookingglass.metrics import Costs, Settings
from lookingglass.metrics.formulas import AT_THRESHOLD
from lookingglass.thresholds import (
    Aim,
    Capacity,
    Requirement,
    goal_named,
    parse_capacity,
    parse_requirement,
    parse_share,
)


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        ("recall>=0.8", Requirement("recall", ">=", 0.8)),
        ("  recall  >=  0.8 ", Requirement("recall", ">=", 0.8)),
        ("false_positive_rate <= 5% by black", Requirement("false_positive_rate", "<=", 0.05, "black")),
        (
            "false_positive_rate<=0.05 by home town",
            Requirement("false_positive_rate", "<=", 0.05, "home town"),
        ),
        ("selection_rate ≤ 30 %", Requirement("selection_rate", "<=", 0.3)),
        ("true_positive_rate >= 1", Requirement("recall", ">=", 1.0)),
        ("mcc >= -0.1", Requirement("mcc", ">=", -0.1)),
        ("cost <= 12.5", Requirement("cost_per_example", "<=", 12.5)),
        ("recall >= 0.1%", Requirement("recall", ">=", 0.001)),
    ],
)
def test_a_requirement_is_read_as_people_write_it(text: str, requirement: Requirement) -> None:
    assert parse_requirement(text) == requirement
    assert parse_requirement(requirement.text()) == requirement


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("recall", "'recall' is no requirement: write it like"),
        ("recall = 0.8", "is no requirement"),
        ("recall >= high", "'recall >= high' is no requirement"),
        ("recall > 0.8", "is no requirement"),
        ("", "'' is no requirement"),
        ("recal >= 0.8", "'recal' is no metric: choose from accuracy, precision, recall"),
        ("roc_auc >= 0.8", "'roc_auc' does not depend on the threshold: choose from"),
        ("recall >= 80", "the bound of recall must be between 0 and 1, not 80"),
        ("recall >= -0.1", "the bound of recall must be between 0 and 1, not -0.1"),
        ("mcc >= -2", "the bound of mcc must be between -1 and 1"),
        ("recall >= nan", "the bound of recall must be between 0 and 1, not nan"),
        ("cost <= inf", "the bound of cost_per_example must be a number, not inf"),
        ("recall >= snan", "is no requirement"),
    ],
)
def test_what_is_no_requirement_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_requirement(text)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "capacity", "back"),
    [
        ("10%", Capacity(share=0.1), "10%"),
        ("12.5 %", Capacity(share=0.125), "12.5%"),
        ("0.1%", Capacity(share=0.001), "0.1%"),
        ("100%", Capacity(share=1.0), "100%"),
        ("250", Capacity(count=250), "250"),
        ("10,000", Capacity(count=10_000), "10000"),
    ],
)
def test_a_capacity_is_read_as_people_write_it(text: str, capacity: Capacity, back: str) -> None:
    assert parse_capacity(text) == capacity
    assert capacity.text() == back
    assert parse_capacity(back) == capacity


def test_a_capacity_of_a_volume_is_a_share_of_it() -> None:
    assert parse_capacity("250", volume=10_000).most == 0.025
    assert parse_capacity("250", volume=100).most == 1.0
    assert parse_capacity("250", volume=10_000).text() == "250 of 10000"
    assert parse_capacity("10%", volume=10_000) == Capacity(share=0.1)
    assert parse_capacity("250").most is None


@pytest.mark.parametrize("text", ["0.1", "ten", "", "-5", "0", "0%", "101%", "nan%", "1e3", "²"])
def test_what_is_no_capacity_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="capacity"):
        parse_capacity(text)


def test_a_share() -> None:
    assert parse_share("5%") == parse_share("0.05") == 0.05
    for wrong in ("5", "x", "-1%", "nan", ""):
        with pytest.raises(BadInput, match="is no share: write 5%"):
            parse_share(wrong)


def test_a_goal_by_its_other_name() -> None:
    assert goal_named("cost") == "cost_per_example"
    assert goal_named("youden_j") == "balanced_accuracy"
    assert goal_named("f1") == "f1"
    with pytest.raises(BadInput, match="'f3' is no metric"):
        goal_named("f3")


def test_which_way_a_goal_is_better() -> None:
    costs = Settings(costs=Costs(1, 1))
    lower = {name for name in AT_THRESHOLD if Aim(name, costs).direction == "lower"}
    assert lower == {"false_positive_rate", "false_negative_rate", "cost_per_example"}


def test_the_rule_in_words() -> None:
    aim = Aim(
        "f_beta",
        Settings(beta=2),
        (parse_requirement("recall>=70%"), parse_requirement("false_positive_rate<=5% by black")),
        parse_capacity("10%"),
    )
    assert aim.text() == (
        "highest f_beta with beta 2 with recall >= 0.7 and false_positive_rate <= 0.05 by black, answering at most 10%"
    )
    assert Aim("false_positive_rate").text() == "lowest false_positive_rate"


money = st.floats(0, 1e9)
settings_made = st.builds(
    Settings,
    st.floats(0.01, 100),
    st.one_of(st.none(), st.builds(Costs, st.floats(0.01, 1e9), money, money, money)),
    st.one_of(st.none(), st.floats(1e-9, 1 - 1e-9)),
)
requirements_made = st.builds(
    Requirement,
    st.sampled_from([name for name in AT_THRESHOLD if name != "cost_per_example"]),
    st.sampled_from([">=", "<="]),
    st.floats(0, 1),
    st.one_of(st.none(), st.sampled_from(["black", "home town", "größe"])),
)
capacities_made = st.one_of(
    st.none(),
    st.builds(Capacity, share=st.floats(1e-6, 1)),
    st.builds(Capacity, count=st.integers(1, 10**9), volume=st.one_of(st.none(), st.floats(1, 1e12))),
)


@given(
    st.sampled_from([name for name in AT_THRESHOLD if name != "cost_per_example"]),
    settings_made,
    st.lists(requirements_made, max_size=3).map(tuple),
    capacities_made,
)
def test_an_aim_comes_back_from_json_as_it_was(
    goal: str, told: Settings, requirements: tuple[Requirement, ...], capacity: Capacity | None
) -> None:
    aim = Aim(goal, told, requirements, capacity)
    assert Aim.from_json(json.loads(json.dumps(aim.to_json(), allow_nan=False))) == aim
    for requirement in requirements:
        assert parse_requirement(requirement.text()) == requirement
    if capacity is not None and capacity.share is not None:
        assert parse_capacity(capacity.text()) == capacity


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"goal": "f3"},
        {"goal": "f1", "beta": "two"},
        {"goal": "f1", "beta": 0},
        {"goal": "f1", "costs": {"cost_fp": 1}},
        {"goal": "f1", "costs": [1, 2]},
        {"goal": "f1", "requirements": [{"metric": "recall"}]},
        {"goal": "f1", "requirements": 3},
        {"goal": "f1", "capacity": {"shares": 1}},
        {"goal": "f1", "capacity": {"count": "many"}},
        {"goal": "cost_per_example"},
        {"goal": ["f1"]},
    ],
)
def test_what_describes_no_aim_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        Aim.from_json(data)


def test_a_cost_goal_or_requirement_needs_costs() -> None:
    for aim in (
        lambda: Aim("cost_per_example"),
        lambda: Aim("f1", requirements=(parse_requirement("cost <= 3"),)),
    ):
        with pytest.raises(BadInput, match="say what a false positive and a false negative cost"):
            aim()
