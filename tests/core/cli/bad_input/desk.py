"""A copied workspace and the command line beside it, and tables that are good but for one thing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lookingglass.cli.main import run
from lookingglass.ledger.verify import verify

HEADER = "example_id,outcome,a,b,area"

ROWS = [
    f"e{n},{'yes' if n % 3 == 0 else 'no'},{n / 7:.3f},{n},{'south' if n % 2 else 'north'}" for n in range(40)
]

DATA = "\n".join([HEADER, *ROWS]) + "\n"

LIMITS = "[limits]\nmemory_mb = 300\nbatch_seconds = 2.0\n"


class Desk:
    """A copied workspace in a folder of its own, and the command line beside it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.workspace, self._capsys = folder, folder / "ws", capsys

    def file(self, content: str | bytes, name: str = "data.csv") -> Path:
        """Write a file to give to the command."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def call(self, *arguments: object) -> tuple[int, str, str]:
        """Run the command and return exit code, output and error output."""
        self._capsys.readouterr()
        code = run([*map(str, arguments)])
        return code, *self._capsys.readouterr()

    def refused(self, *arguments: object) -> list[str]:
        """Run what must be refused; return the error's line and the indented ones that list its problems."""
        head, files = self.head, self.files()
        code, out, err = self.call(*arguments)
        lines = err.splitlines()
        assert (code, out) == (2, ""), err
        assert lines[0].startswith("error: ")
        assert all(line.startswith("  ") for line in lines[1:]), err
        assert self.files() == files, "nothing is left behind"
        assert self.head == head
        return [lines[0].removeprefix("error: "), *lines[1:]]

    @property
    def head(self) -> str:
        """The ledger's head by the code that verifies it."""
        found = verify(self.workspace)
        assert found.ok
        return str(found.head)

    def files(self) -> dict[str, bytes]:
        """Digest every file of the folder but the ledger's pages, by path."""
        return {
            str(path.relative_to(self.folder)): b""
            if path.is_dir()
            else hashlib.sha256(path.read_bytes()).digest()
            for path in self.folder.rglob("*")
            if not path.name.startswith("ledger.db")  # its pages may move; its content is told by the head
        }


def changed(column: str, value: str, row: int = 3, rows: int = 1) -> str:
    """Return the good file with another value in ``rows`` rows from ``row`` on (1 is the first)."""
    table = [line.split(",") for line in DATA.splitlines()]
    for at in range(row, row + rows):
        table[at][table[0].index(column)] = value
    return "\n".join(map(",".join, table)) + "\n"


def without(column: str) -> str:
    """Return the good file without a column."""
    table = [line.split(",") for line in DATA.splitlines()]
    at = table[0].index(column)
    return "\n".join(",".join(row[:at] + row[at + 1 :]) for row in table) + "\n"


def with_column(name: str) -> str:
    """Return the good file with one more column of ones."""
    return "\n".join([f"{HEADER},{name}", *(f"{row},1" for row in ROWS)]) + "\n"
