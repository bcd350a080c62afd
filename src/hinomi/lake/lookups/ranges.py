"""Which range does an address belong to? Vectorised over many addresses; the most specific range wins; valid in time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from hinomi.lake.ledger import microseconds

WIDTH = "S16"  # NumPy pads with zero bytes and compares bytes in order: exactly the order of addresses
NONE = -1
_ALWAYS = np.iinfo(np.int64)


class Ranges:
    """Ranges of addresses by their first and last, both inside, each valid in a span of time.

    `find` answers with the row number of the smallest valid range that holds the address, or -1.
    """

    def __init__(
        self,
        first: Sequence[bytes],
        last: Sequence[bytes],
        valid_from: Sequence[datetime | None] | None = None,
        valid_until: Sequence[datetime | None] | None = None,
    ) -> None:
        self._first, self._last = list(first), list(last)
        count = len(self._first)
        self._from = _instants(valid_from or [None] * count, _ALWAYS.min)
        self._until = _instants(valid_until or [None] * count, _ALWAYS.max)
        self._turns = np.unique(np.concatenate([self._from, self._until]))
        self._flat: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    @classmethod
    def of(cls, table: pa.Table) -> Ranges:
        """The ranges of a lookup table with `first` and `last`, and `valid_from` and `valid_until` when it has them."""
        columns = {name: table[name].to_pylist() for name in table.column_names if name in _COLUMNS}
        return cls(**columns)

    def find(self, addresses: Sequence[bytes] | np.ndarray | pa.Array, times: Sequence[datetime] | None = None) -> np.ndarray:
        """Row numbers, one for each address; without times, of the ranges that have no end."""
        wanted = packed(addresses)
        found = np.full(len(wanted), NONE, np.int64)
        if times is None:
            found[:] = self._find(wanted, int(np.searchsorted(self._turns, _ALWAYS.max - 1, side="right")))
            return found
        spans = np.searchsorted(self._turns, _instants(times, _ALWAYS.min), side="right")
        for span in np.unique(spans):
            here = spans == span
            found[here] = self._find(wanted[here], int(span))
        return found

    def _find(self, wanted: np.ndarray, span: int) -> np.ndarray:
        starts, owners = self._flattened(span)
        if not len(starts):
            return np.full(len(wanted), NONE, np.int64)
        place = np.searchsorted(starts, wanted, side="right") - 1
        return np.where(place >= 0, owners[place], NONE)

    def _flattened(self, span: int) -> tuple[np.ndarray, np.ndarray]:
        """Disjoint pieces of the address space and who owns each, for the time between two turns."""
        if span not in self._flat:
            at = self._turns[span - 1] if span > 0 else _ALWAYS.min
            valid = np.flatnonzero((self._from <= at) & (at < self._until))
            self._flat[span] = _flatten([(self._first[row], self._last[row], int(row)) for row in valid])
        return self._flat[span]


_COLUMNS = ("first", "last", "valid_from", "valid_until")


def packed(addresses: Sequence[bytes] | np.ndarray | pa.Array) -> np.ndarray:
    """Addresses as a NumPy array in the order of addresses; missing ones become `::`."""
    if isinstance(addresses, np.ndarray):
        return addresses.astype(WIDTH, copy=False)
    if isinstance(addresses, pa.Array | pa.ChunkedArray):
        addresses = addresses.to_pylist()
    return np.array([address or b"" for address in addresses], WIDTH)


def _flatten(ranges: list[tuple[bytes, bytes, int]]) -> tuple[np.ndarray, np.ndarray]:
    """One sweep over the bounds; a heap of the ranges that are open, the smallest on top."""
    bounds = sorted({first for first, _, _ in ranges} | {after for _, last, _ in ranges if (after := _next(last))})
    coming = sorted(ranges)
    heap: list[tuple[int, int, bytes]] = []
    starts: list[bytes] = []
    owners: list[int] = []
    place = 0
    for bound in bounds:
        while place < len(coming) and coming[place][0] <= bound:
            first, last, row = coming[place]
            size = int.from_bytes(last, "big") - int.from_bytes(first, "big")
            heapq.heappush(heap, (size, row, last))
            place += 1
        while heap and heap[0][2] < bound:
            heapq.heappop(heap)
        owner = heap[0][1] if heap else NONE
        if not owners or owners[-1] != owner:
            starts.append(bound)
            owners.append(owner)
    return np.array(starts, WIDTH), np.array(owners, np.int64)


def _next(address: bytes) -> bytes | None:
    number = int.from_bytes(address, "big") + 1
    return number.to_bytes(16, "big") if number < 1 << 128 else None


def _instants(times: Iterable[datetime | None], missing: int) -> np.ndarray:
    return np.array([missing if time is None else microseconds(time) for time in times], np.int64)
