"""Frames → columns: link layer, IPv4 and IPv6, TCP, UDP, ICMP and what an ICMP error quotes, at memory speed.

Everything that was not captured stays unset in `present`; a value is
never invented. Hosts are little-endian (every platform that numba supports in wheels).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from hinomi.observe.kernels.link import link_layer
from hinomi.observe.kernels.octets import as_is, be16, be32, u8
from hinomi.observe.kernels.shapes import (
    ACK,
    ADDRESSES,
    BAD_IP,
    CUT_IP,
    CUT_LINK,
    DPORT,
    DST,
    FLAGS,
    FRAGMENT,
    HEAD,
    ICMP_CODE,
    ICMP_TYPE,
    INNER_DPORT,
    INNER_DST,
    INNER_PROTO,
    INNER_SPORT,
    INNER_SRC,
    IPID,
    IPV4,
    IPV6,
    LENGTH,
    NARROW,
    OPTIONS,
    OTHER,
    PAYLOAD,
    PROTO,
    SEQ,
    SIZE,
    SPORT,
    SRC,
    TTL,
    WIDE,
    WINDOW,
    WORDS,
)

whole = njit(_nrt=False)
part = njit(forceinline=True, _nrt=False)


@whole
def decode(
    data: Any,
    starts: Any,
    captured: Any,
    links: Any,
    times: Any,
    time: Any,
    narrow: Any,
    wide: Any,
    addresses: Any,
    payload: Any,
    ends: Any,
    presents: Any,
    slots: Any,
    misfits: Any,
    first: Any,
    ethertypes: Any,
) -> int:
    """Decode each frame (`shapes.Frames`) into the next row of the columns (`batch.Columns`); returns the number of rows.

    `first` keeps the first misfit frame per reason.
    """
    row = 0
    for frame in range(starts.size):
        start = starts[frame]
        end = start + captured[frame]
        kind, at = link_layer(data, start, end, links[frame])
        present = kind
        if kind == IPV4:
            present = _ipv4(data, at, end, slots)
        elif kind == IPV6:
            present = _ipv6(data, at, end, slots)
        elif kind >= OTHER:
            ethertypes[max(kind, 0)] += 1
            continue
        if present < 0:
            reason = CUT_LINK - present
            misfits[reason] += 1
            first[reason] = frame if first[reason] < 0 else first[reason]
            continue
        time[row], presents[row] = times[frame], present
        _store(slots, present, row, narrow, wide, addresses)
        ends[row + 1] = ends[row]
        if present >> PAYLOAD & 1:
            size, begin, head = slots[SIZE], np.uint64(ends[row]), np.uint64(slots[PAYLOAD])
            for index in range(np.uint64(size)):
                payload[begin + index] = data[head + index]
            ends[row + 1] += slots[SIZE]
        row += 1
    return row


@part
def _store(slots: Any, present: int, row: int, narrow: Any, wide: Any, addresses: Any) -> None:
    for column in range(NARROW, WIDE):
        if present >> column & 1:
            narrow[column, row] = slots[column]
    for column in range(WIDE, ADDRESSES):
        if present >> column & 1:
            wide[column - WIDE, row] = slots[column]
    for column in range(PAYLOAD - ADDRESSES):
        if present >> (column + ADDRESSES) & 1:
            addresses[column, row, 0] = slots[WORDS + 2 * column]
            addresses[column, row, 1] = slots[WORDS + 2 * column + 1]


# ── network layer ────────────────────────────────────────────────────────────────────────────────────────────────────────
# Each fills the slots of a row and returns the bits of what it filled, or the reason why there is no row.


@part
def _ipv4(data: Any, at: int, end: int, row: Any) -> int:
    if end - at < 20:
        return CUT_IP
    header, total = (u8(data, at) & 15) * 4, be16(data, at + 2)
    if u8(data, at) >> 4 != 4 or header < 20 or 0 < total < header:
        return BAD_IP
    present = (1 << SRC) | (1 << DST) | (1 << PROTO) | (1 << TTL) | (1 << IPID)
    _mapped(data, at + 12, row, SRC)
    _mapped(data, at + 16, row, DST)
    proto = u8(data, at + 9)
    row[PROTO], row[TTL], row[IPID] = proto, u8(data, at + 8), be16(data, at + 4)
    finish = end
    if total:  # 0: the sender's card was to cut it up (TSO), so the length is not known
        finish = at + total
        row[LENGTH] = total
        present |= 1 << LENGTH
    offset = be16(data, at + 6) & 0x1FFF
    if offset:
        row[FRAGMENT] = offset
        return present | (1 << FRAGMENT)
    return present | _transport(data, at + header, end, finish, proto, row)


@part
def _ipv6(data: Any, at: int, end: int, row: Any) -> int:
    if end - at < 40:
        return CUT_IP
    if u8(data, at) >> 4 != 6:
        return BAD_IP
    present = (1 << SRC) | (1 << DST) | (1 << TTL)
    _copied(data, at + 8, row, SRC)
    _copied(data, at + 24, row, DST)
    row[TTL] = u8(data, at + 7)
    total, finish = be16(data, at + 4), end
    if total or u8(data, at + 6) == 59:  # 0: a jumbogram (RFC 2675) or TSO, unless nothing was to follow
        finish = at + 40 + total
        row[LENGTH] = 40 + total
        present |= 1 << LENGTH
    proto, upper, offset = _extensions(data, at + 40, min(end, finish), u8(data, at + 6))
    if proto >= 0:
        row[PROTO] = proto
        present |= 1 << PROTO
    if offset:
        row[FRAGMENT] = offset
        present |= 1 << FRAGMENT
    elif proto >= 0:
        present |= _transport(data, upper, end, finish, proto, row)
    return present


@part
def _extensions(data: Any, at: int, end: int, proto: int) -> tuple[int, int, int]:
    """RFC 8200 §4: the upper protocol (-1 when the chain was cut), where it starts, and a later fragment's offset."""
    while True:
        if proto in (0, 43, 60, 135, 139, 140):
            if end - at < 8:
                return -1, at, 0
            proto, at = u8(data, at), at + (u8(data, at + 1) + 1) * 8
        elif proto == 51:  # RFC 4302 §2.2 counts in 4-byte units
            if end - at < 8:
                return -1, at, 0
            proto, at = u8(data, at), at + (u8(data, at + 1) + 2) * 4
        elif proto == 44:
            if end - at < 8:
                return -1, at, 0
            offset = be16(data, at + 2) >> 3
            proto, at = u8(data, at), at + 8
            if offset:
                return proto, at, offset
        else:
            return proto, at, 0


