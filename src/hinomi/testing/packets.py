"""Packets and captures by hand: each layer is a function from its fields to bytes, wrapped around what it carries.

    capture([ethernet(ipv4("192.0.2.1", "198.18.0.7", tcp(40000, 23, flags="S")))])

Lengths and checksums of IP are filled in; everything can be set wrong on purpose.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

FLAGS: Final = {letter: 1 << bit for bit, letter in enumerate("FSRPAUEC")}
NOON: Final = 1_793_534_400_000_000  # 2026-11-01T12:00:00Z in microseconds
TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
IPV4, IPV6, VLAN, QINQ, PPPOE, ARP = 0x0800, 0x86DD, 0x8100, 0x88A8, 0x8864, 0x0806


# ── transport ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def tcp(
    sport: int,
    dport: int,
    *,
    flags: str = "S",
    seq: int = 1,
    ack: int = 0,
    window: int = 65535,
    options: bytes = b"",
    payload: bytes = b"",
) -> bytes:
    """A segment; options are padded to four bytes."""
    padded = options + bytes(-len(options) % 4)
    bits = sum(FLAGS[letter] for letter in flags)
    return (
        struct.pack(">HHIIBBHHH", sport, dport, seq, ack, (20 + len(padded)) // 4 << 4, bits, window, 0, 0) + padded + payload
    )


def udp(sport: int, dport: int, payload: bytes = b"") -> bytes:
    return struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload


def icmp(kind: int, code: int = 0, body: bytes = b"", rest: int = 0) -> bytes:
    """ICMP and ICMPv6; for an error, `body` is the packet that it quotes."""
    return struct.pack(">BBHI", kind, code, 0, rest) + body


# ── network ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def ipv4(
    src: str,
    dst: str,
    carried: bytes = b"",
    *,
    proto: int = TCP,
    ttl: int = 64,
    ipid: int = 0,
    offset: int = 0,
    more: bool = False,
    options: bytes = b"",
    total: int | None = None,
) -> bytes:
    """A packet; `offset` is a fragment's place in 8-byte units, `total` overrides the length in the header."""
    padded = options + bytes(-len(options) % 4)
    length = 20 + len(padded) + len(carried) if total is None else total
    place = offset | (0x2000 if more else 0)
    head = struct.pack(">BBHHHBBH", 0x45 + len(padded) // 4, 0, length, ipid, place, ttl, proto, 0)
    head += IPv4Address(src).packed + IPv4Address(dst).packed + padded
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + carried


def ipv6(
    src: str,
    dst: str,
    carried: bytes = b"",
    *,
    proto: int = TCP,
    hops: int = 64,
    extensions: Sequence[tuple[int, bytes]] = (),
    total: int | None = None,
) -> bytes:
    """A packet with its extension headers in order, each (its own number, its bytes after the next-header byte)."""
    numbers = [number for number, _ in extensions] + [proto]
    chain = b"".join(bytes([following]) + body for (_, body), following in zip(extensions, numbers[1:], strict=True))
    length = len(chain) + len(carried) if total is None else total
    head = struct.pack(">IHBB", 6 << 28, length, numbers[0], hops)
    return head + IPv6Address(src).packed + IPv6Address(dst).packed + chain + carried


def extension(size: int = 8) -> bytes:
    """Hop-by-hop, routing and destination options, after the next-header byte: a length and padding."""
    return bytes([size // 8 - 1]) + bytes(size - 2)


def fragment6(offset: int, more: bool = False, identity: int = 7) -> bytes:
    return struct.pack(">BHI", 0, offset << 3 | more, identity)


def checksum(header: bytes) -> int:
    """RFC 1071 over an even number of bytes."""
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


# ── link ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def ethernet(carried: bytes, kind: int | None = None, tags: Sequence[tuple[int, int]] = ()) -> bytes:
    """A frame with VLAN tags, outermost first, each (ethertype of the tag, VLAN id)."""
    inner = kind_of(carried) if kind is None else kind
    chain = b"".join(struct.pack(">HH", tag, vlan) for tag, vlan in tags)
    return bytes.fromhex("02005e000001 02005e000002") + chain + struct.pack(">H", inner) + carried


def pppoe(carried: bytes) -> bytes:
    """The inside of a PPPoE session (RFC 2516), for `ethernet(…, kind=PPPOE)`."""
    return struct.pack(">BBHHH", 0x11, 0, 1, len(carried) + 2, 0x0021 if kind_of(carried) == IPV4 else 0x0057) + carried


def mpls(carried: bytes, labels: int = 1) -> bytes:
    chain = [struct.pack(">I", 16 + at << 12 | (at == labels - 1) << 8 | 64) for at in range(labels)]
    return b"".join(chain) + carried


def sll(carried: bytes) -> bytes:
    """Linux cooked capture, as from `-i any` (link type 113)."""
    return struct.pack(">HHH8sH", 0, 1, 6, bytes(8), kind_of(carried)) + carried


def sll2(carried: bytes) -> bytes:
    """Linux cooked capture version 2 (link type 276)."""
    return struct.pack(">HHIHBB8s", kind_of(carried), 0, 1, 1, 0, 6, bytes(8)) + carried


def loopback(carried: bytes, big: bool = False, family6: int = 30) -> bytes:
    """BSD loopback (link types 0 and 108), in either byte order."""
    return struct.pack(">I" if big else "<I", 2 if kind_of(carried) == IPV4 else family6) + carried


def kind_of(carried: bytes) -> int:
    return IPV6 if carried[:1] and carried[0] >> 4 == 6 else IPV4


# ── captures ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Record:
    """One frame of a capture: its bytes, its time (µs UTC), and how long it was on the wire when it was cut short."""

    frame: bytes
    time: int = NOON
    wire: int = 0


def capture(
    frames: Iterable[bytes | Record],
    *,
    link: int = 1,
    big: bool = False,
    nano: bool = False,
    patched: bool = False,
    snaplen: int = 262_144,
) -> bytes:
    """A classic capture file; frames without a time of their own come a millisecond apart, those too long are cut.

    `patched` gives Kuznetsov's format: interface, protocol and direction stand in each record.
    """
    order = ">" if big else "<"
    magic = 0xA1B2CD34 if patched else 0xA1B23C4D if nano else 0xA1B2C3D4
    out = struct.pack(f"{order}IHHIIII", magic, 2, 4, 0, 0, snaplen, link)
    for record in _records(frames):
        seconds, micros = divmod(record.time, 1_000_000)
        kept = record.frame[:snaplen]
        out += struct.pack(
            f"{order}IIII", seconds, micros * 1000 if nano else micros, len(kept), record.wire or len(record.frame)
        )
        out += struct.pack(f"{order}IHBB", 2, IPV4, 0, 0) * patched + kept
    return out


def capture_ng(
    frames: Iterable[bytes | Record], *, link: int = 1, big: bool = False, resolution: int = 6, offset: int = 0
) -> bytes:
    """A pcapng file: one section, one interface that counts in 10^-resolution seconds (2^-n with bit 7), enhanced packets."""
    order = ">" if big else "<"
    ticks = 1 << (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    out = section(big) + interface(link, big=big, resolution=resolution, offset=offset)
    for record in _records(frames):
        time = (record.time - offset * 1_000_000) * ticks // 1_000_000
        head = struct.pack(
            f"{order}IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(record.frame), record.wire or len(record.frame)
        )
        out += block(6, head + record.frame, big)
    return out


def section(big: bool = False) -> bytes:
    return block(0x0A0D0D0A, struct.pack(">IHHq" if big else "<IHHq", 0x1A2B3C4D, 1, 0, -1), big)


def interface(link: int = 1, *, big: bool = False, resolution: int = 6, offset: int = 0, snaplen: int = 0) -> bytes:
    order = ">" if big else "<"
    options = struct.pack(f"{order}HHB3x", 9, 1, resolution) + struct.pack(f"{order}HHq", 14, 8, offset) + bytes(4)
    return block(1, struct.pack(f"{order}HHI", link, 0, snaplen) + options, big)


def block(kind: int, body: bytes, big: bool = False) -> bytes:
    padded = body + bytes(-len(body) % 4)
    order = ">I" if big else "<I"
    total = struct.pack(order, len(padded) + 12)
    return struct.pack(order, kind) + total + padded + total


def _records(frames: Iterable[bytes | Record]) -> Iterable[Record]:
    for at, frame in enumerate(frames):
        yield frame if isinstance(frame, Record) else Record(frame, NOON + at * 1000)
