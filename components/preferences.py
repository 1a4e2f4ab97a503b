"""What this server's person settled for good, such as a closed hint; kept in a small file beside the workspaces.

Nothing here is part of any record. Where the folder cannot be written, it lasts as long as the session.
"""

from __future__ import annotations

import json
from pathlib import Path

from components import cache, state

_FILE = ".looking-glass.json"


def hint_dismissed() -> bool:
    """Whether the first-five-minutes hint was closed."""
    return state.hint_dismissed() or bool(_read().get("hint_dismissed", False))


def dismiss_hint() -> None:
    """Close the first-five-minutes hint for good."""
    state.dismiss_hint()
    try:
        _path().write_text(json.dumps(_read() | {"hint_dismissed": True}), encoding="utf-8")
    except OSError:
        return


def _path() -> Path:
    return cache.served_folder() / _FILE


def _read() -> dict[str, object]:
    try:
        found = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
