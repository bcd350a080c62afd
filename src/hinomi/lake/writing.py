"""Rows into Parquet files: split by day, sorted by time, in bounded memory, on as many threads as there are cores."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hinomi.lake.columns import integers, repeated, times, words
from hinomi.lake.disk import flush
from hinomi.lake.errors import writing_to
from hinomi.lake.ledger import Entry
from hinomi.lake.tables import DAY, LABEL, LABELS, ROW_GROUP, Layout, parquet_schema, writer_options
from hinomi.schema.segments import Segment

_FILE_ROWS = 16_000_000  # about 300 MB of packets
_OPEN_DAYS = 4  # files open at once on one lane; input that jumps between days closes the oldest
_GATHER = 65_536  # smaller batches are gathered first: a row group of ten rows costs more than its rows


@dataclass(frozen=True)
class Written:
    """A closed data file, on the disk; `first` and `last` are microseconds since 1970, inclusive."""

    path: Path
    day: int
    rows: int
    size: int
    first: int
    last: int
    segments: frozenset[str]


class _Draft:
    """One data file while it is written."""

    def __init__(self, path: Path, day: int, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.day = path, day
        self.rows, self.first, self.last = 0, 0, 0
        self.segments: set[str] = set()
        self._sink = pa.OSFile(str(path), "wb")
        self._writer = pq.ParquetWriter(self._sink, schema, memory_pool=_pool(), **writer_options(schema))

    def write(self, rows: pa.Table, first: int, last: int) -> None:
        self.first = first if self.rows == 0 else self.first
        self.last = last
        self.rows += len(rows)
        self.segments |= words(rows["segment"])
        self._writer.write_table(rows, row_group_size=ROW_GROUP)

    def close(self) -> Written:
        self._writer.close()
        self._sink.close()
        for path in (self.path, self.path.parent, self.path.parent.parent):  # a name is durable only with its folder
            flush(path)
        size = self.path.stat().st_size
        return Written(self.path, self.day, self.rows, size, self.first, self.last, frozenset(self.segments))

    def discard(self) -> None:
        self._writer.is_open = False  # or its destructor writes a footer into a closed file
        self._sink.close()
        self.path.unlink(missing_ok=True)


class Lane:
    """The files that one thread writes, one per day at a time; batches must be `labelled` or `encoded`."""

    def __init__(self, layout: Layout, kind: str, ids: Mapping[str, int], name: str) -> None:
        self._layout, self._kind, self._name = layout, kind, name
        self._schema = parquet_schema(kind, ids)
        self._gathered: list[pa.RecordBatch] = []
        self._rows = 0
        self._drafts: dict[int, _Draft] = {}
        self._files = 0
        self.written: list[Written] = []

    def take(self, batch: pa.RecordBatch) -> tuple[int, int]:
        """Write a batch, now or with the next; its first and last time."""
        moments = times(batch["time"])
        self._gathered.append(batch)
        self._rows += len(batch)
        if self._rows >= _GATHER:
            self._write_out()
        return int(moments.min()), int(moments.max())

    def close(self) -> list[Written]:
        """Everything taken is on the disk when this returns."""
        self._write_out()
        for day in list(self._drafts):
            self._finish(day)
        return self.written

    def discard(self) -> None:
        for draft in self._drafts.values():
            draft.discard()
        for file in self.written:
            file.path.unlink(missing_ok=True)
        self._drafts, self.written, self._gathered, self._rows = {}, [], [], 0

    def _write_out(self) -> None:
        if not self._rows:
            return
        rows = pa.Table.from_batches(self._gathered)
        rows = ordered(rows.unify_dictionaries() if len(self._gathered) > 1 else rows)
        self._gathered, self._rows = [], 0
        moments = times(rows["time"])
        days = moments // DAY
        starts = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(moments)]
        rows = pa.Table.from_arrays(rows.columns, schema=self._schema)
        for start, end in pairwise(starts):
            piece = rows.slice(start, end - start)
            first, last = int(moments[start]), int(moments[end - 1])
            self._draft(int(days[start]), first).write(piece, first, last)

    def _draft(self, day: int, first: int) -> _Draft:
        draft = self._drafts.get(day)
        if draft is not None and (first < draft.last or draft.rows >= _FILE_ROWS):
            self._finish(day)  # time went back: a file stays sorted, so the rest goes to a new one
            draft = None
        if draft is None:
            if len(self._drafts) >= _OPEN_DAYS:
                self._finish(next(iter(self._drafts)))
            path = self._layout.file(self._kind, day, f"{self._name}-{self._files}")
            self._files += 1
            draft = self._drafts[day] = _Draft(path, day, self._schema)
        return draft

    def _finish(self, day: int) -> None:
        self.written.append(self._drafts[day].close())
        del self._drafts[day]


class Group:
    """Segments of one kind on their way to one commit: decoded by the caller's thread, written by lanes of their own."""

    def __init__(self, layout: Layout, kind: str, ids: Mapping[str, int], token: str) -> None:
        count = max(1, min(2, os.cpu_count() or 1))
        self._root = layout.root
        self.entries: dict[str, Entry] = {}
        self._lanes = [Lane(layout, kind, ids, f"{token}-{number}") for number in range(count)]
        self._threads = [ThreadPoolExecutor(1, f"lake-{kind}") for _ in self._lanes]
        self._pending: deque[tuple[str, int, Future[tuple[int, int]]]] = deque()
        self._given = [0 for _ in self._lanes]

    @property
    def rows(self) -> int:
        return sum(self._given)

    def take(self, segment: Segment) -> None:
        """Decode a segment and hand its batches to the lanes.

        The next batches are decoded while the lanes write, so that no core waits; at most four are in memory.
        """
        self.entries[segment.id] = Entry(segment.id, 0, None, None)
        batches = iter(segment.decode())
        while (batch := self._next(batches)) is not None:
            if len(batch):
                at = self._given.index(min(self._given))  # in turn would give every second lane the short last batches
                self._given[at] += len(batch)
                written = self._threads[at].submit(self._lanes[at].take, labelled(batch, segment))
                self._pending.append((segment.id, len(batch), written))
            del batch  # or it stays in memory while the next one is decoded

    def _next(self, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
        while len(self._pending) >= 2 * len(self._lanes):
            self._settle()
        return next(batches, None)

    def close(self) -> list[Written]:
        """The files of the group, on the disk."""
        while self._pending:
            self._settle()
        closing = [thread.submit(lane.close) for lane, thread in zip(self._lanes, self._threads, strict=True)]
        with writing_to(self._root):
            files = [file for one in closing for file in one.result()]
        self._stop()
        return files

    def discard(self) -> None:
        """Leave nothing behind."""
        self._stop()
        for lane in self._lanes:
            lane.discard()

    def _stop(self) -> None:
        for thread in self._threads:
            thread.shutdown(wait=True, cancel_futures=True)

    def _settle(self) -> None:
        segment, rows, written = self._pending.popleft()
        with writing_to(self._root):
            first, last = written.result()
        old = self.entries[segment]
        self.entries[segment] = Entry(
            segment,
            old.rows + rows,
            first if old.first is None else min(old.first, first),
            last if old.last is None else max(old.last, last),
        )


def _pool() -> pa.MemoryPool:
    """jemalloc where PyArrow has it, told to give back what is freed: 30 MB less at the peak than mimalloc, measured."""
    try:
        pa.jemalloc_set_decay_ms(0)
        return pa.jemalloc_memory_pool()
    except NotImplementedError:  # a PyArrow built without jemalloc: its default pool serves, with more memory
        return pa.default_memory_pool()


def labelled(batch: pa.RecordBatch, segment: Segment) -> pa.RecordBatch:
    """The batch with its segment's id and sensor as dictionaries of one word, instead of a word in every row."""
    for name, word in (("sensor", segment.sensor), ("segment", segment.id)):
        batch = batch.set_column(batch.schema.get_field_index(name), name, repeated(word, len(batch)))
    return batch


def encoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch, of any segments, with ids and sensors as dictionaries."""
    for name in LABELS:
        batch = batch.set_column(batch.schema.get_field_index(name), name, batch[name].cast(LABEL))
    return batch


def ordered(rows: pa.Table) -> pa.Table:
    """The rows in order of time; those of one instant keep their order."""
    moments = times(rows["time"])
    if np.all(moments[:-1] <= moments[1:]):
        return rows
    return rows.take(integers(np.argsort(moments, kind="stable")))
