"""Spark: the cluster engine, over the same files; a session of its own machine, or a standalone cluster's.

`HINOMI_SPARK_MASTER` names the master (`spark://host:7077`); every worker must see the lake's folder under the same path.
The Iceberg runtime is a Java archive that closed networks cannot fetch: PyIceberg plans the files, Spark reads the Parquet.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import count
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
    import ibis.expr.types as ir
    from ibis.backends.pyspark import Backend
    from pyspark.sql import DataFrame, SparkSession

_TYPES = {
    ADDRESS: "binary",
    TIME: "timestamp",
    TEXT: "string",
    I32: "int",
    I64: "bigint",
    BYTES: "binary",
    FLAG: "boolean",
    pa.float64(): "double",
    TEXTS: "array<string>",
}
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.log.level": "ERROR",
}
_LOW32 = """CREATE OR REPLACE TEMPORARY FUNCTION low32(address BINARY) RETURNS BIGINT
    RETURN CAST(conv(substr(hex(address), 25), 16, 10) AS BIGINT)"""
_LOCAL = {  # one machine: as many parts as cores, and nothing listens outside of it
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


class SparkEngine:
    """Spark over the Parquet files that PyIceberg plans."""

    def __init__(self, lake: Store, session: SparkSession, backend: Backend) -> None:
        self._lake = lake
        self._session = session
        self._backend = backend
        self._numbers = count()
        self._views: list[str] = []

    def table(self, kind: str, window: Window | None = None) -> ir.Table:
        files = [file.path for file in self._lake.catalogue.plan(kind, window)]
        columns = ", ".join(f"`{field.name}` {_TYPES[field.type]}" for field in EVENTS[kind].arrow)
        if files:
            # The folders' names hold the day; without this Spark would add it as a column.
            rows = self._session.read.schema(columns).option("recursiveFileLookup", "true").parquet(*files)
        else:
            rows = self._session.createDataFrame([], columns)
        if window is not None:
            start, end = (f"timestamp_micros({microseconds(one)})" for one in window)
            rows = rows.where(f"time >= {start} AND time < {end}")
        return self._view(kind, rows)

    def lookup(self, name: str, rows: pa.Table) -> ir.Table:
        return self._view(name, self._session.createDataFrame(canonical(rows)))

    def run(self, expression: ir.Table) -> pa.Table:
        return canonical(self._backend.to_pyarrow(expression))

    def close(self) -> None:
        for view in self._views:
            self._session.catalog.dropTempView(view)

    def _view(self, name: str, rows: DataFrame) -> ir.Table:
        view = f"{name}_{id(self)}_{next(self._numbers)}"
        rows.createOrReplaceTempView(view)
        self._views.append(view)
        return self._backend.table(view)


@cache
def session(master: str) -> SparkSession:
    """The session of this process with a master; started once, since that takes seconds, and ended with the process."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("hinomi").master(master)
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = builder.config(map=_LOCAL)
    opened = builder.config(map=_SETTINGS).getOrCreate()
    opened.sql(_LOW32)
    return opened


@contextmanager
def _open(lake: Store) -> Iterator[Engine]:
    import ibis

    opened = session(os.environ.get("HINOMI_SPARK_MASTER") or f"local[{os.cpu_count() or 1}]")
    engine = SparkEngine(lake, opened, ibis.pyspark.connect(opened))
    try:
        yield engine
    finally:
        engine.close()


def _lacks() -> Text | None:
    if find_spec("pyspark") is None:
        return Text("PySpark is not installed (the extra `spark`).", "PySpark がありません(追加機能 `spark`)。")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        return Text("Spark needs Java 17, which is not installed.", "Spark には Java 17 が必要ですが、見つかりません。")
    return None


spark_engine = EngineKind(
    title=Text("Apache Spark, on this machine or a standalone cluster", "Apache Spark (このマシンまたはクラスタ)"),
    lacks=_lacks,
    open=_open,
)
