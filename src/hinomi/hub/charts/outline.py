"""Draw the outline of the world: `python -m hinomi.hub.charts.outline naturalearth_lowres.shp > static/hub/world.svg`.

The input is Natural Earth's 1:110m "admin 0" shapefile (public domain), in the copy that any GIS package ships. The result
is kept in the repository, so that nobody needs the input to build.
"""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from hinomi.hub.charts.projection import HEIGHT, SEAM, WIDTH, project

Ring = list[tuple[float, float]]
_SOUTH = -56.5  # degrees: Antarctica sends no packets
_SMALL = 3.0  # square units of the view box: islands below it would be specks


def rings(shapefile: bytes) -> Iterator[Ring]:
    """Every ring of every polygon, in degrees (ESRI Shapefile Technical Description, 1998, table 6)."""
    at = 100
    while at < len(shapefile):
        words = struct.unpack_from(">i", shapefile, at + 4)[0]
        parts, points = struct.unpack_from("<2i", shapefile, at + 8 + 36)
        starts = [*struct.unpack_from(f"<{parts}i", shapefile, at + 8 + 44), points]
        flat = struct.unpack_from(f"<{2 * points}d", shapefile, at + 8 + 44 + 4 * parts)
        pairs = list(zip(flat[::2], flat[1::2], strict=True))
        yield from (pairs[first:last] for first, last in pairwise(starts))
        at += 8 + 2 * words


def cut(ring: Ring) -> Iterator[Ring]:
    """A ring on both sides of the seam (Sutherland and Hodgman, 1974)."""
    if min(x for x, _ in ring) < SEAM < max(x for x, _ in ring):
        yield _clip(ring, 1, SEAM + 0.01)
        yield _clip(ring, -1, SEAM - 0.01)
    else:
        yield ring


def _clip(ring: Ring, side: int, edge: float) -> Ring:
    kept: Ring = []
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        inside, ends_inside = side * (x0 - edge) >= 0, side * (x1 - edge) >= 0
        if inside:
            kept.append((x0, y0))
        if inside != ends_inside:
            kept.append((edge, y0 + (y1 - y0) * (edge - x0) / (x1 - x0)))
    return kept


def area(ring: Ring) -> float:
    """The area of a ring, always positive (shoelace formula)."""
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def path(ring: Ring) -> str:
    """The ring as an SVG path of relative steps in tenths, which is the shortest way to write it."""
    points = [project(x, y) for x, y in ring]
    steps, (x, y) = [f"M{points[0].x:g} {points[0].y:g}l"], points[0]
    for to_x, to_y in points[1:]:
        dx, dy = round(to_x - x, 1), round(to_y - y, 1)
        if abs(dx) + abs(dy) >= 0.8:
            steps.append(f"{dx:g} {dy:g} ".replace(" -", "-"))
            x, y = round(x + dx, 1), round(y + dy, 1)
    return re.sub(r"\b0\.", ".", "".join(steps)).rstrip() + "z"


def draw(shapefile: bytes) -> str:
    """The whole file: one symbol, `land`, in the view box of `projection`."""
    lands = [piece for ring in rings(shapefile) for piece in cut(ring) if max(y for _, y in piece) > _SOUTH]
    shown = [ring for ring in lands if area([project(x, y) for x, y in ring]) >= _SMALL]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">'
        f'<path id="land" d="{"".join(path(ring) for ring in shown)}"/></svg>\n'
    )


if __name__ == "__main__":
    sys.stdout.write(draw(Path(sys.argv[1]).read_bytes()))
