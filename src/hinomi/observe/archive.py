"""Compressed inputs: gzip, xz, bzip2 and zstd, recognised by their first bytes, streamed, within limits."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

import zstandard

from hinomi.observe.refusal import InputError
from hinomi.schema.words import Text

CHUNK: Final = 1 << 20
PART_CHUNK: Final = 1 << 11  # 2 KiB of zeros, well compressed, are 64 MiB
GZIP_CHUNK: Final = 1 << 16  # deflate shrinks 1,032-fold at most: https://zlib.net/zlib_tech.html
MEMORY: Final = 1 << 27  # what a decompressor may use: xz -9 needs 64 MiB, zstd --ultra 128 MiB
_TOO_MUCH: Final = ("Memory usage limit exceeded", "Frame requires too much memory")  # liblzma, libzstd
LAYERS: Final = 2


class Stream(Protocol):
    """What is asked of an input: some bytes, soon; none at the end."""

    def read1(self, size: int, /) -> bytes: ...


DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)


class Counted:
    """A file with a look at its first bytes, and a count of what was read; `name` is that of the input."""

    def __init__(self, file: Stream, name: str) -> None:
        self._file, self.name, self._ahead, self.count = file, name, b"", 0

    @property
    def ahead(self) -> bool:
        """Whether bytes were looked at that are still to be read."""
        return bool(self._ahead)

    def peek(self, size: int) -> bytes:
        while len(self._ahead) < size and (more := self._file.read1(size - len(self._ahead))):
            self._ahead += more
        return self._ahead

    def read1(self, size: int = CHUNK) -> bytes:
        chunk, self._ahead = (self._ahead[:size], self._ahead[size:]) if self._ahead else (self._file.read1(size), b"")
        self.count += len(chunk)
        return chunk

    def readinto(self, room: memoryview) -> int:
        """As `read1`, straight into place where the file can do so."""
        into = getattr(self._file, "readinto1", None)
        if into is None or self._ahead:
            chunk = self.read1(len(room))
            room[: len(chunk)] = chunk
            return len(chunk)
        count: int = into(room)
        self.count += count
        return count


class _Part(Protocol):
    """One of the compressed streams that may follow each other in a file, on its way."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _Parts:
    """Compressed streams one after the other; unlike the libraries' readers it notices what is cut off or does not belong.

    Python's own reader of xz ends in silence at whatever follows the first stream, its reader of gzip after a cut header.
    """

    def __init__(self, file: Counted, new: Callable[[], _Part], padding: bytes = b"", chunk: int = PART_CHUNK) -> None:
        self._file, self._new, self._padding, self._chunk = file, new, padding, chunk
        self._part, self._left, self._ready = new(), b"", memoryview(b"")

    def read1(self, size: int, /) -> bytes:
        while not self._ready:
            chunk = self._left or self._file.read1(self._chunk)
            if not chunk and self._part.eof:
                return b""
            if not chunk:
                raise EOFError("the last part is cut off")
            if self._part.eof:
                chunk = chunk.lstrip(self._padding) if self._padding else chunk
                if not chunk:
                    self._left = b""
                    continue
                self._part = self._new()
            self._ready = memoryview(self._decompressed(chunk))
            self._left = self._part.unused_data
        chunk, self._ready = self._ready[:size].tobytes(), self._ready[size:]
        return chunk

    def _decompressed(self, chunk: bytes) -> bytes:
        try:
            return self._part.decompress(chunk)
        except (lzma.LZMAError, zstandard.ZstdError) as error:
            if any(words in str(error) for words in _TOO_MUCH):
                raise _large(self._file.name) from error
            raise


def _large(name: str) -> InputError:
    return InputError(
        name,
        Text(
            f"is compressed such that more than {MEMORY >> 20} MiB of memory are needed to decompress it",
            f"展開に {MEMORY >> 20} MiB を超えるメモリが必要な方法で圧縮されています",
        ),
        Text(
            "decompress it first (xz -d, zstd -d --long=31)",
            "先に展開してから指定してください (xz -d, zstd -d --long=31)",
        ),
        Text("decompress it, and hand that in", "展開したファイルを取り込んでください"),
    )


def _gzip(file: Counted) -> Stream:
    return _Parts(file, partial(zlib.decompressobj, zlib.MAX_WBITS | 16), padding=b"\0", chunk=GZIP_CHUNK)


def _xz(file: Counted) -> Stream:
    return _Parts(file, partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, memlimit=MEMORY), padding=b"\0")


class _Bzip2Part:
    """Python calls damage in bzip2 an OSError, as if the file could not be read."""

    def __init__(self) -> None:
        self._part = bz2.BZ2Decompressor()

    @property
    def eof(self) -> bool:
        return self._part.eof

    @property
    def unused_data(self) -> bytes:
        return self._part.unused_data

    def decompress(self, data: bytes, /) -> bytes:
        try:
            return self._part.decompress(data)
        except OSError as damage:
            raise EOFError(str(damage)) from damage


def _bzip2(file: Counted) -> Stream:
    return _Parts(file, _Bzip2Part)


def _zstd(file: Counted) -> Stream:
    return _Parts(file, lambda: zstandard.ZstdDecompressor(max_window_size=MEMORY).decompressobj())


# https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2: a frame to be skipped may come first, and begins in sixteen ways
_SKIPPED = {bytes([0x50 + which]) + b"\x2a\x4d\x18": _zstd for which in range(16)}
_OPENERS: dict[bytes, Callable[[Counted], Stream]] = {
    b"\x1f\x8b\x08": _gzip,
    b"\xfd7zXZ\x00": _xz,
    b"BZh": _bzip2,
    b"\x28\xb5\x2f\xfd": _zstd,
    **_SKIPPED,
}


def decompressed(file: Counted, name: str) -> Counted:
    """The innermost bytes, recognised by content; a third layer is refused."""
    inner = file
    for _ in range(LAYERS + 1):
        opener = next((make for magic, make in _OPENERS.items() if _starts(inner, magic)), None)
        if opener is None:
            return inner
        inner = Counted(opener(inner), name)
    raise InputError(
        name,
        Text("is compressed more than twice over", "三重以上に圧縮されています"),
        Text("decompress it once and try again", "一度展開してから再度お試しください"),
    )


def _starts(file: Counted, magic: bytes) -> bool:
    try:
        return file.peek(len(magic)).startswith(magic)
    except DAMAGE:
        return False  # met again, and counted, by the first read
