"""Colours: told apart by everybody, seen on both themes, fixed by registration order."""

from __future__ import annotations

import tomllib
from itertools import combinations
from pathlib import Path

import pytest

from lookingglass.charts.marks import THEME
from lookingglass.charts.palette import (
    CANDIDATE_COLOURS,
    NEGATIVE,
    POSITIVE,
    candidate_colour,
    candidate_shape,
    contrast,
)

ROOT = Path(__file__).parents[3]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
PAPERS = {name: CONFIG["theme"][name]["backgroundColor"] for name in ("light", "dark")}
TEXT, GRAPHICS = 4.5, 3.0
"""What WCAG 2 AA asks of text, and of the parts of a picture that one must see to understand it."""


def test_contrast_matches_the_known_ends_of_its_scale() -> None:
    """Black on white is 21:1, a colour on itself 1:1, and #767676 on white the well-known 4.54:1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#123456", "#123456") == pytest.approx(1)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["textColor", "linkColor", "grayTextColor", "primaryColor"])
@pytest.mark.parametrize("under", ["backgroundColor", "secondaryBackgroundColor"])
def test_themes_give_text_the_contrast_that_reading_needs(theme: str, colour: str, under: str) -> None:
    """Every text colour of both themes reaches AA on both of that theme's backgrounds."""
    assert contrast(CONFIG["theme"][theme][colour], CONFIG["theme"][theme][under]) >= TEXT


@pytest.mark.parametrize("name", ["ink", "faint"])
def test_chart_text_reaches_aa_in_both_themes(name: str) -> None:
    """The two colours in a text expression are for light and dark paper, in this order."""
    on_light, on_dark = (part.strip(" '") for part in THEME[name].split("?")[1].split(":"))
    assert contrast(on_light, PAPERS["light"]) >= TEXT
    assert contrast(on_dark, PAPERS["dark"]) >= TEXT


@pytest.mark.parametrize("colour", [POSITIVE, NEGATIVE])
@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_the_classes_can_be_seen_in_both_themes(colour: str, paper: str) -> None:
    """The two classes reach the 3:1 that graphics need."""
    assert contrast(colour, paper) >= GRAPHICS


@pytest.mark.parametrize("colour", CANDIDATE_COLOURS)
def test_candidate_colours_can_be_seen_in_both_themes(colour: str) -> None:
    """Candidates also carry their names, so 2:1 is enough to follow a line; yellow on white would be 1.3:1."""
    assert min(contrast(colour, paper) for paper in PAPERS.values()) >= 2


def test_candidates_keep_their_colour_and_then_change_shape() -> None:
    """The nth registered has the nth colour; after the last colour the shape tells them apart."""
    count = len(CANDIDATE_COLOURS)
    assert [candidate_colour(order) for order in range(count)] == list(CANDIDATE_COLOURS)
    assert candidate_colour(count) == candidate_colour(0)
    looks = [(candidate_colour(order), candidate_shape(order)) for order in range(3 * count)]
    assert all(one != other for one, other in combinations(looks, 2))


@pytest.mark.parametrize("look", [candidate_colour, candidate_shape])
def test_there_is_no_negative_order(look: object) -> None:
    """A negative order would silently take a colour from the end."""
    with pytest.raises(ValueError, match="starts at 0"):
        look(-1)  # type: ignore[operator]  # parametrised over two functions of one int


def test_the_shipped_configuration_hides_errors_and_serves_no_files() -> None:
    """What a visitor must never get: tracebacks, static files, an unlimited upload, telemetry."""
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["client"]["toolbarMode"] == "minimal"
    assert CONFIG["server"]["enableStaticServing"] is False
    assert 0 < CONFIG["server"]["maxUploadSize"] <= 500
    assert CONFIG["browser"]["gatherUsageStats"] is False
