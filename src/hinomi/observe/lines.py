"""Lines of a text log in pieces: cut at a line end, parsed many at a time, and line by line where one does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hinomi.observe.feed import Feed
from hinomi.observe.quarantine import Tally

NEWLINE: Final = 10
PATIENCE: Final = 256  # bad places in one piece; a piece with more is given up, and counted, as a whole


def whole_lines(feed: Feed, tally: Tally) -> Iterator[memoryview]:
    """Windows of whole lines. A last line that is not ended is counted, not read: half a number would look like one."""
    while (window := feed.window()).size:
        end = _after_last_line(window)
        if end:
            yield window[:end].data
            feed.take(end)
        elif feed.ended:
            tally.count("cut-end", 1, feed.at)
            return
        elif feed.full:
            tally.count("bad-line", 1, feed.at)
            tally.lost_bytes += window.size
            feed.take(window.size)


def _after_last_line(window: NDArray[np.uint8]) -> int:
    for reach in (min(1 << 16, window.size), window.size):
        ends = np.flatnonzero(window[-reach:] == NEWLINE)
        if ends.size:
            return window.size - reach + int(ends[-1]) + 1
    return 0


def parsed(parse: Callable[[bytes], pa.Table], lines: bytes, offset: int, tally: Tally) -> Iterator[pa.Table]:
    """Tables from lines, halving what fails until the lines that do not fit stand alone."""
    left, todo = PATIENCE, [(0, len(lines))]
    while todo:
        begin, end = todo.pop()
        if not lines[begin:end].strip():
            continue
        try:
            yield parse(lines[begin:end])
            continue
        except pa.ArrowInvalid:
            left -= 1
        middle = lines.rfind(b"\n", begin, (begin + end) // 2) + 1 or lines.find(b"\n", begin, end) + 1
        if left < 0 or middle <= begin or middle >= end:
            tally.count("bad-line", lines.count(b"\n", begin, end) + (lines[end - 1] != NEWLINE), offset + begin)
        else:
            todo += [(middle, end), (begin, middle)]
