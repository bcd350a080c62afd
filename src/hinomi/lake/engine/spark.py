"""Spark: the cluster engine, over the same files; a session of its own machine, or a standalone cluster's.

`HINOMI_SPARK_MASTER` names the master (`spark://host:7077`); every worker must see the lake's folder under the same path, and
may read it. Whatever else a cluster wants said (memory of an executor, a shared secret) stands in Spark's own
`spark-defaults.conf` under `SPARK_CONF_DIR`; here is only what makes answers the same everywhere.
The Iceberg runtime is a Java archive that closed networks cannot fetch: PyIceberg plans the files, Spark reads the Parquet.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from hinomi.lake.answers import canonical
from hinomi.lake.engine import Engine, EngineKind
from hinomi.lake.errors import LakeError
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
_LOOPBACK = {  # nothing of the driver listens outside of this machine
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
_LOCAL = _LOOPBACK | {"spark.sql.shuffle.partitions": str(os.cpu_count() or 1), "spark.driver.memory": "1g"}
_THIS_MACHINE = {"127.0.0.1", "localhost"}
_STANDALONE = "spark://"
_ANSWERS = 5.0  # seconds for a master to take a connection; Spark itself tries for a minute
_STARTS = 60.0  # seconds for a cluster to give the first core; Spark itself waits for ever
_CAUSE = re.compile(r"^(?:Caused by: )?(?:[a-z]\w*\.)+(\w+(?:Exception|Error)): (.+)$", re.MULTILINE)


class SparkEngine:
    """Spark over the Parquet files that PyIceberg plans."""

    def __init__(self, lake: Store, session: SparkSession, backend: Backend) -> None:
        self._lake = lake
        self._session = session
        self._backend = backend
        self._numbers = count()
        self._views: list[str] = []

    def table(self, kind: str, window: Window | None = None) -> ir.Table:
        files = [_whole(file.path) for file in self._lake.catalogue.plan(kind, window)]
        columns = ", ".join(f"`{field.name}` {_TYPES[field.type]}" for field in EVENTS[kind].arrow)
        if files:
            # The folders' names hold the day; without this Spark would add it as a column.
            rows = self._session.read.schema(columns).option("recursiveFileLookup", "true").parquet(*map(_literal, files))
        else:
            rows = self._session.createDataFrame([], columns)
        if window is not None:
            start, end = (f"timestamp_micros({microseconds(one)})" for one in window)
            rows = rows.where(f"time >= {start} AND time < {end}")
        return self._view(kind, rows)

    def lookup(self, name: str, rows: pa.Table) -> ir.Table:
        return self._view(name, self._session.createDataFrame(canonical(rows)))

    @contextmanager
    def kept(self, name: str, expression: ir.Table) -> Iterator[ir.Table]:
        rows = self._session.sql(self._backend.compile(expression)).persist()
        try:
            yield self._view(name, rows)
        finally:
            rows.unpersist()

    def run(self, expression: ir.Table) -> pa.Table:
        with _told(self._session.conf.get("spark.master") or "spark"):
            return canonical(self._backend.to_pyarrow(expression))

    def close(self) -> None:
        for view in self._views:
            self._session.catalog.dropTempView(view)

    def _view(self, name: str, rows: DataFrame) -> ir.Table:
        view = f"{name}_{id(self)}_{next(self._numbers)}"
        rows.createOrReplaceTempView(view)
        self._views.append(view)
        return self._backend.table(view)


def _whole(path: str) -> str:
    """The path of a planned file; Spark takes one of no bytes for one of no rows, and would call an attack a quiet day."""
    if Path(path).exists() and not Path(path).stat().st_size:
        what = Text("This file of the lake is empty.", "データレイクのこのファイルは空です。")
        raise LakeError(path, what, Text("Restore it from a backup.", "バックアップから復元してください。"))
    return path


def _literal(path: str) -> str:
    """A path as Hadoop takes for that one file; other signs than these it leaves as they are, `%` and `#` too."""
    return re.sub(r"[{}\[\]*?\\]", r"\\\g<0>", path)


@cache
def session(master: str) -> SparkSession:
    """The session of this process with a master; started once, since that takes seconds, and ended with the process.

    Raises LakeError when no master answers, or its cluster gives no core.
    """
    from pyspark.sql import SparkSession

    masters = list(_masters(master)) if master.startswith(_STANDALONE) else []
    if masters and not any(_reached(*one) for one in masters):
        raise LakeError(master, *_SILENT)
    builder = SparkSession.builder.appName("hinomi").master(master).config(map=_SETTINGS)
    local = master.startswith("local")
    if local or (masters and {host for host, _ in masters} <= _THIS_MACHINE):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = builder.config(map=_LOCAL if local else _LOOPBACK)
    builder = builder.config("spark.sql.warehouse.dir", _warehouse().name)
    with _told(master):
        opened = builder.getOrCreate()
        opened.sql(_LOW32)
        if not local:
            _wait_for_a_core(master, opened)
    return opened


@cache
def _warehouse() -> tempfile.TemporaryDirectory[str]:
    """Where Spark makes a folder for tables of its own, of which there are none: unasked, in the user's working directory."""
    return tempfile.TemporaryDirectory(prefix="hinomi-spark-")


