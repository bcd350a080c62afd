"""Numbers from bytes of a packet, in network order.

Indexed without a sign: numba would otherwise look at every access for Python's counting from the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

part = njit(forceinline=True, _nrt=False)


@part
def u8(data: Any, at: int) -> Any:
    return np.int64(data[np.uint64(at)])


@part
def be16(data: Any, at: int) -> Any:
    return u8(data, at) << 8 | u8(data, at + 1)


@part
def be32(data: Any, at: int) -> Any:
    return be16(data, at) << 16 | be16(data, at + 2)


@part
def as_is(data: Any, at: int) -> Any:
    """Four bytes as they lie in memory."""
    return u8(data, at) | u8(data, at + 1) << 8 | u8(data, at + 2) << 16 | u8(data, at + 3) << 24
