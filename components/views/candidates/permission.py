"""Whether the person of this session may do something, for a disabled button and its reason.

The core asks again when it writes; nothing here allows anything.
"""

from __future__ import annotations

from components.context import Context
from lookingglass.errors import LookingGlassError
from lookingglass.ledger import may
from lookingglass.ledger.roles import require


def why_not(ctx: Context, event_type: str) -> str | None:
    """Return why this person cannot record such an event, in one sentence; None when they can."""
    if ctx.ws.home.read_only:
        return ctx.ws.home.read_only
    try:
        actor = ctx.actor
        if may(ctx.ws.config.people, actor.name, event_type):
            return None
        require(ctx.ws.config.people, actor.name, event_type)
    except LookingGlassError as error:
        return str(error)
    return None
