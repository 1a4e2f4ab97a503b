"""Policies: what contradicts itself is refused, what was set stays, and who set it when, before or after results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lookingglass.config import PersonRole, write_config
from lookingglass.errors import BadInput, Conflict, NotAllowed
from lookingglass.fairness import Limit
from lookingglass.happenings import happenings
from lookingglass.home import Home, open_home
from lookingglass.ledger import Actor
from lookingglass.ledger.verify import verify
from lookingglass.policies import (
    Policy,
    PolicyLimit,
    list_policies,
    parse_policy_limit,
    policy_in_force,
    set_policy,
)
from tests.core.testset.conftest import config

ANA, BO = Actor("ana"), Actor("bo")
BY_BLACK = parse_policy_limit("recall difference 0.1 by black")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """Make a workspace with nothing in it."""
    write_config(tmp_path, config())
    opened = open_home(tmp_path)
    yield opened
    opened.ledger.close()


def policy(*limits: PolicyLimit, reason: str = "Denied by mistake is the worse mistake.") -> Policy:
    return Policy(limits or (BY_BLACK,), reason)


def test_a_policy_is_found_again_as_it_was_set(home: Home) -> None:
    ratio = PolicyLimit(Limit("selection_rate", "ratio", 0.8), ("black", "single"), "no,no", waivable=True)
    made = set_policy(home, policy(BY_BLACK, ratio), ANA, after_results=False)
    (found,) = list_policies(home)
    assert found == made == policy_in_force(home)
    assert found.policy == policy(BY_BLACK, ratio)
    assert found.digest == found.policy.digest
    assert (found.version, found.actor, found.after_results, found.replaced_by) == (1, "ana", False, None)
    assert json.loads(json.dumps(found.to_json()))["policy"]["limits"][1]["reference"] == "no,no"
    assert verify(home.folder).ok
    assert happenings(home, 1)[0].words == "set policy 1 with 2 limits"


def test_a_later_policy_replaces_the_first_and_is_said_to_come_after_results(home: Home) -> None:
    set_policy(home, policy(), ANA, after_results=False)
    set_policy(home, policy(reason="Looser."), BO, after_results=False)
    first, second = list_policies(home)
    assert (first.replaced_by, second.replaced_by) == (2, None)
    assert (first.after_results, second.after_results) == (False, True)
    assert happenings(home, 1)[0].words == "set policy 2 with 1 limit, after results were looked at"


def test_the_digest_is_of_what_it_says() -> None:
    assert policy().digest == policy().digest
    assert policy().digest != policy(reason="Another.").digest
    assert policy().digest != Policy((BY_BLACK,), policy().reason, 20).digest
    assert Policy.from_json(json.loads(json.dumps(policy().to_json()))) == policy()


def test_the_same_key_sets_it_once_and_the_same_policy_is_not_set_twice(home: Home) -> None:
    one = set_policy(home, policy(), ANA, after_results=False, key="k")
    assert set_policy(home, policy(), ANA, after_results=False, key="k") == one
    assert len(list_policies(home)) == 1
    with pytest.raises(BadInput, match="policy 1, which is in force, says the same"):
        set_policy(home, policy(), ANA, after_results=False)


def test_who_did_not_see_the_policy_in_force_is_told(home: Home) -> None:
    set_policy(home, policy(), ANA, after_results=False, seen=0)
    with pytest.raises(Conflict, match="ana set policy 1 after you looked"):
        set_policy(home, policy(reason="Mine."), BO, after_results=False, seen=0)
    set_policy(home, policy(reason="Mine."), BO, after_results=False, seen=1)


def test_setting_one_needs_the_role(tmp_path: Path) -> None:
    people: dict[str, tuple[PersonRole, ...]] = {"ana": ("editor",), "bo": ("approver",)}
    write_config(tmp_path, config().model_copy(update={"people": people}))
    home = open_home(tmp_path)
    with pytest.raises(NotAllowed, match="ana may not set a policy"):
        set_policy(home, policy(), ANA, after_results=False)
    assert set_policy(home, policy(), BO, after_results=False).actor == "bo"
    home.ledger.close()


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (("recall difference 0.1 by black", "recall difference 0.2 by black"), "state one"),
        (("recall difference 0.1 by black", "false_negative_rate difference 0.2 by black"), "state one"),
        (("recall ratio 0.8 by a,b", "recall ratio 0.9 by b,a"), "state one"),
        (("recall difference 0.1",), "a limit names a metric"),
        (("recall difference 0.1 by ",), "a limit names a metric"),
        (("recall quotient 0.1 by a",), "a limit names a metric"),
        (("auc difference 0.1 by a",), "there is no limit for 'auc'"),
        (("recall difference 1 by a",), "between 0 and 1"),
        (("recall difference 0.1 by a,a",), "one to 3 different columns"),
        (("recall difference 0.1 by a,b,c,d",), "one to 3 different columns"),
        ((), "1 to 50 limits, not 0"),
    ],
)
def test_limits_that_contradict_each_other_or_mean_nothing_are_refused(
    limits: tuple[str, ...], told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        Policy(tuple(parse_policy_limit(text) for text in limits), "Because.")


def test_limits_that_only_look_alike_are_kept() -> None:
    texts = ("recall difference 0.1 by a", "recall ratio 0.8 by a", "recall difference 0.1 by b")
    limits = [parse_policy_limit(text) for text in texts]
    limits.append(parse_policy_limit("false_negative_rate ratio 0.8 by a"))
    assert len(Policy(tuple(limits), "Because.").limits) == 4


def test_a_policy_needs_a_reason_and_a_meaning() -> None:
    with pytest.raises(BadInput, match="the reason is missing"):
        policy(reason="  ")
    with pytest.raises(BadInput, match="blocks or passes"):
        Policy((BY_BLACK,), "x", cannot_tell="waits")  # type: ignore[arg-type]  # what a script may give
    with pytest.raises(BadInput, match="the smallest denominator must be 1"):
        Policy((BY_BLACK,), "x", 0)
