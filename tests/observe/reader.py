"""How tests read an input: everything at once, rows as dictionaries of what is known."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from hinomi.observe.feed import Feed
from hinomi.observe.reading import Input, open_input
from hinomi.observe.source import sources
from hinomi.schema.events import COMMON, EVENTS

Row = dict[str, Any]


def read(source: bytes | Path, as_: str | None = None, sensor: str = "test") -> tuple[list[Row], Input]:
    """Every row, without what is unknown and without sensor and segment; and the input for its counts."""
    opened = open_input(io.BytesIO(source) if isinstance(source, bytes) else source, sensor=sensor, as_=as_)
    return rows_of(opened), opened


def rows_of(opened: Input) -> list[Row]:
    rows = []
    for segment in opened:
        for batch in segment.decode():
            assert batch.schema == EVENTS[opened.kind].arrow
            batch.validate(full=True)
            rows += [{name: value for name, value in row.items() if value is not None} for row in batch.to_pylist()]
    return [{name: value for name, value in row.items() if name == "time" or name not in COMMON} for row in rows]


def read_in_pieces(content: bytes, format_: str, size: int) -> tuple[list[Row], Input]:
    """As `read`, with windows of another size."""
    feed = Feed(io.BytesIO(content), "pieces", size)
    opened = Input(feed, format_, sources()[format_], path="pieces", sensor="test", mapping={})
    return rows_of(opened), opened


def counts(opened: Input) -> dict[str, int]:
    """How many records each reason concerns, whatever it is about."""
    found: dict[str, int] = {}
    for misfit in opened.misfits:
        found[misfit.reason] = found.get(misfit.reason, 0) + misfit.count
    return found
