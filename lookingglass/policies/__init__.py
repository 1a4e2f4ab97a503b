"""Policies: what must hold between groups, agreed on before results are looked at; versioned, hashed, never edited."""

from lookingglass.policies.policy import Policy, PolicyLimit, parse_policy_limit
from lookingglass.policies.register import (
    POLICY_SET,
    PolicyRecord,
    list_policies,
    policy_in_force,
    set_policy,
)

__all__ = [
    "POLICY_SET",
    "Policy",
    "PolicyLimit",
    "PolicyRecord",
    "list_policies",
    "parse_policy_limit",
    "policy_in_force",
    "set_policy",
]
