"""The bytes of an uploaded text file on their way to a parser: within a budget, UTF-8, no NUL, no hidden controls.

Knows nothing of CSV or JSON.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lookingglass.testset.problems_found import ProblemList

BLOCK = 1 << 20
_TAIL = 1 << 16
GZIP_MAGIC = b"\x1f\x8b"
_BIDI = re.compile(rb"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
_BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


@dataclass(frozen=True)
class ReadLimits:
    """How much of an uploaded file is read before it is refused.

    ``decoded_bytes``: the whole table once unpacked (text bytes, 8 a number). ``cell_bytes``: one cell.
    ``row_bytes``: one row of a text file. ``columns``: how many columns.
    """

    decoded_bytes: int = 2 << 30
    cell_bytes: int = 1 << 20
    row_bytes: int = 8 << 20
    columns: int = 2_000


def size_words(count: int) -> str:
    """Return a number of bytes as people say it: ``2 GiB``, ``40 MiB``, ``512 bytes``."""
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"


class CheckedBytes:
    """A readable stream of the bytes of ``path`` (unpacked when it is gzip, byte-order mark taken off) that raises
    ImportRejected as soon as a block holds something that does not belong in a table.

    ``head`` is the first block; ``quotes`` the number of double quotes read; ``tail`` the last 64 KiB read.
    """

    def __init__(self, path: Path, problems: ProblemList, limits: ReadLimits) -> None:
        self.problems = problems
        self.limits = limits
        self.quotes = 0
        self.tail = b""
        self.closed = False
        self._raw = path.open("rb")
        packed = self._raw.peek(2)[:2] == GZIP_MAGIC
        self._source: io.BufferedIOBase = gzip.GzipFile(fileobj=self._raw, mode="rb") if packed else self._raw
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._read = 0
        self._lines = 0
        try:
            self.head = self._checked(self._unpacked(BLOCK))
        except BaseException:
            self.close()
            raise
        self._waiting = self.head

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` checked bytes, b"" at the end."""
        if self._waiting:
            wanted = len(self._waiting) if size < 0 else size
            block, self._waiting = self._waiting[:wanted], self._waiting[wanted:]
            return block
        return self._checked(self._unpacked(BLOCK if size < 0 else size))

    def lines(self) -> Iterator[bytes]:
        """Yield each line without its end; a line longer than the limit is refused."""
        rest, number = b"", 0
        while block := self.read():
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                number += 1
                yield line.removesuffix(b"\r")
            if len(rest) > self.limits.row_bytes:
                raise self.problems.reject(
                    f"this line is longer than {size_words(self.limits.row_bytes)}", row=number + 1
                )
        if rest:
            yield rest

    def close(self) -> None:
        """Close the file underneath."""
        self.closed = True
        self._source.close()
        self._raw.close()

    def __enter__(self) -> CheckedBytes:
        """Return itself; leaving closes the file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file underneath."""
        self.close()

    def _unpacked(self, size: int) -> bytes:
        try:
            block = self._source.read(size)
        except (EOFError, OSError, zlib.error):
            raise self.problems.reject(
                "its gzip compression is damaged: compress it again, or import it unpacked"
            ) from None
        self._read += len(block)
        if self._read > self.limits.decoded_bytes:
            raise self.problems.reject(
                f"it unpacks to more than {size_words(self.limits.decoded_bytes)}: split it into smaller files"
            )
        return block

    def _checked(self, block: bytes) -> bytes:
        first = self._read == len(block)
        if first:
            self._refuse_other_encodings(block)
        if b"\x00" in block:
            raise self.problems.reject(
                f"it holds a NUL byte ({self._line(block, block.index(0))}): it is not plain text"
            )
        self._check_utf8(block)
        self._check_direction(block)
        self.quotes += block.count(b'"')
        self._lines += block.count(b"\n")
        self.tail = (self.tail + block)[-_TAIL:] if len(block) < _TAIL else block[-_TAIL:]
        return block.removeprefix(codecs.BOM_UTF8) if first else block

    def _line(self, block: bytes, at: int) -> str:
        before = block.count(b"\n", 0, at)
        return f"line {self._lines + before + 1:,}"

    def _refuse_other_encodings(self, block: bytes) -> None:
        for mark, name in _BOMS:
            if block.startswith(mark):
                raise self._wrong_encoding(name, "")
        sample = block[:4096]
        if sample.count(0) > len(sample) // 4:
            raise self._wrong_encoding("UTF-16", "")

    def _check_utf8(self, block: bytes) -> None:
        pending = len(self._decoder.getstate()[0])
        if not pending and block.isascii():
            return
        try:
            self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            at = max(error.start - pending, 0)
            byte = error.object[error.start]
            raise self._wrong_encoding(
                _likely(block), f" (byte 0x{byte:02X} in {self._line(block, at)})"
            ) from None

    def _wrong_encoding(self, likely: str, where: str) -> Exception:
        return self.problems.reject(
            f"it is not UTF-8{where}, it looks like {likely}: save it as UTF-8, for instance with "
            f"`iconv -f {likely} -t UTF-8 OLD > NEW`"
        )

    def _check_direction(self, block: bytes) -> None:
        seam = self.tail[-2:] + block  # a character may lie across two blocks
        if b"\xe2\x80" in seam or b"\xe2\x81" in seam:
            found = _BIDI.search(seam)
            if found:
                code = ord(found.group().decode())
                where = self._line(block, max(found.start() - 2, 0))
                raise self.problems.reject(
                    f"it holds the invisible text-direction control U+{code:04X} ({where}), "
                    "which makes text read differently from what it is: take it out"
                )


def _likely(block: bytes) -> str:
    """Name the encoding that bytes which are not UTF-8 are most likely in."""
    try:
        block.decode("cp1252")
    except UnicodeDecodeError:
        return "ISO-8859-1"
    return "WINDOWS-1252"
