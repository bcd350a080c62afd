"""How far off an estimated rate may be: the exact 95 % interval of the packets that were counted, scaled as the rate was.

Garwood (1936), "Fiducial limits for the Poisson distribution": lower ½χ²(α/2; 2n), upper ½χ²(1−α/2; 2n+2). It covers chance
alone: that packets reach the telescope as the finding's assumption says is assumed, and said beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, log10
from typing import NamedTuple

from hinomi.detect.measured import Measured
from hinomi.hub.pages.measures import measured
from hinomi.schema.findings import Finding

LEVEL = 0.95


class Interval(NamedTuple):
    """Between which values a rate lies, from how many counted packets, and whether they are those of the fullest minute (or
    whatever else the detector counts anew), instead of all packets of the finding."""

    low: float
    high: float
    counted: int
    fullest: bool


def interval_of(finding: Finding, of: Measured) -> Interval | None:
    """The interval of a finding's estimate; None when this is none, or the finding does not hold what it was scaled from."""
    rate, counted = finding.measures.get(of.name), finding.measures.get(of.scaled_from)
    if not isinstance(rate, int | float) or not isinstance(counted, int | float) or rate <= 0 or counted < 1:
        return None
    low, high = garwood(int(counted))
    scale = rate / int(counted)
    recount = measured(finding.detector, of.scaled_from).recount
    fullest = recount is not None and recount.each > 0
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
