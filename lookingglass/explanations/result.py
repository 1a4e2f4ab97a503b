"""What an explanation is, once made: frozen, the same from a page, the command line or a file. Computes nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from lookingglass.explanations.settings import ExplainSettings

if TYPE_CHECKING:
    import polars as pl

Modality: TypeAlias = Literal["text", "tabular", "image"]

WEAK_FIT = "weak local fit"
UNSTABLE = "unstable"
TOO_FEW_WORDS = "too few words to judge"
NO_WORDS = "there is no word to explain"
SAME_ANSWER = "the model answers the same for every variation: there is no reason to show"
NOT_SETTLED = "not settled"


@dataclass(frozen=True)
class Weight:
    """What one feature of the example adds to P(positive) in the local model, compared with its being hidden.

    Attributes:
        feature: the word, the column's name, or "row 2, column 3" of an image's grid.
        weight: in probability: 0.1 says that the local model gives 0.1 less without it. Above 0 pushes to yes.
        field: the column it lies in.
        position: which token of its field, or which region of the image row by row, counted from 0; of a table, which
            input of the candidate.
        start, end: where a word stands in its field, in characters; None for tables and images.
        value: the row's own value in that column (tables).
        low, high: the part of the background that the value is taken together with: low < value <= high; None where
            it is open, or the value stands alone (tables).
        box: top, left, bottom, right of an image's region in pixels, the last two exclusive.
    """

    feature: str
    weight: float
    field: str
    position: int
    start: int | None = None
    end: int | None = None
    value: Any = None
    low: float | None = None
    high: float | None = None
    box: tuple[int, int, int, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what is known of it as JSON-able values; ``value`` only where it is a table's."""
        fields: dict[str, Any] = {
            "feature": self.feature,
            "weight": self.weight,
            "field": self.field,
            "position": self.position,
        }
        if self.start is not None:
            fields |= {"start": self.start, "end": self.end}
        elif self.box is not None:
            fields["box"] = list(self.box)
        else:
            fields |= {"value": self.value, "low": self.low, "high": self.high}
        return fields

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Weight:
        """Return what ``to_json`` wrote."""
        box = fields.get("box")
        return cls(**{**fields, "box": None if box is None else tuple(box)})


@dataclass(frozen=True)
class FeatureStability:
    """How one feature fared over the repeats.

    Attributes:
        share: of the runs in which it was among the strongest, 0 to 1.
        positive: share of those runs in which it pushed to yes.
    """

    feature: str
    field: str
    position: int
    share: float
    positive: float


