"""A seccomp filter: no sockets, no new processes or programs, no signals to others. Knows nothing of models.

It works where namespaces are switched off (most containers), and closes what Landlock leaves open: UDP, UNIX sockets,
processes that outlive their killed group. Threads stay allowed, models use them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass

from lookingglass.candidates.worker.libc import libc, set_no_new_privileges

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD_WORD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET, _FIRST_ARGUMENT_OFFSET = 0, 4, 16
_CLONE_THREAD = 0x00010000
_X32_CALLS = 0x40000000


@dataclass(frozen=True)
class _Calls:
    """System call numbers of one architecture."""

    audit: int
    clone: int
    clone3: int
    io_uring_setup: int
    to_one_process: tuple[int, ...]  # kill, tgkill: first argument is a process
    prlimit: int
    refused: tuple[int, ...]


_KNOWN = {
    "x86_64": _Calls(
        audit=0xC000003E,
        clone=56,
        clone3=435,
        io_uring_setup=425,
        to_one_process=(62, 234),
        prlimit=302,
        refused=(
            41,  # socket
            57,  # fork
            58,  # vfork
            59,  # execve
            322,  # execveat
            101,  # ptrace
            310,  # process_vm_readv
            311,  # process_vm_writev
            200,  # tkill
            129,  # rt_sigqueueinfo
            297,  # rt_tgsigqueueinfo
            424,  # pidfd_send_signal
            434,  # pidfd_open
            438,  # pidfd_getfd
            321,  # bpf
            298,  # perf_event_open
            323,  # userfaultfd
            250,  # keyctl
            248,  # add_key
            249,  # request_key
            272,  # unshare
            308,  # setns
            165,  # mount
            29,  # shmget
            68,  # msgget
            64,  # semget
            240,  # mq_open
        ),
    ),
    "aarch64": _Calls(
        audit=0xC00000B7,
        clone=220,
        clone3=435,
        io_uring_setup=425,
        to_one_process=(129, 131),
        prlimit=261,
        refused=(
            198,  # socket
            221,  # execve
            281,  # execveat
            117,  # ptrace
            270,  # process_vm_readv
            271,  # process_vm_writev
            130,  # tkill
            138,  # rt_sigqueueinfo
            240,  # rt_tgsigqueueinfo
            424,  # pidfd_send_signal
            434,  # pidfd_open
            438,  # pidfd_getfd
            280,  # bpf
            241,  # perf_event_open
            282,  # userfaultfd
            219,  # keyctl
            217,  # add_key
            218,  # request_key
            97,  # unshare
            268,  # setns
            40,  # mount
            194,  # shmget
            186,  # msgget
            190,  # semget
            180,  # mq_open
        ),
    ),
}


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _refuse(number: int = errno.EPERM) -> bytes:
    return _step(_RETURN, _ERRNO | number)


def _program(calls: _Calls, own_pid: int) -> bytes:
    allow, first_argument = _step(_RETURN, _ALLOW), _step(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET)
    steps = [
        _step(_LOAD_WORD, _ARCHITECTURE_OFFSET),
        _step(_JUMP_EQUAL, calls.audit, 1, 0),
        _refuse(),
        _step(_LOAD_WORD, _NUMBER_OFFSET),
        _step(_JUMP_AT_LEAST, _X32_CALLS, 0, 1),
        _refuse(),
    ]
    for number in calls.refused:
        steps += [_step(_JUMP_EQUAL, number, 0, 1), _refuse()]
    for number in (
        calls.clone3,
        calls.io_uring_setup,
    ):  # "no such call": the C library then uses clone, which is filtered
        steps += [_step(_JUMP_EQUAL, number, 0, 1), _refuse(errno.ENOSYS)]
    steps += [_step(_JUMP_EQUAL, calls.clone, 0, 4), first_argument]
    steps += [_step(_JUMP_BITS, _CLONE_THREAD, 0, 1), allow, _refuse()]
    for number in calls.to_one_process:
        steps += [_step(_JUMP_EQUAL, number, 0, 4), first_argument]
        steps += [_step(_JUMP_EQUAL, own_pid, 0, 1), allow, _refuse()]
    steps += [_step(_JUMP_EQUAL, calls.prlimit, 0, 5), first_argument]
    steps += [_step(_JUMP_EQUAL, 0, 1, 0), _step(_JUMP_EQUAL, own_pid, 0, 1), allow, _refuse()]
    return b"".join([*steps, allow])


def forbid_sockets_and_processes() -> bool:
    """Install the filter for this process; returns False where the system or the architecture does not offer it."""
    library, calls = libc(), _KNOWN.get(platform.machine())
    if library is None or calls is None or sys.maxsize < 2**32 or not set_no_new_privileges():
        return False
    program = _program(calls, os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))
    description = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    zero = ctypes.c_ulong(0)
    result = library.prctl(
        ctypes.c_int(_PR_SET_SECCOMP), ctypes.c_ulong(_MODE_FILTER), description, zero, zero
    )
    return bool(result == 0)
