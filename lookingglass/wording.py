"""How numbers are written for people: rates, scores, intervals, differences, thresholds, money, times. Knows no screen.

Pages, command line and reports call these and nothing else, so that a figure reads the same everywhere. Everything
returned is plain text: whoever puts it into HTML or Markdown escapes it there.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Literal

from lookingglass.figures import Figure
from lookingglass.metrics import distinguishable

DASH = "–"
"""What stands where a figure is undefined; its reason belongs on hover."""

Unit = Literal["rate", "score", "cost"]

THIN = "\u202f"
"""Narrow no-break space: separates thousands in money and stands before the per cent sign."""


def unit_of(metric: str) -> Unit:
    """Return how a metric is written: ``rate`` (per cent), ``score`` (three decimals) or ``cost`` (money)."""
    from lookingglass.vocabulary import METRIC_WORDS

    return METRIC_WORDS[metric].unit


def number(value: float, unit: Unit = "score") -> str:
    """Return a value in its unit without sign rules: ``23.4 %``, ``0.831``, ``1 234.50``."""
    if not math.isfinite(value):
        return DASH
    if unit == "rate":
        return f"{value * 100:.1f}{THIN}%"
    if unit == "cost":
        return f"{value:,.{_decimals(value)}f}".replace(",", THIN)
    return f"{value:.3f}"


def value_text(metric: str, figure: Figure) -> str:
    """Return the estimate alone: ``23.4 %``, ``0.831``, or the dash when it is undefined."""
    return DASH if figure.value is None else number(figure.value, unit_of(metric))


def interval_text(metric: str, figure: Figure) -> str:
    """Return the interval in the figure's unit, ``0.803-0.857`` with an en dash, or '' when there is none."""
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    unit = unit_of(metric)
    low, high = number(figure.low, unit), number(figure.high, unit)
    if unit == "rate":
        low = low.removesuffix(f"{THIN}%")
    joint = " to " if figure.low < 0 else "–"
    return f"{low}{joint}{high}"


def counts_text(figure: Figure) -> str:
    """Return ``349 of 1,488`` for k of n, ``n = 2,381`` when only the denominator is known, '' for neither."""
    if figure.k is not None:
        return f"{figure.k:,} of {figure.n:,}"
    return f"n = {figure.n:,}" if figure.n else ""


def figure_text(metric: str, figure: Figure, *, counts: bool = False) -> str:
    """Return a figure with its interval behind: ``0.831 (0.803–0.857)``; a dash and the reason when undefined.

    Args:
        counts: put ``349 of 1,488`` behind a rate instead of its interval.
    """
    if figure.value is None:
        return f"{DASH} ({figure.reason})" if figure.reason else DASH
    behind = counts_text(figure) if counts else interval_text(metric, figure)
    return f"{value_text(metric, figure)} ({behind})" if behind else value_text(metric, figure)


def signed(value: float, unit: Unit = "score") -> str:
    """Return a difference with its sign: ``+0.024``, ``−1.2 points`` (percentage points) for rates, ``±0.000``."""
    if not math.isfinite(value):
        return DASH
    size = f"{abs(value) * 100:.1f} points" if unit == "rate" else number(abs(value), unit)
    if not any(digit in size for digit in "123456789"):
        return f"±{size}"
    return f"{'+' if value > 0 else '−'}{size}"


def difference_interval_text(metric: str, difference: Figure) -> str:
    """Return a difference's interval with its signs, ``(+0.010 to +0.038)``, or '' when there is none."""
    if difference.value is None or difference.low is None or difference.high is None:
        return ""
    unit = unit_of(metric)
    low, high = (signed(end, unit).removesuffix(" points") for end in (difference.low, difference.high))
    return f"({low} to {high})"


def difference_text(metric: str, difference: Figure) -> str:
    """Return a difference with its interval: ``+0.024 (+0.010 to +0.038)``; a dash and why if undefined."""
    if difference.value is None:
        return f"{DASH} ({difference.reason})" if difference.reason else DASH
    return (
        f"{signed(difference.value, unit_of(metric))} {difference_interval_text(metric, difference)}".strip()
    )


def difference_words(metric: str, difference: Figure) -> str:
    """Return a difference in words: ``+0.024 (+0.010 to +0.038), more than chance``; a dash and why if undefined."""
    text = difference_text(metric, difference)
    return text if difference.value is None else f"{text}, {distinguishable(difference)}"


def threshold_text(
    threshold: float | None, others: Iterable[float] = (), *, least: int = 2, most: int = 6
) -> str:
    """Return a threshold with as many decimals as tell it apart from ``others``; None or infinity is "answer nobody".

    Args:
        least, most: the fewest and the most decimals to use.
    """
    if threshold is None or math.isinf(threshold):
        return "answer nobody"
    rest = [other for other in others if other is not None and math.isfinite(other) and other != threshold]
    for digits in range(least, most):
        text = f"{threshold:.{digits}f}"
        if all(f"{other:.{digits}f}" != text for other in rest):
            return text
    return f"{threshold:.{most}f}"


