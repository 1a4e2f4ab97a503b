"""Finds the Chromium that the browser tests drive, or installs Debian's; knows nothing of Playwright or pytest.

``python tests/find_chromium.py`` prints its path, or exits 1 with one sentence that says what to install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-liberation")

WHAT_TO_INSTALL = (
    "The browser tests need Chromium and found none: install it (on Debian: apt-get install chromium) "
    "or set CHROMIUM=/path/to/chromium, then run make test again."
)


class ChromiumMissing(Exception):
    """There is no Chromium to drive; ``str()`` of it is the one sentence that says what to do."""


def chromium_path() -> str:
    """Return the path of the Chromium to drive: ``$CHROMIUM``, else the first of ``NAMES`` on the PATH.

    Raises:
        ChromiumMissing: there is none, or ``$CHROMIUM`` is not a program.
    """
    wanted = os.environ.get("CHROMIUM")
    if wanted:
        found = shutil.which(wanted)
        if found is None:
            raise ChromiumMissing(
                f"CHROMIUM={wanted} is not a program: set it to the path of a Chromium, or unset it."
            )
        return found
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return found
    raise ChromiumMissing(WHAT_TO_INSTALL)


def as_root() -> list[str] | None:
    """Return what to put before a command so that it runs as root without a question; None when that cannot be."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def install() -> None:
    """Install Debian's Chromium with apt-get, asking nothing.

    Raises:
        ChromiumMissing: there is no apt-get, we may not use it, or it failed; then with the last line it wrote.
    """
    prefix = as_root()
    if shutil.which("apt-get") is None or prefix is None:
        raise ChromiumMissing(WHAT_TO_INSTALL)
    print("No Chromium found: installing Debian's package for the browser tests.", file=sys.stderr)
    quietly = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    for step in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        outcome = subprocess.run(
            [*quietly, *step], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if outcome.returncode:
            said = (outcome.stderr or outcome.stdout).strip().splitlines()
            reason = said[-1] if said else f"exit {outcome.returncode}"
            raise ChromiumMissing(f"{WHAT_TO_INSTALL} (apt-get {step[0]} failed: {reason})")


def find_or_install() -> str:
    """Return the path of Chromium, installing it first when there is none, none is named and we may.

    Raises:
        ChromiumMissing: there is none and none could be installed.
    """
    try:
        return chromium_path()
    except ChromiumMissing:
        if os.environ.get("CHROMIUM"):
            raise
    install()
    return chromium_path()


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    try:
        print(find_or_install())
    except ChromiumMissing as missing:
        sys.exit(str(missing))
