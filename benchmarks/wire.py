"""Between a browser and a server: when a person's request passed, and when the last of the answer did.

What the browser takes to draw is left out: here it draws on the server's cores, elsewhere on its own machine.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_FRAGMENT_FINISHED = ForwardMsg.ScriptFinishedStatus.FINISHED_FRAGMENT_RUN_SUCCESSFULLY
_CHUNK = 1 << 18


class Wire:
    """Passes everything on between ``port`` and a server's port of this machine, and notes whole runs of a page.

    Attributes:
        asked: when the first request since ``listen`` passed that was no look for news, in seconds of
            ``time.perf_counter``; None until then.
        answered: when the last message of the server's last run of the whole page passed.
        running: whether a run has begun that has not ended.
    """

    def __init__(self, server_port: int, port: int) -> None:
        self.asked: float | None = None
        self.answered = 0.0
        self.running = False
        self.port, self._server_port = port, server_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)

    def __enter__(self) -> Wire:
        self._thread.start()
        serving = asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _close(self) -> None:
        self._server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    def listen(self) -> None:
        """From now on, the next request is the one that counts."""
        self.asked = None

    async def _connected(self, browser: asyncio.StreamReader, to_browser: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        with suppress(asyncio.CancelledError):  # the measuring is over
            await asyncio.gather(
                _pass_on(browser, to_server, self._note_request),
                _pass_on(server, to_browser, self._note_answer),
            )

    def _note_request(self, payload: bytes) -> None:
        message = BackMsg.FromString(payload)
        if message.WhichOneof("type") == "rerun_script" and not message.rerun_script.is_auto_rerun:
            self.running = True
            if self.asked is None:
                self.asked = time.perf_counter()

    def _note_answer(self, payload: bytes) -> None:
        message = ForwardMsg.FromString(payload)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.running = True
        elif kind == "script_finished":
            self.running = False
            if message.script_finished != _FRAGMENT_FINISHED:
                self.answered = time.perf_counter()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[bytes], None]
) -> None:
    messages = _Messages()
    with suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
            for payload in messages.of(data):
                note(payload)
    writer.close()


class _Messages:
    """Finds the binary messages of a websocket (RFC 6455, nothing compressed) in one direction of a connection."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._message = bytearray()
        self._is_socket: bool | None = None

    def of(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that end within ``data``, which follows on what was given before."""
        if self._is_socket is False:
            return
        self._data += data
        if self._is_socket is None:
            head, end, rest = bytes(self._data).partition(b"\r\n\r\n")
            if not end:
                return
            self._is_socket = b"upgrade: websocket" in head.lower()
            self._data = bytearray(rest)
        while self._is_socket and (frame := self._frame()) is not None:
            kind, last, payload = frame
            if kind in (0, 2):
                self._message += payload
                if last:
                    yield bytes(self._message)
                    self._message.clear()

    def _frame(self) -> tuple[int, bool, bytes] | None:
        """Take the next whole frame: its kind, whether the message ends with it, and what it carries."""
        data = self._data
        if len(data) < 2:
            return None
        masked, length, at = data[1] >> 7, data[1] & 0x7F, 2
        if length >= 126:
            at += 2 if length == 126 else 8
            if len(data) < at:
                return None
            length = int.from_bytes(data[2:at], "big")
        mask = data[at : at + 4 * masked]
        at += 4 * masked
        if len(data) < at + length:
            return None
        kind, last, payload = data[0] & 0x0F, bool(data[0] >> 7), bytes(data[at : at + length])
        del data[: at + length]
        if masked:
            payload = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        return kind, last, payload
