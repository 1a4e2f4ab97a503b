"""What people, data and files say is shown as it is, without where the server keeps its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.formatting import missing, refusal, within
from lookingglass.cli.dashboard import FOLDER_VARIABLE


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is served."""
    folder = tmp_path / "work spaces"
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder.resolve()


def test_files_are_named_from_the_served_folder_on(served: Path) -> None:
    assert within(f"{served}/loans/ledger.db is missing: see {served}/loans/files.") == (
        "loans/ledger.db is missing: see loans/files."
    )


def test_the_served_folder_itself_is_called_by_its_name(served: Path) -> None:
    assert within(f"{served} can only be read.") == "work spaces can only be read."


def test_another_folder_that_begins_alike_stays_as_it_is(served: Path) -> None:
    words = f"{served}-2/loans is not a workspace."
    assert within(words) == words


@pytest.mark.parametrize("words", ["/mnt{}/up.csv", "http://host{}/app/x", "{}.bak/x", "a{}/b"])
def test_a_path_that_only_contains_the_served_folder_stays_as_it_is(served: Path, words: str) -> None:
    assert within(words.format(served)) == words.format(served)


def test_what_cannot_be_done_is_said_without_the_way_to_the_folder(served: Path) -> None:
    said = refusal(ValueError(f"{served}/loans/*x* cannot be read."))
    assert str(served) not in said
    assert said.startswith("loans\\/\\*x\\* cannot")


def test_a_missing_figure_carries_its_reason_where_nothing_hovers() -> None:
    html = missing("<none> labelled")
    assert "lg-why" in html
    assert 'title="&lt;none&gt; labelled"' in html
