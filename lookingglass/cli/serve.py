"""What ``lookingglass dashboard`` runs: Streamlit, and a thread that loads what the first page needs meanwhile.

``python -m lookingglass.cli.serve APP OPTIONS...`` is ``python -m streamlit run APP OPTIONS...`` with that head start:
the libraries load while the first visitor's browser still fetches the page.
"""

from __future__ import annotations

import gc
import importlib
import logging
import runpy
import sys
import threading
import time

READY = "streamlit.web.bootstrap"
"""Once this is loaded, the server is about to listen; loading more before would only delay it."""

NEEDED = (
    "lookingglass.workspace",
    "lookingglass.fairness",
    "lookingglass.thresholds",
    "PIL.Image",
    "streamlit.emojis",
    "lookingglass.charts.leaderboard",
)
"""In the order in which the first page asks for them, those that Streamlit would load then among them."""

_LOOK_SECONDS = 0.02
_SWITCH_SECONDS = 0.0005
"""How long this thread may keep the interpreter while the server hands the first visitor's browser its files."""

_GIVE_UP_SECONDS = 60.0


def warm() -> None:
    """Load what pages need once the server is there. A failure is not told: the page that needs it will say so.

    What was loaded stays, so it is taken out of what Python's garbage collection looks through, which begins then.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    until = time.monotonic() + _GIVE_UP_SECONDS
    while READY not in sys.modules and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
    try:
        for name in NEEDED:
            importlib.import_module(name)
    except Exception:
        logging.getLogger(__name__).debug("%s could not be loaded ahead", name, exc_info=True)
    finally:
        sys.setswitchinterval(usual)
        gc.freeze()
        gc.enable()


def main() -> None:
    """Serve until stopped."""
    gc.disable()
    threading.Thread(target=warm, name="warm", daemon=True).start()
    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
