"""A process of its own for explanations, so that many use all cores and the one that serves pages stays free.

It is given a workspace's folder; a line of JSON in names an example, a line out says that its explanation is kept, or
why there is none. It ends when its input does.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from lookingglass.candidates import WorkerPool
from lookingglass.candidates.registry import get_candidate
from lookingglass.errors import BadInput, CandidateFailed, Damaged, LookingGlassError, NotFound
from lookingglass.explanations.explain import explain
from lookingglass.explanations.settings import ExplainSettings
from lookingglass.home import open_home

_ERRORS: dict[str, type[LookingGlassError]] = {
    each.__name__: each for each in (BadInput, CandidateFailed, Damaged, NotFound)
}
PROGRAM = "import sys; from lookingglass.explanations.helper import main; main(sys.argv[1])"
END_SECONDS = 10.0
GONE = "the process that explained it ended"


class Helper:
    """One such process, seen from the one that started it; started at the first question, and again after it ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None when it is not running."""
        return None if self._process is None else self._process.pid

    def explain(self, candidate: str, example_id: str, settings: ExplainSettings, version: int | None) -> int:
        """Have one example explained and kept; return how many rows were sent to the model.

        Raises:
            LookingGlassError: what ``explain`` raises; CandidateFailed also when the process ended.
        """
        process = self._started()
        asked = {
            "candidate": candidate,
            "example": example_id,
            "settings": settings.to_json(),
            "version": version,
        }
        answer = ""
        if process.stdin is not None and process.stdout is not None:
            with suppress(OSError):
                process.stdin.write(json.dumps(asked) + "\n")
                process.stdin.flush()
                answer = process.stdout.readline()
        if not answer.endswith("\n"):
            self.close()
            raise CandidateFailed(f"{candidate} could not be explained: {GONE}. Ask again.")
        told = json.loads(answer)
        if "error" in told:
            raise _ERRORS.get(told["kind"], LookingGlassError)(told["error"])
        return int(told["rows"])

    def close(self) -> None:
        """End the process; what it was doing is lost."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", PROGRAM, str(self._folder)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                )
            except OSError as error:
                raise CandidateFailed(
                    f"no process could be started to explain in: {error.strerror}."
                ) from None
        return self._process


def main(folder: str) -> None:
    """Answer until the input ends."""
    home = open_home(Path(folder), make_ledger=False)
    try:
        with WorkerPool() as pool:
            for line in sys.stdin:
                print(json.dumps(_answer(home, pool, json.loads(line))), flush=True)
    finally:
        home.close()


def _answer(home: Any, pool: WorkerPool, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        made = explain(
            home,
            pool,
            get_candidate(home, asked["candidate"]),
            asked["example"],
            ExplainSettings.from_json(asked["settings"]),
            asked["version"],
        )
    except LookingGlassError as error:
        return {"error": str(error), "kind": type(error).__name__}
    return {"rows": made.model_rows_scored}
