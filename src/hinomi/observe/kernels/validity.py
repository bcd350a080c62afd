"""Arrow validity bitmaps from one word of bits per row.

A kernel file stands alone (see packet.py).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

COLUMNS: Final = 24


@njit(cache=True, nogil=True)
def bitmaps(present: Any, rows: int) -> Any:
    """Arrow validity bitmaps: one row of bytes per column, least significant bit first."""
    octets = (rows + 7) // 8
    out = np.zeros((COLUMNS, octets), np.uint8)
    for octet in range(octets):
        for group in range(3):
            square = np.uint64(0)
            for bit in range(min(8, rows - octet * 8)):
                square |= np.uint64(present[octet * 8 + bit] >> (8 * group) & 255) << np.uint64(8 * bit)
            square = _transposed(square)
            for bit in range(8):
                out[8 * group + bit, octet] = square >> np.uint64(8 * bit) & np.uint64(255)
    return out


@njit(forceinline=True)
def _transposed(square: Any) -> Any:
    """Eight by eight bits with rows and columns exchanged (Warren, Hacker's Delight, §7-3)."""
    for shift, mask in ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0)):
        swap = (square ^ square >> np.uint64(shift)) & np.uint64(mask)
        square ^= swap ^ swap << np.uint64(shift)
    return square
