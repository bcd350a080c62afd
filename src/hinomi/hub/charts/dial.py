"""A dial: how much there is now, against the range that is usual here."""

from __future__ import annotations

from math import cos, pi, sin

from hinomi.hub.charts.picture import Picture, element, picture

WIDTH, HEIGHT = 160.0, 92.0
_CX, _CY, _R = 80.0, 80.0, 66.0
_STROKE = 12


def dial(label: str, value: float, usual: tuple[float, float] | None) -> Picture:
    """The value as an arc from the left, the usual range as a band outside it; without one there is no scale, so no needle."""
    parts = [_arc(0, 1, "var(--sunk)", _STROKE)]
    if usual is None:
        return picture(WIDTH, HEIGHT, label, parts)
    top = max(value, usual[1], 1.0) * 1.25
    above = value > usual[1]
    parts.append(_arc(usual[0] / top, max(usual[1] / top, usual[0] / top + 0.02), "var(--band)", _STROKE))
    parts.append(_arc(usual[0] / top, max(usual[1] / top, usual[0] / top + 0.02), "var(--quiet)", 2, radius=_R + 9))
    share = value / top
    if value:
        parts.append(_arc(0, share, "var(--accent)" if above else "var(--ink)", 4))
    x, y = _at(share)
    parts.append(
        element(
            "circle", cx=x, cy=y, r=6, fill="var(--accent)" if above else "var(--ink)", stroke="var(--sheet)", stroke_width=2
        )
    )
    return picture(WIDTH, HEIGHT, label, parts)


def blind(label: str) -> Picture:
    """The dial of something that nobody looks at: an empty, dashed arc, never a needle at zero."""
    dashed = element(
        "path",
        d=_path(0, 1, _R),
        fill="none",
        stroke="var(--edge)",
        stroke_width=2,
        stroke_dasharray="3 7",
        stroke_linecap="round",
    )
    return picture(WIDTH, HEIGHT, label, [dashed])


def _arc(start: float, end: float, colour: str, thickness: float, radius: float = _R) -> str:
    return element(
        "path", d=_path(start, end, radius), fill="none", stroke=colour, stroke_width=thickness, stroke_linecap="butt"
    )


def _path(start: float, end: float, radius: float) -> str:
    (x0, y0), (x1, y1) = _at(start, radius), _at(min(end, 1.0), radius)
    return f"M{x0:.1f} {y0:.1f}A{radius:g} {radius:g} 0 0 1 {x1:.1f} {y1:.1f}"


def _at(share: float, radius: float = _R) -> tuple[float, float]:
    angle = pi * (1 - max(0.0, min(share, 1.0)))
    return _CX + radius * cos(angle), _CY - radius * sin(angle)
