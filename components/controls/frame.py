"""The shared controls beside the menu: which workspace, and which version of its living test set."""

from __future__ import annotations

from components import cache, state
from lookingglass.errors import LookingGlassError
from lookingglass.testset import latest_version

LATEST = "latest"


def draw_sidebar(linked: state.Linked) -> None:
    """Draw the workspace and version controls; what is chosen goes into the URL."""
    folders = cache.workspace_folders()
    if not folders:
        return
    chosen = linked.workspace if linked.workspace in folders else next(iter(folders))
    titles = {name: cache.workspace_title(path) for name, path in folders.items()}
    chosen = state.linked_select(
        "workspace", "Workspace", list(folders), chosen, words=lambda name: titles[name]
    )
    try:
        newest = latest_version(cache.open_cached(str(folders[chosen])).home)
    except LookingGlassError:
        return
    versions = [str(number) for number in range(newest, 0, -1)]
    state.linked_select(
        "version",
        "Test-set version",
        [LATEST, *versions],
        str(linked.version) if str(linked.version) in versions else LATEST,
        words=lambda value: f"Latest (version {newest})" if value == LATEST else f"Version {value}",
        default=LATEST,
        help="Every version of the living test set can be read again. Latest moves on by itself when the set changes.",
    )
