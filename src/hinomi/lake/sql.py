"""The lake in SQL, read-only: one view per event kind, and nothing else that SQL could reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from hinomi.lake.engine.duckdb import LOW32, connected, literal, quoted, select
from hinomi.lake.errors import LakeError
from hinomi.lake.locks import locked
from hinomi.lake.spelling import each, spelled
from hinomi.lake.store import Store
from hinomi.schema.address import pack, text
from hinomi.schema.events import EVENTS
from hinomi.schema.fields import FIELDS
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text

if TYPE_CHECKING:
    import duckdb

_REFUSED = ("Permission Error", "Cannot change configuration", "configuration has been locked", "read-only", "disabled")
_ROWS: Final = 8192  # drawn at a time


@dataclass(frozen=True)
class Answer:
    """What a SELECT gives: its columns, each name once, and its rows, drawn some thousands at a time."""

    statement: str
    columns: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]

    def rows(self) -> Iterator[tuple[object, ...]]:
        """The rows, once, in values as JSON and people have them."""
        with _explained(self.statement):
            for batch in self.batches:
                yield from zip(*(spelled(*one) for one in zip(self.columns, batch.columns, strict=True)), strict=True)


@contextmanager
def query(lake: Store, statement: str) -> Iterator[Answer]:
    """The answer to one SELECT over the kinds as views; `addr('192.0.2.1')`, `text(src)` and `low32(src)` turn addresses.

    WrongUse when the statement is no SELECT, is wrong, or reaches for anything but the lake; LakeError when it could not
    be answered.
    """
    with opened(lake) as connection:
        yield _answer(connection, statement)


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


def _answer(connection: duckdb.DuckDBPyConnection, statement: str) -> Answer:
    import duckdb

    with _explained(statement, connection):
        statements = connection.extract_statements(statement)
        if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
            raise _refused(statement)
        batches = connection.sql(statement).to_arrow_reader(_ROWS)
    return Answer(statement, _distinct(batches.schema.names), batches)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names of columns; one that was there already with a number, as DuckDB does it in a subquery."""
    given: dict[str, None] = {}
    for name in names:
        given[next(one for one in _numbered(name) if one not in given)] = None
    return tuple(given)


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in count(1))


@contextmanager
def _explained(statement: str, connection: duckdb.DuckDBPyConnection | None = None) -> Iterator[None]:
    """What DuckDB says against a statement, before and while it is answered, as a problem of whoever asked."""
    import duckdb

    try:
        yield
    except (duckdb.OperationalError, duckdb.InternalError, MemoryError) as error:
        raise LakeError(_short(statement), _said(error), _LESS) from error
    except (duckdb.Error, pa.ArrowException, OverflowError, ValueError) as error:
        if any(word in str(error) for word in _REFUSED):
            raise _refused(statement) from error
        raise WrongUse(_short(statement), _said(error), _hint(statement, error, connection)) from error


def _said(error: Exception) -> Text:
    return Text(f"DuckDB says: {error}", f"DuckDBのエラー: {error}")


def _hint(statement: str, error: Exception, connection: duckdb.DuckDBPyConnection | None) -> Text:
    """What to do: where the statement cannot be taken apart, a field may have the name of a word of SQL."""
    import duckdb

    if connection is not None and isinstance(error, duckdb.ParserException):
        reserved = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
        words = {word for (word,) in connection.execute(reserved).fetchall()} & FIELDS.keys()
        unquoted = [word for word in sorted(words) if re.search(rf'(?<!["\w]){word}(?!["\w])', statement, re.IGNORECASE)]
        if unquoted:
            names = ", ".join(f'"{word}"' for word in unquoted)
            return Text(
                f"Fields that are words of SQL stand in double quotes: {names}.",
                f"SQLの予約語と同じ名前の項目は二重引用符で囲んでください: {names}",
            )
    return Text(f"The views are {', '.join(EVENTS)}.", f"使えるビューは {'、'.join(EVENTS)} です。")


_LESS: Final = Text(
    "Ask for less at a time (a shorter time, fewer columns), or see `hinomi doctor`.",
    "期間や列を絞るか、`hinomi doctor` で確認してください。",
)


def _packed(written: pa.Array) -> pa.Array:
    return each(written, pack, pa.binary())


def _written(packed: pa.Array) -> pa.Array:
    return each(packed, text, pa.string())


def _refused(statement: str) -> WrongUse:
    return WrongUse(
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
