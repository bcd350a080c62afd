"""An engine over tables in memory, on DuckDB or Spark: for tests of detectors, without a lake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends import BaseBackend

from hinomi.lake.engine.duckdb import LOW32
from hinomi.schema.findings import Window


class Memory:
    """Events by kind as Arrow tables; each look reads them through the given Ibis backend (DuckDB when none is given)."""

    def __init__(self, events: Mapping[str, pa.Table], backend: BaseBackend | None = None) -> None:
        self.backend = backend or _taught()
        self._numbers = count()
        self._tables = {kind: self.lookup(kind, rows) for kind, rows in events.items()}

    def table(self, kind: str, window: Window | None = None) -> ir.Table:
        """The events of a kind in a window."""
        events = self._tables[kind]
        if window is None:
            return events
        start, end = (ibis.literal(at, "timestamp('UTC', 6)") for at in window)
        return events.filter((events.time >= start) & (events.time < end))

    def lookup(self, name: str, rows: pa.Table) -> ir.Table:
        """A small Arrow table as a table of the engine."""
        return self.backend.create_table(f"{name}_{next(self._numbers)}", _loose(rows), temp=True)

    @contextmanager
    def kept(self, name: str, expression: ir.Table) -> Iterator[ir.Table]:
        """The rows of an expression as a table of the engine, until the block ends."""
        copy = f"{name}_{next(self._numbers)}"
        yield self.backend.create_table(copy, expression, schema=expression.schema(), temp=True)
        self.backend.drop_table(copy)

    def run(self, expression: ir.Table) -> pa.Table:
        """The rows of an expression."""
        return self.backend.to_pyarrow(expression)


def _taught() -> BaseBackend:
    backend = ibis.duckdb.connect()
    backend.raw_sql(LOW32)
    return backend


def _loose(rows: pa.Table) -> pa.Table:
    """The rows with addresses as plain binary, since Ibis knows no binary of fixed size."""
    fixed = pa.types.is_fixed_size_binary
    return rows.cast(pa.schema([(one.name, pa.binary() if fixed(one.type) else one.type) for one in rows.schema]))
