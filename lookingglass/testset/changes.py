"""The difference between two states of one example, cell by cell and in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lookingglass.config import WorkspaceConfig
from lookingglass.errors import one_line
from lookingglass.testset.content import Row
from lookingglass.testset.layout import ROW_META


@dataclass(frozen=True)
class CellChange:
    """One value of one example that changed. ``column``: as people call it, the label by its column's name."""

    example_id: str
    column: str
    old: Any
    new: Any

    def __str__(self) -> str:
        """Return ``row-000007: lvr 0.8 -> 0.9``."""
        return f"{self.example_id}: {self.column} {shown(self.old)} -> {shown(self.new)}"

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON-able values."""
        return {"example_id": self.example_id, "column": self.column, "old": self.old, "new": self.new}


def changes_between(old: Row, new: Row, config: WorkspaceConfig) -> list[CellChange]:
    """Return the cells in which two rows of one example differ, the label first."""
    names = [name for name in (*ROW_META, *config.stored, *old, *new) if name != "@id"]
    example = str(new["@id"])
    return [
        CellChange(example, column_name(name, config), old.get(name), new.get(name))
        for name in dict.fromkeys(names)
        if old.get(name) != new.get(name)
    ]


def column_name(name: str, config: WorkspaceConfig) -> str:
    """Return what people call a column of a version's frame: the label column's own name instead of @label."""
    return config.task.label if name == "@label" else name


def shown(value: Any) -> str:
    """Return a cell's value on one short line; a missing one is ``(empty)``."""
    if value is None or value == []:
        return "(empty)"
    if isinstance(value, list):
        return one_line(", ".join(value), 60)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return one_line(str(value), 60)


def from_to(change: CellChange) -> str:
    """Return ``lvr from 0.8 to 0.9``."""
    return f"{change.column} from {shown(change.old)} to {shown(change.new)}"
