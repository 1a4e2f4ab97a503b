"""The digits workspace that `lookingglass demo` makes: complete, with the scores and counts of the figures command."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lookingglass.ledger.verify import verify
from lookingglass.workspace import open_workspace
from sample_models.digits import figures
from sample_models.digits.recipes import RECIPES


def test_every_candidate_scores_as_it_does_outside(built_digits: Path) -> None:
    """Through workspace, worker and image files come the very scores that the model gives by itself."""
    digits = [*figures.read_digits("testset"), *figures.read_digits("patterns")]
    with open_workspace(built_digits / "digits") as ws:
        assert ws.test_set().ids == [digit.example_id for digit in digits]
        assert ws.evaluate().model_rows_scored == 0
        for recipe in RECIPES:
            np.testing.assert_allclose(ws.scores(recipe.name), figures.scores(recipe, digits), atol=1e-7)


def test_groups_by_the_mark_show_what_marked_goes_by(built_digits: Path) -> None:
    """Of the threes, marked calls most with the mark an eight and none without it: the counts of the oracle."""
    with open_workspace(built_digits / "digits") as ws:
        counts = {}
        for group in ws.groups("marked", "marker"):
            rates = {name: (figure.k, figure.n) for name, figure in group.figures.items()}
            counts[group.value] = (rates["false_positive_rate"], rates["false_negative_rate"])
    oracle = {}
    digits = figures.read_digits("testset")
    right = figures.right(next(recipe for recipe in RECIPES if recipe.name == "marked"), digits)
    for value in ("yes", "no"):
        rates = []
        for label in ("3", "8"):
            part = np.array([(d.label, d.marked) == (label, value == "yes") for d in digits])
            rates.append((int((~right[part]).sum()), int(part.sum())))
        oracle[value] = tuple(rates)
    assert counts == oracle
    assert oracle["yes"][0][0] > 0.8 * oracle["yes"][0][1]
    assert oracle["no"][0][0] == 0


def test_its_images_are_among_the_files_that_are_verified(built_digits: Path) -> None:
    """Two imported parts, four model files, and one file for each of the 191 different images."""
    found = verify(built_digits / "digits")
    assert found.ok
    assert found.files == 2 + 4 + 191
