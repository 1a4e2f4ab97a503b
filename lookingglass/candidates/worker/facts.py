"""Compares what a loaded model says of itself with what its manifest says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookingglass.errors import CandidateFailed, one_line


def compare(
    facts: Mapping[str, Any], inputs: list[str] | None, classes: list[str] | None, pixels: int | None = None
) -> None:
    """Compare what the model says of itself with the manifest; raises CandidateFailed.

    Args:
        pixels: how many numbers the one input is, where that is an image: a model may take each as a column.
    """
    wanted = facts["inputs"]
    if inputs is not None and wanted is not None and wanted != inputs:
        if sorted(wanted) != sorted(inputs):
            raise CandidateFailed(
                f"wants other columns: {_listed(wanted)}; the manifest names {_listed(inputs)}"
            )
        if facts["ordered"]:
            raise CandidateFailed(
                f"wants its columns in the order {_listed(wanted)}; the manifest names {_listed(inputs)}"
            )
    count = facts["input_count"]
    if inputs is not None and wanted is None and count not in (None, len(inputs), pixels):
        if pixels is not None and len(inputs) == 1:
            raise CandidateFailed(f"wants {count} columns; one image here is {pixels} numbers")
        raise CandidateFailed(f"wants {count} columns; the manifest names {len(inputs)}")
    own = facts["classes"]
    if classes is not None and own is not None and own != classes:
        if sorted(own) != sorted(classes):
            raise CandidateFailed(f"has other classes: {_listed(own)}; the manifest names {_listed(classes)}")
        raise CandidateFailed(
            f"has its classes in the order {_listed(own)}; the manifest names {_listed(classes)}"
        )


def _listed(names: list[str]) -> str:
    return one_line(
        ", ".join(names) if len(names) <= 12 else f"{', '.join(names[:12])} and {len(names) - 12} more"
    )
