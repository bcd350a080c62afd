"""Captures of today's tools (pcapng): several sections and interfaces, both byte orders, any time resolution.

https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hinomi.observe.feed import Feed
from hinomi.observe.frames import packets_of
from hinomi.observe.kernels import next_block, shapes, walk_blocks
from hinomi.observe.quarantine import Tally
from hinomi.observe.refusal import not_this_format
from hinomi.observe.sample import FRAMES, WHEN
from hinomi.observe.source import Fields, Piece, Source
from hinomi.schema.words import Text

Order = Literal["little", "big"]
MAGIC: Final = b"\x0a\x0d\x0d\x0a"
ORDERS: Final = {b"\x4d\x3c\x2b\x1a": False, b"\x1a\x2b\x3c\x4d": True}  # big-endian?
IF_TSRESOL, IF_TSOFFSET = 9, 14
ROOM: Final = 1 << 18
MOST_INTERFACES: Final = 4096  # a file with more was made to waste time


@dataclass(frozen=True)
class Section:
    """What the blocks read so far say about those to come: byte order, and (link, ticks/s, offset s, snaplen) per interface."""

    big: bool
    interfaces: tuple[tuple[int, int, int, int], ...] = ()

    @property
    def known(self) -> shapes.Interfaces:
        columns = np.array(self.interfaces, np.int64).reshape(-1, 4)
        return shapes.Interfaces(*(np.ascontiguousarray(columns[:, index]) for index in range(4)))

    def with_interface(self, block: bytes) -> Section:
        """§4.2: link type, snap length, and the options that say how time is counted."""
        if len(self.interfaces) == MOST_INTERFACES:
            return self
        order: Order = "big" if self.big else "little"
        ticks, offset = 1_000_000, 0
        for code, value in self._options(block[16:-4]):
            if code == IF_TSRESOL and value:
                exponent = value[0] & 0x7F
                ticks = min(2**exponent if value[0] & 0x80 else 10**exponent, 1 << 62)
            if code == IF_TSOFFSET and len(value) == 8:
                offset = int.from_bytes(value, order, signed=True)
        link = int.from_bytes(block[8:10], order)
        snaplen = int.from_bytes(block[12:16], order)
        return replace(self, interfaces=(*self.interfaces, (link, ticks, max(-(1 << 42), min(offset, 1 << 42)), snaplen)))

    def _options(self, rest: bytes) -> Iterator[tuple[int, bytes]]:
        order: Order = "big" if self.big else "little"
        while len(rest) >= 4:
            code, length = int.from_bytes(rest[:2], order), int.from_bytes(rest[2:4], order)
            if code == 0:
                return
            yield code, rest[4 : 4 + length]
            rest = rest[4 + (length + 3) // 4 * 4 :]


@dataclass
class Walk:
    """One window on the way through its blocks: where it stands and what it has framed."""

    window: NDArray[np.uint8]
    section: Section
    frames: shapes.Frames
    at: int = 0
    count: int = 0


def sniff(head: bytes) -> bool:
    return head[:4] == MAGIC and head[8:12] in ORDERS


def pieces(feed: Feed, _mapping: Mapping[str, str], tally: Tally) -> Iterator[Piece]:
    """Pieces of whole blocks; what earlier blocks said of byte order and interfaces is each piece's context."""
    section = Section(big=False)
    head = bytes(feed.window()[:12])
    if not MAGIC.startswith(head[:4]) or not any(order.startswith(head[8:]) for order in ORDERS):
        raise not_this_format(feed.name, "pcapng")
    while (window := feed.window()).size:
        walk = Walk(window, section, shapes.frames(min(ROOM, window.size // shapes.RECORD + 1)))
        _frame(walk, feed, tally)
        if walk.at:
            frames = walk.frames.part(0, walk.count)
            yield Piece(window[: walk.at].data, repr(section).encode(), partial(_decode, window, frames, feed.at))
            section = walk.section
            feed.take(walk.at)
        elif feed.ended:
            tally.count("cut-end", 1, feed.at)
            return


def _frame(walk: Walk, feed: Feed, tally: Tally) -> None:
    """Walk blocks until the window or the room is used up; where there is no block, look for the next."""
    stop = 0
    while stop != shapes.NOT_WHOLE and walk.count < walk.frames.starts.size:
        room = walk.frames.part(walk.count, walk.frames.starts.size)
        section = walk.section
        count, walk.at, stop, misfits, first = walk_blocks(walk.window, walk.at, section.big, *section.known, *room)
        walk.count += count
        tally.count("bad-block", misfits, feed.at + first)
        if stop in (shapes.SECTION, shapes.INTERFACE):
            stop = _describe(walk, stop)
        if stop == shapes.NO_BLOCK:
            (found,) = next_block(walk.window, walk.at + 1, section.big)
            tally.count("garbage", 1, feed.at + walk.at)
            tally.lost_bytes += found - walk.at
            walk.at = found


def _describe(walk: Walk, kind: int) -> int:
    """Take in a section header or an interface description; says like the kernel when it is not whole or none."""
    rest = walk.window.size - walk.at
    big = walk.section.big
    if kind == shapes.SECTION:
        order = bytes(walk.window[walk.at + 8 : walk.at + 12])
        if order not in ORDERS:
            return shapes.NO_BLOCK
        big = ORDERS[order]
    total = int.from_bytes(walk.window[walk.at + 4 : walk.at + 8], "big" if big else "little")
    if total < (28 if kind == shapes.SECTION else 20) or total % 4 or total > shapes.LONGEST_BLOCK:
        return shapes.NO_BLOCK
    if rest < total:
        return shapes.NOT_WHOLE
    block = bytes(walk.window[walk.at : walk.at + total])
    if block[4:8] != block[-4:]:
        return shapes.NO_BLOCK
    walk.section = Section(big) if kind == shapes.SECTION else walk.section.with_interface(block)
    walk.at += total
    return 0


def _decode(window: NDArray[np.uint8], frames: shapes.Frames, offset: int, tally: Tally, start: int) -> Iterator[Fields]:
    """Leave out packets without a time of their own (simple packet blocks): a time is never invented."""
    frames = frames.part(int(np.searchsorted(frames.starts, start)), frames.starts.size)
    timed = frames.times != shapes.NO_TIME
    if not timed.all():
        untimed = np.flatnonzero(~timed)
        tally.count("no-time", untimed.size, offset + int(frames.starts[untimed[0]]))
        frames = shapes.Frames(frames.starts[timed], frames.captured[timed], frames.links[timed], frames.times[timed])
    yield from packets_of(window, frames, offset, tally)


def example() -> bytes:
    """A section, an Ethernet interface that counts nanoseconds, and three packets."""
    section = _block(0x0A0D0D0A, bytes.fromhex("4d3c2b1a 0100 0000 ffffffffffffffff"))
    interface = _block(1, bytes.fromhex("0100 0000 00000400 0900 0100 09000000 0000 0000"))
    packets = b""
    for number, frame in enumerate(FRAMES):
        ticks = (WHEN + number) * 10**9 + 250_000_000
        head = np.array([0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)], "<u4").tobytes()
        packets += _block(6, head + frame + bytes(-len(frame) % 4))
    return section + interface + packets


def _block(kind: int, body: bytes) -> bytes:
    total = (len(body) + 12).to_bytes(4, "little")
    return kind.to_bytes(4, "little") + total + body + total


SOURCE = Source(
    title=Text("Capture file (pcapng)", "キャプチャファイル (pcapng)"),
    kind="packet",
    suffixes=(".pcapng", ".ntar"),
    version=1,
    sniff=sniff,
    pieces=pieces,
    example=example,
)
