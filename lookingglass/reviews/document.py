"""A review as one HTML document: opens without a network, follows the theme, holds no script, prints well.

A PDF is made by printing it. All text of people, data and models is escaped, and a content policy in the file forbids
scripts and every request.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

from lookingglass.explanations.drawn import (
    DRAWN_STYLE,
    SIDE,
    as_it_is_html,
    regions_html,
    values_html,
    words_html,
)
from lookingglass.explanations.result import Explanation
from lookingglass.explanations.said import REGIONS_CAPTION, answer_sentence, note_sentence, trust_sentence
from lookingglass.figures import Figure
from lookingglass.reviews.export import ReviewedAnswer, ReviewRecord
from lookingglass.reviews.review import VERDICT_WORDS, Review, Verdict
from lookingglass.reviews.summary import RANDOM, ReviewSummary
from lookingglass.testset.thumbnails import image_tag
from lookingglass.wording import counts_text, figure_text, joined, plural, short_hash, utc_text

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1a1a1a; --line: #d5dadf; --raised: #f5f7f8;
  --quiet: color-mix(in srgb, var(--ink) 76%, transparent); }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #f2f2f2; --line: #3a424a; --raised: #1d2226; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 16px 48px; max-width: 960px; background: var(--paper); color: var(--ink);
  font: 16px/1.5 "Source Sans", "Source Sans Pro", "Segoe UI", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 8px; }
h2 { font-size: 1.3rem; margin: 40px 0 8px; }
h3 { font-size: 1.05rem; margin: 0; }
h1, h2, h3, p, blockquote, li, dd { overflow-wrap: anywhere; }
p { margin: 4px 0; }
.quiet, .lg-quiet { color: var(--quiet); }
.small, .lg-small { font-size: 0.875rem; }
.told { max-width: 48rem; }
.hint { color: var(--quiet); margin: 16px 0 8px; }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: 4px 16px; margin: 8px 0 16px; }
dt { color: var(--quiet); }
dd { margin: 0; font-variant-numeric: tabular-nums; }
article { border: 1px solid var(--line); border-radius: 8px; padding: 16px; margin: 16px 0; }
article > header { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; margin-bottom: 4px; }
.verdict { font-weight: 600; padding: 1px 8px; border-radius: 4px; border: 1px solid currentColor;
  white-space: nowrap; }
blockquote { margin: 8px 0; padding: 4px 12px; border-left: 3px solid var(--line); background: var(--raised);
  white-space: pre-wrap; }
.minded { margin: 8px 0; padding: 4px 12px; border-left: 3px solid #D55E00; }
.minded ul { margin: 0; padding-left: 1.2em; }
.lg { line-height: 1.45; margin: 8px 0; }
.lg-table { width: 100%; border-collapse: collapse; margin: 4px 0 8px; }
.lg-table th, .lg-table td { padding: 6px 10px; border-bottom: 1px solid var(--line); vertical-align: top;
  text-align: left; font-variant-numeric: tabular-nums; }
.lg-table th:first-child { padding-left: 0; }
.lg-table th, .lg-table .lg-wide { overflow-wrap: anywhere; }
.lg-table thead th { font-size: 0.875rem; font-weight: 400; color: var(--quiet); }
.lg-value { font-weight: 600; white-space: nowrap; }
.lg-range { display: block; font-size: 0.8125rem; color: var(--quiet); }
.lg-pictures img { height: auto; }
mark { background: none; }
mark, .lg-push, .lg-push > span { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
@media screen and (max-width: 640px) {
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 6px; }
  .lg-pictures { flex-wrap: nowrap; }
  .lg-pictures figure { flex: 1; min-width: 0; }
  .lg-table thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .lg-table, .lg-table tbody, .lg-table tr, .lg-table th, .lg-table td { display: block; }
  .lg-table tr { padding: 6px 0; border-bottom: 1px solid var(--line); }
  .lg-table th, .lg-table td { border: 0; padding: 2px 0; }
}
@page { margin: 16mm 14mm; }
@media print {
  :root { color-scheme: light; --paper: #ffffff; --ink: #1a1a1a; --line: #c4cad0; --raised: #f5f7f8; }
  body { padding: 0; max-width: none; font-size: 10.5pt; }
  .hint { display: none; }
  h1, h2, h3, article > header { break-after: avoid; }
  article, figure, tr, blockquote, dl { break-inside: avoid; }
  thead { display: table-header-group; }
  h2 { margin-top: 20px; }
  article { padding: 10px 14px; margin: 12px 0; }
  .lg-table { font-size: 9pt; }
  .lg-table th, .lg-table td { padding: 2px 6px; }
  .lg-table td:last-child { white-space: nowrap; }
  .lg-table .lg-range { display: inline; margin-left: 8px; font-size: 8pt; }
  .lg-table .lg-push { width: 5rem; }
  p, blockquote { orphans: 3; widows: 3; }
  .lg-pictures { flex-wrap: nowrap; }
  .lg-pictures img { max-height: 60mm; width: auto; }
}
"""


