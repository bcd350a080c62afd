"""The minutes of an hour: how much came in each, and of which kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hinomi.hub.charts.picture import Picture, element, picture, title

MINUTES = 60
_WIDE, _HIGH = 10, 48


def minutes(label: str, counts: Sequence[Counter[str]], kinds: Sequence[str], said: Sequence[str]) -> Picture:
    """One bar a minute, its kinds stacked in the order given; `said` is what a pointer is told of each minute."""
    most = max((sum(one.values()) for one in counts), default=0) or 1
    floors = [0.0] * len(counts)
    parts = []
    for kind in kinds:
        steps = []
        for minute, one in enumerate(counts):
            high = _HIGH * one[kind] / most
            if high:
                steps.append(f"M{minute * _WIDE + 1} {_HIGH - floors[minute]:.1f}h{_WIDE - 2}v-{high:.1f}h-{_WIDE - 2}z")
            floors[minute] += high
        if steps:
            parts.append(element("path", d="".join(steps), fill=f"var(--kind-{kind})"))
    parts += [
        element("rect", title(words), x=minute * _WIDE, y=0, width=_WIDE, height=_HIGH, fill="transparent")
        for minute, words in enumerate(said)
    ]
    return picture(len(counts) * _WIDE, _HIGH, label, parts, stretch=True)
