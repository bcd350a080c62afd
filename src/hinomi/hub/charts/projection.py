"""Where a place lies on our map of the world: Equal Earth, the Pacific in the middle.

Šavrič, Patterson and Jenny, "The Equal Earth map projection" (2018): areas keep their size, so that a busy small country
does not look large. The seam runs along 30° W, where it meets only Greenland.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

CENTRE = 150.0  # degrees east
SEAM = CENTRE - 180.0
WIDTH, HEIGHT = 1000.0, 455.0
_TOP = 84.0  # degrees north at the upper edge
_A = (1.340264, -0.081106, 0.000893, 0.003796)


class Point(NamedTuple):
    """A place on the map, in units of its view box."""

    x: float
    y: float


def _raw(longitude: float, latitude: float) -> tuple[float, float]:
    turned = radians((longitude - CENTRE + 180.0) % 360.0 - 180.0)
    theta = asin(sqrt(3) / 2 * sin(radians(latitude)))
    a1, a2, a3, a4 = _A
    square, sixth = theta**2, theta**6
    stretch = a1 + 3 * a2 * square + sixth * (7 * a3 + 9 * a4 * square)
    return 2 * sqrt(3) * turned * cos(theta) / (3 * stretch), theta * (a1 + a2 * square + sixth * (a3 + a4 * square))


_HALF = _raw(CENTRE + 179.999, 0.0)[0]
_UPPER = _raw(CENTRE, _TOP)[1]


def project(longitude: float, latitude: float) -> Point:
    """The point of a place given in degrees; x grows to the east, y to the south."""
    scale = WIDTH / (2 * _HALF)
    x, y = _raw(longitude, latitude)
    return Point(round((x + _HALF) * scale, 1), round((_UPPER - y) * scale, 1))
