"""Frames → columns: link layer, IPv4 and IPv6, TCP, UDP, ICMP and what an ICMP error quotes, at memory speed.

Everything that was not captured stays unset in `present`; a value is
never invented. Hosts are little-endian (every platform that numba supports in wheels).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from hinomi.observe.kernels.fetching import ahead
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
    SPORT,
    SRC,
    TTL,
    WIDE,
    WINDOW,
)

whole = njit(_nrt=False)
part = njit(forceinline=True, _nrt=False)


class Row(NamedTuple):
    """The columns, and the row that is written. `number` is a uint64, as `ends` is read: see `octets`."""

    narrow: Any
    wide: Any
    addresses: Any
    payload: Any
    ends: Any
    number: Any


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
    misfits: Any,
    first: Any,
    ethertypes: Any,
) -> int:
    """Decode each frame (`shapes.Frames`) into the next row of the columns (`batch.Columns`); returns the number of rows.

    `first` keeps the first misfit frame per reason.
    """
    number = 0
    for frame in range(starts.size):
        start = starts[frame]
        end = start + captured[frame]
        ahead(data, start)
        kind, at = link_layer(data, start, end, links[frame])
        row, present = Row(narrow, wide, addresses, payload, ends, np.uint64(number)), kind
        ends[number + 1] = ends[number]
        if kind == IPV4:
            present = _ipv4(data, at, end, row)
        elif kind == IPV6:
            present = _ipv6(data, at, end, row)
        elif kind >= OTHER:
            ethertypes[max(kind, 0)] += 1
            continue
        if present < 0:
            reason = CUT_LINK - present
            misfits[reason] += 1
            first[reason] = frame if first[reason] < 0 else first[reason]
            continue
        time[number], presents[number] = times[frame], present
        number += 1
    return number


@part
def _put(row: Row, column: int, value: Any) -> int:
    """Write a number into the row; returns the bit of its column."""
    if column < WIDE:
        row.narrow[np.uint64(column - NARROW), row.number] = value
    else:
        row.wide[np.uint64(column - WIDE), row.number] = value
    return 1 << column


# ── network layer ────────────────────────────────────────────────────────────────────────────────────────────────────────
# Each fills columns of the row and returns the bits of what it filled, or the reason why there is no row.


@part
def _ipv4(data: Any, at: int, end: int, row: Row) -> int:
    if end - at < 20:
        return CUT_IP
    header, total = (u8(data, at) & 15) * 4, be16(data, at + 2)
    if u8(data, at) >> 4 != 4 or header < 20 or 0 < total < header:
        return BAD_IP
    proto, offset, finish = u8(data, at + 9), be16(data, at + 6) & 0x1FFF, end
    present = _mapped(data, at + 12, row, SRC) | _mapped(data, at + 16, row, DST)
    present |= _put(row, PROTO, proto) | _put(row, TTL, u8(data, at + 8)) | _put(row, IPID, be16(data, at + 4))
    if total:  # 0: the sender's card was to cut it up (TSO), so the length is not known
        finish = at + total
        present |= _put(row, LENGTH, total)
    if offset:
        return present | _put(row, FRAGMENT, offset)
    return present | _transport(data, at + header, end, finish, proto, row)


@part
def _ipv6(data: Any, at: int, end: int, row: Row) -> int:
    if end - at < 40:
        return CUT_IP
    if u8(data, at) >> 4 != 6:
        return BAD_IP
    total, finish = be16(data, at + 4), end
    present = _copied(data, at + 8, row, SRC) | _copied(data, at + 24, row, DST) | _put(row, TTL, u8(data, at + 7))
    if total or u8(data, at + 6) == 59:  # 0: a jumbogram (RFC 2675) or TSO, unless nothing was to follow
        finish = at + 40 + total
        present |= _put(row, LENGTH, 40 + total)
    proto, upper, offset = _extensions(data, at + 40, min(end, finish), u8(data, at + 6))
    if proto >= 0:
        present |= _put(row, PROTO, proto)
    if offset:
        present |= _put(row, FRAGMENT, offset)
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
def _transport(data: Any, at: int, end: int, finish: int, proto: int, row: Row) -> int:
    stop = min(end, finish)
    if proto == 6:
        return _tcp(data, at, stop, finish, row)
    if proto in (1, 58):
        return _icmp(data, at, stop, finish, proto, row)
    present = _ports(data, at, stop, proto, row, SPORT, DPORT)
    if proto == 17 and present:
        present |= _payload(data, at + 8, stop, finish, row)
    return present


@part
def _ports(data: Any, at: int, stop: int, proto: int, row: Row, source: int, target: int) -> int:
    """TCP, UDP, DCCP, SCTP and UDP-Lite all begin with two ports."""
    if proto not in (6, 17, 33, 132, 136) or stop - at < 4:
        return 0
    return _put(row, source, be16(data, at)) | _put(row, target, be16(data, at + 2))


@part
def _tcp(data: Any, at: int, stop: int, finish: int, row: Row) -> int:
    present = _ports(data, at, stop, 6, row, SPORT, DPORT)
    if stop - at >= 8:
        present |= _put(row, SEQ, be32(data, at + 4))
    if stop - at >= 12:
        present |= _put(row, ACK, be32(data, at + 8))
    if stop - at >= 14:
        present |= _put(row, FLAGS, u8(data, at + 13))
        header = (u8(data, at + 12) >> 4) * 4
        if header >= 20:
            present |= _put(row, OPTIONS, header - 20) | _payload(data, at + header, stop, finish, row)
    if stop - at >= 16:
        present |= _put(row, WINDOW, be16(data, at + 14))
    return present


@part
def _icmp(data: Any, at: int, stop: int, finish: int, proto: int, row: Row) -> int:
    if stop - at < 2:
        return 0
    kind = u8(data, at)
    present = _put(row, ICMP_TYPE, kind) | _put(row, ICMP_CODE, u8(data, at + 1))
    present |= _payload(data, at + 8, stop, finish, row)
    if proto == 1 and kind in (3, 4, 5, 11, 12):  # RFC 792
        present |= _quoted(data, at + 8, stop, IPV4, row)
    elif proto == 58 and 1 <= kind <= 4:  # RFC 4443 §3
        present |= _quoted(data, at + 8, stop, IPV6, row)
    return present


@part
def _quoted(data: Any, at: int, stop: int, kind: int, row: Row) -> int:
    """The packet that an ICMP error quotes: on a telescope, what a victim of forged addresses was sent."""
    offset = 0
    if kind == IPV4:
        if stop - at < 20 or u8(data, at) >> 4 != 4 or u8(data, at) & 15 < 5:
            return 0
        present = _mapped(data, at + 12, row, INNER_SRC) | _mapped(data, at + 16, row, INNER_DST)
        proto, offset, upper = u8(data, at + 9), be16(data, at + 6) & 0x1FFF, at + (u8(data, at) & 15) * 4
    else:
        if stop - at < 40 or u8(data, at) >> 4 != 6:
            return 0
        present = _copied(data, at + 8, row, INNER_SRC) | _copied(data, at + 24, row, INNER_DST)
        proto, upper, offset = _extensions(data, at + 40, stop, u8(data, at + 6))
    if proto < 0:
        return present
    present |= _put(row, INNER_PROTO, proto)
    if offset == 0:
        present |= _ports(data, upper, stop, proto, row, INNER_SPORT, INNER_DPORT)
    return present


@part
def _payload(data: Any, at: int, stop: int, finish: int, row: Row) -> int:
    """The head of the payload; empty when the packet has none, unset when it has some and none was captured."""
    size = max(0, min(stop - at, HEAD))
    if size:
        # As many bytes every time are a few instructions; what is too much, the next row overwrites.
        length, head, place = (HEAD if data.size - at >= HEAD else size), np.uint64(at), np.uint64(row.ends[row.number])
        for index in range(np.uint64(length)):
            row.payload[place + index] = data[head + index]
        row.ends[row.number + np.uint64(1)] += size
    return (1 << PAYLOAD) if size or at == finish else 0


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@part
def _mapped(data: Any, at: int, row: Row, column: int) -> int:
    """An IPv4 address as IPv4-mapped IPv6: ten zeros, two 0xff, four bytes."""
    return _address(row, column, 0, 0xFFFF0000 | as_is(data, at) << 32)


@part
def _copied(data: Any, at: int, row: Row, column: int) -> int:
    return _address(row, column, as_is(data, at) | as_is(data, at + 4) << 32, as_is(data, at + 8) | as_is(data, at + 12) << 32)


@part
def _address(row: Row, column: int, high: Any, low: Any) -> int:
    place = np.uint64(column - ADDRESSES)
    row.addresses[place, row.number, np.uint64(0)], row.addresses[place, row.number, np.uint64(1)] = high, low
    return 1 << column
