"""Decisions: the threshold that people agreed on for a candidate, with who they were, why, and on which figures."""

from lookingglass.decisions.checks import can_name_a_figure
from lookingglass.decisions.comparison import WHERE, DecisionDifference, compare_decisions
from lookingglass.decisions.in_force import Agreed, agreed
from lookingglass.decisions.record import Decision, Measured, NewDecision, Volume
from lookingglass.decisions.register import (
    AGREED,
    agree,
    confirm,
    decision_in_force,
    list_decisions,
    times_used,
)

__all__ = [
    "AGREED",
    "WHERE",
    "Agreed",
    "Decision",
    "DecisionDifference",
    "Measured",
    "NewDecision",
    "Volume",
    "agree",
    "agreed",
    "can_name_a_figure",
    "compare_decisions",
    "confirm",
    "decision_in_force",
    "list_decisions",
    "times_used",
]