@dataclass(frozen=True)
class Stability:
    """Whether other seeds give the same reasons. Stable is not faithful: R2 says how well the local model fits.

    Attributes:
        repeats: how many runs, each with its own seed; the explanation itself is the first.
        top_k: how many of the strongest features were compared: at most all but one.
        vsi: 100 times the mean share of features that two runs have in common among their strongest (Visani et al.,
            "Statistical stability indices for LIME", 2022), 0 to 100; 100 is best.
        features: every feature that was among the strongest in some run, the most frequent first.
    """

    repeats: int
    top_k: int
    vsi: float
    features: tuple[FeatureStability, ...]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-able values."""
        return {
            "repeats": self.repeats,
            "top_k": self.top_k,
            "vsi": self.vsi,
            "features": [dict(vars(feature)) for feature in self.features],
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Stability:
        """Return what ``to_json`` wrote."""
        features = tuple(FeatureStability(**each) for each in fields["features"])
        return cls(fields["repeats"], fields["top_k"], fields["vsi"], features)


@dataclass(frozen=True)
class Explanation:
    """Why one candidate gave one example its score, as LIME's local model has it.

    Attributes:
        input_id: of the example, 64 hexadecimal digits; of what-if values, ``what-if:`` and a hash of them.
        score: P(positive) of the example, from the model.
        weights: strongest first; empty where there is nothing to explain, and ``notes`` says why.
        intercept, local_prediction, r2: of the local model: its constant, what it says of the example itself, and its
            weighted coefficient of determination (1 is best). None where there is no local model.
        samples: how many variations the local model was fitted on, repeated ones counted.
        settled: whether the strongest features stayed the same when the samples were doubled; None when that was
            not tried.
        seed: of LIME's random numbers.
        stability: over repeats; None when there was one run.
        distinct: how many different inputs the model answered for this, over all rounds and repeats.
        model_rows_scored: how many rows were sent to the model for this call: 0 when the explanation was kept.
        notes: plain sentences about what to mind.
        inputs: the values that were explained, by column; an image by its name.
        overrides: what was changed for a what-if, None for the example as it is.
        grid: regions of an image down and across, None otherwise.
    """

    candidate: str
    fingerprint: str
    example_id: str
    input_id: str
    modality: Modality
    score: float
    weights: tuple[Weight, ...]
    intercept: float | None
    local_prediction: float | None
    r2: float | None
    samples: int
    settled: bool | None
    seed: int
    settings: ExplainSettings
    stability: Stability | None
    distinct: int
    model_rows_scored: int
    notes: tuple[str, ...]
    inputs: Mapping[str, Any]
    overrides: Mapping[str, Any] | None = None
    grid: tuple[int, int] | None = None

    @property
    def weak_fit(self) -> bool:
        """Whether the local model fits so badly that its weights should not be believed."""
        return self.r2 is not None and self.r2 < self.settings.r2_limit

    @property
    def unstable(self) -> bool | None:
        """Whether other seeds give other reasons; None when that was not measured."""
        return None if self.stability is None else self.stability.vsi < self.settings.vsi_limit

    @property
    def shares(self) -> dict[str, float]:
        """Share of the total absolute weight that lies in each field, 0 to 1; empty where all weights are 0."""
        total = math.fsum(abs(each.weight) for each in self.weights)
        if not total:
            return {}
        fields = dict.fromkeys(self.inputs, 0.0)
        for each in self.weights:
            fields[each.field] = fields.get(each.field, 0.0) + abs(each.weight) / total
        return fields

    def asked_again(self) -> Explanation:
        """Return the same explanation as one that cost no model call."""
        return replace(self, model_rows_scored=0)

    def frame(self) -> pl.DataFrame:
        """Return one row a feature, strongest first: feature, weight, field, position, start, end, value, low, high."""
        import polars as pl

        columns = {
            "feature": pl.String,
            "weight": pl.Float64,
            "field": pl.String,
            "position": pl.Int64,
            "start": pl.Int64,
            "end": pl.Int64,
            "value": pl.String,
            "low": pl.Float64,
            "high": pl.Float64,
        }
        rows = [
            {**{name: getattr(each, name) for name in columns}, "value": _as_text(each.value)}
            for each in self.weights
        ]
        return pl.DataFrame(rows, schema=columns)

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as JSON-able values."""
        return {
            "candidate": self.candidate,
            "fingerprint": self.fingerprint,
            "example_id": self.example_id,
            "input_id": self.input_id,
            "modality": self.modality,
            "score": self.score,
            "weights": [each.to_json() for each in self.weights],
            "intercept": self.intercept,
            "local_prediction": self.local_prediction,
            "r2": self.r2,
            "samples": self.samples,
            "settled": self.settled,
            "seed": self.seed,
            "settings": self.settings.to_json(),
            "stability": None if self.stability is None else self.stability.to_json(),
            "distinct": self.distinct,
            "model_rows_scored": self.model_rows_scored,
            "notes": list(self.notes),
            "inputs": dict(self.inputs),
            "overrides": None if self.overrides is None else dict(self.overrides),
            "grid": None if self.grid is None else list(self.grid),
            "shares": self.shares,
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Explanation:
        """Return the explanation that ``to_json`` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        known = {key: value for key, value in fields.items() if key != "shares"}
        grid, stability = known["grid"], known["stability"]
        return cls(
            **{
                **known,
                "weights": tuple(Weight.from_json(each) for each in known["weights"]),
                "settings": ExplainSettings.from_json(known["settings"]),
                "stability": None if stability is None else Stability.from_json(stability),
                "notes": tuple(known["notes"]),
                "grid": None if grid is None else (int(grid[0]), int(grid[1])),
            }
        )


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)
