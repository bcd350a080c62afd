"""Arrow validity bitmaps from one word of bits per row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(_nrt=False)
def bitmaps(present: Any, rows: int, out: Any) -> None:
    """Arrow validity bitmaps into `out`: one row of bytes per column, least significant bit first."""
    for octet in range(out.shape[1]):
        for group in range(3):
            square = np.uint64(0)
            for bit in range(min(8, rows - octet * 8)):
                square |= np.uint64(present[octet * 8 + bit] >> (8 * group) & 255) << np.uint64(8 * bit)
            square = _transposed(square)
            for bit in range(8):
                out[8 * group + bit, octet] = square >> np.uint64(8 * bit) & np.uint64(255)


@njit(forceinline=True, _nrt=False)
def _transposed(square: Any) -> Any:
    """Eight by eight bits with rows and columns exchanged (Warren, Hacker's Delight, §7-3)."""
    for shift, mask in ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0)):
        swap = (square ^ square >> np.uint64(shift)) & np.uint64(mask)
        square ^= swap ^ swap << np.uint64(shift)
    return square
