"""DuckDB: the embedded engine, on all cores, with a bound on memory and spill under the lake's folder."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from hinomi.lake.answers import canonical
from hinomi.lake.engine import Engine, EngineKind
from hinomi.lake.ledger import microseconds
from hinomi.lake.locks import CLOSED
from hinomi.lake.store import Store
from hinomi.schema.events import EVENTS
from hinomi.schema.fields import ADDRESS, BYTES, FLAG, I32, I64, TEXT, TEXTS, TIME
from hinomi.schema.findings import Window
from hinomi.schema.words import Text

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

    from hinomi.lake.catalogue import Planned

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
        files = self._lake.catalogue.plan(kind, window)
        self._backend.raw_sql(f"CREATE TEMP VIEW {name} AS {select(self._lake, kind, files, window)}")
        return self._backend.table(name)

    def lookup(self, name: str, rows: pa.Table) -> ir.Table:
        copy = f"{name}_{next(self._numbers)}"
        self._backend.con.register(f"{copy}_arrow", rows)
        self._backend.raw_sql(f"CREATE TEMP TABLE {copy} AS SELECT * FROM {copy}_arrow")  # noqa: S608 -- our own names
        self._backend.con.unregister(f"{copy}_arrow")
        return self._backend.table(copy)

    @contextmanager
    def kept(self, name: str, expression: ir.Table) -> Iterator[ir.Table]:
        copy = f"{name}_{next(self._numbers)}"
        try:  # with its schema: DuckDB's sum of numbers is wider than Ibis says
            yield self._backend.create_table(copy, expression, schema=expression.schema(), temp=True)
        finally:
            self._backend.raw_sql(f"DROP TABLE IF EXISTS {copy}")

    def run(self, expression: ir.Table) -> pa.Table:
        return canonical(self._backend.to_pyarrow(expression))


@contextmanager
def connected(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that spills under `scratch`, downloads nothing, and keeps to its share of memory."""
    import duckdb

    with _own(scratch) as own:
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
            yield connection
        finally:
            connection.close()


def _own(scratch: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder of its own, since DuckDB gives its files the same names in every process; for who may only read, elsewhere."""
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(dir=scratch)
    except OSError as error:
        if error.errno not in CLOSED:
            raise
        return tempfile.TemporaryDirectory(prefix="hinomi-")


def select(lake: Store, kind: str, files: Sequence[Planned], window: Window | None = None) -> str:
    """SQL for the events of a kind in these files, cut to the half-open window; a file older than a column has it null."""
    columns = ", ".join(f'"{name}"' for name in EVENTS[kind].arrow.names)
    return f"SELECT {columns} FROM {_source(lake, kind, files)}{_where(files, window)}"  # noqa: S608 -- names from the schema


def _source(lake: Store, kind: str, files: Sequence[Planned]) -> str:
    schema = EVENTS[kind].arrow
    if not files:
        return "(SELECT {} WHERE false)".format(", ".join(f'NULL::{_TYPES[field.type]} AS "{field.name}"' for field in schema))
    options = ["hive_partitioning=false"]
    if lake.evolved(kind):  # by Iceberg id; only then, because DuckDB does not know how many rows there are if told a schema
        ids = lake.ids(kind)
        wanted = (f"{ids[one.name]}: {{name: '{one.name}', type: '{_TYPES[one.type]}', default_value: NULL}}" for one in schema)
        options.append(f"schema=MAP {{{', '.join(wanted)}}}")
    return f"read_parquet([{', '.join(quoted(literal(file.path)) for file in files)}], {', '.join(options)})"


def _where(files: Sequence[Planned], window: Window | None) -> str:
    """The cut to the window, unless all that the files hold lies in it."""
    if window is None:
        return ""
    start, end = (microseconds(one) for one in window)
    if all(start <= file.first and file.last < end for file in files):
        return ""
    return f" WHERE time >= make_timestamptz({start}) AND time < make_timestamptz({end})"


def quoted(text: str) -> str:
    """A string as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def literal(path: str) -> str:
    """A path as DuckDB takes for that one file, whatever folder it lies in: `*`, `?` and `[` ask for all that look so.

    A backslash it takes for a slash when it looks for patterns, finds nothing, and then takes the path as it stands.
    """
    return path if "\\" in path else re.sub(r"[*?[]", r"[\g<0>]", path)


@contextmanager
def _open(lake: Store) -> Iterator[Engine]:
    with connected(lake.layout.scratch) as connection:
        yield DuckEngine(lake, _taught(connection))


def _taught(connection: duckdb.DuckDBPyConnection) -> Backend:
    """The connection as Ibis speaks to it; words that engines are taught belong to one connection."""
    import ibis

    connection.execute(LOW32)
    return ibis.duckdb.from_connection(connection)


duckdb_engine = EngineKind(
    title=Text("DuckDB, inside this process", "DuckDB (組込みエンジン)"),
    lacks=lambda: None,
    open=_open,
)
