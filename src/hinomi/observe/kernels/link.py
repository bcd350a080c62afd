"""The link layer: from a frame to the network header that it carries.

Each function returns (ethertype, where the next header starts), or a reason why there is none.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from hinomi.observe.kernels.octets import be16, u8
from hinomi.observe.kernels.shapes import BAD_IP, CUT_LINK, IPV4, IPV6, OTHER, STRANGE_LINK

part = njit(forceinline=True, _nrt=False)


@part
def link_layer(data: Any, at: int, end: int, link: int) -> tuple[int, int]:
    if link == 1:  # Ethernet
        if end - at < 14:
            return CUT_LINK, at
        kind = be16(data, at + 12)
        if kind == IPV4:
            return kind, at + 14
        return _tags(data, at + 14, end, kind)
    if link in (12, 14, 101, 228, 229):  # raw IP
        return _version(data, at, end)
    if link == 113:  # Linux cooked v1
        return _tags(data, at + 16, end, be16(data, at + 14)) if end - at >= 16 else (CUT_LINK, at)
    if link == 276:  # Linux cooked v2
        return _tags(data, at + 20, end, be16(data, at)) if end - at >= 20 else (CUT_LINK, at)
    if link in (0, 108):  # BSD loopback
        return _family(data, at, end)
    if link in (9, 50):  # PPP, with or without HDLC framing
        return _ppp(data, at, end)
    if link == 51:  # PPPoE without Ethernet
        return _tags(data, at, end, 0x8864)
    if link == 104:  # Cisco HDLC
        return _tags(data, at + 4, end, be16(data, at + 2)) if end - at >= 4 else (CUT_LINK, at)
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
            kind, at = be16(data, at + 2), at + 4
        elif kind == 0x8864:  # RFC 2516 §5
            return _ppp(data, at + 6, end)
        elif kind in (0x8847, 0x8848):
            return _labels(data, at, end)
        elif kind <= 1500 and end - at >= 8 and u8(data, at) == 0xAA and u8(data, at + 1) == 0xAA and u8(data, at + 2) == 3:
            kind, at = be16(data, at + 6), at + 8
            if kind <= 1500:
                return OTHER, at
        else:
            return (kind if kind > 1500 else OTHER), at


@part
def _labels(data: Any, at: int, end: int) -> tuple[int, int]:
    """RFC 3032: labels up to the bottom of the stack; what follows says by its version whether it is IP."""
    while end - at >= 4:
        bottom = u8(data, at + 2) & 1
        at += 4
        if bottom:
            kind, at = _version(data, at, end)
            return (kind if kind >= 0 else 0x8847), at
    return CUT_LINK, at


@part
def _version(data: Any, at: int, end: int) -> tuple[int, int]:
    if end <= at:
        return CUT_LINK, at
    version = u8(data, at) >> 4
    if version == 4:
        return IPV4, at
    return (IPV6, at) if version == 6 else (BAD_IP, at)


@part
def _family(data: Any, at: int, end: int) -> tuple[int, int]:
    """The address family in the byte order of the machine that captured; IPv6 has a number of its own on each system."""
    if end - at < 4:
        return CUT_LINK, at
    family = (
        u8(data, at) | u8(data, at + 1) << 8
        if u8(data, at + 2) == 0 and u8(data, at + 3) == 0
        else u8(data, at + 3) | u8(data, at + 2) << 8
    )
    if family == 2:
        return IPV4, at + 4
    return (IPV6 if family in (10, 24, 28, 30) else OTHER), at + 4


@part
def _ppp(data: Any, at: int, end: int) -> tuple[int, int]:
    """RFC 1661 §2: optional address and control bytes, and a protocol that may be compressed to one byte."""
    if end - at >= 2 and u8(data, at) == 0xFF and u8(data, at + 1) == 0x03:
        at += 2
    if end - at < 2:
        return CUT_LINK, at
    kind, at = (u8(data, at), at + 1) if u8(data, at) & 1 else (be16(data, at), at + 2)
    if kind == 0x0021:
        return IPV4, at
    return (IPV6 if kind == 0x0057 else 0x8864), at
