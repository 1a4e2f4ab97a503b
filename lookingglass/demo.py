"""Builds the worked use cases of sample_models/ as workspaces: the calls a person would make, in a plausible order."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lookingglass.candidates import register
from lookingglass.config import load_config
from lookingglass.creating import create_workspace
from lookingglass.errors import NotFound
from lookingglass.ledger import Actor
from lookingglass.problems import open_problem
from lookingglass.testset import commit_import, plan_import, read_version
from lookingglass.workspace import Workspace

DEMO_FILE = "demo.toml"


def samples_folder() -> Path:
    """Return the folder of worked use cases: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).parent
    for folder in (package / "_samples", package.parent / "sample_models"):
        if folder.is_dir():
            return folder
    raise NotFound(
        f"the worked use cases are missing: neither {package / '_samples'} "
        f"nor {package.parent / 'sample_models'} exists."
    )


def use_cases() -> list[Path]:
    """Return the folder of every worked use case, in the order that their ``demo.toml`` say."""
    folders = [path.parent for path in samples_folder().glob(f"*/{DEMO_FILE}")]
    return sorted(folders, key=lambda folder: (_plan(folder)["order"], folder.name))


def build_demo(source: Path, target: Path, *, actor: Actor, tell: Callable[[str], None]) -> None:
    """Build one use case as the workspace ``target``, whole or not at all.

    Args:
        source: a folder of sample_models/ with workspace.toml, demo.toml, testset.csv and candidates/.
        target: where the workspace is to lie; must not exist.
        tell: called with one line for each step.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=target.parent, prefix=f".{target.name}-", ignore_cleanup_errors=True
    ) as scratch:
        draft = Path(scratch) / "draft"
        with create_workspace(draft, load_config(source), actor=actor) as ws:
            _fill(ws, source, actor, tell)
        shutil.move(draft, target)


def _fill(ws: Workspace, source: Path, actor: Actor, tell: Callable[[str], None]) -> None:
    plan = _plan(source)
    title = ws.config.title
    commit_import(
        ws.home,
        plan_import(ws.home, source / plan["testset"], source=plan["source"], note=plan["note"]),
        actor,
    )
    tell(f"{title}: {ws.test_set().examples:,} examples as test-set version 1")
    ws.engine.bring_up_to_date()
    names = plan["candidates"]
    for number, name in enumerate(names, start=1):
        register(ws.home, name, source / "candidates" / name, actor=actor)
        tell(f"{title}: candidate {number} of {len(names)}, {name}")
    problem = plan["problem"]
    patterns = source / problem["patterns"]
    before = set(ws.test_set().ids)
    commit_import(
        ws.home,
        plan_import(ws.home, patterns, origin="pattern", source=problem["source"], note=problem["note"]),
        actor,
    )
    ids = [example for example in read_version(ws.home).ids if example not in before]
    open_problem(ws.home, problem["name"], problem["description"], ids, actor)
    tell(f"{title}: {len(ids)} test patterns for the problem {problem['name']!r}")
    rows = ws.leaderboard().evaluation.model_rows_scored
    tell(f"{title}: every candidate evaluated ({rows:,} rows scored by models)")


def _plan(source: Path) -> dict[str, Any]:
    return tomllib.loads((source / DEMO_FILE).read_text(encoding="utf-8"))
