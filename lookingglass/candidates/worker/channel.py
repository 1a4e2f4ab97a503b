"""The parent's end of the two pipes: frames with a deadline, so that a worker that hangs never hangs the parent."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Sequence

from lookingglass.candidates.worker import wire

_CHUNK = 1 << 20


class OutOfTime(Exception):
    """The deadline passed before the whole frame was sent or had come."""


class Channel:
    """Non-blocking descriptors to and from one worker. Not thread-safe: one question at a time."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing
        self._open: tuple[int, ...] = (reading, writing)
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)

    def close(self) -> None:
        """Close both descriptors, once: their numbers are soon somebody else's."""
        open_ones, self._open = self._open, ()
        for fd in open_ones:
            os.close(fd)

    def ask(
        self, header: wire.Header, bodies: Sequence[wire.Bytes], seconds: float, max_body: int
    ) -> tuple[wire.Header, bytearray]:
        """Send one frame and return the frame that answers it.

        Raises:
            OutOfTime: no whole answer within ``seconds``.
            wire.Closed: the worker is gone.
            wire.WireError: what came is no frame or longer than ``max_body``.
        """
        deadline = time.monotonic() + seconds
        try:
            self._send(wire.start_of_frame(header, sum(memoryview(body).nbytes for body in bodies)), deadline)
            for body in bodies:
                self._send(body, deadline)
        except BrokenPipeError:
            pass  # it may have said why before it went: read that
        return self.receive(deadline, max_body)

    def receive(self, deadline: float, max_body: int) -> tuple[wire.Header, bytearray]:
        """Return the next frame; ``deadline`` is a ``time.monotonic()``. Raises as ``ask`` does."""
        header_length, body_length = wire.parse_prefix(self._receive(wire.PREFIX.size, deadline), max_body)
        header = wire.parse_header(self._receive(header_length, deadline))
        return header, self._receive(body_length, deadline)

    def _send(self, data: wire.Bytes, deadline: float) -> None:
        rest = memoryview(data).cast("B")
        while rest:
            _wait(self._writing, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._writing, rest[:_CHUNK]) :]
            except BlockingIOError:
                continue

    def _receive(self, length: int, deadline: float) -> bytearray:
        data = bytearray(length)
        rest = memoryview(data)
        while rest:
            _wait(self._reading, select.POLLIN, deadline)
            try:
                count = os.readv(self._reading, [rest[:_CHUNK]])
            except BlockingIOError:
                continue
            if count == 0:
                raise wire.Closed
            rest = rest[count:]
        return data


def _wait(fd: int, events: int, deadline: float) -> None:
    poller = select.poll()
    poller.register(fd, events)
    left = deadline - time.monotonic()
    if left <= 0 or not poller.poll(left * 1000):
        raise OutOfTime
