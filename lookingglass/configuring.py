"""Changes of workspace.toml that the ledger knows of: another title, and a change by hand that a person stands for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from lookingglass.config import (
    WorkspaceConfig,
    config_written,
    load_config,
    parse_config,
    with_title,
)
from lookingglass.errors import BadInput, Conflict, NotSaved
from lookingglass.folders import CONFIG_FILE
from lookingglass.home import Home, config_digest
from lookingglass.ledger import Actor, Event
from lookingglass.ledger.roles import require

STREAM = "workspace"
CREATED = "workspace_created"
RENAMED = "workspace_renamed"
CONFIGURED = "workspace_configured"
LONGEST_TITLE = 200


@dataclass(frozen=True)
class HandChange:
    """The task or columns in workspace.toml are not those that the ledger knows of.

    ``since``: when they were last recorded (UTC). ``recorded``, ``now``: their digests then and now.
    """

    since: str
    recorded: str
    now: str

    @property
    def words(self) -> str:
        """Say it in one sentence."""
        return (
            f"{CONFIG_FILE} was changed by hand since {self.since[:16].replace('T', ' ')} UTC: "
            "figures may differ from those seen before."
        )


def checked_title(title: str) -> str:
    """Return a title on one line, without spaces at its ends.

    Raises:
        BadInput: it is empty, has more than 200 characters, or holds some that cannot be seen.
    """
    flat = unicodedata.normalize("NFC", " ".join(title.split()))
    if not flat:
        raise BadInput("A workspace needs a title: say in a few words what is decided.")
    if len(flat) > LONGEST_TITLE:
        raise BadInput(f"The title has {len(flat):,} characters: use at most {LONGEST_TITLE}.")
    if not flat.isprintable():
        raise BadInput("The title holds characters that cannot be seen: type it again.")
    return flat


def rename_workspace(
    home: Home, title: str, actor: Actor, *, seen: str | None = None, key: str | None = None
) -> WorkspaceConfig:
    """Give the workspace another title; its folder, and so its links, stay. Returns the new configuration.

    workspace.toml is rewritten whole or not at all, with its comments.

    Args:
        seen: the title that the person saw; when it is another one by now, they are told.
        key: idempotency key of the request; the same key again changes nothing.

    Raises:
        BadInput: the title cannot be used, or workspace.toml cannot be read.
        NotAllowed: the actor may not rename the workspace.
        Conflict: somebody else renamed it meanwhile.
        NotSaved: workspace.toml or the ledger cannot be written.
    """
    new = checked_title(title)
    require(home.config.people, actor.name, RENAMED)
    if home.read_only:
        raise NotSaved(f"{home.read_only} Nothing was changed.")
    path = home.folder / CONFIG_FILE
    expected = home.ledger.last_seq(STREAM)
    earlier = _by_key(home, key)
    config = load_config(home.folder)
    old = config.title or config.name
    if earlier is not None or old == new:
        return config
    if seen is not None and old != seen:
        raise Conflict(f"This workspace was renamed meanwhile: it is {old} now. Nothing was changed.")
    text = with_title(path.read_text(encoding="utf-8"), new)
    config = parse_config(text, str(path))
    with config_written(home.folder, text):
        payload = {"old": old, "new": new}
        home.ledger.append(STREAM, RENAMED, payload, actor, key=key, expected=expected)
    return config


def changed_by_hand(home: Home) -> HandChange | None:
    """Return what the ledger does not know of the task and columns in workspace.toml, None when it knows them."""
    known = _last_known(home)
    now = config_digest(home.config)
    if known is None or known.payload["config"] == now:
        return None
    return HandChange(known.time, str(known.payload["config"]), now)


def stand_for_configuration(home: Home, actor: Actor, *, note: str = "", key: str | None = None) -> Event:
    """Record that the task and columns now in workspace.toml are meant; a person stands for the change by hand.

    Raises:
        BadInput: nothing was changed since it was last recorded.
        NotAllowed: the actor may not configure the workspace.
    """
    found = changed_by_hand(home)
    earlier = _by_key(home, key)
    if earlier is not None:
        return earlier
    if found is None:
        raise BadInput(f"{CONFIG_FILE} is as the ledger knows it: there is nothing to record.")
    payload = {"config": found.now, "previous": found.recorded, "note": note}
    return home.ledger.append(
        STREAM, CONFIGURED, payload, actor, key=key, expected=home.ledger.last_seq(STREAM)
    )


def _last_known(home: Home) -> Event | None:
    events = home.ledger.events(STREAM, types=(CREATED, CONFIGURED))
    return events[-1] if events else None


def _by_key(home: Home, key: str | None) -> Event | None:
    if key is None:
        return None
    return next((event for event in home.ledger.events(STREAM) if event.key == key), None)
