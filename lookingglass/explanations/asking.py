"""What the front door answers about reasons: one explanation, many, and the smallest change that flips an answer."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from lookingglass.candidates import Candidate, WorkerPool
from lookingglass.explanations.batch import Batch, BatchProgress, explain_many
from lookingglass.explanations.explain import DEFAULTS, explain, kept_explanations
from lookingglass.explanations.result import Explanation
from lookingglass.explanations.settings import ExplainSettings
from lookingglass.explanations.smallest import SmallestChange, smallest_change
from lookingglass.home import Home


class Judged(Protocol):
    """What a candidate is judged at."""

    @property
    def value(self) -> float | None:
        """The threshold, None for one that answers nobody."""


class Explaining:
    """The part of a workspace that explains. Whoever takes it in has a home, an engine, candidates and thresholds."""

    home: Home

    @property
    @abstractmethod
    def _asked(self) -> WorkerPool:
        """The workers of all candidates."""

    @abstractmethod
    def candidate(self, name: str) -> Candidate:
        """Return one candidate by name. Raises NotFound."""

    @abstractmethod
    def threshold(self, candidate: str) -> Judged:
        """Return what a candidate is judged at."""

    def explain(
        self,
        candidate: str,
        example_id: str,
        settings: ExplainSettings | None = None,
        version: int | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> Explanation:
        """Return why a candidate gives an example its score, by LIME; one that was made before costs no model call.

        Args:
            version: where to read the example, the latest when None.
            overrides: other values for some columns (what if); such an explanation is never kept.

        Raises:
            NotFound: there is no such candidate, example or version.
            BadInput: the candidate has no model to ask, or a value does not fit its column.
            CandidateFailed: its worker could not answer; ask again.
        """
        chosen = self.candidate(candidate)
        return explain(self.home, self._asked, chosen, example_id, settings or DEFAULTS, version, overrides)

    def explain_many(
        self,
        candidate: str,
        example_ids: Sequence[str],
        settings: ExplainSettings | None = None,
        version: int | None = None,
        *,
        on_progress: Callable[[BatchProgress], None] | None = None,
        cancelled: threading.Event | None = None,
        processes: int | None = None,
    ) -> Batch:
        """Explain many examples, keeping each as it is done; set ``cancelled`` to stop, call again to go on.

        Raises:
            NotFound: there is no such candidate.
            BadInput: the candidate has no model to ask.
        """
        return explain_many(
            self.home,
            self._asked,
            self.candidate(candidate),
            example_ids,
            settings or DEFAULTS,
            version,
            on_progress=on_progress,
            cancelled=cancelled,
            processes=processes,
        )

    def kept_explanations(
        self,
        candidate: str,
        example_ids: Sequence[str] | None = None,
        settings: ExplainSettings | None = None,
        version: int | None = None,
    ) -> list[Explanation]:
        """Return the explanations that are kept of examples of a version (all when None); nothing is computed.

        Raises:
            NotFound: there is no such candidate, version or example.
            BadInput: the candidate has no model to ask.
        """
        return kept_explanations(
            self.home, self.candidate(candidate), example_ids, settings or DEFAULTS, version
        )

    def smallest_change(
        self,
        candidate: str,
        example_id: str,
        version: int | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> SmallestChange:
        """Return which single words, values or regions flip a candidate's answer at the threshold it is judged at.

        Raises:
            NotFound, BadInput, CandidateFailed: as for ``explain``.
        """
        chosen, threshold = self.candidate(candidate), self.threshold(candidate).value
        return smallest_change(self.home, self._asked, chosen, example_id, threshold, version, overrides)
