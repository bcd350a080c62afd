"""Where the packets lie in a piece of a capture: record headers of classic pcap and blocks of pcapng.

Framing decides nothing about what a packet holds. When a header cannot be one,
the walk looks for the next place from which two headers follow each other, and counts what it stepped over.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from hinomi.observe.kernels.fetching import ahead
from hinomi.observe.kernels.shapes import (
    ENHANCED,
    INTERFACE,
    LAST,
    LONGEST,
    LONGEST_BLOCK,
    NO_BLOCK,
    NO_ROOM,
    NO_TIME,
    NOT_WHOLE,
    OLD_PACKET,
    SECTION,
    SIMPLE,
    Frames,
    Interfaces,
)

whole = njit(_nrt=False)
part = njit(forceinline=True, _nrt=False)


# ── classic pcap ─────────────────────────────────────────────────────────────────────────────────────────────────────────
# https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html §5


@whole
def walk_pcap(
    data: Any,
    at: int,
    big: int,
    nano: int,
    header: int,
    link: int,
    ended: int,
    starts: Any,
    captured: Any,
    links: Any,
    times: Any,
) -> tuple[int, int, int, int]:
    """Frame whole records from `at`: (packets, where the next record starts, bytes stepped over, where the first of them is).

    Stops before a record that is not whole: it begins the next piece, or it is the cut end of the file.
    `header` is how long the header of a record is.
    """
    count, lost, first_lost = 0, 0, -1
    while count < starts.size and data.size - at >= header:
        ahead(data, at)
        length = _u32(data, at + 8, big)
        if length > LONGEST:
            found = _next_record(data, at + 1, big, nano, header, ended)
            first_lost = at if first_lost < 0 else first_lost
            lost += found - at
            at = found
            continue
        if data.size - at - header < length:
            break
        fraction = _u32(data, at + 4, big)
        times[count] = _u32(data, at, big) * 1_000_000 + (fraction // 1000 if nano else fraction)
        starts[count], captured[count], links[count] = at + header, length, link
        count += 1
        at += header + length
    return count, at, lost, first_lost


@part
def _next_record(data: Any, at: int, big: int, nano: int, header: int, ended: int) -> int:
    """The next place that looks like a record and is followed by another, or by the end; else what must be kept to look on."""
    while data.size - at >= header:
        if _plausible(data, at, big, nano):
            after = at + header + _u32(data, at + 8, big)
            if after == data.size and ended:
                return at
            if data.size - after >= header and _plausible(data, after, big, nano):
                return at
            if data.size - after < header and not ended:
                return at  # not decidable here; taken as a record, as everywhere else
        at += 1
    return data.size if ended else at


@part
def _plausible(data: Any, at: int, big: int, nano: int) -> bool:
    captured, wire = _u32(data, at + 8, big), _u32(data, at + 12, big)
    fraction = _u32(data, at + 4, big)
    return 14 <= captured <= LONGEST and captured <= wire <= LONGEST and fraction < (1_000_000_000 if nano else 1_000_000)


# ── pcapng ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
# https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html §4


@whole
def walk_blocks(
    data: Any,
    at: int,
    big: int,
    known: Any,
    ticks: Any,
    offsets: Any,
    snaplens: Any,
    starts: Any,
    captured: Any,
    links: Any,
    times: Any,
) -> tuple[int, int, int, int, int]:
    """Frame packet blocks from `at`: (packets, next block, its type, blocks that did not fit, where the first of them is).

    Stops before a block that changes what later ones mean, a section or an interface; instead of a type with NOT_WHOLE before
    a block that is not whole, with NO_BLOCK before what cannot be one, with NO_ROOM when there is no room for more packets.
    """
    interfaces, out = Interfaces(known, ticks, offsets, snaplens), Frames(starts, captured, links, times)
    count, misfits, first = 0, 0, -1
    while count < starts.size:
        if data.size - at < 12:
            return count, at, NOT_WHOLE, misfits, first
        ahead(data, at)
        kind = _u32(data, at, big)
        if kind in (SECTION, INTERFACE):
            return count, at, kind, misfits, first
        total = _u32(data, at + 4, big)
        if total < 12 or total % 4 or total > LONGEST_BLOCK:
            return count, at, NO_BLOCK, misfits, first
        if data.size - at < total:
            return count, at, NOT_WHOLE, misfits, first
        if _u32(data, at + total - 4, big) != total:
            return count, at, NO_BLOCK, misfits, first
        if kind in (OLD_PACKET, SIMPLE, ENHANCED):
            if _packet(data, at, total, kind, big, interfaces, out, count):
                count += 1
            else:
                misfits += 1
                first = at if first < 0 else first
        at += total
    return count, at, NO_ROOM, misfits, first


@part
def _packet(data: Any, at: int, total: int, kind: int, big: int, known: Interfaces, out: Frames, row: int) -> bool:
    """Frame one packet block; False when its interface was never described or its lengths do not fit."""
    header = 12 if kind == SIMPLE else 28
    if total < header + 4:
        return False
    interface, time = 0, np.int64(NO_TIME)
    if kind == SIMPLE:  # no time of its own (§4.4), and the captured length is what the snap length left
        length = _u32(data, at + 8, big)
        if known.links.size and known.snaplens[0]:
            length = min(length, known.snaplens[0])
    else:
        interface = _u32(data, at + 8, big) if kind == ENHANCED else _u16(data, at + 8, big)
        length = _u32(data, at + 20, big)
    if interface >= known.links.size or length > total - header - 4 or length > LONGEST:
        return False
    if kind != SIMPLE:
        ticks = np.uint64(_u32(data, at + 12, big)) << np.uint64(32) | np.uint64(_u32(data, at + 16, big))
        time = _moment(ticks, np.uint64(known.ticks[interface]), known.offsets[interface])
    out.starts[row], out.captured[row], out.links[row], out.times[row] = at + header, length, known.links[interface], time
    return True


@part
def _moment(ticks: Any, per_second: Any, offset: int) -> Any:
    """Microseconds since 1970; a time before that or after the year 9999 is none."""
    if ticks // per_second > np.uint64(LAST):
        return np.int64(NO_TIME)
    time = _micros(ticks, per_second) + offset * 1_000_000
    return time if 0 <= time <= LAST * 1_000_000 else np.int64(NO_TIME)


@part
def _micros(ticks: Any, per_second: Any) -> Any:
    """Ticks to whole microseconds, rounded down, without overflow on the way."""
    seconds, rest = ticks // per_second, ticks % per_second
    million = np.uint64(1_000_000)
    if per_second <= np.uint64(1 << 44):
        return np.int64(seconds * million + rest * million // per_second)
    return np.int64(seconds * million + rest // (per_second // million))


@whole
def next_block(data: Any, at: int, big: int) -> int:
    """The next place that is a whole block by both of its lengths, or where a look at more data has to begin."""
    while data.size - at >= 12:
        kind, total = _u32(data, at, big), _u32(data, at + 4, big)
        known = kind in (SECTION, INTERFACE, OLD_PACKET, SIMPLE, ENHANCED, 4, 5)
        if known and 12 <= total <= data.size - at and total % 4 == 0 and _u32(data, at + total - 4, big) == total:
            return at
        at += 1
    return at


# ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@part
def _u16(data: Any, at: int, big: int) -> Any:
    first, second = _u8(data, at), _u8(data, at + 1)
    return first << 8 | second if big else second << 8 | first


@part
def _u32(data: Any, at: int, big: int) -> Any:
    little = _u8(data, at + 3) << 24 | _u8(data, at + 2) << 16 | _u8(data, at + 1) << 8 | _u8(data, at)
    if big:
        return (little & 255) << 24 | (little >> 8 & 255) << 16 | (little >> 16 & 255) << 8 | little >> 24
    return little


@part
def _u8(data: Any, at: int) -> Any:
    return np.int64(data[np.uint64(at)])
