"""Frames → columns: link layer, IPv4 and IPv6, TCP, UDP, ICMP and what an ICMP error quotes, at memory speed.

Everything that was not captured stays unset in `present`; a value is
never invented. Hosts are little-endian (every platform that numba supports in wheels).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

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
    STRANGE_LINK,
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
        kind, at = _link(data, start, end, links[frame])
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


# ── link layer ───────────────────────────────────────────────────────────────────────────────────────────────────────────
# Each returns (ethertype, where the next header starts), or a reason why there is none.


@part
def _link(data: Any, at: int, end: int, link: int) -> tuple[int, int]:
    if link == 1:  # Ethernet
        if end - at < 14:
            return CUT_LINK, at
        kind = _be16(data, at + 12)
        if kind == IPV4:
            return kind, at + 14
        return _tags(data, at + 14, end, kind)
    if link in (12, 14, 101, 228, 229):  # raw IP
        return _version(data, at, end)
    if link == 113:  # Linux cooked v1
        return _tags(data, at + 16, end, _be16(data, at + 14)) if end - at >= 16 else (CUT_LINK, at)
    if link == 276:  # Linux cooked v2
        return _tags(data, at + 20, end, _be16(data, at)) if end - at >= 20 else (CUT_LINK, at)
    if link in (0, 108):  # BSD loopback
        return _family(data, at, end)
    if link in (9, 50):  # PPP, with or without HDLC framing
        return _ppp(data, at, end)
    if link == 51:  # PPPoE without Ethernet
        return _tags(data, at, end, 0x8864)
    if link == 104:  # Cisco HDLC
        return _tags(data, at + 4, end, _be16(data, at + 2)) if end - at >= 4 else (CUT_LINK, at)
    return STRANGE_LINK, at


@part
def _tags(data: Any, at: int, end: int, kind: int) -> tuple[int, int]:
    """Walk VLAN tags (802.1Q, 802.1ad, older QinQ), MPLS labels, PPPoE sessions and SNAP down to what they carry."""
    while True:
        if kind in (IPV4, IPV6):
            return kind, at
        if kind in (0x8100, 0x88A8, 0x9100, 0x9200):
            if end - at < 4:
                return CUT_LINK, at
            kind, at = _be16(data, at + 2), at + 4
        elif kind == 0x8864:  # RFC 2516 §5
            return _ppp(data, at + 6, end)
        elif kind in (0x8847, 0x8848):
            return _labels(data, at, end)
        elif kind <= 1500 and end - at >= 8 and _u8(data, at) == 0xAA and _u8(data, at + 1) == 0xAA and _u8(data, at + 2) == 3:
            kind, at = _be16(data, at + 6), at + 8
            if kind <= 1500:
                return OTHER, at
        else:
            return (kind if kind > 1500 else OTHER), at


@part
def _labels(data: Any, at: int, end: int) -> tuple[int, int]:
    """RFC 3032: labels up to the bottom of the stack; what follows says by its version whether it is IP."""
    while end - at >= 4:
        bottom = _u8(data, at + 2) & 1
        at += 4
        if bottom:
            kind, at = _version(data, at, end)
            return (kind if kind >= 0 else 0x8847), at
    return CUT_LINK, at


@part
def _version(data: Any, at: int, end: int) -> tuple[int, int]:
    if end <= at:
        return CUT_LINK, at
    version = _u8(data, at) >> 4
    if version == 4:
        return IPV4, at
    return (IPV6, at) if version == 6 else (BAD_IP, at)


@part
def _family(data: Any, at: int, end: int) -> tuple[int, int]:
    """The address family in the byte order of the machine that captured; IPv6 has a number of its own on each system."""
    if end - at < 4:
        return CUT_LINK, at
    family = (
        _u8(data, at) | _u8(data, at + 1) << 8
        if _u8(data, at + 2) == 0 and _u8(data, at + 3) == 0
        else _u8(data, at + 3) | _u8(data, at + 2) << 8
    )
    if family == 2:
        return IPV4, at + 4
    return (IPV6 if family in (10, 24, 28, 30) else OTHER), at + 4


@part
def _ppp(data: Any, at: int, end: int) -> tuple[int, int]:
    """RFC 1661 §2: optional address and control bytes, and a protocol that may be compressed to one byte."""
    if end - at >= 2 and _u8(data, at) == 0xFF and _u8(data, at + 1) == 0x03:
        at += 2
    if end - at < 2:
        return CUT_LINK, at
    kind, at = (_u8(data, at), at + 1) if _u8(data, at) & 1 else (_be16(data, at), at + 2)
    if kind == 0x0021:
        return IPV4, at
    return (IPV6 if kind == 0x0057 else 0x8864), at


# ── network layer ────────────────────────────────────────────────────────────────────────────────────────────────────────
# Each fills the slots of a row and returns the bits of what it filled, or the reason why there is no row.


@part
def _ipv4(data: Any, at: int, end: int, row: Any) -> int:
    if end - at < 20:
        return CUT_IP
    header, total = (_u8(data, at) & 15) * 4, _be16(data, at + 2)
    if _u8(data, at) >> 4 != 4 or header < 20 or 0 < total < header:
        return BAD_IP
    present = (1 << SRC) | (1 << DST) | (1 << PROTO) | (1 << TTL) | (1 << IPID)
    _mapped(data, at + 12, row, SRC)
    _mapped(data, at + 16, row, DST)
    proto = _u8(data, at + 9)
    row[PROTO], row[TTL], row[IPID] = proto, _u8(data, at + 8), _be16(data, at + 4)
    finish = end
    if total:  # 0: the sender's card was to cut it up (TSO), so the length is not known
        finish = at + total
        row[LENGTH] = total
        present |= 1 << LENGTH
    offset = _be16(data, at + 6) & 0x1FFF
    if offset:
        row[FRAGMENT] = offset
        return present | (1 << FRAGMENT)
    return present | _transport(data, at + header, end, finish, proto, row)


@part
def _ipv6(data: Any, at: int, end: int, row: Any) -> int:
    if end - at < 40:
        return CUT_IP
    if _u8(data, at) >> 4 != 6:
        return BAD_IP
    present = (1 << SRC) | (1 << DST) | (1 << TTL)
    _copied(data, at + 8, row, SRC)
    _copied(data, at + 24, row, DST)
    row[TTL] = _u8(data, at + 7)
    total, finish = _be16(data, at + 4), end
    if total or _u8(data, at + 6) == 59:  # 0: a jumbogram (RFC 2675) or TSO, unless nothing was to follow
        finish = at + 40 + total
        row[LENGTH] = 40 + total
        present |= 1 << LENGTH
    proto, upper, offset = _extensions(data, at + 40, min(end, finish), _u8(data, at + 6))
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
            proto, at = _u8(data, at), at + (_u8(data, at + 1) + 1) * 8
        elif proto == 51:  # RFC 4302 §2.2 counts in 4-byte units
            if end - at < 8:
                return -1, at, 0
            proto, at = _u8(data, at), at + (_u8(data, at + 1) + 2) * 4
        elif proto == 44:
            if end - at < 8:
                return -1, at, 0
            offset = _be16(data, at + 2) >> 3
            proto, at = _u8(data, at), at + 8
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
    row[source], row[target] = _be16(data, at), _be16(data, at + 2)
    return (1 << source) | (1 << target)


@part
def _tcp(data: Any, at: int, stop: int, finish: int, row: Any) -> int:
    present = _ports(data, at, stop, 6, row, SPORT, DPORT)
    if stop - at >= 8:
        row[SEQ] = _be32(data, at + 4)
        present |= 1 << SEQ
    if stop - at >= 12:
        row[ACK] = _be32(data, at + 8)
        present |= 1 << ACK
    if stop - at >= 14:
        row[FLAGS] = _u8(data, at + 13)
        present |= 1 << FLAGS
        header = (_u8(data, at + 12) >> 4) * 4
        if header >= 20:
            row[OPTIONS] = header - 20
            present |= (1 << OPTIONS) | _payload(at + header, stop, finish, row)
    if stop - at >= 16:
        row[WINDOW] = _be16(data, at + 14)
        present |= 1 << WINDOW
    return present


@part
def _icmp(data: Any, at: int, stop: int, finish: int, proto: int, row: Any) -> int:
    if stop - at < 2:
        return 0
    kind = _u8(data, at)
    row[ICMP_TYPE], row[ICMP_CODE] = kind, _u8(data, at + 1)
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
        if stop - at < 20 or _u8(data, at) >> 4 != 4 or _u8(data, at) & 15 < 5:
            return 0
        _mapped(data, at + 12, row, INNER_SRC)
        _mapped(data, at + 16, row, INNER_DST)
        proto, offset, upper = _u8(data, at + 9), _be16(data, at + 6) & 0x1FFF, at + (_u8(data, at) & 15) * 4
    else:
        if stop - at < 40 or _u8(data, at) >> 4 != 6:
            return 0
        _copied(data, at + 8, row, INNER_SRC)
        _copied(data, at + 24, row, INNER_DST)
        proto, upper, offset = _extensions(data, at + 40, stop, _u8(data, at + 6))
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


# ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
# Indexed without a sign: numba would otherwise look at every access for Python's counting from the end.


@part
def _u8(data: Any, at: int) -> Any:
    return np.int64(data[np.uint64(at)])


@part
def _be16(data: Any, at: int) -> Any:
    return _u8(data, at) << 8 | _u8(data, at + 1)


@part
def _be32(data: Any, at: int) -> Any:
    return _be16(data, at) << 16 | _be16(data, at + 2)


@part
def _as_is(data: Any, at: int) -> Any:
    """Four bytes as they lie in memory."""
    return _u8(data, at) | _u8(data, at + 1) << 8 | _u8(data, at + 2) << 16 | _u8(data, at + 3) << 24


@part
def _mapped(data: Any, at: int, row: Any, column: int) -> None:
    """An IPv4 address as IPv4-mapped IPv6: ten zeros, two 0xff, four bytes."""
    slot = WORDS + 2 * (column - ADDRESSES)
    row[slot], row[slot + 1] = 0, 0xFFFF0000 | _as_is(data, at) << 32


@part
def _copied(data: Any, at: int, row: Any, column: int) -> None:
    slot = WORDS + 2 * (column - ADDRESSES)
    row[slot] = _as_is(data, at) | _as_is(data, at + 4) << 32
    row[slot + 1] = _as_is(data, at + 8) | _as_is(data, at + 12) << 32
