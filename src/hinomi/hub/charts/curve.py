"""A measure as it ran through time, against the threshold that it crossed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from hinomi.hub.charts.axis import round_values
from hinomi.hub.charts.picture import Picture, element, picture, title
from hinomi.hub.charts.spark import Scale

_LOW, _HIGH = 4.0, 92.0  # per cent of the height between the largest value and zero


def curve(label: str, values: Sequence[float], said: Sequence[str], threshold: float) -> Picture:
    """One step for each slot of time; those that reach the threshold stand out, and `said` is what a pointer is told."""
    scale = _scale([*values, threshold])
    wide = 100 / max(len(values), 1)
    steps = (_step(at * wide, wide, *one, scale, threshold) for at, one in enumerate(zip(values, said, strict=True)))
    rules = (_rule(value, scale) for value in round_values(scale.low, scale.high, logarithmic=scale.logarithmic) if value)
    y = f"{_up(threshold, scale):.2f}%"
    line = {"stroke": "var(--accent)", "stroke_width": 1.5, "stroke_dasharray": "6 4"}
    return picture(1000, 160, label, [*steps, *rules, element("line", x1=0, x2="100%", y1=y, y2=y, **line)], fluid=True)


def _scale(values: Sequence[float]) -> Scale:
    """From zero, or over decades where the threshold would lie on the floor."""
    positive = [value for value in values if value > 0]
    if positive and max(positive) / min(positive) > 100:
        return Scale(min(positive) / 2, max(positive) * 1.3, True)
    return Scale(0.0, max(positive, default=1.0) * 1.1, False)


def _step(x: float, wide: float, value: float, words: str, scale: Scale, threshold: float) -> str:
    """A pale bar with its upper edge drawn: the edges together are the curve."""
    top = _up(value, scale) if value else _HIGH
    over, place = value >= threshold, {"x": f"{x:.2f}%", "width": f"{wide + 0.02:.2f}%"}
    fill = "var(--heat-1)" if over else "var(--sunk)"
    bar = element("rect", title(words), **place, y=f"{top:.2f}%", height=f"{100 - top:.2f}%", fill=fill)
    return bar + element("rect", **place, y=f"{top:.2f}%", height=2, fill="var(--accent)" if over else "var(--quiet)")


def _rule(value: float, scale: Scale) -> str:
    y = f"{_up(value, scale):.2f}%"
    line = element("line", x1=0, x2="100%", y1=y, y2=y, stroke="var(--edge)", stroke_opacity=0.25)
    return line + element("text", escape(f"{value:,.6g}"), x="0.4%", y=y, dy="-0.3em", fill="var(--quiet)", font_size="0.85em")


def _up(value: float, scale: Scale) -> float:
    return _HIGH - (_HIGH - _LOW) * scale.share(value)
