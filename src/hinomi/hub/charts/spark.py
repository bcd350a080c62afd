"""Lines over time: a small one beside a number, and a measure against its threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from hinomi.hub.charts.axis import round_values
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
    """A measure over time against its threshold, on a logarithmic scale when it spans more than two decades.

    A measure that is known once is drawn lying, so that its distance from the threshold is seen.
    """
    values = [dot.value for dot in dots] + ([threshold] if threshold is not None else [])
    scale = _scale(values)
    if len(dots) == 1:
        return picture(1000, 160, label, _lying(dots[0], scale, threshold), fluid=True)
    rules = [_rule(value, scale) for value in round_values(scale.low, scale.high, logarithmic=scale.logarithmic) if value]
    parts = rules
    if threshold is not None:
        y = _up(scale, threshold)
        glow = element("rect", x=0, y=0, width="100%", height=y, fill="var(--glow)")
        parts = [glow, *rules, element("line", x1=0, x2="100%", y1=y, y2=y, **_DASHED)]
    parts += [_stem(dot, scale, threshold) for dot in dots]
    return picture(1000, 160, label, parts, fluid=True)


_CORNER = 0.03  # of the width: words at the very edge lean inwards
_DASHED = {"stroke": "var(--accent)", "stroke_width": 1.5, "stroke_dasharray": "6 4"}


def _lying(dot: Dot, scale: Scale, threshold: float | None) -> list[str]:
    parts = []
    for value in round_values(scale.low, scale.high, logarithmic=scale.logarithmic):
        x = _along(scale, value)
        parts.append(element("line", x1=x, x2=x, y1="14%", y2="78%", stroke="var(--line)"))
        anchor = "middle" if scale.share(value) > _CORNER else "start"
        parts.append(element("text", _short(value), x=x, y="96%", text_anchor=anchor, fill="var(--quiet)", font_size="1em"))
    over = threshold is not None and dot.value >= threshold
    bar = {"x": 0, "y": "34%", "height": "24%", "width": _along(scale, dot.value)}
    parts.append(element("rect", title(dot.said), **bar, fill="var(--accent)" if over else "var(--quiet)"))
    if threshold is not None:
        x = _along(scale, threshold)
        parts.append(element("line", x1=x, x2=x, y1="14%", y2="78%", stroke="var(--sheet)", stroke_width=5))
        parts.append(element("line", x1=x, x2=x, y1="14%", y2="78%", **_DASHED))
    return parts


def _rule(value: float, scale: Scale) -> str:
    y = _up(scale, value)
    line = element("line", x1=0, x2="100%", y1=y, y2=y, stroke="var(--line)")
    return line + element(
        "text", _short(value), x="99.6%", y=y, dy="-.3em", text_anchor="end", fill="var(--quiet)", font_size="1em"
    )


def _stem(dot: Dot, scale: Scale, threshold: float | None) -> str:
    x = f"{1 + dot.at * 98:.2f}%"
    above = threshold is not None and dot.value >= threshold
    stroke = {
        "stroke": "var(--accent)" if above else "var(--quiet)",
        "stroke_width": 5 if dot.here else 2,
        "stroke_linecap": "round",
    }
    line = element("line", title(dot.said), x1=x, x2=x, y1="99%", y2=_up(scale, dot.value), **stroke)
    return element("a", line, href=dot.href) if dot.href else line


def _up(scale: Scale, value: float) -> str:
    return f"{99 - 93 * scale.share(value):.2f}%"


def _along(scale: Scale, value: float) -> str:
    return f"{98 * scale.share(value):.2f}%"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _scale(values: Sequence[float]) -> Scale:
    positive = [value for value in values if value > 0] or [1.0]
    low, high = min(positive), max(positive)
    return Scale(low / 2, high * 1.6, True) if high / low > 100 else Scale(0.0, high * 1.15, False)


@dataclass(frozen=True)
class Scale:
    """From a value to its share (0–1) of the drawing."""

    low: float
    high: float
    logarithmic: bool

    def share(self, value: float) -> float:
        """Where the value lies between the ends."""
        if self.logarithmic:
            share = (log10(max(value, self.low)) - log10(self.low)) / (log10(self.high) - log10(self.low))
        else:
            share = (value - self.low) / (self.high - self.low)
        return max(0.0, min(share, 1.0))
