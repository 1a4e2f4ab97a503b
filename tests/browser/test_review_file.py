"""A review taken away, opened from disk: hostile words stay words, nothing is asked for, it fits phone and paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lookingglass.config import Task
from lookingglass.explanations import ExplainSettings, Explanation, Weight
from lookingglass.reviews import Review, ReviewedAnswer, ReviewRecord, StandingReview, summarise_reviews

pytestmark = pytest.mark.browser

HOSTILE = (
    "</style></script><script>document.title='taken over'</script>"
    '<img src="https://example.org/x.png" onerror="document.title=\'taken over\'">'
    "<svg onload=\"document.title='taken over'\"> ابحث عن مساعدة 🦊"
)
TEXT = f"wish for {HOSTILE} and maths"


def answered(number: int) -> ReviewedAnswer:
    review = Review(
        seq=number,
        actor=f"ana {HOSTILE}",
        time="2026-11-22T04:30:00+00:00",
        candidate=f"told {HOSTILE}",
        fingerprint="sha256:" + "a" * 64,
        version=2,
        example_id=f"pair-{number} {HOSTILE}",
        input_id=f"{number:064x}",
        verdict="wrong",
        comment=f"it reads {HOSTILE}",
        score=0.6,
        threshold=0.5,
        label="yes",
        settings={},
        picked="",
    )
    told = Explanation(
        candidate=review.candidate,
        fingerprint=review.fingerprint,
        example_id=review.example_id,
        input_id=review.input_id,
        modality="text",
        score=0.6,
        weights=(
            Weight(HOSTILE, 0.3, HOSTILE, 0, 9, 9 + len(HOSTILE)),
            Weight("wish", -0.1, HOSTILE, 1, 0, 4),
        ),
        intercept=0.4,
        local_prediction=0.5,
        r2=0.9,
        samples=500,
        settled=True,
        seed=7,
        settings=ExplainSettings(),
        stability=None,
        distinct=400,
        model_rows_scored=0,
        notes=(f"mind {HOSTILE}",),
        inputs={HOSTILE: TEXT},
    )
    return ReviewedAnswer(StandingReview(review, (f"moved {HOSTILE}",)), told, None)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, with hostile words wherever words can stand."""
    answers = tuple(answered(number) for number in range(4))
    record = ReviewRecord(
        workspace="small",
        title=HOSTILE,
        task=Task(label="match", positive="yes", positive_name=HOSTILE, unit=f"pair {HOSTILE}"),
        made="2026-11-22T04:30:00+00:00",
        version=2,
        digest="sha256:" + "b" * 64,
        examples=816,
        patterns=18,
        summaries=tuple(summarise_reviews(one.standing for one in answers)),
        answers=answers,
    )
    path = tmp_path_factory.mktemp("taken away") / "review.html"
    path.write_text(record.html_text(), encoding="utf-8")
    return path


@pytest.fixture(params=[(1440, "light"), (390, "dark")], ids=["wide and light", "narrow and dark"])
def opened(
    request: pytest.FixtureRequest, browser: Browser, file: Path
) -> Iterator[tuple[Page, list[str], list[str]]]:
    """The file in a browser, the addresses it asked for, and what the browser complained about."""
    width, scheme = request.param
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        page = context.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.on("console", lambda one: said.append(one.text))
        page.goto(file.as_uri())
        yield page, asked, said


def test_hostile_words_stay_words_and_nothing_is_asked_for(
    opened: tuple[Page, list[str], list[str]], file: Path
) -> None:
    page, asked, said = opened
    expect(page.locator("h1")).to_contain_text(HOSTILE)
    assert page.title() == f"{HOSTILE}: reasons reviewed"
    expect(page.locator("article")).to_have_count(4)
    expect(page.locator("article .lg-words").first).to_contain_text(
        "for </style></script><script>document.title"
    )
    expect(page.locator("blockquote").first).to_have_text(f"it reads {HOSTILE}")
    alive = "script, img, svg, iframe, object, link, a, form, input, base"
    assert page.locator(alive).count() == 0
    handlers = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on'))"
    assert page.evaluate(handlers) == []
    assert asked == [file.as_uri()]
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_policy_would_stop_a_script_and_a_request(browser: Browser, file: Path, tmp_path: Path) -> None:
    """Even if an escape were missing one day."""
    broken = tmp_path / "broken.html"
    text = file.read_text(encoding="utf-8")
    broken.write_text(
        text.replace(
            "<body>", "<body><script>document.title='ran'</script><img src='https://example.org/x.png'>"
        ),
        encoding="utf-8",
    )
    with browser.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("response", lambda one: asked.append(one.url))
        page.goto(broken.as_uri())
        assert page.locator("script").count() == 1
        assert page.title() != "ran"
        assert asked == [broken.as_uri()]


def test_it_prints_on_paper_in_ink_that_is_dark(opened: tuple[Page, list[str], list[str]]) -> None:
    page, _asked, _said = opened
    page.emulate_media(media="print")
    colours = page.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
    assert colours == ["rgb(26, 26, 26)", "rgb(255, 255, 255)"]
    expect(page.get_by_text("Print it to make a PDF")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('article')).breakInside") == "avoid"
    assert page.pdf(format="A4").startswith(b"%PDF")
