"""Making a new workspace from a file: the button on the list, and the wizard in its place."""

from __future__ import annotations

from components.context import Visit


def is_creating() -> bool:
    """Whether this session is in the middle of making one."""
    return False


def creation(visit: Visit) -> None:
    """Draw the button, or the wizard."""
