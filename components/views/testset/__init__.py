"""What the page Test set can show: one row a view, its name in the link, what it is called, and what draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.context import Context
from components.views.import_wizard import into
from components.views.testset import add, browse, compare, history, table


@dataclass(frozen=True)
class View:
    """One view of the page: its label on the button, and the function that draws it below."""

    label: str
    draw: Callable[[Context], None]


VIEWS: dict[str, View] = {
    "browse": View("Browse", browse.draw),
    "table": View("Edit as a table", table.draw),
    "add": View("Add one", add.draw),
    "history": View("History", history.draw),
    "compare": View("Compare versions", compare.draw),
    "import": View("Import", into.draw),
}
"""Name in the link (``view=``) -> view, in the order of the buttons. The first is shown when the link names none."""
FIRST = next(iter(VIEWS))
