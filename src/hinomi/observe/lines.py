"""Lines of a text log in pieces: cut at a line end, parsed many at a time, and line by line where one does not fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hinomi.observe.feed import Feed
from hinomi.observe.quarantine import Place, Tally

NEWLINE, RETURN, COMMENT = 10, 13, ord("#")
PATIENCE: Final = 256  # bad places in one piece; a piece with more is given up, and counted, as a whole


def whole_lines(
    feed: Feed, tally: Tally, first: int = 1, ends: Callable[[bytes], bool] = lambda _: False
) -> Iterator[tuple[memoryview, int]]:
    """Windows of whole lines, each with the number of its first line; `first` is that of the line at which the feed stands.

    A last line that is not ended is counted, not read: half a number would look like one; unless `ends` says of what it
    holds that it must be whole.
    """
    number = first
    while (window := feed.window()).size:
        end = _after_last_line(window)
        if end:
            yield window[:end].data, number
            number += int(np.count_nonzero(window[:end] == NEWLINE))
            feed.take(end)
        elif feed.ended and ends(bytes(window)):
            yield window.data, number
            feed.take(window.size)
        elif feed.ended:
            tally.count("cut-end", 1, (feed.at, number))
            return
        elif feed.full:
            tally.count("bad-line", 1, (feed.at, number))
            tally.lost_bytes += window.size
            feed.take(window.size)


def _after_last_line(window: NDArray[np.uint8]) -> int:
    for reach in (min(1 << 16, window.size), window.size):
        ends = np.flatnonzero(window[-reach:] == NEWLINE)
        if ends.size:
            return window.size - reach + int(ends[-1]) + 1
    return 0


def readable(lines: memoryview) -> bytes:
    """The lines as UTF-8 of the same length: pyarrow fails on others, and the values that we read are ASCII."""
    try:
        str(lines, "utf-8")
    except UnicodeDecodeError:
        return bytes(lines).translate(_ASCII)
    return bytes(lines)


_ASCII: Final = bytes(range(128)) + b"?" * 128


@dataclass(frozen=True)
class Stretch:
    """Some lines of a text, and where they stand in the input."""

    lines: bytes
    offset: int
    number: int

    def part(self, begin: int, end: int) -> Stretch:
        return Stretch(self.lines[begin:end], self.offset + begin, self.number + self.lines.count(b"\n", 0, begin))

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        """Where each line that is not blank begins; a carriage return ends a line too, as it does for the parsers."""
        letters = np.frombuffer(self.lines, np.uint8)
        written = np.concatenate(([False], (letters != NEWLINE) & (letters != RETURN)))
        return np.flatnonzero(written[1:] & ~written[:-1])

    def behind(self, at: int) -> Place:
        """The place in the input of a byte of these lines."""
        return self.offset + at, self.number + self.lines.count(b"\n", 0, at)

    def comments(self, index: int) -> bool:
        """Whether the line that is number `index` of those that are not blank says something of the log itself."""
        return index < self._starts.size and self.lines[self._starts[index]] == COMMENT

    def place(self, index: int, without: Collection[int] = ()) -> Place:
        """Where the line stands that is number `index` (from 0) of those that are not blank, some left out."""
        kept = np.delete(self._starts, [at for at in without if at < self._starts.size]) if without else self._starts
        return self.behind(int(kept[min(index, kept.size - 1)])) if kept.size else (self.offset, self.number)


@dataclass(frozen=True)
class Rows:
    """A table, and the place in the input of each of its rows."""

    table: pa.Table
    place: Callable[[int], Place]


def parsed(parse: Callable[[Stretch], Rows], whole: Stretch, tally: Tally) -> Iterator[Rows]:
    """Tables from lines, halving what fails until the lines that do not fit stand alone."""
    left, lines, todo = PATIENCE, whole.lines, [(0, len(whole.lines))]
    while todo:
        begin, end = todo.pop()
        if not lines[begin:end].strip():
            continue
        try:
            yield parse(whole if end - begin == len(lines) else whole.part(begin, end))
            continue
        except pa.ArrowInvalid:
            left -= 1
        middle = lines.rfind(b"\n", begin, (begin + end) // 2) + 1 or lines.find(b"\n", begin, end) + 1
        if left < 0 or middle <= begin or middle >= end:
            number = lines.count(b"\n", begin, end) + (lines[end - 1] != NEWLINE)
            tally.count("bad-line", number, whole.part(begin, end).place(0))
        else:
            todo += [(middle, end), (begin, middle)]
