"""Looking through one version of the test set: which examples meet some conditions, in which order, a page at a time.

Works on frames and arrays of a whole version at once; knows nothing of screens, links or where scores come from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lookingglass.errors import BadInput, NotFound, one_line
from lookingglass.evaluation.scores import Floats
from lookingglass.testset import TestSet

Positions = NDArray[np.int64]
Booleans = NDArray[np.bool_]

Sort = Literal["stored", "changed", "disagreement", "highest", "lowest"]
SORTS: tuple[Sort, ...] = ("stored", "changed", "disagreement", "highest", "lowest")
"""As stored; last changed first; widest gap between the models' scores first; by one candidate's score."""

Verdict = Literal["right", "wrong", "no label", "no score"]
PAGE_SIZE = 25


@dataclass(frozen=True)
class Filters:
    """Conditions that an example must all meet; one that is not set is met by every example.

    Attributes:
        text: stands in the id or in a text column, as it is, in capitals or not, whichever way accents are encoded.
        label: the label it has. ``unlabelled``: it has none.
        group: a group column and its value, None for a missing one.
        tag, problem: one of those it carries.
        origin: sample or pattern.
        wrong: a candidate whose answer at its threshold is not the label; an example without label or score is not
            wrong.
        disagree: some models say yes to it and some no; the baseline is not asked.
        id: its id, exactly.
    """

    text: str = ""
    label: str | None = None
    unlabelled: bool = False
    group: tuple[str, str | None] | None = None
    tag: str | None = None
    origin: str | None = None
    problem: str | None = None
    wrong: str | None = None
    disagree: bool = False
    id: str | None = None

    @property
    def are_set(self) -> bool:
        """Whether there is any condition at all."""
        return self != Filters()


@dataclass(frozen=True, eq=False)
class Answers:
    """What one candidate says of every example of a version.

    Attributes:
        scores: P(positive), shape (n,), NaN where there is none.
        threshold: the answer is yes at or above it; None answers nobody.
        is_model: False for the baseline, which is left out where models are compared with each other.
    """

    scores: Floats
    threshold: float | None
    is_model: bool = True

    @property
    def says_yes(self) -> Booleans:
        """Whether it answers yes, shape (n,); False where there is no score."""
        if self.threshold is None:
            return np.zeros(len(self.scores), dtype=np.bool_)
        with np.errstate(invalid="ignore"):
            return np.asarray(self.scores >= self.threshold, dtype=np.bool_)

    @property
    def has_score(self) -> Booleans:
        """Whether there is a score, shape (n,)."""
        return np.asarray(~np.isnan(self.scores), dtype=np.bool_)

    def at(self, positions: Positions) -> Answers:
        """Return the answers to the examples at these positions."""
        return Answers(self.scores[positions], self.threshold, self.is_model)

    def verdicts(self, y_true: NDArray[np.int8]) -> list[Verdict]:
        """Return for each example whether the answer is its label; ``y_true`` is 1, 0 or -1 (no label), shape (n,)."""
        found: list[Verdict] = []
        for label, score, yes in zip(y_true, self.scores, self.says_yes, strict=True):
            if np.isnan(score):
                found.append("no score")
            elif label < 0:
                found.append("no label")
            else:
                found.append("right" if bool(yes) == (label == 1) else "wrong")
        return found


@dataclass(frozen=True, eq=False)
class Page:
    """One page of the examples that meet the filters.

    Attributes:
        rows: the examples of this page, as ``TestSet.rows`` has them. ``positions``: where they stand in the version.
        total: how many examples meet the filters. ``examples``: how many there are.
        number: this page, from 1; the last one when a later one was asked for. ``pages``: how many, at least 1.
        unscored: how many examples meet every other filter but have no score of the candidate that ``wrong`` names
            (0 without it): nobody can say whether it is wrong there.
        answers: what each candidate says of this page's examples.
        y_true: 1, 0 or -1 (no label) for this page's examples.
    """

    version: int
    filters: Filters
    rows: pl.DataFrame
    positions: Positions
    total: int
    examples: int
    number: int
    pages: int
    size: int
    unscored: int
    answers: Mapping[str, Answers] = field(default_factory=dict)
    y_true: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, dtype=np.int8))

    def verdicts(self, candidate: str) -> list[Verdict]:
        """Return for each example of this page whether one candidate is right."""
        return self.answers[candidate].verdicts(self.y_true)

    def frame(self) -> pl.DataFrame:
        """Return this page's rows, and for each candidate ``NAME score`` (null without one) and ``NAME verdict``."""
        columns = [name for name in self.rows.columns if name not in ("@input_id", "@row_hash")]
        more = []
        for name, answers in self.answers.items():
            more.append(pl.Series(f"{name} score", answers.scores, dtype=pl.Float64).fill_nan(None))
            more.append(pl.Series(f"{name} verdict", self.verdicts(name), dtype=pl.String))
        return self.rows.select(columns).with_columns(more)

    def to_json(self) -> dict[str, Any]:
        """Return the counts and this page's rows as JSON-able values."""
        return {
            "version": self.version,
            "total": self.total,
            "examples": self.examples,
            "page": self.number,
            "pages": self.pages,
            "unscored": self.unscored,
            "rows": self.frame().to_dicts(),
        }


