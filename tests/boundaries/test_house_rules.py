"""Rules of the house that a machine can check: short modules, no unsafe shortcuts, nothing tied to one machine."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.boundaries.tree import ROOT, parse, project_files, python_files, relative

PRODUCT = [*python_files("lookingglass", "components", "pages"), ROOT / "app.py"]
TEXT_SUFFIXES = {".py", ".md", ".toml", ".yml", ".yaml", ".txt", ".css", ".json", ".html", ".js", ""}

# A pickle runs code when it is read, so only the loader of approved joblib files may touch one.
PICKLE_LOADERS = {"lookingglass/candidates/formats/joblib.py"}

# The one script of our own, which scrolls and holds no data (docs/decisions/0014).
SCRIPTED = {"components/views/explanations/arrival.py"}


def text_files() -> list[Path]:
    """Return the project's text files, the licence and data left out."""
    return [path for path in project_files() if path.suffix in TEXT_SUFFIXES and path.name != "LICENSE"]


def longest_allowed(path: Path) -> int:
    """Return how many lines a file may have: past that, look for its second idea."""
    if path == ROOT / "app.py":
        return 60
    return 100 if path.is_relative_to(ROOT / "pages") else 400


@pytest.mark.parametrize("path", PRODUCT, ids=relative)
def test_modules_stay_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= longest_allowed(path), (
        f"{relative(path)} has {lines} lines, {longest_allowed(path)} are allowed"
    )


@pytest.mark.parametrize("path", PRODUCT, ids=relative)
def test_a_module_opens_with_what_it_is_for(path: Path) -> None:
    body = parse(path).body
    assert not body or ast.get_docstring(parse(path)), f"{relative(path)} has no opening sentence"


@pytest.mark.parametrize("path", PRODUCT, ids=relative)
def test_no_module_renders_raw_html_or_runs_data_as_code(path: Path) -> None:
    """No unescaped HTML, no eval or exec, no expression given to a data frame, no pickle outside its one loader."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.keyword):
            where = f"{relative(path)}:{node.value.lineno}"
            assert node.arg != "unsafe_allow_html", f"{where} renders raw HTML"
            assert node.arg != "unsafe_allow_javascript" or relative(path) in SCRIPTED, (
                f"{where} runs a script"
            )
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            bare = isinstance(node.func, ast.Name)
            unsafe = (bare and called in {"eval", "exec", "compile", "__import__"}) or (
                not bare and called in {"query", "eval"}
            )
            assert not unsafe, f"{relative(path)}:{node.lineno} calls {called}()"
        if isinstance(node, ast.Import | ast.ImportFrom) and relative(path) not in PICKLE_LOADERS:
            names = (
                {alias.name.split(".")[0] for alias in node.names}
                if isinstance(node, ast.Import)
                else {str(node.module)}
            )
            found = {name.split(".")[0] for name in names} & {
                "pickle",
                "joblib",
                "cloudpickle",
                "dill",
                "shelve",
                "marshal",
            }
            assert not found, (
                f"{relative(path)}:{node.lineno} imports {found.pop()}, which runs code when it reads a file"
            )


@pytest.mark.parametrize("path", PRODUCT, ids=relative)
def test_no_assert_checks_input_and_nothing_is_swallowed(path: Path) -> None:
    """``assert`` disappears under ``python -O``; a bare ``except: pass`` hides what went wrong."""
    for node in ast.walk(parse(path)):
        assert not isinstance(node, ast.Assert), (
            f"{relative(path)}:{node.lineno} asserts: raise an error of errors.py"
        )
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            pytest.fail(f"{relative(path)}:{node.lineno} catches everything without naming it")


@pytest.mark.parametrize(
    "path",
    python_files("lookingglass", "components", "pages", "tests", "sample_models", "benchmarks"),
    ids=relative,
)
def test_every_silenced_complaint_says_why(path: Path) -> None:
    """A ``noqa`` or ``type: ignore`` names its rule and is followed, after a dash or in a comment, by its reason."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for match in re.finditer(r"#\s*(?:noqa|type:\s*ignore)(?P<rest>.*)", line):
            rest = match["rest"]
            assert re.match(r"(:\s*[A-Z]+\d+|\[[\w, -]+\])", rest), (
                f"{relative(path)}:{number} silences every rule"
            )
            reason = re.sub(r"^(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[\w, -]+\])", "", rest).strip(" #:-")
            assert len(reason.split()) >= 2, f"{relative(path)}:{number} does not say why it silences a rule"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-run.txt"])
def test_a_lock_file_names_versions_and_hashes_and_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=sha256:)", text, flags=re.MULTILINE), "an option other than --hash"
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    for block in blocks:
        if block.startswith("#"):
            continue
        first = block.splitlines()[0]
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+", first), f"{first} is not pinned"
        assert "--hash=sha256:" in block, f"{first} has no hash"


def test_what_is_shipped_is_what_is_tested() -> None:
    """Every version that a container is built from is the one that the tests run with."""
    tested, shipped = (
        set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE))
        for name in ("requirements.txt", "requirements-run.txt")
    )
    assert shipped
    assert shipped < tested


def test_dependencies_carry_lower_bounds_and_no_upper_ones() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    for requirement in (one for group in groups for one in group):
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?>=[\d.]+", requirement), requirement


@pytest.mark.parametrize("path", text_files(), ids=relative)
def test_nothing_is_tied_to_one_machine(path: Path) -> None:
    """No address with a password, no home folder, no path that exists on one machine only."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for what, pattern in (
            ("a home folder", r"(?<![\w.])/(?:home|Users)/\w+/"),
            ("the root account's folder", r"(?<![\w.])/root/"),
            ("an address with a password", r"\w+://[^/\s:@]+:[^/\s@{<.]+@"),
            ("a package index", r"--(?:extra-)?index-url|(?i:pip_index_url|uv_index_url)\s*[=:]"),
        ):
            if path == Path(__file__).resolve():
                continue
            assert not re.search(pattern, line), f"{relative(path)}:{number} names {what}"


@pytest.mark.parametrize("path", [path for path in project_files() if path.suffix == ".md"], ids=relative)
def test_every_link_in_the_docs_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (path.parent / target).exists(), f"{relative(path)} links to {target}, which is not there"


def test_every_ignored_warning_gives_its_reason() -> None:
    """Warnings are errors; each exception has a comment with its reason, on its own line or on the one above."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["pytest"]["ini_options"]["filterwarnings"][0] == "error"
    for path in [ROOT / "pyproject.toml", *python_files("tests")]:
        if path == Path(__file__).resolve():
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if re.search(r"""["']ignore(:|["'])""", line) and (
                "filterwarnings" in line or path.suffix == ".toml"
            ):
                explained = "#" in line or lines[number - 1].strip().startswith("#")
                assert explained, f"{relative(path)}:{number + 1} ignores a warning without saying why"
