"""The ledger: append-only, hash-chained events, from which everything that people did can be read again.

docs/ledger.md describes the format; ``verify`` checks it with code of its own.
"""

from lookingglass.ledger.database import ledger_path
from lookingglass.ledger.events import Actor, Event, NewEvent, StaleWrite, system_user
from lookingglass.ledger.moment import in_moment, next_moment, one_moment
from lookingglass.ledger.roles import PERMISSIONS, Permission, may
from lookingglass.ledger.store import Ledger
from lookingglass.ledger.tables import ERASURE

__all__ = [
    "ERASURE",
    "PERMISSIONS",
    "Actor",
    "Event",
    "Ledger",
    "NewEvent",
    "Permission",
    "StaleWrite",
    "in_moment",
    "ledger_path",
    "may",
    "next_moment",
    "one_moment",
    "system_user",
]
