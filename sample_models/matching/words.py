"""Sentences from the tables in data/: variants of a phrase, regional words, and which words two phrases share.

Knows nothing of pairs, labels or models.
"""

from __future__ import annotations

import itertools
import random
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

DATA = Path(__file__).parent / "data"
_CHOICE = re.compile(r"\[([^\]]*)\]")
_SLOT = re.compile(r"\{([a-z]+)\}")
_WORD = re.compile(r"[a-z]+")
_ENDINGS = ("ing", "ers", "er", "ed", "es", "s")
COMMON = frozenset((DATA / "common-words.txt").read_text(encoding="utf-8").split())
"""Words that say nothing about a topic; words of one or two letters count as such too."""

T = TypeVar("T")


class Draw:
    """A seeded source of choices that uses nothing but ``random.random``, which never changes between Pythons."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def chance(self, share: float) -> bool:
        """Return True with probability ``share``."""
        return self._random.random() < share

    def one(self, items: Sequence[T]) -> T:
        """Return one of ``items``."""
        return items[int(self._random.random() * len(items))]

    def order(self, items: Sequence[T]) -> list[T]:
        """Return ``items`` in a random order."""
        return [
            item for _, item in sorted(((self._random.random(), item) for item in items), key=lambda p: p[0])
        ]


@dataclass(frozen=True)
class Topic:
    """One topic: ``want`` and ``give`` by part ("train" or "test"), every variant spelled out, slots unfilled."""

    name: str
    area: str
    want: dict[str, tuple[str, ...]]
    give: dict[str, tuple[str, ...]]
    too_near: frozenset[str]


def variants(phrase: str) -> tuple[str, ...]:
    """Return ``phrase`` with each combination of its [a|b] choices."""
    parts = _CHOICE.split(phrase)
    options = [part.split("|") if place % 2 else [part] for place, part in enumerate(parts)]
    return tuple("".join(chosen) for chosen in itertools.product(*options))


def read_topics(path: Path = DATA / "topics.toml") -> tuple[Topic, ...]:
    """Read the topics, in the order of the file; nearness holds in both directions."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    near: dict[str, set[str]] = {entry["name"]: set() for entry in table["topic"]}
    for name, others in table["too_near"].items():
        for other in others:
            near[name].add(other)
            near[other].add(name)
    return tuple(
        Topic(
            name=entry["name"],
            area=entry["area"],
            want=_by_part(entry, "want"),
            give=_by_part(entry, "give"),
            too_near=frozenset(near[entry["name"]]),
        )
        for entry in table["topic"]
    )


def _by_part(entry: dict[str, list[str]], side: str) -> dict[str, tuple[str, ...]]:
    return {
        part: tuple(itertools.chain.from_iterable(variants(phrase) for phrase in entry[key]))
        for part, key in (("train", side), ("test", f"{side}_test"))
    }


@dataclass(frozen=True)
class Regions:
    """The regions, and the words that they say differently."""

    names: tuple[str, ...]
    words: dict[str, tuple[str, ...]]

    def say(self, text: str, region: str) -> str:
        """Return ``text`` with each {slot} in the words of ``region``."""
        place = self.names.index(region)
        return _SLOT.sub(lambda slot: self.words[slot[1]][place] if slot[1] in self.words else slot[0], text)


def read_regions(path: Path = DATA / "regions.toml") -> Regions:
    """Read the regional words."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Regions(tuple(table["order"]), {name: tuple(words) for name, words in table["words"].items()})


def read_frames(path: Path = DATA / "frames.toml") -> dict[str, dict[str, list[str]]]:
    """Read frames and afterthoughts: part -> "want", "give", "want_after", ... -> sentences."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def stems(text: str) -> frozenset[str]:
    """Return the telling words of ``text`` without common endings: what a simple rule would compare."""
    found = (word for word in _WORD.findall(text.lower()) if len(word) > 2 and word not in COMMON)
    return frozenset(_stem(word) for word in found)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
