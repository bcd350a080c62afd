"""DuckDB: the embedded engine, on all cores, with a bound on memory and spill under the lake's folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from hinomi.lake.answers import canonical
from hinomi.lake.engine import Engine, EngineKind
from hinomi.lake.ledger import microseconds
from hinomi.lake.store import Store
from hinomi.schema.events import EVENTS
from hinomi.schema.fields import ADDRESS, BYTES, FLAG, I32, I64, TEXT, TEXTS, TIME
from hinomi.schema.findings import Window
from hinomi.schema.words import Text

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

_TYPES = {
    ADDRESS: "BLOB",
    TIME: "TIMESTAMPTZ",
    TEXT: "VARCHAR",
    I32: "INTEGER",
    I64: "BIGINT",
    BYTES: "BLOB",
    FLAG: "BOOLEAN",
    pa.float64(): "DOUBLE",
    TEXTS: "VARCHAR[]",
}
# Through UUID and UHUGEINT, which are numbers of 128 bits inside: a tenth of what hexadecimal text costs, measured.
LOW32 = """CREATE OR REPLACE TEMP MACRO low32(address) AS
    CAST(CAST(CAST(address AS UUID) AS UHUGEINT) & 4294967295::UHUGEINT AS BIGINT)"""
MEMORY = "900MB"  # leaves room under the promise of 1.5 GB for Python, Arrow and the result


class DuckEngine:
    """DuckDB over the Parquet files that PyIceberg plans."""

    def __init__(self, lake: Store, backend: Backend) -> None:
        self._lake = lake
        self._backend = backend
        self._numbers = count()

    def table(self, kind: str, window: Window | None = None) -> ir.Table:
        name = f"{kind}_{next(self._numbers)}"
        files = [file.path for file in self._lake.catalogue.plan(kind, window)]
        self._backend.raw_sql(f"CREATE TEMP VIEW {name} AS {select(kind, files, self._lake.ids(kind), window)}")
        return self._backend.table(name)

    def lookup(self, name: str, rows: pa.Table) -> ir.Table:
        copy = f"{name}_{next(self._numbers)}"
        self._backend.con.register(f"{copy}_arrow", rows)
        self._backend.raw_sql(f"CREATE TEMP TABLE {copy} AS SELECT * FROM {copy}_arrow")  # noqa: S608 -- our own names
        self._backend.con.unregister(f"{copy}_arrow")
        return self._backend.table(copy)

    def run(self, expression: ir.Table) -> pa.Table:
        return canonical(self._backend.to_pyarrow(expression))


@contextmanager
def connected(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that spills under `scratch`, downloads nothing, and keeps to its share of memory.

    It spills into a folder of its own: DuckDB gives its files the same names in every process.
    """
    import duckdb

    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as own:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "temp_directory": own,
            "threads": os.cpu_count() or 1,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
        connection = duckdb.connect(":memory:", config=settings)
        try:
            connection.execute(LOW32)
            yield connection
        finally:
            connection.close()


def select(kind: str, files: Iterable[str], ids: dict[str, int], window: Window | None) -> str:
    """SQL for the events in the files: columns by their Iceberg id, so that a file older than a column reads as null."""
    schema = EVENTS[kind].arrow
    columns = ", ".join(f'"{name}"' for name in schema.names)
    return f"SELECT {columns} FROM {_source(schema, list(files), ids)}{_where(window)}"  # noqa: S608 -- names from the schema


def _source(schema: pa.Schema, files: list[str], ids: dict[str, int]) -> str:
    if not files:
        return "(SELECT {} WHERE false)".format(", ".join(f'NULL::{_TYPES[field.type]} AS "{field.name}"' for field in schema))
    paths = ", ".join(quoted(path) for path in files)
    columns = ", ".join(
        f"{ids[field.name]}: {{name: '{field.name}', type: '{_TYPES[field.type]}', default_value: NULL}}" for field in schema
    )
    return f"read_parquet([{paths}], schema=MAP {{{columns}}}, hive_partitioning=false)"


def _where(window: Window | None) -> str:
    if window is None:
        return ""
    start, end = (f"make_timestamptz({microseconds(one)})" for one in window)
    return f" WHERE time >= {start} AND time < {end}"


def quoted(text: str) -> str:
    """A string as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def _open(lake: Store) -> Iterator[Engine]:
    import ibis

    with connected(lake.layout.scratch) as connection:
        yield DuckEngine(lake, ibis.duckdb.from_connection(connection))


duckdb_engine = EngineKind(
    title=Text("DuckDB, inside this process", "DuckDB (組込みエンジン)"),
    lacks=lambda: None,
    open=_open,
)
