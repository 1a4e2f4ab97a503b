"""One example opened."""

from __future__ import annotations

from components.context import Context


def draw(ctx: Context) -> None:
    """Draw it."""
