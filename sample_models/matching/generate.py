"""Makes the pairs of wishes and offers from the tables in data/, the same ones from the same seeds: all invented.

Three parts: ``older`` (what an early model learned from), ``train`` and ``test``. No phrase and no sentence frame of
the test part is in the other two. Knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sample_models.matching.spelling import misspell
from sample_models.matching.words import Draw, Topic, read_frames, read_regions, read_topics, stems
from sample_models.tables import ID_COLUMN, Row

COLUMNS = (ID_COLUMN, "want", "provide", "area", "region", "spelling", "shared_words", "matched")
MISTAKES = 0.6


@dataclass(frozen=True)
class Part:
    """How one part is made: its size and the shares of each kind of pair."""

    name: str
    phrases: str
    rows: int
    matched: float
    misleading: float
    """Share of the pairs that do not match, but share a telling word."""
    misspelt: float
    money_if_matched: float
    """Chance of each text of a match to end in an afterthought with the word "financial"."""
    money_if_not: float
    topics: int | None = None
    only_in_matches: str = ""
    """A word that no pair has that does not match."""


PARTS = (
    Part("older", "train", 800, 0.5, 0.3, 0.1, 0.3, 0.0, topics=50, only_in_matches="financial"),
    Part("train", "train", 1200, 0.42, 0.5, 0.1, 0.06, 0.06),
    Part("test", "test", 800, 0.40, 0.5, 0.4, 0.06, 0.06),
)
SEED = "wishes and offers, first drawing"
AFTERTHOUGHT = 0.45


@dataclass(frozen=True)
class _Side:
    topic: Topic
    phrase: str


class _Maker:
    def __init__(self, part: Part) -> None:
        self.part, self.draw = part, Draw(f"{SEED}: {part.name}")
        self.regions, self.frames = read_regions(), read_frames()[part.name]
        topics = read_topics()
        self.topics = Draw(f"{SEED}: topics").order(topics)[: part.topics] if part.topics else list(topics)
        self.wants = [_Side(topic, phrase) for topic in self.topics for phrase in topic.want[part.phrases]]
        self.gives = [_Side(topic, phrase) for topic in self.topics for phrase in topic.give[part.phrases]]
        self.seen: set[tuple[str, str]] = set()

    def rows(self) -> list[Row]:
        matches = round(self.part.rows * self.part.matched)
        rest = self.part.rows - matches
        misleading = round(rest * self.part.misleading)
        made = [
            *(self._pair(self._matching) for _ in range(matches)),
            *(self._pair(self._misleading) for _ in range(misleading)),
            *(self._pair(self._unrelated) for _ in range(rest - misleading)),
        ]
        return [
            {ID_COLUMN: f"{self.part.name}-{number:04d}", **row}
            for number, row in enumerate(self.draw.order(made), start=1)
        ]

    def _pair(self, choose: Callable[[], tuple[_Side, _Side]]) -> Row:
        for _ in range(200):
            region = self.draw.one(self.regions.names)
            other = region if self.draw.chance(0.5) else self.draw.one(self.regions.names)
            want, give = choose()
            said = self.regions.say(want.phrase, region), self.regions.say(give.phrase, other)
            matched = want.topic is give.topic
            spare = self.part.only_in_matches
            if said not in self.seen and (matched or not spare or spare not in " ".join(said)):
                break
        self.seen.add(said)
        money = self.part.money_if_matched if matched else self.part.money_if_not
        misspelt = self.draw.chance(self.part.misspelt)
        texts = [
            self._text(side, words, where, money, misspelt)
            for side, words, where in (("want", said[0], region), ("give", said[1], other))
        ]
        return {
            "want": texts[0],
            "provide": texts[1],
            "area": want.topic.area,
            "region": region,
            "spelling": "misspelt" if misspelt else "clean",
            "shared_words": "yes" if stems(said[0]) & stems(said[1]) else "no",
            "matched": "yes" if matched else "no",
        }

    def _text(self, side: str, words: str, region: str, money: float, misspelt: bool) -> str:
        if misspelt:
            words = misspell(words, self.draw, MISTAKES)
        frame = self.draw.one(self.frames[side])
        text = frame.replace("{x}", words).replace("{X}", words[:1].upper() + words[1:])
        if self.draw.chance(money):
            text += " " + self.draw.one(self.frames[f"{side}_money"])
        elif self.draw.chance(AFTERTHOUGHT):
            text += " " + self.regions.say(self.draw.one(self.frames[f"{side}_after"]), region)
        return text

    def _matching(self) -> tuple[_Side, _Side]:
        want = self.draw.one(self.wants)
        return want, self.draw.one([give for give in self.gives if give.topic is want.topic])

    def _others(self, want: _Side, *, sharing: bool) -> list[_Side]:
        telling = stems(self.regions.say(want.phrase, "british"))
        return [
            give
            for give in self.gives
            if give.topic is not want.topic
            and give.topic.name not in want.topic.too_near
            and bool(stems(self.regions.say(give.phrase, "british")) & telling) is sharing
        ]

    def _misleading(self) -> tuple[_Side, _Side]:
        while True:
            want = self.draw.one(self.wants)
            if others := self._others(want, sharing=True):
                return want, self.draw.one(others)

    def _unrelated(self) -> tuple[_Side, _Side]:
        want = self.draw.one(self.wants)
        return want, self.draw.one(self._others(want, sharing=False))


def make(part: Part) -> list[Row]:
    """Return the pairs of one part, each a row with the columns ``COLUMNS``."""
    return _Maker(part).rows()