def _masters(master: str) -> Iterator[tuple[str, int]]:
    """Host and port of each master of a standalone cluster (`spark://one:7077,two:7077`)."""
    for one in master.removeprefix(_STANDALONE).split(","):
        host, _, port = one.rpartition(":")
        if not host or not port.isdigit():
            raise LakeError(master, *_MISSPELLED)
        yield host.strip("[]"), int(port)


def _reached(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), _ANSWERS).close()
    except OSError:
        return False
    return True


def _wait_for_a_core(master: str, opened: SparkSession) -> None:
    """Run a job of one row. A cluster that has no room for an executor says so in its own log only, and Spark waits."""
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1)
    job = pool.submit(opened.range(1).count)
    try:
        job.result(_STARTS)
    except TimeoutError:
        opened.stop()
        raise LakeError(master, *_NO_ROOM) from None
    finally:
        pool.shutdown(wait=False)


@contextmanager
def _told(master: str) -> Iterator[None]:
    """Turn what Spark and its JVM say, pages of it, into the one line that names the cause."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException) as error:
        named = _CAUSE.findall(str(error))
        cause = ": ".join(named[-1]) if named else str(error).partition("\n")[0]
        what = Text("Spark could not: {cause}", "Spark で実行できませんでした: {cause}").fill(cause=cause)
        raise LakeError(master, what, _LOOK) from error


_SILENT = (
    Text("No Spark master answers there.", "そこで応答する Spark マスターがありません。"),
    Text(
        "Start it, correct HINOMI_SPARK_MASTER, or use duckdb.",
        "起動するか HINOMI_SPARK_MASTER を直すか、duckdb を使ってください。",
    ),
)
_MISSPELLED = (
    Text("This is no address of a Spark master.", "Spark マスターのアドレスではありません。"),
    Text("Write HINOMI_SPARK_MASTER=spark://host:7077.", "HINOMI_SPARK_MASTER=spark://host:7077 のように書いてください。"),
)
_NO_ROOM = (
    Text("The cluster gave no core within a minute.", "クラスタが1分以内にコアを割り当てませんでした。"),
    Text(
        "Its workers may be few, busy, or smaller than an executor: set spark.executor.memory in spark-defaults.conf.",
        "ワーカーの不足・混雑、またはメモリ不足です。spark-defaults.conf の spark.executor.memory を調整してください。",
    ),
)
_LOOK = Text(
    "Every worker must see the lake's folder under the same path and may read it; see the worker's log.",
    "全ワーカーが同じパスでデータレイクを読める必要があります。ワーカーのログも確認してください。",
)


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
