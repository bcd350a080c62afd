"""Events that we make ourselves: a few words to fill a lake with, and to count what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from hinomi.lake.engine import open_engine
from hinomi.lake.lake import Lake
from hinomi.lake.ledger import microseconds
from hinomi.schema.address import pack
from hinomi.schema.events import EVENTS
from hinomi.schema.segments import Segment

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
TELESCOPE = "198.51.100.0"


def batch(kind: str, segment: str, times: list[datetime], **columns: list[object]) -> pa.RecordBatch:
    """A batch of a kind with these times; columns that are not given are null."""
    given = {"time": times, "sensor": ["telescope"] * len(times), "segment": [segment] * len(times)} | columns
    schema = EVENTS[kind].arrow
    arrays = [pa.array(given[f.name], f.type) if f.name in given else pa.nulls(len(times), f.type) for f in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def packets(name: str, rows: int, start: datetime = NOON, seconds: float = 60.0) -> Segment:
    """A segment of TCP SYNs, evenly spread from `start`, made of its name alone: the same name gives the same rows."""

    def decode() -> Iterator[pa.RecordBatch]:
        draw = np.random.default_rng(list(name.encode()))
        times = [start + timedelta(microseconds=int(seconds * 1e6 * n / rows)) for n in range(rows)]
        sources = [pack(f"203.0.113.{host}") for host in draw.integers(1, 255, rows)]
        targets = [pack(f"198.51.100.{host}") for host in draw.integers(0, 256, rows)]
        yield batch(
            "packet", name, times, src=sources, dst=targets, proto=[6] * rows, dport=draw.integers(1, 65536, rows).tolist()
        )

    return Segment(name, "packet", "telescope", decode)


def bulk(name: str, rows: int, start: datetime = NOON, step: int = 720, batches: int = 1) -> Segment:
    """A large segment, made fast: `batches` batches of `rows` packets each, one every `step` microseconds."""

    def decode() -> Iterator[pa.RecordBatch]:
        draw = np.random.default_rng(list(name.encode()))
        for number in range(batches):
            begin = microseconds(start) + number * rows * step
            yield _bulk_batch(name, draw, begin + np.arange(rows) * step)

    return Segment(name, "packet", "telescope", decode)


def _bulk_batch(name: str, draw: np.random.Generator, times: np.ndarray) -> pa.RecordBatch:
    rows = len(times)
    columns: dict[str, pa.Array] = {
        "time": pa.array(times, pa.timestamp("us", tz="UTC")),
        "sensor": pa.repeat(pa.scalar("telescope"), rows),
        "segment": pa.repeat(pa.scalar(name), rows),
        "src": addresses(draw.zipf(1.3, rows) % (1 << 20) * 2654435761 % (1 << 32)),
        "dst": addresses(0xC6330000 + draw.integers(0, 65536, rows)),
        "proto": pa.array(draw.choice([6, 6, 6, 17], rows), pa.int32()),
        "dport": pa.array(draw.zipf(1.2, rows) % 65536, pa.int32()),
        "seq": pa.array(draw.integers(0, 1 << 32, rows), pa.int64()),
    }
    schema = EVENTS["packet"].arrow
    arrays = [columns[f.name] if f.name in columns else pa.nulls(rows, f.type) for f in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def addresses(numbers: np.ndarray) -> pa.Array:
    """IPv4 addresses from their numbers."""
    raw = np.zeros((len(numbers), 16), np.uint8)
    raw[:, 10:12] = 255
    raw[:, 12:] = numbers.astype(">u4").view(np.uint8).reshape(-1, 4)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(numbers), [None, pa.py_buffer(raw.tobytes())])


def counts(lake: Lake, kind: str = "packet") -> dict[str, int]:
    """How many rows of each segment the engine finds."""
    with open_engine("duckdb", lake) as engine:
        events = engine.table(kind)
        found = engine.run(events.group_by("segment").agg(rows=events.count()))
    return dict(zip(found["segment"].to_pylist(), found["rows"].to_pylist(), strict=True))
