"""What the train scripts of all use cases share: manifests, where each file goes, the note of what built them.

Everything written here is the same bytes for the same recipe, data and code. Knows nothing of any one use case.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from threadpoolctl import threadpool_info, threadpool_limits

TRAINED_ON = "2026-11-21"
SHARED_CODE = ("../archive.py", "../tables.py", "../training.py")


class Described(Protocol):
    """What a manifest takes from a recipe."""

    @property
    def name(self) -> str:
        """The candidate's name, and that of its folder."""

    @property
    def format(self) -> str:
        """One of the product's formats."""

    @property
    def file(self) -> str:
        """The name of the model or predictions file beside the manifest."""

    @property
    def description(self) -> str:
        """One sentence: what it is."""

    @property
    def change(self) -> str:
        """One sentence: what is different from the one before."""

    @property
    def parent(self) -> str | None:
        """The name of the one before."""


def sha256(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as "sha256:" and 64 hexadecimal digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Training:
    """How the candidates of one use case are trained again.

    Attributes:
        here: the folder of the use case, with its train.py.
        code: what decides over the candidates besides ``SHARED_CODE``: names of files below ``here``.
        classes: the two values of the label, the models' own order.
        libraries: the distributions whose versions may change the bytes of a model.
    """

    here: Path
    code: tuple[str, ...]
    classes: tuple[str, ...]
    libraries: tuple[str, ...]

    def code_hash(self) -> str:
        """Return the SHA-256 of the files of ``code`` and ``SHARED_CODE`` one after another, in that order."""
        return sha256(b"".join((self.here / name).read_bytes() for name in (*self.code, *SHARED_CODE)))

    def manifest_text(self, recipe: Described, inputs: Sequence[str], data_hash: str) -> str:
        """Return the recipe's candidate.toml; ``data_hash`` is that of the table that it learned from."""
        fields: dict[str, str | Sequence[str]] = {
            "name": recipe.name,
            "format": recipe.format,
            "file": recipe.file,
            "description": recipe.description,
            "inputs": inputs,
            "classes": self.classes,
            "trained_on": TRAINED_ON,
            "trained_by": f"sample_models.{self.here.name}.train",
            "data_hash": data_hash,
            "code_commit": self.code_hash(),
            "change": recipe.change,
        }
        if recipe.parent:
            fields["parent"] = recipe.parent
        lines = [
            f"{key} = {json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)}"
            for key, value in fields.items()
        ]
        return "\n".join(lines) + "\n"

    def write_candidate(
        self, out: Path, recipe: Described, inputs: Sequence[str], content: bytes, data_hash: str
    ) -> None:
        """Write one candidate's file and manifest into its folder below ``out``, and tell the size."""
        folder = out / "candidates" / recipe.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / recipe.file).write_bytes(content)
        (folder / "candidate.toml").write_bytes(self.manifest_text(recipe, inputs, data_hash).encode())
        print(f"{recipe.name}: {recipe.file}, {len(content):,} bytes", file=sys.stderr)

    def write_built_with(self, out: Path) -> None:
        """Write what may change the bytes of a fitted model: libraries, zlib, kind of machine, BLAS kernel."""
        kernels = sorted({str(pool["architecture"]) for pool in threadpool_info() if "architecture" in pool})
        built_with = {
            "python": ".".join(platform.python_version_tuple()[:2]),
            "machine": f"{platform.system()} {platform.machine()}",
            "blas": " ".join(kernels),
            "zlib": zlib.ZLIB_RUNTIME_VERSION,
            **{library: version(library) for library in self.libraries},
        }
        (out / "built_with.json").write_bytes((json.dumps(built_with, indent=2) + "\n").encode())

    def run(self, write_all: Callable[[Path], None]) -> None:
        """Run ``write_all`` from the command line, into the folder that it names, on one thread."""
        parser = argparse.ArgumentParser(
            description=f"Train the {self.here.name} candidates again from their fixed seeds."
        )
        parser.add_argument(
            "--out", type=Path, default=self.here, help="folder to write into (default: where they are kept)"
        )
        out: Path = parser.parse_args().out
        with threadpool_limits(limits=1):
            out.mkdir(parents=True, exist_ok=True)
            write_all(out)
            self.write_built_with(out)
