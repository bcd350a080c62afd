"""Addresses as 16 bytes big-endian, IPv4 as IPv4-mapped IPv6: one rule for both families; a prefix is a byte range."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

MAPPED = bytes(10) + b"\xff\xff"  # RFC 4291 §2.5.5.2
IN_IPV6 = IPv6Network("::ffff:0:0/96")  # the same as a network; a prefix around it holds all of IPv4


class Range(NamedTuple):
    """A block of addresses by its first and last, both inside."""

    first: bytes
    last: bytes

    def __contains__(self, address: object) -> bool:
        return isinstance(address, bytes) and self.first <= address <= self.last

    @property
    def size(self) -> int:
        return int.from_bytes(self.last, "big") - int.from_bytes(self.first, "big") + 1


def pack(text: str) -> bytes:
    """The 16 bytes of an address written as text; ValueError when it is not one."""
    return packed(ip_address(text.strip()))


def packed(address: IPv4Address | IPv6Address) -> bytes:
    return MAPPED + address.packed if address.version == 4 else address.packed


def text(address: bytes) -> str:
    """An address as people write it: dotted IPv4 when mapped, RFC 5952 IPv6 otherwise."""
    if len(address) != 16:
        raise ValueError(f"an address has 16 bytes, this has {len(address)}")
    return str(IPv4Address(address[12:]) if address.startswith(MAPPED) else IPv6Address(address))


def is_ipv4(address: bytes) -> bool:
    return address.startswith(MAPPED)


def prefix(cidr: str) -> Range:
    """The range of a prefix in CIDR notation; host bits are refused with a message that gives the right prefix."""
    try:
        network = ip_network(cidr.strip(), strict=True)
    except ValueError:
        loose = ip_network(cidr.strip(), strict=False)
        raise ValueError(f"{cidr.strip()} has host bits set; did you mean {loose}?") from None
    return Range(packed(network.network_address), packed(network.broadcast_address))


def network(address: bytes, bits: int) -> str:
    """The prefix of `bits` (of 32 for IPv4, of 128 for IPv6) around an address, as text."""
    raw: IPv4Network | IPv6Network = ip_network((text(address), bits), strict=False)
    return str(raw)
