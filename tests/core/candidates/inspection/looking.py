"""What the tests of inspecting a file look at."""

from __future__ import annotations

from pathlib import Path

from lookingglass.candidates import Proposal
from lookingglass.home import Home


def outcomes(proposal: Proposal) -> dict[str, str]:
    """Return what came of each check by its code."""
    return {check.code: check.outcome for check in proposal.checks}


def sentence(proposal: Proposal, code: str) -> str:
    """Return what one check found."""
    (found,) = [check.sentence for check in proposal.checks if check.code == code]
    return found


def saved(folder: Path, name: str, data: bytes) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(data)
    return path


def state(home: Home) -> tuple[object, set[Path]]:
    """Return what a mere look must not change: the ledger's head and the stored files."""
    return home.ledger.head(), set(home.files.folder.rglob("*"))
