"""A time line with lanes: the attack, what was found, what was done, what was shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hinomi.hub.charts.picture import Picture, element, picture, title


@dataclass(frozen=True)
class Mark:
    """Something in a lane, from one share (0–1) of the span of time to another; a moment has both the same."""

    start: float
    end: float
    said: str
    strong: bool = False
    href: str = ""


def lane(label: str, marks: Sequence[Mark], cut: tuple[float, float] | None = None) -> Picture:
    """One lane; it fills the width it is given. A moment is an upright bar, a span a lying one; `cut` is left-out time."""
    thin = {"y1": 12, "y2": 12, "stroke": "var(--line)", "stroke_width": 1, "vector_effect": "non-scaling-stroke"}
    whole = [(0.0, cut[0]), (cut[1], 1.0)] if cut else [(0.0, 1.0)]
    base = [element("line", x1=start * 1000, x2=end * 1000, **thin) for start, end in whole]
    gap = {**thin, "stroke": "var(--edge)", "stroke_dasharray": "1 5"}
    base += [element("line", x1=cut[0] * 1000, x2=cut[1] * 1000, **gap)] if cut else []
    return picture(1000, 24, label, [*base, *(_mark(mark) for mark in marks)], stretch=True)


def _mark(mark: Mark) -> str:
    width = max(4.0, (mark.end - mark.start) * 990)
    moment = width <= 6
    colour = "var(--accent)" if mark.strong else "var(--quiet)"
    y, high = (3, 18) if moment else (6, 12)
    drawn = element(
        "rect",
        title(mark.said),
        x=min(mark.start * 990, 1000 - width),
        y=y,
        width=width,
        height=high,
        fill=colour,
        fill_opacity=1 if moment else 0.8,
    )
    return element("a", drawn, href=mark.href) if mark.href else drawn
