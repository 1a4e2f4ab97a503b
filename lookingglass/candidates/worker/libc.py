"""The few calls of the C library that Python does not offer, each with a plain yes or no. Knows nothing of models."""

from __future__ import annotations

import ctypes
import functools
import sys

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_READ_SEARCH = 1 << 2


@functools.cache
def libc() -> ctypes.CDLL | None:
    """Return the C library on Linux, None elsewhere."""
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _prctl(option: int, value: int) -> bool:
    library = libc()
    if library is None:
        return False
    zero = ctypes.c_ulong(0)
    return bool(library.prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero) == 0)


def set_no_new_privileges() -> bool:
    """Give up, for good, gaining privileges by running another program; Landlock and seccomp ask for it."""
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(signal_number: int) -> bool:
    """Ask the kernel to send this process ``signal_number`` when the thread that started it ends."""
    return _prctl(_PR_SET_PDEATHSIG, signal_number)


def leave_the_network() -> bool:
    """Move into a new, empty network namespace: no interface, not even UDP or a name look-up gets out.

    A privileged process needs only that; an ordinary one gets a user namespace with it, where the system allows them.
    """
    library = libc()
    if library is None:
        return False
    return bool(
        library.unshare(ctypes.c_int(_CLONE_NEWNET)) == 0
        or library.unshare(ctypes.c_int(_CLONE_NEWUSER | _CLONE_NEWNET)) == 0
    )


def drop_capabilities() -> bool:
    """Give up every capability but that of reading files (a process of root keeps reading what root may read)."""
    library = libc()
    if library is None:
        return False
    head = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()
    if library.capget(head, sets) != 0:
        return False
    effective = sets[0] & CAP_DAC_READ_SEARCH
    kept = (ctypes.c_uint32 * 6)(effective, effective, 0, 0, 0, 0)
    return bool(library.capset(head, kept) == 0)
