"""Each measure of the sandbox holds by itself, and a system that lacks one is told so in plain words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from lookingglass.candidates import IsolationLevel, isolation_level
from lookingglass.candidates.worker import landlock, sandbox

PARTS = {
    "landlock": "landlock.restrict_to_reading",
    "seccomp": "seccomp.forbid_sockets_and_processes",
    "network": "libc.leave_the_network",
}

PROGRAM = """
import errno, json, os, socket, sys
from lookingglass.candidates.worker import landlock, libc, sandbox, seccomp
missing = sys.argv[1].split(",")
if "landlock" in missing: landlock.restrict_to_reading = lambda *_, **__: 0
if "seccomp" in missing: seccomp.forbid_sockets_and_processes = lambda: False
if "network" in missing: sandbox.leave_the_network = lambda: False
sockets = [socket.socket(socket.AF_INET, kind) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
level = sandbox.shut([sys.prefix])
def attempt(act):
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender: sender.sendto(b"x", ("127.0.0.1", 9))
def tcp():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sender: sender.connect(("127.0.0.1", 9))
result = {name: attempt(act) for name, act in {
    "read": lambda: open("/etc/passwd").close(), "udp": udp, "tcp": tcp,
    "write": lambda: os.write(os.open("/tmp/lookingglass-never", os.O_CREAT | os.O_WRONLY), b"x"),
    "execute": lambda: os.execv("/bin/true", ["true"]) if "seccomp" not in missing else os.stat("/"),
}.items()}
print(json.dumps({**result, "level": vars(level), "name": level.name, "words": level.words}))
"""


def shut_without(*missing: str) -> dict[str, Any]:
    """Shut the sandbox in a fresh process, on a system without the ``missing`` measures, and try things in it."""
    outcome = subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(missing)], capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    result: dict[str, Any] = json.loads(outcome.stdout)
    return result


def test_landlock_alone_keeps_files_unread_and_unwritten_and_tcp_shut() -> None:
    result = shut_without("seccomp", "network")
    if landlock.abi_version() == 0:
        pytest.fail("this system offers no Landlock: run the tests on Linux 5.13 or later")
    assert (result["read"], result["write"]) == ("EACCES", "EACCES")
    if landlock.abi_version() >= 4:
        assert result["tcp"] == "EACCES"
    assert (result["name"], result["level"]["network"]) == ("partial", False)
    assert "a model could use the network" in result["words"]


def test_seccomp_alone_refuses_sockets_and_programs() -> None:
    result = shut_without("landlock", "network")
    assert (result["udp"], result["tcp"], result["execute"]) == ("EPERM", "EPERM", "EPERM")
    assert result["read"] == "done"
    assert result["write"] == "EFBIG"  # the limit on file size holds without Landlock
    assert result["level"]["network"]
    assert "this system offers no Landlock" in result["words"]


def test_the_empty_network_alone_lets_nothing_out() -> None:
    result = shut_without("landlock", "seccomp")
    if not result["level"]["network"]:
        return  # namespaces are switched off here; seccomp is what keeps the network shut then
    assert (result["udp"], result["tcp"]) == ("ENETUNREACH", "ENETUNREACH")


def test_a_system_without_any_measure_is_told_so() -> None:
    result = shut_without("landlock", "seccomp", "network")
    assert result["read"] == "done"
    assert result["name"] == "limits"
    assert result["words"].startswith("limits only: time limits; this system offers no Landlock")


def test_full_isolation_reads_as_the_sentence_on_screen() -> None:
    level = IsolationLevel(files=True, network=True, processes=True, memory=True)
    assert level.words == "full isolation: no network, read-only files, memory and time limits"
    assert level.to_json()["name"] == "full"


@pytest.mark.parametrize("missing", ["files", "network", "processes", "memory"])
def test_nothing_that_is_missing_stays_unsaid(missing: str) -> None:
    flags = dict.fromkeys(("files", "network", "processes", "memory"), True) | {missing: False}
    level = IsolationLevel(**flags)
    assert level.name == "partial"
    assert "this system" in level.words


def test_the_level_of_this_system_is_found_by_trying_it() -> None:
    level = isolation_level()
    assert level.files == (landlock.abi_version() > 0)
    assert level.memory == (sys.platform == "linux")


def test_a_limit_is_never_raised_above_the_hard_one() -> None:
    program = (
        "import resource; from lookingglass.candidates.worker.sandbox import limit_memory\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 33, 1 << 33))\n"
        "print(limit_memory(1 << 20), resource.getrlimit(resource.RLIMIT_AS)[1] == 1 << 33)"
    )
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert outcome.stdout.split() == ["True", "True"]


def test_the_parent_itself_stays_unrestricted() -> None:
    """The measures belong to the worker: reading, sockets and processes still work here."""
    isolation_level()
    assert os.stat("/etc/passwd").st_size > 0
    assert subprocess.run(["/bin/true"], check=False).returncode == 0
    assert sandbox.OPEN_FILES > 0
