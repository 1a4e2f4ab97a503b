"""``lookingglass dashboard``: serve the pages for one workspace or a folder of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from lookingglass.errors import BadInput, NotFound
from lookingglass.folders import is_workspace

FOLDER_VARIABLE = "LOOKINGGLASS_WORKSPACES"
"""Tells the dashboard's process which folder it serves."""

KEEPS_MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
}
"""Tells the C library (glibc; others take no notice) to keep up to 256 MB that arrays gave back, for the next ones: to
get memory from the system anew takes longer than what is computed in it. What somebody has set already stays."""


def app_file() -> Path:
    """Return the dashboard's entry file: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parents[1]
    for path in (package / "_app" / "app.py", package.parent / "app.py"):
        if path.is_file():
            return path
    raise NotFound(f"the dashboard's app.py is missing beside {package}: install Looking Glass again.")


def serve_command(port: int, address: str) -> list[str]:
    """Return the command that serves the dashboard."""
    return [
        *(sys.executable, "-m", "lookingglass.cli.serve", str(app_file())),
        *("--server.port", str(port), "--server.address", address, "--server.headless", "true"),
    ]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("workspaces"))
@click.option("--port", type=click.IntRange(0, 65535), default=8501, show_default=True, metavar="N")
@click.option("--address", default="localhost", show_default=True, help="The address to listen on.")
def dashboard(folder: Path, port: int, address: str) -> None:
    """Serve the dashboard for one WORKSPACE, or for a FOLDER of workspaces."""
    if not folder.is_dir():
        raise NotFound(
            f"{folder} is not there: build the worked use cases with `lookingglass demo {folder}`."
        )
    inside = [path for path in folder.iterdir() if path.name[0] != "."]
    if inside and not is_workspace(folder) and not any(map(is_workspace, inside)):
        raise NotFound(
            f"{folder} holds other things and no workspace: name a folder of workspaces, or an empty one to make "
            "them in."
        )
    environment = {**KEEPS_MEMORY, **os.environ, FOLDER_VARIABLE: str(folder.resolve())}
    command = serve_command(port, address)
    try:
        os.execve(command[0], command, environment)  # noqa: S606 - the arguments are ours, no shell is involved
    except OSError as error:
        raise BadInput(
            f"{command[0]} cannot be started: {(error.strerror or 'unknown').lower()}. "
            "Install Looking Glass for the user who runs it."
        ) from error
