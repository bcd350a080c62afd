"""ChangeFinder over many series at once equals the equations of its paper, written as a loop over one series."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hinomi.detect import changefinder

K, R = 2, 0.005


def sdar(series: list[float]) -> list[float]:
    """Dark-TRACER's SDAR, scalar by scalar, with NumPy's own pseudo-inverse."""
    mean, spread, covariance, out = 0.0, 0.0, np.zeros(K + 1), []
    for t in range(K + 1, len(series)):
        mean = (1 - R) * mean + R * series[t]
        for j in range(K + 1):
            covariance[j] = (1 - R) * covariance[j] + R * (series[t] - mean) * (series[t - j] - mean)
        toeplitz = np.array([[covariance[abs(i - j)] for j in range(K)] for i in range(K)])
        weights = np.linalg.pinv(toeplitz, rcond=np.sqrt(np.finfo(float).eps)) @ covariance[1:]
        expected = mean + sum(weights[i] * (series[t - 1 - i] - mean) for i in range(K))
        spread = (1 - R) * spread + R * (series[t] - expected) ** 2
        error = (series[t] - expected) ** 2
        out.append(0.5 * (np.log(2 * np.pi * spread) + error / spread) if spread > 0 else 0.0)
    return out


def smoothed(series: list[float], width: int) -> list[float]:
    return [float(np.mean(series[max(0, t - width + 1) : t + 1])) for t in range(len(series))]


def plain(series: NDArray[np.float64]) -> list[float]:
    return smoothed(sdar(smoothed(sdar(list(series)), 10)), 5)


@pytest.mark.parametrize("rate", [0.3, 20, 5000])
def test_the_scores_are_those_of_the_plain_loop(rate: float) -> None:
    drawn = np.random.default_rng(3).poisson(rate, (5, 120)).astype(float)
    drawn[1, 60:] *= 5
    scores = changefinder.scores(drawn, R, 10, 5)
    for row, series in zip(scores, drawn, strict=True):
        assert np.isnan(row[:6]).all()
        np.testing.assert_allclose(row[6:], plain(series), rtol=1e-6, atol=1e-9)


def test_a_series_that_never_moves_never_surprises() -> None:
    assert np.nanmax(changefinder.scores(np.zeros((1, 100)), R, 10, 5)) == 0


def test_a_jump_from_nothing_is_scored_above_nicts_threshold() -> None:
    jump = np.zeros((1, 100))
    jump[0, 60:] = 50
    scores = changefinder.scores(jump, R, 10, 5)[0]
    assert scores[60:63].max() > 3
    assert np.nanmax(scores[:60]) <= 3


def test_too_short_a_series_has_no_score() -> None:
    assert np.isnan(changefinder.scores(np.ones((2, 3)), R, 10, 5)).all()
