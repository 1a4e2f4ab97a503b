"""Tables for LIME: each input column is a feature, compared with what the frozen background has in that column.

Numbers with many values are taken together in the background's quarters, as LIME does. Everything else (categories,
yes and no, numbers with few values) is a level: the row's own value against all others. Texts stay as they are.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lookingglass.config import WorkspaceConfig
from lookingglass.errors import BadInput
from lookingglass.explanations.asked import Answers, Key, ModelAsked
from lookingglass.explanations.background import Background
from lookingglass.explanations.local import Floats, Local, Watched
from lookingglass.explanations.result import Modality, Weight

if TYPE_CHECKING:
    import pyarrow as pa

MANY = 10
"""A number with more different values in the background than this is taken together in quarters."""

OWN_SHARE = 4
"""A value that the background does not have is kept in one of so many variations, as one of its quarters would be."""

_ARROW = {"number": "float64", "integer": "int64", "boolean": "bool_"}


@dataclass(frozen=True)
class Feature:
    """One column, encoded as LIME wants it.

    Attributes:
        levels: the values that codes 0, 1, ... stand for; None where numbers stand for themselves.
        column: the background's values, encoded; float64, shape (rows,).
        own: the row's value, encoded.
    """

    name: str
    type: str
    levels: tuple[Any, ...] | None
    column: Floats
    own: float
    notes: tuple[str, ...]


class TableTask:
    """One row of a table.

    Args:
        values: column -> value in its declared type, in the candidate's order; None for a missing one.
    """

    modality: Modality = "tabular"
    grid: tuple[int, int] | None = None
    most_samples = 1 << 30

    def __init__(
        self, values: Mapping[str, Any], config: WorkspaceConfig, background: Background, asked: ModelAsked
    ) -> None:
        self._asked, self._values = asked, dict(values)
        self._types = {name: config.columns[name].type for name in values}
        self.inputs: Mapping[str, Any] = dict(values)
        told = {name for name, kind in self._types.items() if kind != "text"}
        if not told:
            raise BadInput(
                f"{asked.candidate.name} takes no column that a table's explanation could be made of."
            )
        self._encoded = [
            encode(name, self._types[name], values[name], background.rows.get_column(name).to_list())
            for name in values
            if name in told
        ]
        fixed = [name for name in values if name not in told]
        self.notes = tuple(note for feature in self._encoded for note in feature.notes) + tuple(
            f"{name} is a text and stays as it is in every variation: its words are not explained beside other columns."
            for name in fixed
        )
        self._data = np.column_stack([feature.column for feature in self._encoded])
        self._row = np.array([feature.own for feature in self._encoded])
        place = list(values)
        self.features = tuple(
            Weight(
                feature.name,
                0.0,
                feature.name,
                place.index(feature.name),
                value=values[feature.name],
                low=low,
                high=high,
            )
            for feature in self._encoded
            for low, high in (_quarter(feature),)
        )

    @property
    def background(self) -> NDArray[np.float64]:
        """What LIME is given as training data, shape (rows, features)."""
        return self._data

    @property
    def encoded(self) -> Sequence[Feature]:
        """How each column is encoded."""
        return self._encoded

    @property
    def row(self) -> Floats:
        """The row as LIME is given it, shape (features,)."""
        return self._row

    def original(self) -> Answers:
        """Return the answer for the row as it is, shape (classes,)."""
        answers: Answers = self.predict(self._row[None, :])[0]
        return answers

    def run(self, seed: int, samples: int, kernel_width: float | None) -> Local:
        """Explain with a fresh LIME explainer for tables, on the same background every time."""
        from lime.lime_tabular import LimeTabularExplainer

        from lookingglass.explanations.quarters import quarters

        state = np.random.RandomState(seed)
        levels = [at for at, feature in enumerate(self._encoded) if feature.levels is not None]
        names = [feature.name for feature in self._encoded]
        explainer = LimeTabularExplainer(
            self._data,
            feature_names=names,
            categorical_features=levels,
            class_names=list(self._asked.classes),
            kernel_width=kernel_width,
            feature_selection="none",
            discretizer=quarters(self._data, levels, names, state),
            random_state=state,
        )
        watched = Watched(self._asked)

        def predict(variations: Floats) -> Answers:
            watched.answers = self.predict(variations)
            return watched.answers

        explained = explainer.explain_instance(
            self._row, predict, labels=(watched.positive,), num_features=len(names), num_samples=samples
        )
        return watched.local(explained, len(names))

    def predict(self, variations: Floats) -> Answers:
        """Return the answers for encoded rows, shape (n, classes)."""
        whole = [at for at, each in enumerate(self._encoded) if each.type == "integer" and not each.levels]
        rounded = np.array(variations, dtype=np.float64)
        rounded[:, whole] = np.rint(rounded[:, whole])
        return self._asked.ask([row.tobytes() for row in rounded], self._rows, exact=True)

    def _rows(self, variations: Sequence[Key]) -> pa.Table:
        import pyarrow as pa

        encoded = np.frombuffer(b"".join(bytes(key) for key in variations if isinstance(key, bytes)))
        matrix = encoded.reshape(len(variations), len(self._encoded))
        columns: dict[str, Any] = {
            name: [value] * len(variations) for name, value in self._values.items() if name not in self._names
        }
        for at, feature in enumerate(self._encoded):
            columns[feature.name] = decode(feature, matrix[:, at])
        return pa.table(
            {name: pa.array(columns[name], _arrow_type(self._types[name])) for name in self._values}
        )

    @property
    def _names(self) -> set[str]:
        return {feature.name for feature in self._encoded}


def encode(name: str, kind: str, own: Any, column: Sequence[Any]) -> Feature:
    """Return one column as LIME wants it: numbers as they are, or codes of levels.

    Args:
        own: the row's value, None for a missing one.
        column: the background's values.
    """
    there = [value for value in column if value is not None]
    counts = Counter(there)
    if kind in {"number", "integer"} and own is not None and len(counts) > MANY:
        return _as_numbers(name, kind, float(own), column)
    levels: list[Any] = sorted(counts)
    if len(there) < len(column) or own is None:
        levels.insert(0, None)
    notes: tuple[str, ...] = ()
    if own not in levels:
        levels.append(own)
    code = {level: float(at) for at, level in enumerate(levels)}
    codes = np.array([code[value] for value in column])
    own_code = code[own]
    if not (codes == own_code).any():  # a level that is never drawn could not be weighed against the others
        codes[::OWN_SHARE] = own_code
        notes = (_never_there(name, own),)
    elif own is None:
        notes = (f"{name} has no value: that is compared with its having one.",)
    return Feature(name, kind, tuple(levels), codes, own_code, notes)


def decode(feature: Feature, codes: Floats) -> list[Any]:
    """Return the values that encoded ones stand for, None for missing ones."""
    if feature.levels is not None:
        return [feature.levels[int(code)] for code in codes]
    return [int(code) for code in codes] if feature.type == "integer" else codes.tolist()


def table_of(values: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> pa.Table:
    """Return rows of values as the candidate's worker wants them, columns in the order of ``types``."""
    import pyarrow as pa

    return pa.table(
        {name: pa.array([row[name] for row in values], _arrow_type(kind)) for name, kind in types.items()}
    )


