"""Linux Landlock through its three system calls: from now on this process may read the given paths and nothing else.

Needs no privilege and knows nothing of models. Must run while the process has one thread: older threads escape it.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from lookingglass.candidates.worker.libc import libc, set_no_new_privileges

_CREATE, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_RULE_PATH_BENEATH = 1
_VERSION_QUERY = 1

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP = 0b11  # bind, connect; nobody is given them back
_SCOPES = 0b11  # abstract UNIX sockets, signals to processes outside


def abi_version() -> int:
    """Return the Landlock ABI that this kernel offers, 0 for none."""
    library = libc()
    if library is None:
        return 0
    return max(0, int(library.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_QUERY))))


def restrict_to_reading(paths: Iterable[str], writable: Iterable[str] = ()) -> int:
    """Forbid this process everything on files but reading beneath ``paths`` (executing programs included), and TCP.

    Args:
        paths: files and folders that stay readable; those that do not exist are passed over.
        writable: single files that stay readable and writable (``/dev/null``).

    Returns:
        The ABI in force, 0 when the kernel has no Landlock and nothing was restricted.
    """
    library, abi = libc(), abi_version()
    if library is None or abi == 0:
        return 0
    handled = struct.pack(
        "=QQQ", _RIGHTS_BY_ABI[min(abi, 5)], _TCP if abi >= 4 else 0, _SCOPES if abi >= 6 else 0
    )
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = int(library.syscall(_CREATE, handled, ctypes.c_size_t(size), ctypes.c_uint32(0)))
    if ruleset < 0:
        return 0
    try:
        for path in paths:
            _allow(library, ruleset, path, _READ_FILE | _READ_DIR)
        for path in writable:
            _allow(library, ruleset, path, _READ_FILE | _WRITE_FILE)
        if not set_no_new_privileges():
            return 0
        return abi if library.syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0 else 0
    finally:
        os.close(ruleset)


def _allow(library: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _READ_FILE | _WRITE_FILE
        rule = struct.pack("=Qi", rights, fd)
        library.syscall(
            _ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_RULE_PATH_BENEATH), rule, ctypes.c_uint32(0)
        )
    finally:
        os.close(fd)
