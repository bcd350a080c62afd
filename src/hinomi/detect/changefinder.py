"""ChangeFinder: two-stage sequentially discounting autoregression (SDAR), over many series at once.

Yamanishi and Takeuchi, KDD 2002; Takeuchi and Yamanishi, IEEE TKDE 18(4), 2006. The equations, the start from zero and
the tolerance of the pseudo-inverse are those of NICT's Dark-TRACER notebook (1babe59). Of order 2, which NICT uses.
Rows are series, columns are points in time; the score of a point looks only at points up to it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]

ORDER: Final = 2
TOLERANCE: Final = float(np.sqrt(np.finfo(np.float64).eps))


def scores(series: Series, discount: float, smooth: int, smooth_again: int) -> Series:
    """The score of change of every point; not a number where there are too few points before it (the first 2·(ORDER + 1))."""
    first = _smoothed(_sdar(series, discount), smooth)
    out = np.full(series.shape, np.nan)
    if first.shape[1]:
        second = _smoothed(_sdar(first, discount), smooth_again)
        out[:, series.shape[1] - second.shape[1] :] = second
    return out


def _sdar(series: Series, discount: float) -> Series:
    """Logarithmic loss of each point under an AR(2) model that forgets; the first ORDER + 1 points give none."""
    rows, points = series.shape
    mean, spread = np.zeros(rows), np.zeros(rows)
    covariance = np.zeros((ORDER + 1, rows))
    loss = np.empty((rows, max(0, points - ORDER - 1)))
    for at in range(ORDER + 1, points):
        now, before = series[:, at], [series[:, at - lag] for lag in range(1, ORDER + 1)]
        mean = (1 - discount) * mean + discount * now
        for lag, then in enumerate([now, *before]):
            covariance[lag] = (1 - discount) * covariance[lag] + discount * (now - mean) * (then - mean)
        weights = _weights(covariance)
        expected = mean + sum(weight * (then - mean) for weight, then in zip(weights, before, strict=True))
        error = (now - expected) ** 2
        spread = (1 - discount) * spread + discount * error
        loss[:, at - ORDER - 1] = _loss(error, spread)
    return loss


def _loss(error: Series, spread: Series) -> Series:
    """−log of the normal density; a series that never moved has no spread and no surprise."""
    moved = spread > 0
    safe = np.where(moved, spread, 1.0)
    return np.where(moved, 0.5 * (np.log(2 * np.pi * safe) + error / safe), 0.0)


def _weights(covariance: Series) -> tuple[Series, Series]:
    """Yule–Walker by pseudo-inverse of [[C0, C1], [C1, C0]], whose eigenvectors are (1, 1) and (1, −1), in closed form."""
    c0, c1, c2 = covariance
    plus, minus = c0 + c1, c0 - c1
    least = TOLERANCE * np.maximum(abs(plus), abs(minus))
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(abs(plus) > least, (c1 + c2) / (2 * plus), 0.0)
        two = np.where(abs(minus) > least, (c1 - c2) / (2 * minus), 0.0)
    return one + two, one - two


def _smoothed(series: Series, width: int) -> Series:
    """Mean of the last `width` points, of fewer at the start."""
    total = np.cumsum(series, axis=1)
    total[:, width:] = total[:, width:] - total[:, :-width]
    return total / np.minimum(np.arange(1, series.shape[1] + 1), width)