def browse(
    test_set: TestSet,
    filters: Filters,
    answers: Mapping[str, Answers],
    *,
    sort: Sort = "stored",
    by: str | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Page:
    """Return one page of the examples that meet ``filters``; examples that sort alike stay in stored order.

    Args:
        answers: what each candidate says of every example of the version, in its order.
        sort: the order (``SORTS``); what has no score comes last.
        by: the candidate whose score ``highest`` and ``lowest`` sort by.
        page: from 1; a page behind the last is the last.

    Raises:
        NotFound: a candidate that is named is not among ``answers``.
        BadInput: the group column is not one, or there is no such order.
    """
    kept = meeting(test_set, filters)
    unscored = 0
    if filters.wrong is not None:
        judged = _answers_of(filters.wrong, answers)
        unscored = int(np.count_nonzero(~judged.has_score[kept]))
        kept = kept[is_wrong(judged, test_set)[kept]]
    if filters.disagree:
        kept = kept[_disagree(answers, test_set.examples)[kept]]
    pages = max(1, -(-len(kept) // size))
    number = min(max(page, 1), pages)
    key = _sort_key(test_set, answers, sort, by)
    shown = stretch(kept, None if key is None else key[kept], (number - 1) * size, number * size)
    return Page(
        version=test_set.version,
        filters=filters,
        rows=test_set.rows[shown],
        positions=shown,
        total=len(kept),
        examples=test_set.examples,
        number=number,
        pages=pages,
        size=size,
        unscored=unscored,
        answers={name: its.at(shown) for name, its in answers.items()},
        y_true=test_set.y_true[shown],
    )


def meeting(test_set: TestSet, filters: Filters) -> Positions:
    """Return the positions of examples that meet everything but what candidates say; the cheap conditions first."""
    rows = test_set.rows
    conditions = _conditions(test_set, filters)
    kept: Positions
    if conditions:
        met = rows.lazy().select(pl.all_horizontal(conditions).fill_null(value=False).alias("met")).collect()
        kept = met.get_column("met").arg_true().to_numpy().astype(np.int64)
    else:
        kept = np.arange(rows.height, dtype=np.int64)
    if not filters.text.strip():
        return kept
    columns = ["@id", *(name for name, column in test_set.config.stored.items() if column.type == "text")]
    searched = (
        rows if len(kept) == rows.height else rows[kept, columns]
    )  # DataFrame.select would copy each column
    pattern = text_pattern(filters.text)
    holding = searched.lazy().select(
        pl.any_horizontal(
            pl.col(name).str.contains(pattern).fill_null(value=False) for name in columns
        ).alias("met")
    )
    found: Positions = kept[holding.collect().get_column("met").arg_true().to_numpy()]
    return found


def text_pattern(text: str) -> str:
    """Return the regular expression that finds ``text`` as it is, in capitals or not, accents encoded either way."""
    forms = dict.fromkeys(unicodedata.normalize(form, text.strip()) for form in ("NFC", "NFD"))
    return f"(?i:{'|'.join(re.escape(form) for form in forms)})"


def _conditions(test_set: TestSet, filters: Filters) -> list[pl.Expr]:
    found: list[pl.Expr] = []
    if filters.id is not None:
        found.append(pl.col("@id") == filters.id)
    if filters.unlabelled:
        found.append(pl.col("@label").is_null())
    if filters.label is not None:
        found.append(pl.col("@label") == filters.label)
    if filters.origin is not None:
        found.append(pl.col("@origin") == filters.origin)
    if filters.tag is not None:
        found.append(pl.col("@tags").list.contains(filters.tag))
    if filters.problem is not None:
        found.append(pl.col("@problems").list.contains(filters.problem))
    if filters.group is not None:
        found.append(_in_group(test_set, *filters.group))
    return found


def _in_group(test_set: TestSet, column: str, value: str | None) -> pl.Expr:
    groups = test_set.config.groups
    if column not in groups:
        there = one_line(", ".join(groups), 200) or "none"
        raise BadInput(f"{one_line(column, 60)!r} is not a group column: there are {there}.")
    if value is None:
        return pl.col(column).is_null()
    kind = test_set.rows.schema[column]
    if kind == pl.Boolean:
        return pl.col(column) == (value == "true") if value in ("true", "false") else pl.lit(value=False)
    wanted = pl.Series([value]).cast(kind, strict=False).item()
    return pl.lit(value=False) if wanted is None else pl.col(column) == wanted


def _answers_of(candidate: str, answers: Mapping[str, Answers]) -> Answers:
    if candidate not in answers:
        there = one_line(", ".join(answers), 200) or "none yet"
        raise NotFound(f"there is no candidate {one_line(candidate, 80)!r} here: there are {there}.")
    return answers[candidate]


def is_wrong(judged: Answers, test_set: TestSet) -> Booleans:
    """Return where the answer is not the label, shape (n,); what has no label or no score is not wrong."""
    y_true = test_set.y_true
    return np.asarray((y_true >= 0) & judged.has_score & (judged.says_yes != (y_true == 1)), dtype=np.bool_)


def _disagree(answers: Mapping[str, Answers], examples: int) -> Booleans:
    """Return where at least one model says yes and at least one no, shape (examples,)."""
    some_yes = np.zeros(examples, dtype=np.bool_)
    some_no = np.zeros(examples, dtype=np.bool_)
    for its in answers.values():
        if its.is_model:
            yes = its.says_yes
            some_yes |= yes
            some_no |= its.has_score & ~yes
    return some_yes & some_no


def _sort_key(
    test_set: TestSet, answers: Mapping[str, Answers], sort: Sort, by: str | None
) -> NDArray[np.float64] | None:
    """Return numbers that sort upwards, shape (examples,), what has none last; None for the stored order."""
    if sort == "stored":
        return None
    if sort == "changed":
        return -test_set.rows.get_column("@changed_seq").to_numpy().astype(np.float64)
    if sort == "disagreement":
        spread = _spread([its.scores for its in answers.values() if its.is_model], test_set.examples)
        return np.nan_to_num(-spread, nan=np.inf)
    if sort not in SORTS or by is None:
        raise BadInput(
            f"examples cannot be sorted by {one_line(str(sort), 60)!r}: choose {', '.join(SORTS)}."
        )
    scores = _answers_of(by, answers).scores
    return np.nan_to_num(-scores if sort == "highest" else scores, nan=np.inf)


def _spread(scores: list[Floats], examples: int) -> NDArray[np.float64]:
    """Return the highest minus the lowest score of each example, NaN where fewer than two models have one."""
    if len(scores) < 2:
        return np.full(examples, np.nan)
    highest, lowest = scores[0].copy(), scores[0].copy()
    count = (~np.isnan(scores[0])).astype(np.int16)
    for more in scores[1:]:
        np.fmax(highest, more, out=highest)
        np.fmin(lowest, more, out=lowest)
        count += ~np.isnan(more)
    highest -= lowest
    highest[count < 2] = np.nan
    return highest


def stretch(kept: Positions, key: NDArray[np.float64] | None, start: int, stop: int) -> Positions:
    """Return ``kept[start:stop]`` in the order of ``key`` (stored order when None), sorting no more than is needed."""
    if key is None:
        return kept[start:stop]
    stop = min(stop, len(kept))
    if start >= stop:
        return kept[:0]
    last = np.partition(key, stop - 1)[stop - 1]
    before = np.flatnonzero(key < last)
    alike = np.flatnonzero(key == last)[: stop - len(before)]
    order = np.concatenate([before[np.argsort(key[before], kind="stable")], alike])
    found: Positions = kept[order[start:stop]]
    return found
