"""The slow, plain decoder that the fast one must agree with: written from the RFCs with `struct`, sharing no code."""

from __future__ import annotations

import struct
from typing import Any

Row = dict[str, Any]
MAPPED = bytes(10) + b"\xff\xff"
LATER = {0x8100, 0x88A8, 0x9100, 0x9200}
WITH_PORTS = {6, 17, 33, 132, 136}
ERRORS = {1: {3, 4, 5, 11, 12}, 58: {1, 2, 3, 4}}


def decode(frame: bytes, link: int) -> Row | None:
    """The row of a frame, only with what is known; None when it gives none."""
    carried = network(frame, link)
    if carried is None or not carried:
        return None
    version = carried[1][:1]
    if not version:
        return None
    if carried[0] == 4:
        return ipv4(carried[1])
    return ipv6(carried[1])


def network(frame: bytes, link: int) -> tuple[int, bytes] | None:
    if link == 1:
        return ethertype(frame[12:14], frame[14:]) if len(frame) >= 14 else None
    if link in (12, 14, 101, 228, 229):
        return by_version(frame)
    if link == 113:
        return ethertype(frame[14:16], frame[16:]) if len(frame) >= 16 else None
    if link == 276:
        return ethertype(frame[:2], frame[20:]) if len(frame) >= 20 else None
    if link in (0, 108):
        if len(frame) < 4:
            return None
        families = {struct.unpack(order, frame[:4])[0] for order in ("<I", ">I")}
        small = min(families)
        return (4, frame[4:]) if small == 2 else (6, frame[4:]) if small in (10, 24, 28, 30) else None
    if link in (9, 50):
        return ppp(frame)
    if link == 51:
        return ppp(frame[6:])
    if link == 104:
        return ethertype(frame[2:4], frame[4:]) if len(frame) >= 4 else None
    return None


def ethertype(two: bytes, rest: bytes) -> tuple[int, bytes] | None:
    kind = int.from_bytes(two, "big")
    if kind in (0x0800, 0x86DD):
        return (4 if kind == 0x0800 else 6), rest
    if kind in LATER:
        return ethertype(rest[2:4], rest[4:]) if len(rest) >= 4 else None
    if kind == 0x8864:
        return ppp(rest[6:])
    if kind in (0x8847, 0x8848):
        while len(rest) >= 4:
            bottom, rest = rest[2] & 1, rest[4:]
            if bottom:
                return by_version(rest)
        return None
    if kind <= 1500 and len(rest) >= 8 and rest[:3] == b"\xaa\xaa\x03":
        inner = int.from_bytes(rest[6:8], "big")
        return ethertype(rest[6:8], rest[8:]) if inner > 1500 else None
    return None


def by_version(rest: bytes) -> tuple[int, bytes] | None:
    return (rest[0] >> 4, rest) if rest and rest[0] >> 4 in (4, 6) else None


def ppp(rest: bytes) -> tuple[int, bytes] | None:
    rest = rest[2:] if rest[:2] == b"\xff\x03" else rest
    if len(rest) < 2:
        return None
    number, rest = (rest[0], rest[1:]) if rest[0] & 1 else (int.from_bytes(rest[:2], "big"), rest[2:])
    return {0x21: (4, rest), 0x57: (6, rest)}.get(number)


def ipv4(data: bytes) -> Row | None:
    if len(data) < 20 or data[0] >> 4 != 4:
        return None
    header = (data[0] & 15) * 4
    total, ipid, place, ttl, proto = struct.unpack(">xxHHHBB", data[:10])
    if header < 20 or 0 < total < header:
        return None
    row: Row = {"src": MAPPED + data[12:16], "dst": MAPPED + data[16:20], "proto": proto, "ttl": ttl, "ipid": ipid}
    if total:
        row["length"] = total
    if place & 0x1FFF:
        return row | {"fragment": place & 0x1FFF}
    whole = (total if total else len(data)) - header
    return row | transport(proto, data[header : total or None], whole)


def ipv6(data: bytes) -> Row | None:
    if len(data) < 40 or data[0] >> 4 != 6:
        return None
    total, proto, hops = struct.unpack(">HBB", data[4:8])
    row: Row = {"src": data[8:24], "dst": data[24:40], "ttl": hops}
    known = bool(total) or proto == 59
    if known:
        row["length"] = 40 + total
    rest = data[40 : 40 + total] if known else data[40:]
    whole = total if known else len(rest)
    upper, at, offset = extensions(proto, rest)
    if upper is not None:
        row["proto"] = upper
    if offset:
        return row | {"fragment": offset}
    return row if upper is None else row | transport(upper, rest[at:], whole - at)


def extensions(proto: int, rest: bytes) -> tuple[int | None, int, int]:
    at = 0
    while proto in (0, 43, 44, 51, 60, 135, 139, 140):
        if len(rest) - at < 8:
            return None, at, 0
        size = 8 if proto == 44 else (rest[at + 1] + 2) * 4 if proto == 51 else (rest[at + 1] + 1) * 8
        offset = struct.unpack(">H", rest[at + 2 : at + 4])[0] >> 3 if proto == 44 else 0
        proto, at = rest[at], at + size
        if offset:
            return proto, at, offset
    return proto, at, 0


def transport(proto: int, data: bytes, whole: int) -> Row:
    """`whole` is how long the transport segment is by the IP header; `data` is what was captured of it."""
    row: Row = ports(proto, data, "")
    if proto == 6:
        for name, at, form in (("seq", 4, ">I"), ("ack", 8, ">I"), ("flags", 13, ">B"), ("window", 14, ">H")):
            if len(data) >= at + struct.calcsize(form):
                row[name] = struct.unpack_from(form, data, at)[0]
        if len(data) >= 14 and data[12] >> 4 >= 5:
            row["options"] = (data[12] >> 4) * 4 - 20
            row |= payload((data[12] >> 4) * 4, data, whole)
    if proto == 17 and len(data) >= 4:
        row |= payload(8, data, whole)
    if proto in (1, 58) and len(data) >= 2:
        row |= {"icmp_type": data[0], "icmp_code": data[1]} | payload(8, data, whole)
        if data[0] in ERRORS[proto]:
            row |= quoted(proto, data[8:])
    return row


def ports(proto: int, data: bytes, prefix: str) -> Row:
    if proto not in WITH_PORTS or len(data) < 4:
        return {}
    return dict(zip((f"{prefix}sport", f"{prefix}dport"), struct.unpack(">HH", data[:4]), strict=True))


def payload(at: int, data: bytes, whole: int) -> Row:
    head = data[at : at + 64]
    return {"payload": head} if head or at == whole else {}


def quoted(proto: int, data: bytes) -> Row:
    if proto == 1:
        if len(data) < 20 or data[0] >> 4 != 4 or data[0] & 15 < 5:
            return {}
        row: Row = {"inner_src": MAPPED + data[12:16], "inner_dst": MAPPED + data[16:20], "inner_proto": data[9]}
        later = struct.unpack(">H", data[6:8])[0] & 0x1FFF
        return row if later else row | ports(data[9], data[(data[0] & 15) * 4 :], "inner_")
    if len(data) < 40 or data[0] >> 4 != 6:
        return {}
    row = {"inner_src": data[8:24], "inner_dst": data[24:40]}
    upper, at, offset = extensions(data[6], data[40:])
    if upper is None:
        return row
    row["inner_proto"] = upper
    return row if offset else row | ports(upper, data[40 + at :], "inner_")
