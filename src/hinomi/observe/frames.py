"""Framed packets → rows: what classic pcap, pcapng and a live capture share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hinomi.observe import links
from hinomi.observe.batch import columns, packets
from hinomi.observe.days import scattered
from hinomi.observe.kernels import decode, shapes
from hinomi.observe.quarantine import Tally, protocol
from hinomi.observe.refusal import InputError
from hinomi.observe.source import Fields
from hinomi.schema.words import Text

MISFITS: Final = ("cut-link", "cut-ip", "bad-ip")  # the kernel's reasons, in its order; strange links are named
ROWS: Final = 1 << 16  # of a batch: some 15 MB of columns


def packets_of(data: NDArray[np.uint8], frames: shapes.Frames, offset: int, tally: Tally, start: int = 0) -> Iterator[Fields]:
    """Decode the frames of one piece from byte `start` on; `offset` is where the piece lies in the input, for reports."""
    if start:
        frames = frames.part(int(np.searchsorted(frames.starts, start)), frames.starts.size)
    ethertypes = np.zeros(1 << 16, np.int64)
    for first in range(0, frames.starts.size, ROWS):
        part = _near(frames.part(first, first + ROWS), tally, offset)
        room = columns(part.starts.size)
        counts, firsts = np.zeros(shapes.MISFITS, np.int64), np.full(shapes.MISFITS, -1)
        (rows,) = decode(data, *part, *room, counts, firsts, ethertypes)
        for reason, number, frame in zip(MISFITS, counts, firsts, strict=False):
            tally.count(reason, int(number), offset + int(part.starts[frame]))
        if counts[-1]:
            _name_links(part, tally, offset)
        tally.rows += rows
        if rows:
            yield packets(room, rows)
    for kind in np.flatnonzero(ethertypes):
        tally.skip(protocol(int(kind)), int(ethertypes[kind]))


def _near(frames: shapes.Frames, tally: Tally, offset: int) -> shapes.Frames:
    """The frames without those whose times are far from all others."""
    far = scattered(frames.times)
    if far is None:
        return frames
    tally.count("far-time", int(np.count_nonzero(far)), offset + int(frames.starts[far.argmax()]))
    return frames.where(~far)


def _name_links(frames: shapes.Frames, tally: Tally, offset: int) -> None:
    strange = ~np.isin(frames.links, shapes.LINKS)
    for number in np.unique(frames.links[strange]):
        of_it = np.flatnonzero(frames.links == number)
        tally.count("strange-link", of_it.size, offset + int(frames.starts[of_it[0]]), links.name(int(number)))


def link_of(number: int, name: str) -> int:
    """The link type of a whole capture, or a refusal: none of its packets could be read."""
    if number in shapes.LINKS:
        return number
    raise InputError(
        name,
        Text(
            f"was captured on {links.name(number)}, which Hinomi does not read",
            f"リンク層が {links.name(number)} で、対応していません",
        ),
        Text(
            "capture on Ethernet, raw IP or 'any', or see docs/howto/add-a-source.md",
            "Ethernet等で取得し直すか、docs/howto/add-a-source.md をご覧ください",
        ),
    )
