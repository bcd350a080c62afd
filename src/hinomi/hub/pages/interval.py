"""How far off an estimated rate may be: the exact 95 % interval of the packets that were counted, scaled as the rate was.

Garwood (1936), "Fiducial limits for the Poisson distribution": lower ½χ²(α/2; 2n), upper ½χ²(1−α/2; 2n+2). It covers chance
alone: that packets reach the telescope as the finding's assumption says is assumed, and said beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, log10
from typing import NamedTuple

from hinomi.schema.findings import Finding

LEVEL = 0.95
RATE = "estimated_pps"
# What a rate was scaled from: the fullest minute where the detector counted minutes, else all packets of the finding.
FULLEST, ALL = "max_ppm", "packets"


class Interval(NamedTuple):
    """Between which values a rate lies, from how many counted packets, and whether they are those of the fullest minute."""

    low: float
    high: float
    counted: int
    fullest: bool


def interval_of(finding: Finding) -> Interval | None:
    """The interval of a finding's estimated rate; None when it estimates none, or does not hold what it counted."""
    rate = finding.measures.get(RATE)
    fullest = FULLEST in finding.measures
    counted = finding.measures.get(FULLEST if fullest else ALL)
    if not isinstance(rate, int | float) or not isinstance(counted, int | float) or rate <= 0 or counted < 1:
        return None
    low, high = garwood(int(counted))
    scale = rate / int(counted)
    return Interval(_outward(low * scale, floor), _outward(high * scale, ceil), int(counted), fullest)


def garwood(count: int, level: float = LEVEL) -> tuple[float, float]:
    """The exact interval of a Poisson count."""
    from scipy.special import gammaincinv

    tail = (1 - level) / 2
    return (float(gammaincinv(count, tail)) if count else 0.0), float(gammaincinv(count + 1, 1 - tail))


def _outward(value: float, whole: Callable[[float], int]) -> float:
    """Three digits, rounded so that the interval never becomes narrower."""
    if value <= 0:
        return 0.0
    step = 10.0 ** (floor(log10(value)) - 2)
    return whole(value / step) * step
