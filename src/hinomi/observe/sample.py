"""Three packets of a telescope, from which sources make their examples: a Mirai-like SYN, a DNS probe, an ICMP error."""

from __future__ import annotations

from typing import Final

WHEN: Final = 1_793_491_200  # 2026-11-01T00:00:00Z
_ETHERNET: Final = bytes.fromhex("02005e000001 02005e000002 0800")
FRAMES: Final = (
    _ETHERNET
    + bytes.fromhex(
        "45000028 000a0000 3506 8b18 c0000263 c6120a0b 9c40 0017 c6120a0b 00000000 5002 3908 0000 0000 000000000000"
    ),
    _ETHERNET + bytes.fromhex("45000022 00070000 3611 0000 c0000264 c6120a0c d431 0035 000e 0000 133701000001"),
    _ETHERNET
    + bytes.fromhex("45000038 00010000 3301 0000 c0000265 c6120a0d 0303 0000 00000000")
    + bytes.fromhex("4500001c 00004000 3711 0000 c6120a0d c0000265 1f90 0050 0008 0000"),
)
