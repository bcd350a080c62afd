"""Bytes of an input in windows of a fixed size, decompressed on the way; memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hinomi.observe.archive import CHUNK, DAMAGE, Counted, Stream, decompressed
from hinomi.observe.refusal import InputError
from hinomi.schema.words import Text

WINDOW: Final = 1 << 24
BOMB_SIZE, BOMB_RATIO = 1 << 30, 250  # real captures shrink 2 to 60 times, those of a flood of equal packets 500 times
LARGEST_ROW: Final = 1 << 16  # bytes of input that one row may stand for: the longest IP packet


class Feed:
    """An input as a row of windows. `window` shows the bytes from `at` on, `take` moves on; what is not taken comes again.

    With `waits` (called before a read; False when it is time to go on without) a window also closes by time, so that what a
    live capture saw becomes durable; the window is then shorter though the input has not `ended`.

    What cannot be read on ends it there, as damage does: `refused` says why, `broken` how compressed data is damaged.
    """

    def __init__(self, file: Stream, name: str, size: int = WINDOW, waits: Callable[[], bool] | None = None) -> None:
        self.name, self.at, self.ended, self.broken = name, 0, False, ""
        self.refused: InputError | None = None
        self._size, self._waits, self._rest = size, waits, np.empty(0, np.uint8)
        self._counted = Counted(file, name)
        self._stream = decompressed(self._counted, name)
        self._out = self._sound = 0

    def window(self, least: int = 1) -> NDArray[np.uint8]:
        """Up to `size` bytes from `at`; fewer only at the end, or when `waits` says so and there are at least so many."""
        if self.ended or self._rest.size == self._size:
            return self._rest
        room = np.empty(self._size, np.uint8)
        room[: self._rest.size] = self._rest
        filled = self._rest.size
        while filled < self._size:
            if self._waits is not None and not self._stream.ahead and not self._waits():
                if filled >= least:
                    break
                continue
            count = self._read(room[filled : filled + CHUNK].data)
            if not count:
                self.ended = True
                break
            filled += count
        self._rest = room[:filled]
        return self._rest

    def begins(self) -> bool:
        """Whether there is anything to read: waits for the first bytes, and for those only."""
        return bool(self._stream.peek(1))

    @property
    def full(self) -> bool:
        """Whether the last window was as large as a window gets."""
        return self._rest.size == self._size

    def take(self, count: int) -> None:
        """Move on by `count` bytes of the window that was shown last."""
        self.at += count
        self._rest = self._rest[count:]

    def vouch(self, size: int) -> None:
        """So many bytes of what came were worth reading: they are no sign of a decompression bomb, however small they were."""
        self._sound += size

    def _read(self, room: memoryview) -> int:
        try:
            count = self._stream.readinto(room)
        except DAMAGE as damage:
            self.broken = str(damage)
            return 0
        except InputError as refused:
            self.refused = refused
            return 0
        self._out += count
        hollow = self._out - self._sound
        if hollow > BOMB_SIZE and hollow > BOMB_RATIO * self._counted.count:
            raise InputError(
                self.name,
                Text(
                    "grows more than 250-fold when decompressed, and holds hardly any packets",
                    "展開すると250倍を超えて膨らみ、パケットはほとんど含まれていません",
                ),
                Text(
                    "decompress it yourself and look at it, if you trust it", "信頼できる場合は、手元で展開して確認してください"
                ),
            )
        return count