def _as_numbers(name: str, kind: str, own: float, column: Sequence[Any]) -> Feature:
    values = np.array([math.nan if value is None else float(value) for value in column])
    missing = np.isnan(values)
    notes: tuple[str, ...] = ()
    if missing.any():
        middle = float(np.median(values[~missing]))
        values[missing] = middle
        notes = (
            f"{name}: {int(missing.sum()):,} of {len(values):,} rows of the background have no value; their median "
            f"{middle:.4g} stands for it.",
        )
    return Feature(name, kind, None, values, own, notes)


def _never_there(name: str, own: Any) -> str:
    what = (
        "no value, which no row of the background lacks"
        if own is None
        else (f"the value {own!r}, which no row of the background has")
    )
    return f"{name} has {what}: it is kept in a quarter of the variations."


def _quarter(feature: Feature) -> tuple[float | None, float | None]:
    """Return the edges of the background's quarter that the row's number lies in, None where it is open."""
    if feature.levels is not None:
        return None, None
    edges = np.unique(np.percentile(feature.column, [25, 50, 75]))
    at = int(np.searchsorted(edges, feature.own))
    return (
        float(edges[at - 1]) if at else None,
        float(edges[at]) if at < len(edges) else None,
    )


def _arrow_type(kind: str) -> pa.DataType:
    import pyarrow as pa

    return getattr(pa, _ARROW.get(kind, "string"))()
