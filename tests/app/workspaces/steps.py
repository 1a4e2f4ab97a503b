"""What the tests of the page Workspaces do to a folder and to its forms."""

from __future__ import annotations

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from lookingglass.folders import CONFIG_FILE
from tests.app.test_import_wizard import press

PAGE = "pages/workspaces.py"

FIELD = "new workspace: "


def retitle(folder: Path, title: str) -> None:
    """Give a workspace another title by hand."""
    path = folder / CONFIG_FILE
    path.write_text(
        re.sub(r'^title = ".*"$', f'title = "{title}"', path.read_text("utf-8"), flags=re.M), "utf-8"
    )


def rename(app: AppTest, title: str) -> None:
    """Type another title and press the button."""
    field = next(field for field in app.text_input if field.label == "New title")
    field.set_value(title).run()
    press(app, "Rename")
