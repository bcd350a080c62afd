"""The ledger: which segments the lake holds, in the order in which they came. An index; the snapshots are the truth.

Each commit names its segments in the snapshot's summary, so that rows and names become visible in one step. The ledger
repeats them where they can be looked up, and outlives snapshots that expire. It is behind only when a process died
between the two, and `Store.settle` brings it up from the snapshots before anything is asked of it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hinomi.lake.tables import CATALOGUE, NAMESPACE

SEGMENTS = "hinomi.segments"  # the property of a snapshot's summary that names the segments of its commit
_TABLES = """
CREATE TABLE IF NOT EXISTS hinomi_segments (
    number INTEGER PRIMARY KEY AUTOINCREMENT, segment TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    rows INTEGER NOT NULL, first INTEGER, last INTEGER);
CREATE TABLE IF NOT EXISTS hinomi_settled (kind TEXT PRIMARY KEY, metadata TEXT NOT NULL, fields TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS iceberg_tables (
    catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL,
    metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5),
    PRIMARY KEY (catalog_name, table_namespace, table_name));
CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (
    catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL,
    property_key VARCHAR(255) NOT NULL, property_value VARCHAR(1000) NOT NULL,
    PRIMARY KEY (catalog_name, namespace, property_key));
"""  # the last two as PyIceberg's SQL catalogue makes them
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One segment as its commit names it; `first` and `last` are microseconds since 1970, None when it has no row."""

    segment: str
    rows: int
    first: int | None
    last: int | None

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """The times of its first and last row."""
        return (
            None if self.first is None else moment(self.first),
            None if self.last is None else moment(self.last),
        )


@dataclass(frozen=True)
class Arrival:
    """A segment that the lake took, by its place in the order of arrival."""

    number: int
    kind: str
    entry: Entry


class Ledger:
    """The ledger of one lake, in the database of its catalogue; any thread may ask."""

    def __init__(self, database: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(database, timeout=60, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(_TABLES)

    def holds(self, segment: str) -> bool:
        with self._cursor() as cursor:
            return bool(cursor.execute("SELECT 1 FROM hinomi_segments WHERE segment = ?", (segment,)).fetchone())

    def held(self, segments: Iterable[str]) -> set[str]:
        """Those of the segments that the lake holds."""
        return {segment for segment in segments if self.holds(segment)}

    def alike(self, mark: str) -> list[str]:
        """The latest segments that the lake holds whose ids begin so; a few, since each may have to be compared."""
        query = "SELECT segment FROM hinomi_segments WHERE segment >= ? AND segment < ? ORDER BY number DESC LIMIT 16"
        with self._cursor() as cursor:
            return [segment for (segment,) in cursor.execute(query, (mark, mark + "\x7f"))]

    def since(self, number: int) -> list[Arrival]:
        """What arrived after a number, oldest first."""
        query = "SELECT number, kind, segment, rows, first, last FROM hinomi_segments WHERE number > ? ORDER BY number"
        with self._cursor() as cursor:
            rows = cursor.execute(query, (number,)).fetchall()
        return [Arrival(n, kind, Entry(segment, count, first, last)) for n, kind, segment, count, first, last in rows]

    def pointers(self) -> dict[str, str]:
        """Kind → current metadata file, as the catalogue says."""
        with self._cursor() as cursor:
            return dict(cursor.execute("SELECT table_name, metadata_location FROM iceberg_tables"))

    def settled(self, kind: str) -> tuple[str, str]:
        """The metadata file up to which the ledger is complete, and the fields that its table was checked for."""
        with self._cursor() as cursor:
            found = cursor.execute("SELECT metadata, fields FROM hinomi_settled WHERE kind = ?", (kind,)).fetchone()
        return (found[0], found[1]) if found else ("", "")

    def enter(self, kind: str, entries: Iterable[Entry], metadata: str, fields: str, *, instead_of: str | None = None) -> None:
        """Write down segments and how far the ledger is complete, in one step.

        With `instead_of`, the metadata file that counts until now ("" for none), the table is turned to the new one in
        the same step. OSError when it is another one that counts.
        """
        rows = [(entry.segment, kind, entry.rows, entry.first, entry.last) for entry in entries]
        with self._cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                if instead_of is not None:
                    _turn(cursor, kind, metadata, instead_of)
                cursor.executemany(
                    "INSERT OR IGNORE INTO hinomi_segments (segment, kind, rows, first, last) VALUES (?, ?, ?, ?, ?)", rows
                )
                cursor.execute("INSERT OR REPLACE INTO hinomi_settled VALUES (?, ?, ?)", (kind, metadata, fields))
                cursor.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk has SQLite roll back by itself
                    cursor.execute("ROLLBACK")
                raise

    def damage(self) -> str:
        """What SQLite finds wrong with the catalogue's file, or ""."""
        with self._cursor() as cursor:
            (found,) = cursor.execute("PRAGMA quick_check(1)").fetchone()
        return "" if found == "ok" else str(found)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def _cursor(self) -> Iterator[sqlite3.Cursor]:
        with self._lock:
            yield self._connection.cursor()


def _turn(cursor: sqlite3.Cursor, kind: str, metadata: str, instead_of: str) -> None:
    """Let another metadata file count, as PyIceberg's SQL catalogue does."""
    if instead_of:
        query = "UPDATE iceberg_tables SET metadata_location = ?, previous_metadata_location = ? WHERE table_name = ?"
        cursor.execute(f"{query} AND metadata_location = ?", (metadata, instead_of, kind, instead_of))
        if cursor.rowcount != 1:
            raise OSError(f"the table {kind} was changed by someone else")
        return
    table = (CATALOGUE, NAMESPACE, kind, metadata)
    cursor.execute("INSERT INTO iceberg_tables VALUES (?, ?, ?, ?, NULL, 'TABLE')", table)
    cursor.execute("INSERT OR IGNORE INTO iceberg_namespace_properties VALUES (?, ?, 'exists', 'true')", (CATALOGUE, NAMESPACE))


def named(entries: Iterable[Entry]) -> dict[str, str]:
    """Segments as the summary of their commit names them."""
    return {SEGMENTS: json.dumps([astuple(entry) for entry in entries], separators=(",", ":"))}


def entries(metadata: Mapping[str, Any]) -> list[Entry]:
    """The segments that the snapshots in a table's metadata name, oldest first."""
    snapshots = sorted(metadata.get("snapshots") or (), key=lambda snapshot: snapshot["sequence-number"])
    return [Entry(*entry) for snapshot in snapshots for entry in json.loads(snapshot["summary"].get(SEGMENTS, "[]"))]


def moment(microseconds: int) -> datetime:
    """The time of a count of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(time: datetime) -> int:
    """Microseconds since 1970, exactly."""
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} needs a time zone; the lake knows UTC only")
    return (time - _EPOCH) // timedelta(microseconds=1)
