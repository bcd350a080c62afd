"""The ring of an organisation: each of its networks is a piece of the ring, and what was seen burns there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import cos, log2, pi, sin

from hinomi.hub.charts.picture import Picture, element, picture, title

_CENTRE, _OUTER, _INNER = 120.0, 112.0, 84.0


@dataclass(frozen=True)
class Piece:
    """One network: how large it is, how bad (0 nothing seen … 5), whether it is dark, and what to say of it."""

    size: int
    heat: int
    dark: bool
    said: str


def ring(label: str, pieces: Sequence[Piece], middle: str, unit: str) -> Picture:
    """Pieces grow with the logarithm of their size, so that a /24 beside a /8 is still seen."""
    weights = [1.0 + log2(max(piece.size, 1)) for piece in pieces] or [1.0]
    gap = 0.02 * 2 * pi / max(len(pieces), 1)
    parts, angle = [], -pi / 2
    for piece, weight in zip(pieces, weights, strict=False):
        turn = 2 * pi * weight / sum(weights)
        parts.append(_piece(angle + gap / 2, angle + turn - gap / 2, piece))
        angle += turn
    colour = "var(--accent)" if any(piece.heat > 1 for piece in pieces) else "var(--calm)"
    parts.append(element("circle", cx=_CENTRE, cy=_CENTRE, r=66, fill="none", stroke=colour, stroke_width=2))
    parts.append(_word(middle, _CENTRE + 6, size=34, weight=650, fill="var(--ink)"))
    parts.append(_word(unit, _CENTRE + 28, size=14, weight=400, fill="var(--quiet)"))
    return picture(240, 240, label, parts)


def _word(text: str, y: float, *, size: int, weight: int, fill: str) -> str:
    return element("text", escape(text), x=_CENTRE, y=y, text_anchor="middle", font_size=size, font_weight=weight, fill=fill)


def _piece(start: float, end: float, piece: Piece) -> str:
    end = min(end, start + 2 * pi - 0.001)
    large = int(end - start > pi)
    (x0, y0), (x1, y1) = _at(start, _OUTER), _at(end, _OUTER)
    (x2, y2), (x3, y3) = _at(end, _INNER), _at(start, _INNER)
    outer = f"M{x0:.1f} {y0:.1f}A{_OUTER} {_OUTER} 0 {large} 1 {x1:.1f} {y1:.1f}"
    inner = f"L{x2:.1f} {y2:.1f}A{_INNER} {_INNER} 0 {large} 0 {x3:.1f} {y3:.1f}z"
    fill = "var(--ink)" if piece.dark and not piece.heat else f"var(--heat-{piece.heat})"
    return element("path", title(piece.said), d=outer + inner, fill=fill, stroke="var(--edge)", stroke_width=1)


def _at(angle: float, radius: float) -> tuple[float, float]:
    return _CENTRE + radius * cos(angle), _CENTRE + radius * sin(angle)
