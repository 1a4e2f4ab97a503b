"""The shared controls beside the menu: which workspace, which version of its living test set, and who is acting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from components import cache, state
from components.people import choose_person
from components.watching import watch
from lookingglass.errors import LookingGlassError
from lookingglass.testset import latest_version

LATEST = "latest"
EVERY_SECONDS = 1.0


def draw_sidebar(linked: state.Linked) -> None:
    """Draw the workspace and version controls, which go into the URL, and the name that changes are recorded under."""
    _follow_the_server()
    _choose_workspace(linked)
    choose_person()


def _follow_the_server() -> None:
    """Draw the page anew when a workspace came, went, or had its workspace.toml changed, as by another person."""
    drawn = cache.served_now()

    watch(lambda: cache.served_now() != drawn, seconds=EVERY_SECONDS)


def _choose_workspace(linked: state.Linked) -> None:
    folders = cache.workspace_folders()
    if not folders:
        return
    chosen = linked.workspace or cache.first_workspace(folders)
    titles = _told_apart({name: cache.workspace_title(path) for name, path in folders.items()})
    chosen = state.linked_select(
        "workspace",
        "Workspace",
        _offered(list(folders), chosen),
        chosen,
        words=lambda name: titles.get(name, f"{name} (not here)"),
    )
    if chosen not in folders:
        return
    try:
        newest = latest_version(cache.open_cached(str(folders[chosen])).home)
    except LookingGlassError:
        return
    versions = [str(number) for number in range(newest, 0, -1)]
    asked = LATEST if linked.version is None else str(linked.version)

    def words(value: str) -> str:
        if value == LATEST:
            return f"Latest (version {newest})"
        return f"Version {value}" if value in versions else f"Version {value} (not here)"

    state.linked_select(
        "version",
        "Test-set version",
        _offered([LATEST, *versions], asked),
        asked,
        words=words,
        default=LATEST,
        help="Every version of the living test set can be read again. Latest moves on by itself when the set changes.",
    )


def _told_apart(titles: Mapping[str, str]) -> dict[str, str]:
    """Return the titles, with the folder's name behind those that two workspaces share."""
    shared = {title for title, count in Counter(titles.values()).items() if count > 1}
    return {name: f"{title} ({name})" if title in shared else title for name, title in titles.items()}


def _offered(known: list[str], asked: str) -> list[str]:
    """Return what can be chosen; what a link names in vain stands there too, so that any other choice is a change."""
    return known if asked in known else [asked, *known]
