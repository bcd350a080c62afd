"""Lines over time: a small one beside a number, and a measure against its threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from hinomi.hub.charts.picture import Picture, element, picture, title


@dataclass(frozen=True)
class Dot:
    """One value at one share (0–1) of the span of time, with what to say of it."""

    at: float
    value: float
    said: str = ""
    here: bool = False
    href: str = ""


def spark(label: str, values: Sequence[float], usual: tuple[float, float] | None = None) -> Picture:
    """Bars over time with the usual range behind them; it fills the width it is given."""
    top = max([*values, usual[1] if usual else 0.0, 1.0])
    parts = []
    if usual:
        y = 40 - 38 * usual[1] / top
        parts.append(
            element(
                "rect", x=0, y=y, width=len(values) * 10, height=max(1.5, 38 * (usual[1] - usual[0]) / top), fill="var(--band)"
            )
        )
    for index, value in enumerate(values):
        high = max(0.8, 38 * value / top)
        colour = "var(--accent)" if usual and value > usual[1] else "var(--quiet)"
        parts.append(element("rect", x=index * 10 + 1, y=40 - high, width=8, height=high, fill=colour))
    return picture(max(len(values), 1) * 10, 40, label, parts, stretch=True)


def against(label: str, dots: Sequence[Dot], threshold: float | None) -> Picture:
    """A measure over time against its threshold, on a logarithmic scale when it spans more than two decades."""
    values = [dot.value for dot in dots] + ([threshold] if threshold is not None else [])
    scale = _scale(values)
    parts = []
    if threshold is not None:
        y = scale(threshold)
        parts.append(element("rect", x=0, y=0, width=1000, height=y, fill="var(--glow)"))
        stroke = {
            "stroke": "var(--accent)",
            "stroke_width": 1.5,
            "stroke_dasharray": "6 4",
            "vector_effect": "non-scaling-stroke",
        }
        parts.append(element("line", x1=0, x2=1000, y1=y, y2=y, **stroke))
    parts += [_stem(dot, scale(dot.value), threshold) for dot in dots]
    return picture(1000, 160, label, parts, stretch=True)


def _stem(dot: Dot, y: float, threshold: float | None) -> str:
    x = 8 + dot.at * 984
    above = threshold is not None and dot.value >= threshold
    colour = "var(--accent)" if above else "var(--quiet)"
    stroke = {
        "stroke": colour,
        "stroke_width": 5 if dot.here else 2,
        "vector_effect": "non-scaling-stroke",
        "stroke_linecap": "round",
    }
    line = element("line", title(dot.said), x1=x, x2=x, y1=158, y2=min(y, 156), **stroke)
    return element("a", line, href=dot.href) if dot.href else line


def _scale(values: Sequence[float]) -> Scale:
    positive = [value for value in values if value > 0] or [1.0]
    low, high = min(positive), max(positive)
    return Scale(low / 2, high * 1.6, True) if high / low > 100 else Scale(0.0, high * 1.15, False)


@dataclass(frozen=True)
class Scale:
    """From a value to its height in the drawing (0 is the upper edge, 160 the lower)."""

    low: float
    high: float
    logarithmic: bool

    def __call__(self, value: float) -> float:
        if self.logarithmic:
            share = (log10(max(value, self.low)) - log10(self.low)) / (log10(self.high) - log10(self.low))
        else:
            share = (value - self.low) / (self.high - self.low)
        return 158 - 152 * max(0.0, min(share, 1.0))
