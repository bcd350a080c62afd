"""The lake in SQL, read-only: one view per event kind, and nothing else that SQL could reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hinomi.lake.engine.duckdb import LOW32, connected, literal, quoted, select
from hinomi.lake.errors import LakeError
from hinomi.lake.locks import locked
from hinomi.lake.store import Store
from hinomi.schema.address import pack, text
from hinomi.schema.events import EVENTS
from hinomi.schema.words import Text

if TYPE_CHECKING:
    import duckdb

_REFUSED = ("Permission Error", "Cannot change configuration", "configuration has been locked", "read-only", "disabled")


def query(lake: Store, statement: str) -> pa.Table:
    """The rows of one SELECT over the kinds as views; `addr('192.0.2.1')`, `text(src)` and `low32(src)` turn addresses.

    LakeError when the statement is no SELECT, is wrong, or reaches for anything but the lake.
    """
    with opened(lake) as connection:
        return _answer(connection, statement)


@contextmanager
def opened(lake: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can read the lake's files and nothing else, and cannot be talked out of it."""
    from duckdb.func import ARROW
    from duckdb.sqltypes import BLOB, VARCHAR

    with locked(lake.layout.readers_lock, shared=True), connected(lake.layout.scratch) as connection:
        connection.create_function("addr", _packed, [VARCHAR], BLOB, type=ARROW)
        connection.create_function("text", _written, [BLOB], VARCHAR, type=ARROW)
        connection.execute(LOW32)
        for kind in EVENTS:
            connection.execute(f'CREATE VIEW "{kind}" AS {select(lake, kind, lake.catalogue.plan(kind))}')
        folders = [str(lake.layout.data(kind)) for kind in EVENTS]
        folders += [literal(folder) for folder in folders]  # DuckDB compares paths as they are written
        connection.execute(f"SET allowed_directories = [{', '.join(map(quoted, folders))}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def _answer(connection: duckdb.DuckDBPyConnection, statement: str) -> pa.Table:
    import duckdb

    try:
        statements = connection.extract_statements(statement)
        if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
            raise _refused(statement)
        return connection.sql(statement).to_arrow_table()
    except duckdb.Error as error:
        if any(word in str(error) for word in _REFUSED):
            raise _refused(statement) from error
        what = Text(f"DuckDB says: {error}", f"DuckDBのエラー: {error}")
        remedy = Text(f"The views are {', '.join(EVENTS)}.", f"使えるビューは {'、'.join(EVENTS)} です。")
        raise LakeError(_short(statement), what, remedy) from error


def _packed(written: pa.Array) -> pa.Array:
    return _each(written, pack, pa.binary())


def _written(packed: pa.Array) -> pa.Array:
    return _each(packed, text, pa.string())


def _each(values: pa.Array, turn: Callable[[Any], object], kind: pa.DataType) -> pa.Array:
    """A Python function over a column, called once for each distinct value."""
    coded = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    coded = coded.dictionary_encode()
    return pa.array([turn(value) for value in coded.dictionary.to_pylist()], kind).take(coded.indices)


def _refused(statement: str) -> LakeError:
    return LakeError(
        _short(statement),
        Text("Only one SELECT over the lake is allowed here.", "ここではデータレイクに対するSELECT文1つだけを実行できます。"),
        Text(
            "Files, settings, extensions and changes are out of reach; write the answer elsewhere yourself.",
            "ファイル・設定・拡張・変更はできません。結果の保存は出力側で行ってください。",
        ),
    )


def _short(statement: str) -> str:
    line = " ".join(statement.split())
    return line if len(line) <= 60 else line[:59] + "…"