# ── transport layer ──────────────────────────────────────────────────────────────────────────────────────────────────────
# Each returns the bits of what it filled. `end` is where the capture of the frame stops, `finish` where the packet does.


@part
def _transport(data: Any, at: int, end: int, finish: int, proto: int, row: Any) -> int:
    stop = min(end, finish)
    if proto == 6:
        return _tcp(data, at, stop, finish, row)
    if proto in (1, 58):
        return _icmp(data, at, stop, finish, proto, row)
    present = _ports(data, at, stop, proto, row, SPORT, DPORT)
    if proto == 17 and present:
        present |= _payload(at + 8, stop, finish, row)
    return present


@part
def _ports(data: Any, at: int, stop: int, proto: int, row: Any, source: int, target: int) -> int:
    """TCP, UDP, DCCP, SCTP and UDP-Lite all begin with two ports."""
    if proto not in (6, 17, 33, 132, 136) or stop - at < 4:
        return 0
    row[source], row[target] = be16(data, at), be16(data, at + 2)
    return (1 << source) | (1 << target)


@part
def _tcp(data: Any, at: int, stop: int, finish: int, row: Any) -> int:
    present = _ports(data, at, stop, 6, row, SPORT, DPORT)
    if stop - at >= 8:
        row[SEQ] = be32(data, at + 4)
        present |= 1 << SEQ
    if stop - at >= 12:
        row[ACK] = be32(data, at + 8)
        present |= 1 << ACK
    if stop - at >= 14:
        row[FLAGS] = u8(data, at + 13)
        present |= 1 << FLAGS
        header = (u8(data, at + 12) >> 4) * 4
        if header >= 20:
            row[OPTIONS] = header - 20
            present |= (1 << OPTIONS) | _payload(at + header, stop, finish, row)
    if stop - at >= 16:
        row[WINDOW] = be16(data, at + 14)
        present |= 1 << WINDOW
    return present


@part
def _icmp(data: Any, at: int, stop: int, finish: int, proto: int, row: Any) -> int:
    if stop - at < 2:
        return 0
    kind = u8(data, at)
    row[ICMP_TYPE], row[ICMP_CODE] = kind, u8(data, at + 1)
    present = (1 << ICMP_TYPE) | (1 << ICMP_CODE) | _payload(at + 8, stop, finish, row)
    if proto == 1 and kind in (3, 4, 5, 11, 12):  # RFC 792
        present |= _quoted(data, at + 8, stop, IPV4, row)
    elif proto == 58 and 1 <= kind <= 4:  # RFC 4443 §3
        present |= _quoted(data, at + 8, stop, IPV6, row)
    return present


@part
def _quoted(data: Any, at: int, stop: int, kind: int, row: Any) -> int:
    """The packet that an ICMP error quotes: on a telescope, what a victim of forged addresses was sent."""
    present, offset = (1 << INNER_SRC) | (1 << INNER_DST), 0
    if kind == IPV4:
        if stop - at < 20 or u8(data, at) >> 4 != 4 or u8(data, at) & 15 < 5:
            return 0
        _mapped(data, at + 12, row, INNER_SRC)
        _mapped(data, at + 16, row, INNER_DST)
        proto, offset, upper = u8(data, at + 9), be16(data, at + 6) & 0x1FFF, at + (u8(data, at) & 15) * 4
    else:
        if stop - at < 40 or u8(data, at) >> 4 != 6:
            return 0
        _copied(data, at + 8, row, INNER_SRC)
        _copied(data, at + 24, row, INNER_DST)
        proto, upper, offset = _extensions(data, at + 40, stop, u8(data, at + 6))
    if proto < 0:
        return present
    row[INNER_PROTO] = proto
    present |= 1 << INNER_PROTO
    if offset == 0:
        present |= _ports(data, upper, stop, proto, row, INNER_SPORT, INNER_DPORT)
    return present


@part
def _payload(at: int, stop: int, finish: int, row: Any) -> int:
    """The head of the payload; empty when the packet has none, unset when it has some and none was captured."""
    row[PAYLOAD], row[SIZE] = at, max(0, min(stop - at, HEAD))
    return (1 << PAYLOAD) if row[SIZE] or at == finish else 0


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@part
def _mapped(data: Any, at: int, row: Any, column: int) -> None:
    """An IPv4 address as IPv4-mapped IPv6: ten zeros, two 0xff, four bytes."""
    slot = WORDS + 2 * (column - ADDRESSES)
    row[slot], row[slot + 1] = 0, 0xFFFF0000 | as_is(data, at) << 32


@part
def _copied(data: Any, at: int, row: Any, column: int) -> None:
    slot = WORDS + 2 * (column - ADDRESSES)
    row[slot] = as_is(data, at) | as_is(data, at + 4) << 32
    row[slot + 1] = as_is(data, at + 8) | as_is(data, at + 12) << 32
