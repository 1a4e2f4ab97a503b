"""What every candidate format must offer: how it is recognised and, for models, how the worker loads and asks it.

Light on purpose: the worker imports it before its sandbox is closed, so nothing heavy may be imported here.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lookingglass.candidates.registry import Candidate
    from lookingglass.home import Home
    from lookingglass.testset import TestSet


def import_now(*modules: str) -> None:
    """Import ``modules`` before memory is bounded, so that their size is not taken from the model's budget."""
    for module in modules:
        importlib.import_module(module)


class FileRefused(Exception):
    """A model file that cannot or may not be loaded; the text completes "<file> ..."."""


class CodeRefused(FileRefused):
    """A file that brings code of its own, or asks for some that nobody reviewed."""


class AnswerRefused(Exception):
    """A model's answer that is no answer; the text completes "the candidate ..."."""


@dataclass(frozen=True)
class Facts:
    """What a loaded model says about itself; None where it does not say.

    Attributes:
        inputs: the columns it was trained on, in its order.
        input_count: how many columns it takes, when it knows the number but not the names.
        classes: its classes as text, in its order.
        hint: names that its inputs have and that may be columns or may be made up by whoever exported it.
        ordered: whether the order of the inputs matters (columns found by name may come in any order).
    """

    inputs: tuple[str, ...] | None = None
    input_count: int | None = None
    classes: tuple[str, ...] | None = None
    hint: tuple[str, ...] | None = None
    ordered: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the facts for the wire."""
        return {
            "inputs": None if self.inputs is None else list(self.inputs),
            "input_count": self.input_count,
            "classes": None if self.classes is None else list(self.classes),
            "hint": None if self.hint is None else list(self.hint),
            "ordered": self.ordered,
        }


@dataclass(frozen=True)
class Question:
    """One batch as a model receives it.

    Attributes:
        columns: column name -> 1-D array, in the order of the manifest's ``inputs``: float64 for numbers (NaN for
            missing), int64, bool, object arrays of str (NaN for missing); object arrays of bytes for images (PNG).
        rows: the number of rows.
        text: one text input, to be given as a list of str instead of a table.
        classes: the manifest's classes, in the order in which the answer's columns must come.
    """

    columns: dict[str, NDArray[Any]]
    rows: int
    text: bool
    classes: tuple[str, ...] = field(default=())


class Model(Protocol):
    """A loaded model, inside the worker."""

    @property
    def facts(self) -> Facts:
        """What the model says about itself."""

    def probabilities(self, question: Question) -> NDArray[Any]:
        """Return the probability of every class, shape (rows, classes), in the model's own float type."""


@runtime_checkable
class Format(Protocol):
    """One candidate format: a row of the registry ``FORMATS``."""

    @property
    def name(self) -> str:
        """The word that manifests and the command line use."""

    @property
    def title(self) -> str:
        """One line for people."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File suffixes, lower case with the dot, by which a file is proposed to be of this format."""

    @property
    def needs_worker(self) -> bool:
        """Whether there is a model to run: True for ``ModelFormat``, False for ``ScoreFormat``."""

    @property
    def needs_approval(self) -> bool:
        """Whether the file is a program that an admin must have approved by its SHA-256."""

    def recognises(self, head: bytes) -> bool:
        """Return whether a file that begins with ``head`` (its first 4 KiB) can be of this format."""


class ModelFormat(Format, Protocol):
    """A format with a model in it; ``prepare`` and ``load`` are only ever called inside the worker."""

    def prepare(self) -> None:
        """Import what the format needs, before memory is bounded."""

    def load(self, data: bytes) -> Model:
        """Return the model in ``data``; raises FileRefused."""


class ScoreFormat(Format, Protocol):
    """A format that answers without running a model."""

    def scores(self, home: Home, candidate: Candidate, test_set: TestSet) -> NDArray[np.float64]:
        """Return P(positive) for each example of ``test_set``, shape (n,), NaN where there is no answer."""
