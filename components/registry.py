"""Every page of the dashboard, in menu order. A page is one row here, its file, its test and its docs line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parent.parent


@dataclass(frozen=True)
class PageEntry:
    """One page: its key (also its URL), its file, what the menu calls it, and the question that it answers."""

    key: str
    file: str
    title: str
    icon: str
    section: str
    question: str
    needs_workspace: bool = True
    """False for a page about the whole server, which opens even where no workspace can be opened."""

    @property
    def path(self) -> Path:
        """The page's file."""
        return TOP / self.file

    @property
    def is_first(self) -> bool:
        """Whether this is the page that the bare address opens."""
        return self.key == PAGES[0].key


PAGES: tuple[PageEntry, ...] = (
    PageEntry(
        key="overview",
        file="pages/overview.py",
        title="Overview",
        icon=":material/leaderboard:",
        section="Decide",
        question="Which candidate, and can we release it?",
    ),
    PageEntry(
        key="threshold",
        file="pages/threshold.py",
        title="Threshold",
        icon=":material/tune:",
        section="Decide",
        question="Where do we put the threshold?",
    ),
    PageEntry(
        key="explanations",
        file="pages/explanations.py",
        title="Explanations",
        icon=":material/search_insights:",
        section="Decide",
        question="Does it decide for the right reasons?",
    ),
    PageEntry(
        key="testset",
        file="pages/testset.py",
        title="Test set",
        icon=":material/dataset:",
        section="Prepare",
        question="What is it tested on, and what changed?",
    ),
    PageEntry(
        key="candidates",
        file="pages/candidates.py",
        title="Candidates",
        icon=":material/model_training:",
        section="Prepare",
        question="Which models are we comparing, and where do they come from?",
    ),
    PageEntry(
        key="workspaces",
        file="pages/workspaces.py",
        title="Workspaces",
        icon=":material/folder_open:",
        section="Server",
        question="Which use case are we answering for?",
        needs_workspace=False,
    ),
)


def page_entry(key: str) -> PageEntry:
    """Return the page with this key; KeyError when there is none, which only a mistake in our code can cause."""
    return {entry.key: entry for entry in PAGES}[key]
