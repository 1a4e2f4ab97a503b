"""What decides an explanation besides candidate and example: its settings, their digest, and the seed made of both.

Knows nothing of models or data. Two explanations with the same seed and settings are the same explanation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from lookingglass.canonical import canonical_json, sha256_hex
from lookingglass.errors import BadSetting

METHOD = 1
"""Raised whenever the way of explaining changes, so that older explanations are not taken for newer ones."""

LEAST_SAMPLES, MOST_SAMPLES, MOST_REPEATS = 50, 100_000, 100
_FLAGS = ("repeats", "r2_limit", "vsi_limit")


@dataclass(frozen=True)
class ExplainSettings:
    """How an example is explained.

    Attributes:
        samples: variations of the example to begin with. They are doubled until the ``top_k`` strongest features and
            their signs stay the same, or ``most_samples`` is reached.
        most_samples: equal to ``samples`` for exactly that many.
        top_k: how many of the strongest features have to settle, and are compared over repeats.
        repeats: how many runs with different seeds stability is measured over; 1 measures none.
        r2_limit: an explanation whose local model has an R2 below this is marked "weak local fit".
        vsi_limit: one whose stability (VSI, 0 to 100) is below this is marked "unstable".
        kernel_width: how fast variations that are further away count less; None for LIME's own default (25 for
            words, 0.25 for images, 0.75 times the root of the number of columns for tables).
        background: hash of the frozen sample that variations of tables and images are drawn from; "" asks for that of
            the workspace, which is filled in.
    """

    samples: int = 500
    most_samples: int = 4000
    top_k: int = 5
    repeats: int = 5
    r2_limit: float = 0.5
    vsi_limit: float = 80.0
    kernel_width: float | None = None
    background: str = ""

    def __post_init__(self) -> None:
        """Raise BadSetting for a number that means nothing."""
        if not LEAST_SAMPLES <= self.samples <= MOST_SAMPLES:
            raise BadSetting(
                f"{self.samples} samples cannot be drawn: ask for {LEAST_SAMPLES} to {MOST_SAMPLES:,}."
            )
        if not self.samples <= self.most_samples <= MOST_SAMPLES:
            raise BadSetting(
                f"at most {self.most_samples} samples, beginning with {self.samples:,}, cannot be: "
                f"give a limit between {self.samples:,} and {MOST_SAMPLES:,}."
            )
        if not 1 <= self.repeats <= MOST_REPEATS:
            raise BadSetting(f"{self.repeats} repeats cannot be run: ask for 1 to {MOST_REPEATS}.")
        if self.top_k < 1:
            raise BadSetting(f"the strongest {self.top_k} features are none: ask for at least 1.")
        if self.kernel_width is not None and not 0 < self.kernel_width < float("inf"):
            raise BadSetting(f"a kernel width of {self.kernel_width} weighs nothing: give one above 0.")
        if not self.r2_limit <= 1 or not 0 <= self.vsi_limit <= 100:
            raise BadSetting("a limit for R2 lies at or below 1, one for VSI between 0 and 100.")

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON-able values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> ExplainSettings:
        """Return the settings that ``to_json`` wrote. Raises BadSetting or TypeError."""
        return cls(**fields)

    @cached_property
    def digest(self) -> str:
        """64 hexadecimal digits over every setting and the version of the method: names the folder of explanations."""
        return sha256_hex(canonical_json({"method": METHOD, **self._numbers(self.to_json())}))

    @cached_property
    def drawn(self) -> str:
        """Digest of what decides the draws: repeats and limits are left out, so more repeats move no weight."""
        fields = {key: value for key, value in self.to_json().items() if key not in _FLAGS}
        return sha256_hex(canonical_json({"method": METHOD, **self._numbers(fields)}))

    @staticmethod
    def _numbers(fields: Mapping[str, Any]) -> dict[str, Any]:
        """Write 1 and 1.0 alike, so that both name the same settings."""
        floats = ("r2_limit", "vsi_limit", "kernel_width")
        return {
            key: float(value) if key in floats and value is not None else value
            for key, value in fields.items()
        }


def seed_of(fingerprint: str, content: str, drawn: str, repeat: int = 0) -> int:
    """Return the seed of one run: the first 32 bits of SHA-256 over candidate, input, settings and its number.

    Args:
        content: the hash of what the candidate is shown, whichever example shows it.
    """
    named = canonical_json([fingerprint, content, drawn, repeat])
    return int(sha256_hex(named)[:8], 16)
