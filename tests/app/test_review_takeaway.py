"""The review taken away from the page explanations: offered once there is a verdict, with the reason until then."""

from __future__ import annotations

from pathlib import Path

from lookingglass.reviews import gather_reviews
from lookingglass.workspace import open_workspace
from tests.app.conftest import Open


def test_the_review_can_be_taken_away_once_there_is_a_verdict(
    open_app: Open, demo: Path, served_before: None
) -> None:
    app = open_app("pages/explanations.py", candidate="boosted")
    for suffix in ("html", "json"):
        without = app.button(key=f"no review {suffix}")
        assert without.disabled
        assert "Nothing is reviewed yet" in without.help
    first = str(app.subheader[0].value).replace("\\", "")
    next(button for button in app.button if button.label == "Right reason").click().run()
    assert not app.exception
    app.button(key="take review html").click().run()
    (ready,) = app.get("download_button")
    assert ready.label.replace("\\", "").startswith("Save mortgage-review-boosted.html (")
    with open_workspace(demo / "mortgage") as ws:
        (answer,) = gather_reviews(ws.home).answers
    assert (answer.standing.review.example_id, answer.why_none) == (first, None)
