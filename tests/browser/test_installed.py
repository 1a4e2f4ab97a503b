"""The wheel in an environment of its own, with nothing but what it declares, driven from outside the checkout."""

from __future__ import annotations

import subprocess
import venv
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from playwright.sync_api import Page, expect

from components.registry import PAGES
from tests.boundaries.test_wheel import build_wheel
from tests.browser.server import free_port, open_page, settle, started

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

BARE = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def declared(name: str) -> list[metadata.Distribution]:
    """Return the distributions that installing ``name`` brings: what it requires, what those require, and so on."""
    found: dict[str, metadata.Distribution] = {}
    wanted = [(name, frozenset({""}))]
    asked = set()
    while wanted:
        each, extras = wanted.pop()
        if (each, extras) in asked:
            continue
        asked.add((each, extras))
        found[each] = metadata.distribution(each)
        for line in found[each].requires or []:
            need = Requirement(line)
            environments = [{**default_environment(), "extra": extra} for extra in extras]
            if need.marker is None or any(need.marker.evaluate(one) for one in environments):
                wanted.append((need.name, frozenset({"", *need.extras})))
    del found[name]
    return list(found.values())


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel beside its declared dependencies and nothing else; returns its command."""
    folder = tmp_path_factory.mktemp("installed")
    wheel = build_wheel(folder / "wheel")
    venv.create(folder / "venv", with_pip=True, symlinks=True)
    (packages,) = (folder / "venv" / "lib").glob("python3*/site-packages")
    for distribution in declared("lookingglass"):
        tops = {Path(str(file)).parts[0] for file in distribution.files or []} - {"..", "__pycache__"}
        for top in tops:
            there = Path(str(distribution.locate_file(top)))
            if not (packages / top).exists():
                (packages / top).symlink_to(there)
    pip = folder / "venv" / "bin" / "pip"
    command = [str(pip), "install", "--quiet", "--no-index", "--no-deps", "--no-cache-dir", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, env={**BARE, "HOME": str(folder)})
    return folder / "venv" / "bin" / "lookingglass"


def test_the_installed_command_builds_the_demo_and_serves_every_page(
    program: Path, tmp_path: Path, page: Page
) -> None:
    """From another folder, with an empty home and a bare environment, as a person who never saw the checkout."""
    environment = {**BARE, "HOME": str(tmp_path)}
    command = [str(program), "demo", "mine", "--as", "ana"]
    built = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    listed = [str(program), "candidates", "list", "mine/mortgage"]
    told = subprocess.run(listed, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "boosted-onnx" in told.stdout
    port = free_port()
    with started(
        [str(program), "dashboard", "mine", "--port", str(port)], port, tmp_path, environment
    ) as url:
        for entry in PAGES:
            open_page(page, f"{url}/{entry.key}?workspace=mortgage")
            expect(page.get_by_role("heading", name=entry.question)).to_be_visible(timeout=60_000)
            assert page.get_by_test_id("stException").count() == 0
        open_page(page, f"{url}/threshold?workspace=mortgage&candidate=boosted&threshold=0.3")
        settle(page)
        expect(page.get_by_role("heading", name="Every figure at 0.3")).to_be_visible(timeout=60_000)
