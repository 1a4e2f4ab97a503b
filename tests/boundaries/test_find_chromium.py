"""The browser tests find their Chromium, install it when they may, and otherwise say what to install: never a skip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.boundaries.tree import ROOT
from tests.find_chromium import NAMES, WHAT_TO_INSTALL

APT_GET = """#!/bin/sh
echo "$*" >> "$HERE/apt.log"
case "$*" in *install*) {install} ;; esac
"""
SUDO = """#!/bin/sh
[ "$1" = -n ] && shift
exec "$@"
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a folder of programs that stands for a whole machine: nothing on it but sh and env."""
    for name in ("sh", "env"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).symlink_to(found)
    return tmp_path


def add_program(machine: Path, name: str, text: str = "#!/bin/sh\n") -> Path:
    """Put a program on the machine and return its path."""
    path = machine / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def find_on(machine: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run tests/find_chromium.py on the machine."""
    rest = {name: value for name, value in os.environ.items() if name not in {"CHROMIUM", "PATH"}}
    return subprocess.run(
        [sys.executable, str(ROOT / "tests" / "find_chromium.py")],
        env={**rest, "PATH": str(machine), "HERE": str(machine), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_environment_variable_wins(machine: Path) -> None:
    add_program(machine, "chromium")
    own = add_program(machine, "my-own-build")
    assert find_on(machine, CHROMIUM=str(own)).stdout.strip() == str(own)


def test_a_wrong_environment_variable_is_told_and_nothing_else_is_tried(machine: Path) -> None:
    add_program(machine, "chromium")
    add_program(machine, "apt-get", APT_GET.format(install=":"))
    outcome = find_on(machine, CHROMIUM="/no/such/chromium")
    assert outcome.returncode == 1
    assert "CHROMIUM=/no/such/chromium is not a program" in outcome.stderr
    assert not (machine / "apt.log").exists()


@pytest.mark.parametrize("name", NAMES)
def test_each_of_the_names_is_found(machine: Path, name: str) -> None:
    path = add_program(machine, name)
    outcome = find_on(machine)
    assert (outcome.returncode, outcome.stdout.strip()) == (0, str(path))


def test_without_chromium_and_without_apt_get_one_sentence_says_what_to_install(machine: Path) -> None:
    outcome = find_on(machine)
    assert (outcome.returncode, outcome.stdout, outcome.stderr.strip()) == (1, "", WHAT_TO_INSTALL)


def test_debians_package_is_installed_when_that_is_allowed(machine: Path) -> None:
    add_program(machine, "sudo", SUDO)
    browser = add_program(machine, "later")
    add_program(machine, "true")
    add_program(
        machine, "apt-get", APT_GET.format(install=f"{shutil.which('mv')} {browser} {machine / 'chromium'}")
    )
    outcome = find_on(machine)
    assert (outcome.returncode, outcome.stdout.strip()) == (0, str(machine / "chromium"))
    asked = (machine / "apt.log").read_text(encoding="utf-8").splitlines()
    assert asked[0].endswith("update")
    assert " chromium" in asked[1]


def test_a_failed_installation_is_told_with_its_reason(machine: Path) -> None:
    add_program(machine, "sudo", SUDO)
    add_program(machine, "true")
    add_program(machine, "apt-get", APT_GET.format(install="echo 'E: no space left' >&2; exit 100"))
    outcome = find_on(machine)
    assert outcome.returncode == 1
    assert WHAT_TO_INSTALL in outcome.stderr
    assert "E: no space left" in outcome.stderr
