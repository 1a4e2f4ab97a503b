"""Problems that stakeholders name, each described by test patterns. Opening and listing them."""

from lookingglass.problems.register import Problem, get_problem, list_problems, open_problem

__all__ = ["Problem", "get_problem", "list_problems", "open_problem"]
