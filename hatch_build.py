"""Puts the dashboard's entry and its settings into the wheel, and into nothing else.

An editable install reads both from the checkout; a copy beside it would grow old, so these two are left out there.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PARTS = {"app.py": "lookingglass/_app/app.py", ".streamlit": "lookingglass/_app/.streamlit"}


class DashboardHook(BuildHookInterface):
    """Called by hatchling for each wheel, standard or editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the parts that ``sources`` cannot move, since it moves folders only."""
        if version == "standard":
            build_data["force_include"].update(PARTS)
