"""Raw cells into typed columns by their declaration, with every cell that does not fit. Never guesses: a cell either is
what the column declares or it is a fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from lookingglass.config import Column
from lookingglass.errors import one_line
from lookingglass.testset.checked_bytes import size_words
from lookingglass.testset.layout import polars_type
from lookingglass.testset.problems_found import KEPT

EXACT_INTEGER = 2**53
_WORDS = {"number": "a number", "integer": "a whole number", "boolean": "true or false"}
_IMAGE_NAME = "^sha256:[0-9a-f]{64}$"
_UNFIT_TEXT = "[\u0000\u202a-\u202e\u2066-\u2069]"


@dataclass(frozen=True)
class Fault:
    """Cells that do not fit. ``positions``: all of them, ascending; ``messages``: for the first twenty. A fault without
    positions concerns the whole column and has one message."""

    positions: np.ndarray[Any, np.dtype[np.int64]]
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Converted:
    """A typed column (faulty cells missing) and its faults."""

    values: pl.Series
    faults: tuple[Fault, ...] = ()


def convert(
    name: str, column: Column, cells: pl.Series | list[Any], *, cell_bytes: int, label: bool = False
) -> Converted:
    """Turn raw cells into the declared type and check missing values, range, allowed values and length.

    Args:
        name: the column's name, given to the result.
        column: its declaration.
        cells: a String series (CSV), a typed series (Parquet) or Python values (JSON Lines).
        cell_bytes: the longest text cell allowed, in bytes.
        label: whether a value outside the list is told as a label of the task.
    """
    typed = (
        _from_objects(name, column, cells) if isinstance(cells, list) else _from_series(name, column, cells)
    )
    if any(not len(fault.positions) for fault in typed.faults):
        return typed
    faults = list(typed.faults)
    values = typed.values
    if column.missing == "refuse":
        absent = values.is_null()
        for fault in typed.faults:
            absent = absent.scatter(fault.positions, values=False)
        _note(faults, absent, values, lambda _: "is empty, and this column may not be")
    if values.dtype == pl.String:
        values = _check_text(column, values, faults, cell_bytes, label)
    elif values.dtype in (pl.Float64, pl.Int64):
        if column.min is not None:
            low = column.min
            _note(
                faults, values < low, values, lambda cell: f"{cell:g} is below the smallest allowed, {low:g}"
            )
        if column.max is not None:
            high = column.max
            _note(
                faults, values > high, values, lambda cell: f"{cell:g} is above the largest allowed, {high:g}"
            )
    return Converted(values, tuple(faults))


def quoted(cell: object) -> str:
    """Return a cell for use in a message."""
    return repr(one_line(cell, 40)) if isinstance(cell, str) else one_line(repr(cell), 40)


def nfc(values: pl.Series) -> pl.Series:
    """Return text in Unicode normal form C, so that one name typed in two ways is one name."""
    if values.str.len_bytes().sum() == values.str.len_chars().sum():
        return values
    return values.str.normalize("NFC")


def choices(values: tuple[str, ...]) -> str:
    """Return the values that are allowed, for use in a message."""
    return ", ".join(values[:10]) + (", …" if len(values) > 10 else "")


def _note(faults: list[Fault], bad: pl.Series, cells: pl.Series, message: Callable[[Any], str]) -> None:
    if not bad.any():
        return
    positions = bad.fill_null(value=False).arg_true().to_numpy().astype(np.int64)
    first = cells.gather(positions[:KEPT]).to_list()
    faults.append(Fault(positions, tuple(message(cell) for cell in first)))


def _check_text(
    column: Column, values: pl.Series, faults: list[Fault], cell_bytes: int, label: bool
) -> pl.Series:
    values = values.set(values == "", None) if bool((values == "").any()) else values
    if column.type == "category" or column.is_group or "id" in column.role:
        values = nfc(values)
    if column.values is not None and _all_fit(values, column.values, cell_bytes):
        return values
    too_long = f"is longer than {size_words(cell_bytes)}"
    _note(faults, values.str.len_bytes() > cell_bytes, values, lambda _: too_long)
    unfit = "holds a NUL or an invisible text-direction control: take it out"
    _note(faults, values.str.contains(_UNFIT_TEXT), values, lambda _: unfit)
    if column.type == "image":
        unnamed = "is not the name of a kept image: give the image itself"
        _note(faults, ~values.str.contains(_IMAGE_NAME), values, lambda _: unnamed)
    if column.values is not None:
        allowed = column.values
        end = (
            f"is not a label of this task ({choices(allowed)})"
            if label
            else f"is not one of {choices(allowed)}"
        )
        unknown = ~values.is_in(list(allowed)) & values.is_not_null()
        _note(faults, unknown, values, lambda cell: f"{quoted(cell)} {end}")
    return values


def _all_fit(values: pl.Series, allowed: Sequence[str], cell_bytes: int) -> bool:
    """Whether every value is one of those allowed (or missing) and none of those would be refused itself."""
    wrong = (len(value.encode()) > cell_bytes or re.search(_UNFIT_TEXT, value) for value in allowed)
    return not any(wrong) and bool(values.is_in(list(allowed)).all())


def _from_series(name: str, column: Column, cells: pl.Series) -> Converted:
    wanted = polars_type(column)
    if cells.dtype == pl.Null:
        return Converted(pl.Series(name, [None] * len(cells), dtype=wanted))
    if cells.dtype == pl.String:
        return _from_text(name, column, cells)
    if wanted == pl.String:
        if cells.dtype.is_integer() and column.type == "category":
            return Converted(cells.cast(pl.String).alias(name))
        if cells.dtype == pl.Boolean and column.type == "category":
            return Converted(
                cells.replace_strict({True: "true", False: "false"}, return_dtype=pl.String).alias(name)
            )
        return _whole_column(name, wanted, f"holds {_kind(cells)}, text is wanted")
    if wanted == pl.Boolean:
        return Converted(cells.alias(name)) if cells.dtype == pl.Boolean else _wrong(name, column, cells)
    if not (cells.dtype.is_integer() or cells.dtype.is_float()):
        return _wrong(name, column, cells)
    faults: list[Fault] = []
    if cells.dtype.is_integer():
        if wanted == pl.Float64:
            inexact = (cells > EXACT_INTEGER) | (cells < -EXACT_INTEGER)
            _note(
                faults,
                inexact,
                cells,
                lambda cell: f"{cell} has too many digits to be kept exactly as a number",
            )
        fitting = cells.cast(wanted, strict=False)
        _note(faults, fitting.is_null() & cells.is_not_null(), cells, lambda cell: f"{cell} is too large")
        return Converted(_without(fitting, faults).alias(name), tuple(faults))
    numbers = cells.cast(pl.Float64)
    _note(
        faults,
        ~numbers.is_finite(),
        numbers,
        lambda cell: f"{cell} is not a finite number: leave the cell empty instead",
    )
    if wanted == pl.Int64:
        broken = numbers.is_finite() & ~_whole(numbers)
        _note(faults, broken, numbers, lambda cell: f"{cell} is not a whole number")
    return Converted(_without(numbers, faults).cast(wanted).alias(name), tuple(faults))


def _from_text(name: str, column: Column, cells: pl.Series) -> Converted:
    wanted = polars_type(column)
    if wanted == pl.String:
        return Converted(cells.alias(name))
    cells = cells.set(cells == "", None) if bool((cells == "").any()) else cells
    truth = _parsed(wanted, cells)
    if truth.null_count() > cells.null_count():
        truth = _parsed(wanted, cells.str.strip_chars(" \t"))
    faults: list[Fault] = []
    if truth.null_count() > cells.null_count():
        _note(
            faults,
            truth.is_null() & cells.is_not_null(),
            cells,
            lambda cell: f"{quoted(cell)} is not {_hint(column, cell)}",
        )
    return Converted(truth.alias(name), tuple(faults))


def _parsed(wanted: Any, cells: pl.Series) -> pl.Series:
    """Return the truth values or numbers that texts say, missing where one says none."""
    if wanted == pl.Boolean:
        return cells.str.to_lowercase().replace_strict(
            {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
        )
    if wanted == pl.Int64:
        exact = cells.cast(pl.Int64, strict=False)
        if exact.null_count() == cells.null_count():
            return exact
        numbers = cells.cast(pl.Float64, strict=False)
        whole = numbers.set(~_whole(numbers).fill_null(value=False), None).cast(pl.Int64)
        return (
            pl.DataFrame({"exact": exact, "whole": whole}).select(pl.coalesce("exact", "whole")).to_series()
        )
    numbers = cells.cast(pl.Float64, strict=False)
    return numbers if numbers.is_finite().all() else numbers.set(~numbers.is_finite(), None)


def _hint(column: Column, cell: str) -> str:
    words = _WORDS[column.type]
    if column.type == "number" and re.fullmatch(r"-?\d+,\d+", cell):
        return f"{words} (write {cell.replace(',', '.')}, with a point)"
    return words


def _from_objects(name: str, column: Column, cells: list[Any]) -> Converted:
    wanted = polars_type(column)
    fits = _FITTING[column.type]
    bad = np.asarray(
        [at for at, cell in enumerate(cells) if cell is not None and not fits(cell)], dtype=np.int64
    )
    faults: list[Fault] = []
    if len(bad):
        words = _WORDS.get(column.type, "text")
        faults.append(Fault(bad, tuple(f"{quoted(cells[at])} is not {words}" for at in bad[:KEPT])))
        cells = list(cells)
        for at in bad:
            cells[at] = None
    if wanted == pl.String:
        cells = [cell if cell is None or isinstance(cell, str) else str(cell).lower() for cell in cells]
    elif wanted == pl.Int64:
        cells = [None if cell is None else int(cell) for cell in cells]
    elif wanted == pl.Float64:
        cells = [None if cell is None else float(cell) for cell in cells]
    return Converted(pl.Series(name, cells, dtype=wanted), tuple(faults))


def _is_number(cell: Any) -> bool:
    if type(cell) is int:
        return abs(cell) <= EXACT_INTEGER
    return type(cell) is float and bool(np.isfinite(cell))


def _is_integer(cell: Any) -> bool:
    if type(cell) is int:
        return -(2**63) <= cell < 2**63
    return type(cell) is float and cell.is_integer() and abs(cell) <= EXACT_INTEGER


_FITTING: dict[str, Callable[[Any], bool]] = {
    "number": _is_number,
    "integer": _is_integer,
    "boolean": lambda cell: isinstance(cell, bool),
    "category": lambda cell: isinstance(cell, str | int),
    "text": lambda cell: isinstance(cell, str),
    "image": lambda cell: isinstance(cell, str),
}


def _whole(numbers: pl.Series) -> pl.Series:
    return (numbers == numbers.floor()) & (numbers.abs() <= EXACT_INTEGER)


def _without(values: pl.Series, faults: list[Fault]) -> pl.Series:
    for fault in faults:
        values = values.scatter(fault.positions, None)
    return values


def _wrong(name: str, column: Column, cells: pl.Series) -> Converted:
    return _whole_column(name, polars_type(column), f"holds {_kind(cells)}, {_WORDS[column.type]} is wanted")


def _whole_column(name: str, wanted: Any, message: str) -> Converted:
    return Converted(pl.Series(name, [], dtype=wanted), (Fault(np.empty(0, dtype=np.int64), (message,)),))


def _kind(cells: pl.Series) -> str:
    kind = cells.dtype
    if kind == pl.String:
        return "text"
    if kind.is_integer():
        return "whole numbers"
    if kind.is_float():
        return "numbers"
    if kind == pl.Boolean:
        return "true and false"
    words = {"Date": "dates", "Datetime": "dates and times", "Decimal": "exact decimals", "List": "lists"}
    words["Binary"] = "bytes"
    return words.get(type(kind).__name__, str(kind))
