"""A server that is stopped while candidates are being scored blames none of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from lookingglass.config import Limits, load_config, write_config

PROGRAM = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from lookingglass.evaluation.engine import Status
    from lookingglass.workspace import open_workspace

    keeper = open_workspace(Path(sys.argv[1])).background()
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if any(item.status is Status.RUNNING and item.done for item in keeper.state().progress):
            print("scoring")
            break
        time.sleep(0.01)
    """
)


def test_a_process_that_ends_while_scoring_records_no_failure(demo: Path) -> None:
    """Its exit ends the workers before the threads that wait for them."""
    folder = demo / "mortgage"
    shutil.rmtree(folder / "scores")
    write_config(folder, load_config(folder).model_copy(update={"limits": Limits(batch_rows=1)}))
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)], capture_output=True, text=True, timeout=170, check=False
    )
    assert ended.stdout == "scoring\n", ended.stderr
    assert [path.read_text() for path in (folder / "scores").glob("*/failed-*.json")] == []


AHEAD = textwrap.dedent(
    """
    import atexit, sys, threading, time
    from pathlib import Path
    from lookingglass.evaluation.background import Keeper
    from lookingglass.evaluation.evaluator import in_parallel
    from lookingglass.workspace import open_workspace

    begun = threading.Event()

    def prepare(version):
        begun.set()
        threading.main_thread().join()
        time.sleep(0.2)
        in_parallel(time.sleep, [0, 0])

    atexit.register(time.sleep, 1)
    keeper = Keeper(open_workspace(Path(sys.argv[1])).engine, prepare)
    begun.wait(60)
    """
)


def test_a_process_that_ends_while_figures_are_made_says_nothing_of_it(demo: Path) -> None:
    """No thread can be started any more, which is nobody's fault and no reason for a page of Python."""
    ended = subprocess.run(
        [sys.executable, "-c", AHEAD, str(demo / "mortgage")],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