def each_threshold_text(thresholds: Mapping[str, float | None]) -> str:
    """Return where candidates answer yes, by name: ``at the threshold 0.50`` where it is the same for all of them.

    Else ``each at its own threshold: boosted 0.31, all others 0.50``; one that answers nobody says so.
    """
    known = [at for at in thresholds.values() if at is not None]
    texts = {name: threshold_text(at, known) for name, at in thresholds.items()}
    counts = Counter(texts.values())
    if len(counts) < 2:
        return f"at the threshold {next(iter(counts))}" if known else "with nobody answered yes"
    usual, count = counts.most_common(1)[0]
    told = [f"{name} {text}" for name, text in texts.items() if text != usual or count == 1]
    return f"each at its own threshold: {', '.join(told)}" + (f", all others {usual}" if count > 1 else "")


def chosen_text(threshold: float | None) -> str:
    """Return a threshold that people choose or agreed on, with four decimals where two do not say all of it."""
    if threshold is None or math.isinf(threshold):
        return threshold_text(threshold)
    return threshold_text(threshold, (round(threshold, 2), round(threshold, 3)), most=4)


_OF_SOMETHING = re.compile(r"(.+?)( (?:for|of|to|in|on|from|with|by|at) .+)")


def plural(unit: str, count: int | None = None) -> str:
    """Return the English plural of a workspace's unit ("application" -> "applications"); the singular for count 1."""
    if count == 1 or not unit:
        return unit
    found = _OF_SOMETHING.fullmatch(unit)
    if found:
        return f"{plural(found[1])}{found[2]}"
    if unit.endswith("y") and unit[-2:-1] not in "aeiou":
        return f"{unit[:-1]}ies"
    return f"{unit}es" if unit.endswith(("s", "x", "z", "ch", "sh")) else f"{unit}s"


_PARTICIPLES = {
    *(
        "bought",
        "built",
        "caught",
        "chosen",
        "drawn",
        "found",
        "given",
        "held",
        "kept",
        "known",
        "left",
        "lost",
        "made",
    ),
    *(
        "met",
        "paid",
        "put",
        "said",
        "seen",
        "sent",
        "sold",
        "taken",
        "told",
        "thrown",
        "withdrawn",
        "won",
        "written",
    ),
}
_WAYS = {"away", "back", "down", "in", "off", "on", "out", "through", "up"}
_ANSWERS = {"yes", "no", "true", "false", "positive", "negative"}


def called(answer: str) -> str:
    """Return a workspace's word for an answer so that it follows "wrongly": ``denied``, but ``called eight``.

    What is done to a case (a participle, "not matched" too) stands for itself; what a case is (a noun, an adjective) is
    only called so; yes, no and numbers are answered.
    """
    first, last, *_ = (*answer.lower().split()[:1], *answer.lower().split()[-1:], "", "")
    if _is_done(last) or (_is_done(first) and last in _WAYS):
        return answer
    if answer.lower() in _ANSWERS or last.replace(".", "").isdigit():
        return f"answered {answer}"
    return f"called {answer}"


def _is_done(word: str) -> bool:
    return word in _PARTICIPLES or (word.endswith("ed") and len(word) > 4 and not word.endswith("eed"))


def money(amount: float, currency: str = "") -> str:
    """Return an amount with thin separators and the workspace's currency behind: ``12 400 EUR``, ``0.216 EUR``."""
    if not math.isfinite(amount):
        return DASH
    whole = abs(amount) >= 1000 or amount == int(amount)
    text = f"{amount:,.{0 if whole else _decimals(amount)}f}"
    return f"{text.replace(',', THIN)} {currency}".strip()


def inside(words: str) -> str:
    """Return words that begin with a capital as they read inside a sentence; names such as F1 and MCC stay."""
    return words if words[1:2].isupper() or words[1:2].isdigit() else f"{words[:1].lower()}{words[1:]}"


def estimated(total: float) -> float:
    """Return a total that samples were scaled up to with three significant digits: more would be read as known."""
    return float(f"{total:.3g}") if abs(total) >= 10 else total


def _decimals(amount: float) -> int:
    """Return how many decimals an amount has: of less than one, two would round too much away."""
    return 2 if abs(amount) >= 1 else 3


def short_hash(digest: str) -> str:
    """Return the first eight characters of a digest or fingerprint, without its ``sha256:``."""
    return digest.removeprefix("sha256:")[:8]


def time_text(utc: str, zone: tzinfo | None = None) -> str:
    """Return an ISO time as ``21 Nov 2026, 14:03`` in ``zone`` (this machine's own when None)."""
    moment = datetime.fromisoformat(utc).astimezone(zone)
    return f"{moment.day} {moment:%b %Y, %H:%M}"


def utc_text(utc: str) -> str:
    """Return an ISO time as ``2026-11-21 13:03:07 UTC``, for the hover beside ``time_text``."""
    return f"{utc[:19].replace('T', ' ')} UTC"


def duration_text(seconds: float) -> str:
    """Return a time left as a person would say it: ``a few seconds``, ``40 seconds``, ``3 minutes``, ``2 h 5 min``."""
    if seconds < 5:
        return "a few seconds"
    if seconds < 90:
        return f"{round(seconds / 5) * 5} seconds" if seconds > 10 else f"{round(seconds)} seconds"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def ended(sentence: str) -> str:
    """Return what somebody wrote with a full stop behind, unless it has an end of its own."""
    said = sentence.rstrip()
    return said if not said or said[-1] in ".?!…" else f"{said}."


def joined(words: Sequence[str], link: str = "and") -> str:
    """Return ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {link} {words[-1]}"
