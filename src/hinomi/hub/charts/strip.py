"""Heat strips: how much fell into each span of time, one strip per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hinomi.hub.charts.picture import Picture, element, picture, title

LEVELS = 5


@dataclass(frozen=True)
class Cell:
    """One span of time in a strip: its count, what to say of it, and where it leads."""

    count: int | None
    said: str
    href: str = ""


def level(count: int, most: int) -> int:
    """0 for nothing, 1 to 5 by the order of magnitude relative to the most: counts of attacks are far from even."""
    if count <= 0:
        return 0
    share: float = (count / most) ** 0.5 if most else 0.0
    return min(LEVELS, 1 + int(share * (LEVELS - 1) + 0.5))


def strip(label: str, cells: Sequence[Cell], most: int) -> Picture:
    """One row; it fills the width it is given. A span that nobody looked at is hatched by a line, not pale."""
    return picture(
        len(cells) * 10, 10, label, [_cell(index * 10, 0, 10, cell, most) for index, cell in enumerate(cells)], stretch=True
    )


def labelled(label: str, rows: Sequence[tuple[str, Sequence[Cell]]], marks: Sequence[str], most: int) -> Picture:
    """All rows with their names and the times below: the drawing that leaves the page."""
    left, width, high = 220, 720, 22
    parts: list[str] = []
    for row, (name, cells) in enumerate(rows):
        step = width / max(len(cells), 1)
        parts.append(
            element("text", _words(name), x=left - 12, y=row * high + 15, text_anchor="end", font_size=12, fill="var(--ink)")
        )
        parts += [
            _cell(left + index * step, row * high + 2, step, cell, most, high=high - 4) for index, cell in enumerate(cells)
        ]
    for index, mark in enumerate(marks):
        x = left + index * width / max(len(marks) - 1, 1)
        anchor = "start" if index == 0 else "end" if index == len(marks) - 1 else "middle"
        parts.append(
            element("text", _words(mark), x=x, y=len(rows) * high + 18, text_anchor=anchor, font_size=12, fill="var(--quiet)")
        )
    return picture(left + width + 12, len(rows) * high + 28, label, parts)


def _words(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _cell(x: float, y: float, step: float, cell: Cell, most: int, high: float = 10) -> str:
    if cell.count is None:
        line = {"x1": x + step * 0.1, "x2": x + step * 0.9, "y1": y + high / 2, "y2": y + high / 2}
        return element(
            "line", title(cell.said), **line, stroke="var(--edge)", stroke_width=1, vector_effect="non-scaling-stroke"
        )
    fill = f"var(--heat-{level(cell.count, most)})"
    box = element("rect", title(cell.said), x=x + step * 0.05, y=y, width=step * 0.9, height=high, fill=fill)
    return element("a", box, href=cell.href, tabindex="-1") if cell.href and cell.count else box
