"""What the kernels and their callers agree on: columns of a row, frames, interfaces, limits. Needs no numba."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

# ── packets ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
# Columns, which are also the bits of `present`: narrow columns (32 bits), wide (64 bits), addresses, payload.
PROTO, SPORT, DPORT, FLAGS, WINDOW, OPTIONS, IPID, TTL, FRAGMENT, ICMP_TYPE, ICMP_CODE = range(11)
INNER_PROTO, INNER_SPORT, INNER_DPORT, SEQ, ACK, LENGTH, SRC, DST, INNER_SRC, INNER_DST, PAYLOAD = range(11, 22)
NARROW, WIDE, ADDRESSES = PROTO, SEQ, SRC
COLUMNS: Final = 24  # of validity bitmaps: three bytes' worth of `present`
HEAD: Final = 64  # bytes of payload that a row keeps

# Why a frame gives no row. OTHER is no misfit: a protocol that is not ours to read, counted by its ethertype.
OTHER, CUT_LINK, CUT_IP, BAD_IP, STRANGE_LINK = -1, -2, -3, -4, -5
MISFITS: Final = 4

IPV4, IPV6 = 0x0800, 0x86DD
LINKS: Final = (0, 1, 9, 12, 14, 50, 51, 101, 104, 108, 113, 228, 229, 276)  # https://www.tcpdump.org/linktypes.html

# ── framing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
LONGEST: Final = 262_144  # MAXIMUM_SNAPLEN of libpcap; what claims to be longer is no packet
LONGEST_BLOCK: Final = 1 << 24
RECORD, PATCHED_RECORD = 16, 24  # headers of classic records; the longer one is of Kuznetsov's patched libpcap
NO_TIME: Final = -(1 << 62)
LAST: Final = 253_402_300_799  # 9999-12-31T23:59:59Z in seconds: what calendars and Iceberg's days can say
SECTION, INTERFACE, OLD_PACKET, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6  # types of pcapng blocks
NOT_WHOLE, NO_BLOCK, NO_ROOM = -1, -2, -3  # why a walk through blocks stops, where it is not before one of them


class Frames(NamedTuple):
    """Room for the packets of one piece: where each starts, how much of it was captured, on which link, when (µs UTC)."""

    starts: NDArray[np.int64]
    captured: NDArray[np.int32]
    links: NDArray[np.int32]
    times: NDArray[np.int64]

    def part(self, first: int, until: int) -> Frames:
        return self.where(slice(first, until))

    def where(self, which: slice | NDArray[np.bool_]) -> Frames:
        return Frames(self.starts[which], self.captured[which], self.links[which], self.times[which])


class Interfaces(NamedTuple):
    """What a pcapng section knows of its interfaces: link type, ticks per second, offset in seconds, snap length."""

    links: NDArray[np.int64]
    ticks: NDArray[np.int64]
    offsets: NDArray[np.int64]
    snaplens: NDArray[np.int64]


def frames(room: int) -> Frames:
    return Frames(np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int64))


# ── text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
EMPTY, GOOD, BAD, ZONELESS, EARLY = 0, 1, 2, 3, 4  # what became of a value; the last two are of times
