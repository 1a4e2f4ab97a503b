"""The ledger: append-only, hash-chained events, from which everything that people did can be read again."""

from lookingglass.ledger.events import Actor, Event
from lookingglass.ledger.store import Ledger, StaleWrite

__all__ = ["Actor", "Event", "Ledger", "StaleWrite"]
