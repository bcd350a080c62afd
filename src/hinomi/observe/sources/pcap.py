"""Classic capture files (pcap): microseconds and nanoseconds, both byte orders, and Kuznetsov's patched format.

https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import numpy as np

from hinomi.observe.feed import Feed
from hinomi.observe.frames import link_of, packets_of
from hinomi.observe.kernels import shapes, walk_pcap
from hinomi.observe.quarantine import Tally
from hinomi.observe.refusal import not_this_format
from hinomi.observe.sample import FRAMES, WHEN
from hinomi.observe.source import Piece, Source
from hinomi.schema.words import Text

HEADER: Final = 24
# magic → (big-endian, nanoseconds, size of a record's header). The patched format adds interface, protocol and direction:
# https://wiki.wireshark.org/Development/LibpcapFileFormat#modified-pcap
MAGIC: Final = {
    b"\xd4\xc3\xb2\xa1": (False, False, shapes.RECORD),
    b"\xa1\xb2\xc3\xd4": (True, False, shapes.RECORD),
    b"\x4d\x3c\xb2\xa1": (False, True, shapes.RECORD),
    b"\xa1\xb2\x3c\x4d": (True, True, shapes.RECORD),
    b"\x34\xcd\xb2\xa1": (False, False, shapes.PATCHED_RECORD),
    b"\xa1\xb2\xcd\x34": (True, False, shapes.PATCHED_RECORD),
}
ROOM: Final = 1 << 18


def sniff(head: bytes) -> bool:
    return head[:4] in MAGIC


def pieces(feed: Feed, _mapping: Mapping[str, str], tally: Tally) -> Iterator[Piece]:
    """Pieces of whole records; a cut last record is counted with the byte at which it begins."""
    header = bytes(feed.window(least=HEADER)[:HEADER])
    if not any(magic.startswith(header[:4]) for magic in MAGIC):
        raise not_this_format(feed.name, "pcap")
    if len(header) < HEADER:
        tally.count("cut-end", 1, 0)
        return
    big, nano, record = MAGIC[header[:4]]
    link = link_of(int.from_bytes(header[20:24], "big" if big else "little") & 0xFFFF, feed.name)
    feed.take(HEADER)
    while (window := feed.window()).size:
        frames = shapes.frames(min(ROOM, window.size // shapes.RECORD + 1))
        count, end, lost, first = walk_pcap(window, 0, big, nano, record, link, feed.ended, *frames)
        if lost:
            tally.count("garbage", 1, feed.at + first)
            tally.lost_bytes += lost
        if end:
            yield Piece(window[:end].data, header, partial(packets_of, window, frames.part(0, count), feed.at))
            feed.take(end)
        elif feed.ended:
            tally.count("cut-end", 1, feed.at)
            return


def example() -> bytes:
    header = np.array([0xA1B2C3D4, 0x0004_0002, 0, 0, 65535, 1], "<u4").tobytes()
    records = (np.array([WHEN + n, 250_000, len(f), len(f)], "<u4").tobytes() + f for n, f in enumerate(FRAMES))
    return header + b"".join(records)


SOURCE = Source(
    title=Text("Capture file (pcap)", "キャプチャファイル (pcap)"),
    kind="packet",
    suffixes=(".pcap", ".cap", ".dmp"),
    version=1,
    sniff=sniff,
    pieces=pieces,
    example=example,
)
