"""Imports go one way, and importing the core stays light: a notebook or a CI job never loads the dashboard."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.boundaries.tree import ROOT, imports, module_name, parse, python_files, relative

# Inside the core, a module may import its own unit (a subpackage or a single module) and the units of the layers
# above it in this table, never those beside or below it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "figures", "folders", "later", "memo"),
    ("canonical", "config", "vocabulary"),
    ("files", "metrics"),
    ("ledger", "thresholds", "fairness", "wording"),
    ("forgetting", "charts"),
    ("home",),
    ("testset",),
    ("candidates", "configuring", "problems"),
    ("decisions",),
    ("policies",),
    ("evaluation", "explanations", "happenings", "listing"),
    ("reviews",),
    ("workspace",),
    ("creating",),
    ("demo",),
    ("cli",),
)
RANK = {unit: rank for rank, layer in enumerate(LAYERS) for unit in layer}

# Units that work on arrays and frames alone: they may import these units and no other.
PURE = {
    "metrics": {"errors", "figures", "vocabulary"},
    "thresholds": {"errors", "figures", "vocabulary", "metrics"},
    "fairness": {"errors", "figures", "vocabulary", "metrics"},
    "charts": {"errors", "figures", "vocabulary", "wording", "thresholds"},
}

# Libraries that one unit keeps to itself, so that the others do not come to depend on them.
KEPT_IN: dict[str, set[str]] = {
    "streamlit": set(),
    "altair": {"charts"},
    "vl_convert": {"charts"},
    "sqlalchemy": {"ledger"},
    "click": {"cli"},
    "lime": {"explanations"},
}

SCREEN = {"streamlit", "altair"}
HEAVY = {"sklearn", "skops", "onnxruntime", "pandas", "scipy", "matplotlib", "lime", "fairlearn", "skl2onnx"}


def unit_of(name: str) -> str | None:
    """Return the unit of the core that a dotted name lies in; None for the front door and for other packages."""
    parts = name.split(".")
    return parts[1] if parts[0] == "lookingglass" and len(parts) > 1 else None


CORE = python_files("lookingglass")
UNITS = sorted({unit for path in CORE if (unit := unit_of(module_name(path)))})


def loaded_by(*modules: str) -> set[str]:
    """Return the top-level packages in memory after importing ``modules`` in a fresh process."""
    program = (
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(json.dumps(list(sys.modules)))"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", program, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert outcome.returncode == 0, f"importing {', '.join(modules)} fails:\n{outcome.stderr}"
    return {name.split(".")[0] for name in json.loads(outcome.stdout)}


def modules_of(unit: str) -> list[str]:
    """Return the dotted names of every module in a unit, its command line entry points left out."""
    return [
        name for path in CORE if unit_of(name := module_name(path)) == unit and not name.endswith("__main__")
    ]


def test_importing_the_package_loads_no_screen_and_no_heavy_library() -> None:
    assert not loaded_by("lookingglass") & (SCREEN | HEAVY | {"polars", "pyarrow", "sqlalchemy", "pydantic"})


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit != "charts"])
def test_importing_a_unit_of_the_core_loads_no_screen_and_no_heavy_library(unit: str) -> None:
    """Every module of the unit, not just its front: heavy libraries come when a function needs them."""
    loaded = loaded_by(*modules_of(unit)) & (SCREEN | HEAVY)
    assert not loaded, (
        f"lookingglass.{unit} loads {', '.join(sorted(loaded))} on import: import inside the function instead"
    )


def test_charts_never_load_streamlit() -> None:
    assert "streamlit" not in loaded_by(*modules_of("charts"))


def test_every_unit_of_the_core_has_its_place_in_the_table() -> None:
    assert not set(UNITS) - set(RANK), "a new unit of lookingglass needs its place in LAYERS"


@pytest.mark.parametrize("path", CORE, ids=relative)
def test_the_core_imports_one_way(path: Path) -> None:
    """From the layers above only; the front door ``lookingglass/__init__.py`` may name the workspace."""
    own = unit_of(module_name(path))
    if own is None:
        return
    for name in sorted(imports(path)):
        top, unit = name.split(".")[0], unit_of(name)
        assert top not in {"components", "pages", "app", "tests", "benchmarks"}, (
            f"{relative(path)} imports {name}"
        )
        if unit is None or unit not in RANK or unit == own:
            continue
        assert RANK[unit] < RANK[own], (
            f"{relative(path)} imports {name}, which lies beside or below {own} in LAYERS"
        )
        if own in PURE:
            assert unit in PURE[own], (
                f"{relative(path)} imports {name}: {own} may know only {sorted(PURE[own])}"
            )


@pytest.mark.parametrize("path", CORE, ids=relative)
def test_libraries_stay_in_their_unit(path: Path) -> None:
    own = unit_of(module_name(path))
    for library in {name.split(".")[0] for name in imports(path)} & set(KEPT_IN):
        assert own in KEPT_IN[library], (
            f"{relative(path)} imports {library}, which is kept in {sorted(KEPT_IN[library]) or 'the dashboard'}"
        )


@pytest.mark.parametrize("path", python_files("components"), ids=relative)
def test_components_know_neither_pages_nor_the_app(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & {"pages", "app", "tests"}


@pytest.mark.parametrize("path", python_files("pages"), ids=relative)
def test_a_page_imports_components_and_the_core_and_no_other_page(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & {"pages", "app", "tests"}


@pytest.mark.parametrize("path", [*python_files("components", "pages"), ROOT / "app.py"], ids=relative)
def test_only_the_owner_touches_session_state_query_parameters_and_caches(path: Path) -> None:
    """components/state.py owns the session's state, components/address.py the address, components/cache.py caches."""
    used = {node.attr for node in ast.walk(parse(path)) if isinstance(node, ast.Attribute)}
    used |= {name.rsplit(".", 1)[-1] for name in imports(path)}
    for owners, words in (
        ({"components/state.py", "components/address.py"}, {"session_state"}),
        ({"components/address.py"}, {"query_params"}),
        ({"components/cache.py"}, {"cache_data", "cache_resource"}),
    ):
        assert relative(path) in owners or not used & words, (
            f"{relative(path)} uses {used & words}: see {sorted(owners)}"
        )
