"""A small capture, written byte by byte from RFC 791 and RFC 9293, independent of the readers it is given to."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import NamedTuple


class Syn(NamedTuple):
    """One SYN."""

    time: float
    src: str
    dst: str
    dport: int


def capture(knocks: Iterable[Syn]) -> bytes:
    """A classic pcap file of raw IPv4 packets."""
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101) + b"".join(map(_record, knocks))


def _record(knock: Syn) -> bytes:
    seconds, micros = divmod(round(knock.time * 1e6), 1_000_000)
    src, dst = IPv4Address(knock.src).packed, IPv4Address(knock.dst).packed
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 7, 0, 52, 6, 0, src, dst)
    tcp = struct.pack("!HHIIBBHHH", 40123, knock.dport, 99, 0, 0x50, 2, 29200, 0, 0)
    return struct.pack("<IIII", seconds, micros, 40, 40) + ip + tcp
