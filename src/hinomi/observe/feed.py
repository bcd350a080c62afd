"""Bytes of an input in windows of a fixed size, decompressed on the way; memory does not grow with the file."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Final, Protocol

import numpy as np
import zstandard
from numpy.typing import NDArray

from hinomi.observe.refusal import InputError
from hinomi.schema.words import Text

WINDOW: Final = 1 << 24
CHUNK: Final = 1 << 20
MEMORY: Final = 1 << 27  # what a decompressor may use: xz -9 needs 64 MiB, zstd --ultra 128 MiB
BOMB_SIZE, BOMB_RATIO = 1 << 30, 250  # real captures shrink 2 to 60 times
LAYERS: Final = 2


class Stream(Protocol):
    """What is asked of an input: some bytes, soon; none at the end."""

    def read1(self, size: int, /) -> bytes: ...


DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError, gzip.BadGzipFile)

_OPENERS: dict[bytes, Callable[[BinaryIO], Stream]] = {
    b"\x1f\x8b\x08": lambda file: gzip.GzipFile(fileobj=file, mode="rb"),
    b"\xfd7zXZ\x00": lambda file: lzma.LZMAFile(file),  # noqa: SIM115 — the feed owns it until the input is read
    b"\x28\xb5\x2f\xfd": lambda file: _zstd(file),
}


class Feed:
    """An input as a row of windows. `window` shows the bytes from `at` on, `take` moves on; what is not taken comes again.

    With `waits` (called before a read; False when it is time to go on without) a window also closes by time, so that what a
    live capture saw becomes durable; the window is then shorter though the input has not `ended`.
    """

    def __init__(self, file: Stream, name: str, size: int = WINDOW, waits: Callable[[], bool] | None = None) -> None:
        self.name, self.at, self.ended, self.broken = name, 0, False, ""
        self._size, self._waits, self._rest = size, waits, np.empty(0, np.uint8)
        self._counted = _Counted(file)
        self._stream: Stream = _decompressed(self._counted, name)
        self._out = 0

    def window(self) -> NDArray[np.uint8]:
        """Up to `size` bytes from `at`; fewer only at the end, or when `waits` says so."""
        if self.ended or self._rest.size == self._size:
            return self._rest
        room = np.empty(self._size, np.uint8)
        room[: self._rest.size] = self._rest
        filled = self._rest.size
        while filled < self._size and (self._waits is None or self._waits()):
            chunk = self._read(min(CHUNK, self._size - filled))
            if not chunk:
                self.ended = True
                break
            room[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
            filled += len(chunk)
        self._rest = room[:filled]
        return self._rest

    @property
    def full(self) -> bool:
        """Whether the last window was as large as a window gets."""
        return self._rest.size == self._size

    def take(self, count: int) -> None:
        """Move on by `count` bytes of the window that was shown last."""
        self.at += count
        self._rest = self._rest[count:]

    def _read(self, size: int) -> bytes:
        try:
            chunk = self._stream.read1(size)
        except DAMAGE as damage:
            self.broken = str(damage)
            return b""
        self._out += len(chunk)
        if self._out > BOMB_SIZE and self._out > BOMB_RATIO * self._counted.count:
            raise InputError(
                self.name,
                Text("grows more than 250-fold when decompressed", "展開すると250倍を超えて膨らみます"),
                Text(
                    "decompress it yourself and look at it, if you trust it", "信頼できる場合は、手元で展開して確認してください"
                ),
            )
        return chunk


class _Counted:
    """A file with a look at its first bytes, and a count of what was read."""

    def __init__(self, file: Stream) -> None:
        self._file, self._ahead, self.count = file, b"", 0

    def peek(self, size: int) -> bytes:
        while len(self._ahead) < size and (more := self._file.read1(size - len(self._ahead))):
            self._ahead += more
        return self._ahead

    def read1(self, size: int = CHUNK) -> bytes:
        chunk, self._ahead = (self._ahead[:size], self._ahead[size:]) if self._ahead else (self._file.read1(size), b"")
        self.count += len(chunk)
        return chunk

    read = read1


def _decompressed(file: _Counted, name: str) -> Stream:
    """The innermost bytes, recognised by content; a third layer is refused."""
    inner = file
    for _ in range(LAYERS + 1):
        opener = next((make for magic, make in _OPENERS.items() if _starts(inner, magic)), None)
        if opener is None:
            return inner
        inner = _Counted(opener(inner))  # type: ignore[arg-type]  # the decompressors ask only for read
    raise InputError(
        name,
        Text("is compressed more than twice over", "三重以上に圧縮されています"),
        Text("decompress it once and try again", "一度展開してから再度お試しください"),
    )


def _starts(file: _Counted, magic: bytes) -> bool:
    try:
        return file.peek(len(magic)).startswith(magic)
    except DAMAGE:
        return False  # met again, and counted, by the first read


def _zstd(file: BinaryIO) -> Stream:
    return zstandard.ZstdDecompressor(max_window_size=MEMORY).stream_reader(file, read_across_frames=True)