def review_html(record: ReviewRecord) -> str:
    """Return the document for a review that ``gather_reviews`` put together."""
    heading = f"{record.title}: reasons reviewed"
    people = joined(sorted({one.standing.review.actor for one in record.answers}))
    days = sorted(one.standing.review.time[:10] for one in record.answers)
    when = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    count = len(record.answers)
    scales = _scales(record.answers)
    sections = "\n".join(_section(record, summary, scales) for summary in record.summaries)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{html.escape(POLICY)}">
<meta name="referrer" content="no-referrer">
<title>{html.escape(heading)}</title>
<style>{_STYLE}{DRAWN_STYLE}</style>
</head>
<body>
<h1 dir="auto">{html.escape(heading)}</h1>
<p class="told">Does it decide for the right reasons? {count:,} {"answer was" if count == 1 else "answers were"} looked
at by {_name(people)}, {html.escape(when)} (UTC).</p>
<p class="told quiet small">Test set version {record.version}, {html.escape(short_hash(record.digest))},
{html.escape(_sizes(record))}. Made
{html.escape(utc_text(record.made))}.</p>
<p class="hint small">This file works without a network. Print it to make a PDF.</p>
{sections}
<p class="told quiet small">A verdict is on the reasons, not on the answer: a right answer can have a wrong reason.
Reasons are what LIME's local model says of one answer; where a note says that it fits badly or is unstable, they may
mislead.</p>
</body>
</html>
"""


def _sizes(record: ReviewRecord) -> str:
    """Say how large the test set is as every page does: samples, then test patterns where there are any."""
    samples, patterns = record.examples - record.patterns, record.patterns
    sizes = f"{samples:,} {plural(record.task.unit, samples)}"
    return f"{sizes} · {patterns:,} {plural('test pattern', patterns)}" if patterns else sizes


def _scales(answers: Iterable[ReviewedAnswer]) -> dict[str, float]:
    """Return the strongest weight of each example, over all candidates: one scale for what is compared."""
    scales: dict[str, float] = {}
    for one in answers:
        for each in one.explanation.weights if one.explanation is not None else ():
            known = scales.get(one.standing.review.input_id, 0.0)
            scales[one.standing.review.input_id] = max(known, abs(each.weight))
    return scales


def _section(record: ReviewRecord, summary: ReviewSummary, scales: dict[str, float]) -> str:
    answers = record.of(summary)
    articles = "\n".join(_article(record, one, scales) for one in answers)
    counted: dict[Verdict, int] = {
        "right": summary.right,
        "wrong": summary.wrong,
        "unsure": summary.unsure,
    }
    facts = [
        ("Fingerprint", short_hash(summary.fingerprint)),
        ("Reviewed", f"{summary.reviewed:,}"),
        *((VERDICT_WORDS[verdict], f"{count:,}") for verdict, count in counted.items()),
        ("Right, of those judged", _share(summary.share_right)),
        ("Right, of those drawn at random", _share(summary.share_right_random)),
    ]
    if summary.moved:
        facts.append(("On what is another by now", f"{summary.moved:,}, counted nowhere above"))
    listed = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(told)}</dd>" for name, told in facts)
    return (
        f"<section>\n<h2>{_name(summary.candidate)}</h2>\n<dl>{listed}</dl>\n"
        '<p class="told quiet small">Only answers that were drawn at random speak for all of its answers. '
        f"Intervals are Wilson's, 95{chr(0x202F)}%.</p>\n{articles}\n</section>"
    )


def _share(figure: Figure) -> str:
    counts = counts_text(figure)
    return f"{figure_text('recall', figure)}, {counts}" if counts else figure_text("recall", figure)


def _article(record: ReviewRecord, one: ReviewedAnswer, scales: dict[str, float]) -> str:
    review = one.standing.review
    told = [
        f"<header><h3>{_name(review.example_id)}</h3>"
        f'<span class="verdict">{html.escape(VERDICT_WORDS[review.verdict])}</span></header>',
        f'<p class="quiet small">{_by(review)}{", drawn at random" if review.picked == RANDOM else ""}</p>',
    ]
    if review.comment:
        told.append(_quoted(review.comment))
    if one.standing.moved:
        moved = f"Since then: {'; '.join(one.standing.moved)}."
        told.append(f'<div class="minded"><p>{html.escape(moved)}</p></div>')
    answer = answer_sentence(record.task, review.score, review.threshold, review.label)
    told.append(f"<p>{html.escape(answer)}</p>")
    told.append(_reasons(record, one, scales.get(review.input_id, 0.0)))
    if one.standing.earlier:
        told += [
            '<p class="quiet small">Before that:</p>',
            *(_earlier(each) for each in one.standing.earlier),
        ]
    return f"<article>{''.join(told)}</article>"


def _reasons(record: ReviewRecord, one: ReviewedAnswer, strongest: float) -> str:
    made = one.explanation
    if made is None:
        why = one.why_none or "there is no explanation"
        return f'<p class="quiet">No reasons are shown: {html.escape(why)}.</p>'
    notes = "".join(f"<li>{html.escape(note_sentence(note, made.inputs))}</li>" for note in made.notes)
    told = f'<div class="minded"><ul>{notes}</ul></div>' if notes else ""
    if not made.weights:
        return told + (as_it_is_html(made) if one.png is None else _picture(made, one.png))
    drawn = _drawn(record, one, made, strongest)
    return f'{told}{drawn}<p class="quiet small">{html.escape(trust_sentence(made))}</p>'


def _picture(made: Explanation, png: bytes) -> str:
    return f'<div class="lg lg-pictures"><figure>{image_tag(png, f"{made.example_id} as it is", SIDE)}</figure></div>'


def _drawn(record: ReviewRecord, one: ReviewedAnswer, made: Explanation, strongest: float) -> str:
    if one.png is not None:
        caption = f'<p class="quiet small">{html.escape(REGIONS_CAPTION)}</p>'
        return regions_html(made, strongest, one.png) + caption
    if one.rows is not None:
        return values_html(made, strongest, one.rows, plural(record.task.unit))
    return words_html(made, strongest)


def _earlier(review: Review) -> str:
    said = f'<p class="small">{_by(review)}: {html.escape(VERDICT_WORDS[review.verdict].lower())}</p>'
    return said + (_quoted(review.comment) if review.comment else "")


def _by(review: Review) -> str:
    return f"{_name(review.actor)}, {html.escape(utc_text(review.time))}, on version {review.version}"


def _quoted(comment: str) -> str:
    return f'<blockquote dir="auto">{html.escape(comment)}</blockquote>'


def _name(words: str) -> str:
    """Return a name escaped and kept apart from the direction of the words around it."""
    return f"<bdi>{html.escape(words)}</bdi>"
