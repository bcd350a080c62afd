"""Columns of the kernels as Arrow: buffers are handed over, not copied."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hinomi.observe.kernels import bitmaps, shapes
from hinomi.schema.events import EVENTS
from hinomi.schema.fields import ADDRESS, BYTES, TIME

# The kernel's columns by field name, in the kernel's order.
NARROW = (
    *("proto", "sport", "dport", "flags", "window", "options", "ipid", "ttl", "fragment", "icmp_type", "icmp_code"),
    *("inner_proto", "inner_sport", "inner_dport"),
)
WIDE = ("seq", "ack", "length")
ADDRESSES = ("src", "dst", "inner_src", "inner_dst")


class Columns(NamedTuple):
    """Room for as many rows as there are frames; `present` holds one bit per column and row."""

    time: NDArray[np.int64]
    narrow: NDArray[np.int32]
    wide: NDArray[np.int64]
    addresses: NDArray[np.int64]
    payload: NDArray[np.uint8]
    ends: NDArray[np.int32]
    present: NDArray[np.uint32]


def columns(rows: int) -> Columns:
    """Room as it comes: what is not `present` is never looked at, and pages of a column that stays empty are never touched."""
    return Columns(
        np.empty(rows, np.int64),
        np.empty((shapes.WIDE - shapes.NARROW, rows), np.int32),
        np.empty((shapes.ADDRESSES - shapes.WIDE, rows), np.int64),
        np.empty((shapes.PAYLOAD - shapes.ADDRESSES, rows, 2), np.int64),
        np.empty(rows * shapes.HEAD, np.uint8),
        np.zeros(rows + 1, np.int32),
        np.empty(rows, np.uint32),
    )


def packets(columns: Columns, rows: int) -> dict[str, pa.Array]:
    """The first rows of decoded packets as Arrow arrays by field name."""
    valid = np.empty((shapes.COLUMNS, (rows + 7) // 8), np.uint8)
    bitmaps(columns.present, rows, valid)
    fields = {"time": _array(TIME, rows, None, columns.time)}
    for slot, name in enumerate(NARROW):
        fields[name] = _array(pa.int32(), rows, valid[slot], columns.narrow[slot])
    for slot, name in enumerate(WIDE):
        fields[name] = _array(pa.int64(), rows, valid[shapes.WIDE + slot], columns.wide[slot])
    for slot, name in enumerate(ADDRESSES):
        fields[name] = _array(ADDRESS, rows, valid[shapes.ADDRESSES + slot], columns.addresses[slot])
    used = columns.payload[: columns.ends[rows]]
    fields["payload"] = _array(BYTES, rows, valid[shapes.PAYLOAD], columns.ends, used)
    return fields


def _array(kind: pa.DataType, rows: int, valid: NDArray[np.uint8] | None, *buffers: NDArray[np.generic]) -> pa.Array:
    bitmap = None if valid is None else pa.py_buffer(valid)
    return pa.Array.from_buffers(kind, rows, [bitmap, *(pa.py_buffer(buffer) for buffer in buffers)])


def complete(kind: str, fields: Mapping[str, pa.Array], sensor: str, segment: str) -> pa.RecordBatch:
    """A batch of the kind's full schema: what the source did not give is null, sensor and segment are filled in."""
    rows = len(fields["time"])
    stamps = {"sensor": _repeated(sensor, rows), "segment": _repeated(segment, rows)}
    schema = EVENTS[kind].arrow
    given = {**fields, **stamps}
    arrays = [given[one.name] if one.name in given else pa.nulls(rows, one.type) for one in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


@lru_cache(maxsize=4)
def _repeated(word: str, rows: int) -> pa.Array:
    """One word in every row, shared by the batches of a piece; made from buffers because `pa.repeat` imports pandas (0.4 s)."""
    letters = word.encode()
    ends = (
        np.arange(0, (rows + 1) * len(letters), len(letters) or 1, dtype=np.int32) if letters else np.zeros(rows + 1, np.int32)
    )
    data = np.tile(np.frombuffer(letters, np.uint8), rows)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(ends), pa.py_buffer(data))
