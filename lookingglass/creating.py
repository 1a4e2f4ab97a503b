"""Making workspaces: empty, or from a data file with a proposed schema. Built beside their place, then moved there."""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lookingglass.config import NAME_PATTERN, WorkspaceConfig, write_config
from lookingglass.errors import BadInput, LookingGlassError, NotSaved, one_line
from lookingglass.evaluation.engine import ensure_baseline
from lookingglass.folders import CONFIG_FILE
from lookingglass.home import Home, config_digest, open_home
from lookingglass.ledger import Actor
from lookingglass.testset import ImportPlan, commit_import, plan_import, propose_schema
from lookingglass.workspace import Workspace, open_workspace

LONGEST_NAME = 64


@dataclass(frozen=True)
class FirstImport:
    """How the first file of a new workspace is imported: what ``plan_import`` takes besides the file."""

    delimiter: str | None = None
    origin: str = "sample"
    source: str | None = None
    note: str = ""
    name: str | None = None


def create_workspace(
    folder: str | Path, config: WorkspaceConfig, *, actor: Actor, key: str | None = None
) -> Workspace:
    """Make an empty workspace with this configuration and record who made it.

    Args:
        key: idempotency key of the request, recorded with the event.

    Raises:
        BadInput: the folder already is a workspace, or holds something else.
    """
    target = Path(folder)
    _refuse_taken_place(target)
    write_config(target, config)
    home = open_home(target)
    home.ledger.append(
        "workspace",
        "workspace_created",
        {"name": config.name, "config": config_digest(config)},
        actor,
        key=key,
    )
    return Workspace(home)


def create_workspace_from_file(
    folder: str | Path,
    data: Path,
    *,
    label: str,
    positive: str,
    kind: Literal["tabular", "text", "image"] = "tabular",
    id_column: str | None = None,
    groups: Sequence[str] = (),
    texts: Sequence[str] = (),
    ignored: Sequence[str] = (),
    delimiter: str | None = None,
    words: Mapping[str, str | None] | None = None,
    actor: Actor,
) -> Workspace:
    """Make a workspace whose schema is proposed from a data file, and import that file as version 1.

    Nothing is left behind when the file cannot be used: the workspace is built beside its place and moved there.

    Args:
        words: plain names to use instead of the proposed ones: title, unit, positive_name, negative_name.
    """
    config = propose_schema(
        data,
        name=Path(folder).resolve().name,
        label=label,
        positive=positive,
        kind=kind,
        id_column=id_column,
        groups=groups,
        texts=texts,
        ignored=ignored,
        delimiter=delimiter,
        words={key: value for key, value in (words or {}).items() if value},
    )
    return create_workspace_with(folder, config, data, first=FirstImport(delimiter=delimiter), actor=actor)


def create_workspace_with(
    folder: str | Path,
    config: WorkspaceConfig,
    data: Path,
    *,
    first: FirstImport | None = None,
    actor: Actor,
    key: str | None = None,
) -> Workspace:
    """Make a workspace with this configuration and import ``data`` as version 1, whole or not at all.

    Args:
        key: idempotency key of the request; the same key again opens the workspace that it made.

    Raises:
        ImportRejected: the file does not fit the configuration.
        BadInput: the place is taken, or somebody else took it meanwhile.
        NotSaved: the folder above cannot be written.
    """
    target = Path(folder)
    how = first or FirstImport()
    if key is not None and _made_by(target, key):
        return open_workspace(target)
    _refuse_taken_place(target)
    # beside its place, or above it when that is not there yet: a refusal leaves no new folder behind
    above = next(folder for folder in target.absolute().parents if folder.exists())
    if not above.is_dir():
        raise BadInput(f"{above} is not a folder, so no workspace can be made in it: choose another place.")
    try:
        with tempfile.TemporaryDirectory(
            dir=above, prefix=f".{target.name}-", ignore_cleanup_errors=True
        ) as scratch:
            draft = Path(scratch) / "draft"
            with create_workspace(draft, config, actor=actor, key=key) as ws:
                commit_import(ws.home, _plan(ws.home, data, how), actor)
                ensure_baseline(ws.home)
            target.parent.mkdir(parents=True, exist_ok=True)
            _move_into_place(draft, target)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise NotSaved(f"no workspace can be made in {above}: {reason}. Nothing was changed.") from error
    return open_workspace(target)


def plan_first_import(
    config: WorkspaceConfig, data: Path, *, first: FirstImport, scratch: Path
) -> ImportPlan:
    """Say what importing ``data`` into a new workspace of this configuration would do, before there is one.

    Args:
        scratch: a folder in which a workspace may be made to try it; the caller takes it away.

    Raises:
        ImportRejected: the file does not fit the configuration.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix="try-", ignore_cleanup_errors=True) as folder:
        write_config(Path(folder), config)
        home = open_home(Path(folder))
        try:
            return _plan(home, data, first)
        finally:
            home.close()


def _plan(home: Home, data: Path, first: FirstImport) -> ImportPlan:
    return plan_import(
        home,
        data,
        origin=first.origin,
        source=first.source,
        delimiter=first.delimiter,
        note=first.note,
        name=first.name,
    )


def proposed_name(title: str) -> str:
    """Return a folder name that a title suggests, such as ``mortgage-applications``; "" when it suggests none."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()
    return words[:LONGEST_NAME].strip("-")


def check_new_name(folder: Path, name: str) -> Path:
    """Return where a new workspace of this name goes in a folder of workspaces.

    Raises:
        BadInput: the name is no folder name that we use, or is taken, if only in other capitals.
    """
    if not name:
        raise BadInput(
            "the new workspace needs a folder name: letters, digits, dots, hyphens and underscores."
        )
    if not re.fullmatch(NAME_PATTERN, name):
        raise BadInput(
            f"{one_line(repr(name), 60)} cannot be the folder of a workspace: use at most {LONGEST_NAME} letters, "
            "digits, dots, hyphens and underscores, and begin with a letter or digit."
        )
    taken = {path.name.casefold(): path.name for path in folder.iterdir()} if folder.is_dir() else {}
    there = taken.get(name.casefold())
    if there is not None:
        differs = "" if there == name else f" (as {there}, which differs in capitals only)"
        raise BadInput(f"there is a folder {name} already{differs}: choose another name.")
    return folder / name


def _made_by(target: Path, key: str) -> bool:
    """Whether the workspace at ``target`` was made by the request with this key."""
    if not (target / CONFIG_FILE).is_file():
        return False
    try:
        home = open_home(target)
    except LookingGlassError:
        return False
    try:
        first = home.ledger.events("workspace", until=1)
    finally:
        home.close()
    return bool(first) and first[0].key == key


def _refuse_taken_place(target: Path) -> None:
    if (target / CONFIG_FILE).exists():
        raise BadInput(
            f"{target} is a workspace already: choose another folder, "
            "or import into it with `lookingglass testset import`."
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(f"{target} exists and is not empty: choose another folder.")


def _move_into_place(draft: Path, target: Path) -> None:
    """Give the finished workspace its name in one step; an empty folder of that name gives way, any other does not."""
    try:
        os.rename(draft, target)
    except OSError:
        _refuse_taken_place(target)  # somebody else made one there meanwhile
        raise
