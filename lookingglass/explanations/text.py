"""Texts for LIME: every word of every text field is a feature that is hidden or not, all fields together.

LIME perturbs a string in which each character of a private alphabet stands for one word; its own text explainer does
the rest. What the model gets are the real texts without the hidden words, which keeps what lies between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lookingglass.explanations.asked import Answers, Key, ModelAsked
from lookingglass.explanations.local import Local, Watched
from lookingglass.explanations.result import NO_WORDS, TOO_FEW_WORDS, Modality, Weight
from lookingglass.explanations.tokens import Token, pieces, tokens_of

if TYPE_CHECKING:
    import pyarrow as pa

MOST_WORDS = 400
"""A longer example is explained in passages of consecutive words."""

PASSAGES = 100
MOST_CHARACTERS = 60_000_000
"""So much text is sent to the model for one run at most; of long texts fewer variations are drawn."""

KERNEL_WIDTH = 25.0
FEW_WORDS = 2
_ALPHABET = 0xF0000  # a plane of private characters: one for each feature, no separator, no surrogate
_SHOWN = 60


class TextTask:
    """One or several texts of one example.

    Args:
        texts: column -> text, in the candidate's order; a missing one (None) has no words and stays missing.
    """

    modality: Modality = "text"
    grid: tuple[int, int] | None = None

    def __init__(self, texts: Mapping[str, str | None], asked: ModelAsked) -> None:
        self._asked = asked
        self._texts = {name: text or "" for name, text in texts.items()}
        self.inputs: Mapping[str, Any] = dict(texts)
        words = {name: tokens_of(text) for name, text in self._texts.items()}
        count = sum(len(each) for each in words.values())
        size = 1 if count <= MOST_WORDS else -(-count // PASSAGES)
        spans = {name: _passages(self._texts[name], each, size) for name, each in words.items()}
        self.notes = _notes(count, size, sum(len(each) for each in spans.values()))
        self.features = tuple(
            Weight(_shown(span.text), 0.0, name, position, span.start, span.end)
            for name, each in spans.items()
            for position, span in enumerate(each)
        )
        self._pieces = {
            name: pieces(self._texts[name], [(span.start, span.end) for span in each])
            for name, each in spans.items()
        }
        self._whole = "".join(chr(_ALPHABET + index) for index in range(len(self.features)))
        self._characters = sum(len(text) for text in self._texts.values())

    @property
    def most_samples(self) -> int:
        """More variations than this would be more text than is sent for one run."""
        return MOST_CHARACTERS // max(1, self._characters)

    def original(self) -> Answers:
        """Return the answer for the texts as they are, shape (classes,)."""
        answers: Answers = self._ask([self._whole])[0]
        return answers

    def run(self, seed: int, samples: int, kernel_width: float | None) -> Local:
        """Explain with a fresh LIME text explainer: words by position, hidden by leaving them out."""
        from lime.lime_text import LimeTextExplainer

        watched = Watched(self._asked)

        def predict(variations: Sequence[str]) -> Answers:
            watched.answers = self._ask(variations)
            return watched.answers

        explainer = LimeTextExplainer(
            kernel_width=KERNEL_WIDTH if kernel_width is None else kernel_width,
            class_names=list(self._asked.classes),
            feature_selection="none",
            bow=False,
            mask_string="",
            random_state=np.random.RandomState(seed),
            char_level=True,
        )
        explained = explainer.explain_instance(
            self._whole,
            predict,
            labels=(watched.positive,),
            num_features=len(self._whole),
            num_samples=samples,
        )
        return watched.local(explained, len(self.features))

    def without(self, hidden: Sequence[int]) -> str:
        """Return the name of the variation in which these features are hidden."""
        gone = set(hidden)
        return "".join(sign for index, sign in enumerate(self._whole) if index not in gone)

    def ask(self, variations: Sequence[str]) -> Answers:
        """Return the answers for variations named by ``without``, shape (n, classes)."""
        return self._ask(variations)

    def scores(self, answers: Answers) -> Answers:
        """Return P(positive) of answers, shape (n,)."""
        column: Answers = answers[:, self._asked.positive]
        return column

    def _ask(self, variations: Sequence[str]) -> Answers:
        return self._asked.ask(variations, self._rows, 2 * self._characters)

    def _rows(self, variations: Sequence[Key]) -> pa.Table:
        """Return the real texts of variations, one row each."""
        import pyarrow as pa

        columns: dict[str, list[str | None]] = {name: [] for name in self._pieces}
        for variation in variations:
            kept = {ord(sign) - _ALPHABET for sign in str(variation)}
            first = 0
            for name, parts in self._pieces.items():
                texts = [
                    part for place, part in enumerate(parts) if not place % 2 or first + place // 2 in kept
                ]
                columns[name].append(None if self.inputs[name] is None else "".join(texts))
                first += len(parts) // 2
        return pa.table({name: pa.array(texts, pa.string()) for name, texts in columns.items()})


def _passages(text: str, words: Sequence[Token], size: int) -> list[Token]:
    """Return the words, or passages of ``size`` consecutive words with what lies between them."""
    if size == 1:
        return list(words)
    groups = [words[at : at + size] for at in range(0, len(words), size)]
    return [Token(text[each[0].start : each[-1].end], each[0].start, each[-1].end) for each in groups]


def _notes(words: int, size: int, passages: int) -> tuple[str, ...]:
    if not words:
        return (f"{NO_WORDS}.",)
    if words <= FEW_WORDS:
        return (f"{TOO_FEW_WORDS}: there {'is one' if words == 1 else 'are two'}.",)
    if size > 1:
        return (
            f"{words:,} words are too many to hide one by one: they are explained in {passages:,} passages of "
            f"up to {size:,} words.",
        )
    return ()


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
