"""What a drawing is read by: times below it, and round values beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

from hinomi.hub.charts.picture import Picture, element, picture

_EDGE = 0.08  # of the width: nearer to an edge, words lean inwards
_LAST = 0.75  # of the width: a last word beyond this ends at its mark, or a telephone would cut it
_APART = 0.18  # of the width: nearer to each other than this, the later word is left out


def times(label: str, marks: Sequence[tuple[float, str]]) -> Picture:
    """Times at their shares (0–1) of the width; the first and the last always, others where there is room."""
    first, *between, last = marks if len(marks) > 1 else [*marks, *marks]
    kept = [first]
    for share, words in between:
        if share - kept[-1][0] >= _APART and last[0] - share >= _APART:
            kept.append((share, words))
    drawn = [*kept, last] if len(marks) > 1 else kept
    ends = (first, last)
    return picture(1000, 20, label, [_time(share, words, (share, words) in ends) for share, words in drawn], fluid=True)


def _time(share: float, words: str, end: bool) -> str:
    anchor = "start" if share < _EDGE else "end" if share > (_LAST if end else 1 - _EDGE) else "middle"
    look = "end" if end else "between"  # a telephone has room for the ends only
    place = {"x": f"{100 * share:.1f}%", "y": "1em", "text_anchor": anchor, "class": look}
    return element("text", escape(words), **place, fill="var(--quiet)", font_size="1em")


def round_values(low: float, high: float, *, logarithmic: bool) -> list[float]:
    """Values that people count in, between two values: decades, or a few even steps."""
    if logarithmic:
        decades = range(ceil(log10(low)), floor(log10(high)) + 1)
        step = max(1, ceil(len(decades) / 4))
        return [10.0**power for power in decades[::step]]
    size = 10 ** floor(log10(high - low))
    step = next(size * part for part in (0.5, 1, 2, 5) if (high - low) / (size * part) <= 5)
    return [index * step for index in range(ceil(low / step), floor(high / step) + 1)]
