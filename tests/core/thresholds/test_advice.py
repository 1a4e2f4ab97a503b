"""Three answers lead to goals that can be aimed for; accuracy is proposed only where nothing is rare."""

from __future__ import annotations

import itertools

import pytest

from lookingglass.metrics import Costs, Settings
from lookingglass.thresholds import Aim, parse_requirement
from lookingglass.thresholds.advice import Worse, advise, is_rare

WORSE: tuple[Worse, ...] = ("wrong yes", "wrong no", "both alike", "in money")


@pytest.mark.parametrize(
    ("rare", "worse", "limited"), list(itertools.product((True, False), WORSE, (True, False)))
)
def test_every_answer_leads_to_goals_that_can_be_aimed_for(rare: bool, worse: Worse, limited: bool) -> None:
    found = advise(rare=rare, worse=worse, limited=limited)
    assert 1 <= len(found) <= 4
    for advice in found:
        needed = () if advice.with_requirement is None else (parse_requirement(advice.with_requirement),)
        assert Aim(advice.goal, Settings(advice.beta or 1.0, Costs(1, 1)), needed).goal == advice.goal
    goals = [advice.goal for advice in found]
    assert (goals[0] == "cost_per_example") == (worse == "in money")
    assert ("accuracy" in goals) == (not rare and worse == "both alike")


def test_the_worse_mistake_weighs_more() -> None:
    betas = {
        worse: next(one.beta for one in advise(rare=True, worse=worse, limited=False) if one.beta)
        for worse in WORSE[:2]
    }
    assert betas == {"wrong yes": 0.5, "wrong no": 2.0}


@pytest.mark.parametrize(("share", "rare"), [(0.12, True), (0.88, True), (0.2, False), (0.5, False)])
def test_either_class_can_be_the_rare_one(share: float, rare: bool) -> None:
    assert is_rare(share) is rare
