"""An example whose content was erased: the page says so where it stood, and everything else goes on."""

from __future__ import annotations

from pathlib import Path

from lookingglass.testset import erase_example
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open, compared, wait_for_version, words
from tests.core.evaluation.conftest import ANA

PAGE = "pages/testset.py"
NAME = "app-0009"


def _erase(demo: Path) -> None:
    with open_workspace(demo / "mortgage") as ws:
        erase_example(ws.home, NAME, reason="The applicant withdrew consent", actor=ANA)


def test_versions_before_and_after_an_erasure_are_compared(open_app: Open, demo: Path) -> None:
    _erase(demo)
    wait_for_version(demo, 3)
    app = open_app(PAGE, **{"view": "compare", "from": "1", "to": "3"})
    frame = compared(app)
    row = frame[frame["Example"] == NAME].iloc[0]
    assert (row["What"], row["Before"], row["After"]) == ("erased", "–", "–")
    assert (frame["What"] == "added").sum() == 12


def test_what_came_with_a_version_and_was_erased_since_is_not_called_unlabelled(
    open_app: Open, demo: Path
) -> None:
    _erase(demo)
    wait_for_version(demo, 3)
    app = open_app(PAGE, **{"view": "compare", "from": "0", "to": "1"})
    frame = compared(app)
    row = frame[frame["Example"] == NAME]
    assert row.empty or row.iloc[0]["What"] == "added, erased since"
    assert "deny: unlabelled" not in set(frame["After"])


def test_its_link_says_that_it_was_erased_by_whom_and_why(open_app: Open, demo: Path) -> None:
    _erase(demo)
    said = words(open_app(PAGE, example=NAME))
    assert f"The content of {NAME} was erased by ana" in said
    assert "Why: The applicant withdrew consent." in said
    assert "belongs to another workspace" not in said
