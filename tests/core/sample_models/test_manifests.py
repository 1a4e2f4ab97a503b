"""Manifests and demo.toml of every use case: complete, true of today's data and code, and small to clone."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from sample_models.training import sha256
from tests.core.sample_models.use_cases import UseCase, every_candidate, every_use_case

FIELDS = {
    *("name", "format", "file", "description", "inputs", "classes"),
    *("trained_on", "trained_by", "data_hash", "code_commit", "change"),
}


@every_candidate
def test_manifest_is_complete_and_true(use_case: UseCase, recipe: Any) -> None:
    """Every field is there, says what the recipe says, and its hashes are those of today's data and code."""
    here, manifest = use_case.training.here, use_case.manifest(recipe.name)
    assert set(manifest) - {"parent"} == FIELDS
    assert all(manifest.values())
    for field in ("name", "format", "file", "description", "change"):
        assert manifest[field] == getattr(recipe, field)
    assert manifest["inputs"] == list(use_case.inputs(recipe))
    assert manifest["classes"] == list(use_case.training.classes)
    assert manifest["data_hash"] == sha256((here / use_case.learns_from(recipe)).read_bytes())
    assert manifest["code_commit"] == use_case.training.code_hash(), "the code changed: run make train"
    assert manifest.get("parent") == recipe.parent


@every_candidate
def test_files_are_small_and_stay_in_their_folder(use_case: UseCase, recipe: Any) -> None:
    """A manifest names a plain file beside itself, of a size that keeps cloning quick."""
    assert Path(recipe.file).name == recipe.file
    file = use_case.training.here / "candidates" / recipe.name / recipe.file
    assert 0 < file.stat().st_size < use_case.largest


@every_use_case
def test_parents_come_before_their_children(use_case: UseCase) -> None:
    """Registered in order, a candidate's parent is always there already."""
    seen: set[str] = set()
    for recipe in use_case.recipes:
        assert recipe.parent is None or recipe.parent in seen
        seen.add(recipe.name)


@every_use_case
def test_demo_names_everything_there_is(use_case: UseCase) -> None:
    """demo.toml lists each candidate once, and the files it names exist."""
    here = use_case.training.here
    demo = tomllib.loads((here / "demo.toml").read_text(encoding="utf-8"))
    assert demo["candidates"] == [recipe.name for recipe in use_case.recipes]
    assert sorted(demo["candidates"]) == sorted(folder.name for folder in (here / "candidates").iterdir())
    assert (here / demo["testset"]).is_file()
    assert (here / demo["problem"]["patterns"]).is_file()
    assert demo["source"]
    assert demo["problem"]["name"]
