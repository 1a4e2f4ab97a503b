"""The wheel holds the whole dashboard; an editable install holds no copy that could grow old."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from components.registry import PAGES, TOP

BUILD = "import sys; from hatchling.build import build_{kind} as build; build(sys.argv[1])"


def build_wheel(folder: Path, kind: str = "wheel") -> Path:
    """Build one kind of wheel (wheel, editable) from this checkout into ``folder`` and return its path."""
    subprocess.run(
        [sys.executable, "-c", BUILD.format(kind=kind), str(folder)], cwd=TOP, check=True, capture_output=True
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def names(kind: str, folder: Path) -> set[str]:
    """Build one kind of wheel and return the names of the files in it."""
    with zipfile.ZipFile(build_wheel(folder, kind)) as archive:
        return set(archive.namelist())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert shutil.which("git"), "hatchling leaves out what git ignores"
    return tmp_path


def test_a_wheel_brings_the_pages_their_settings_and_the_samples(folder: Path) -> None:
    found = names("wheel", folder)
    app = "lookingglass/_app"
    assert {f"{app}/app.py", f"{app}/.streamlit/config.toml", f"{app}/components/registry.py"} <= found
    assert {f"{app}/{entry.file}" for entry in PAGES} <= found
    assert "lookingglass/_samples/mortgage/demo.toml" in found
    tops = {name.split("/")[0] for name in found}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"lookingglass"}


def test_an_editable_install_copies_nothing(folder: Path) -> None:
    assert not [name for name in names("editable", folder) if name.startswith("lookingglass/")]
