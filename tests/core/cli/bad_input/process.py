"""The command line in a process of its own, whose memory is limited and measured."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

_GIB = 1 << 30

# the peak is read from the process's own memory map: ru_maxrss would tell the peak of the process that started it
_COMMAND = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({4 * _GIB}, {4 * _GIB}))
from lookingglass.cli.main import run
code = run(sys.argv[1:])
with open("/proc/self/status") as status:
    print(next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM")))
sys.exit(code)
"""


@dataclass(frozen=True)
class Ended:
    """How it ended. ``error``: its standard error; ``peak_mib``: the most memory it held at once."""

    code: int
    error: str
    peak_mib: int


def call_alone(*arguments: object) -> Ended:
    """Run the command in a process that may have 4 GiB of addresses at most."""
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return Ended(done.returncode, done.stderr, int(done.stdout))
