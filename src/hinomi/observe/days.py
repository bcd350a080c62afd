"""Times that are years away from all others: each would cost the lake a file for its day."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

DAY: Final = 86_400_000_000  # microseconds
MOST: Final = 1_827  # days of one batch: five years, which only a log with a few packets a day holds


def scattered(times: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    """Which rows of a batch are left out; None when all may stay, as it nearly always is.

    A few clocks that run wild do no harm. Only when there are more days than `MOST` are those kept that lie around the
    middle one, so that most of what is good stays.
    """
    if not times.size or times.max() // DAY - times.min() // DAY < MOST:
        return None
    days = times // DAY
    if np.unique(days).size <= MOST:
        return None
    return np.asarray(np.abs(days - np.sort(days)[days.size // 2]) > MOST // 2)
