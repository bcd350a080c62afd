"""The Iceberg side of the lake: plans, and commits that change or tidy, through PyIceberg with a SQLite catalogue.

Imported late: PyIceberg costs most of a second. The commit that only adds files is in `snapshot`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.conversions import to_bytes
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.table import StaticTable, Table, Transaction
from pyiceberg.table.update.snapshot import ExpireSnapshots
from pyiceberg.typedef import Record
from pyiceberg.types import IcebergType, TimestamptzType
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from hinomi.lake.durable import here
from hinomi.lake.snapshot import MANY
from hinomi.lake.tables import CATALOGUE, NAMESPACE, Layout, iceberg_type
from hinomi.lake.writing import Written
from hinomi.schema.events import EVENTS
from hinomi.schema.findings import Window

_IO = {"py-io-impl": "hinomi.lake.durable.DurableIO"}
_SNAPSHOTS_KEPT = 10


@dataclass(frozen=True)
class Planned:
    """A data file that may hold rows of a window; `first` and `last` are microseconds since 1970, inclusive."""

    path: str
    rows: int
    size: int
    day: int
    first: int
    last: int


class Catalogue:
    """The Iceberg tables of one lake."""

    def __init__(self, layout: Layout, database: Path | None = None) -> None:
        self._layout = layout
        place = URL.create("sqlite", database=str(database or layout.database), query={"timeout": "60"})
        self._catalog = SqlCatalog(CATALOGUE, uri=str(place), warehouse=str(layout.root), **_IO)
        self._catalog.create_namespace_if_not_exists(NAMESPACE)

    def table(self, kind: str) -> Table:
        """The table of a kind, given the columns that were declared since it was made."""
        table = self._catalog.load_table((NAMESPACE, kind))
        missing = [name for name in EVENTS[kind].arrow.names if name not in table.schema().column_names]
        if missing:
            with table.update_schema() as update:
                for name in missing:
                    update.add_column(name, _iceberg(EVENTS[kind].arrow.field(name)))
        return table

    def register(self, kind: str, metadata: str) -> Table:
        """A table by a metadata file that is there already."""
        return self._catalog.register_table((NAMESPACE, kind), metadata)

    def append(self, table: Table, files: Iterable[Written], summary: Mapping[str, str]) -> str:
        """Add data files in one commit and return the metadata file that it made; durable when it returns."""
        with _writing(), table.transaction() as change:
            with change.update_snapshot(snapshot_properties=dict(summary)).merge_append() as update:
                for file in files:
                    update.append_data_file(_data_file(table, file))
            _expire(table, change, keep=_SNAPSHOTS_KEPT if len(table.metadata.snapshots) >= MANY else MANY)
        return table.metadata_location

    def replace(self, table: Table, gone: set[str], files: Iterable[Written]) -> str:
        """Swap data files for others, and forget the snapshots that knew the old ones, in one commit."""
        entries = [task.file for task in table.scan().plan_files() if task.file.file_path in gone]
        with _writing(), table.transaction() as change:
            with change.update_snapshot().overwrite() as update:
                for entry in entries:
                    update.delete_data_file(entry)
                for file in files:
                    update.append_data_file(_data_file(table, file))
            _expire(table, change, keep=0)
        return table.metadata_location

    def drop(self, table: Table, day: int) -> str:
        """Remove the data files of the days before a day (counted from 1970) in one commit, without reading them."""
        gone = {file.path for file in self.plan(table.name()[-1]) if file.day < day}
        return self.replace(table, gone, ()) if gone else table.metadata_location

    def plan(self, kind: str, window: Window | None = None) -> list[Planned]:
        """The data files that may hold rows of the window, oldest first."""
        try:
            table = self._catalog.load_table((NAMESPACE, kind))
        except NoSuchTableError:
            return []
        time = table.schema().find_field("time").field_id
        tasks = table.scan(row_filter=_within(window)).plan_files()
        return sorted((_planned(task.file, time) for task in tasks), key=lambda file: (file.first, file.path))

    def referenced(self, table: Table) -> set[str]:
        """Every file that any snapshot of the table needs: data, manifests, manifest lists, metadata."""
        found = {table.metadata_location, *(entry.metadata_file for entry in table.metadata.metadata_log)}
        for snapshot in table.metadata.snapshots:
            found.add(snapshot.manifest_list)
            for manifest in snapshot.manifests(table.io):
                if manifest.manifest_path not in found:
                    found.add(manifest.manifest_path)
                    found.update(entry.data_file.file_path for entry in manifest.fetch_manifest_entry(table.io))
        return found


def files_of(metadata: str, old: str, new: str) -> list[Written]:
    """The data files of a table whose folder was moved, in their new place."""
    table = StaticTable.from_metadata(metadata, _IO | {"moved-from": old, "moved-to": new})
    time = table.schema().find_field("time").field_id
    planned = [_planned(task.file, time) for task in table.scan().plan_files()]
    return [
        Written(Path(here(one.path, old, new)), one.day, one.rows, one.size, one.first, one.last, frozenset())
        for one in planned
    ]


@contextmanager
def _writing() -> Iterator[None]:
    """A catalogue that cannot be written is a failed write like any other; callers need not know SQLAlchemy."""
    try:
        yield
    except SQLAlchemyError as error:
        raise OSError(str(error)) from error


def _iceberg(field: pa.Field) -> IcebergType:
    found: IcebergType = IcebergType.model_validate(iceberg_type(field, {f"{field.name}.element": 1}))
    return found  # PyIceberg numbers the element of a list anew


def _within(window: Window | None) -> str:
    if window is None:
        return "true"
    return f"time >= '{window.start.isoformat()}' and time < '{window.end.isoformat()}'"


def _data_file(table: Table, file: Written) -> DataFile:
    time = table.schema().find_field("time").field_id
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=str(file.path),
        file_format=FileFormat.PARQUET,
        partition=Record(file.day),
        record_count=file.rows,
        file_size_in_bytes=file.size,
        value_counts={time: file.rows},
        null_value_counts={time: 0},
        lower_bounds={time: to_bytes(TimestamptzType(), file.first)},
        upper_bounds={time: to_bytes(TimestamptzType(), file.last)},
        sort_order_id=table.metadata.default_sort_order_id,
        spec_id=table.metadata.default_spec_id,
        equality_ids=None,
        key_metadata=None,
    )


def _planned(file: DataFile, time: int) -> Planned:
    first, last = (int.from_bytes(bound[time], "little", signed=True) for bound in (file.lower_bounds, file.upper_bounds))
    return Planned(file.file_path, file.record_count, file.file_size_in_bytes, file.partition[0], first, last)


def _expire(table: Table, change: Transaction, keep: int) -> None:
    """Drop all but the last snapshots; their segments are in the ledger, which is settled before each commit."""
    ordered = sorted(table.metadata.snapshots, key=lambda snapshot: snapshot.sequence_number or 0)
    old = [snapshot.snapshot_id for snapshot in ordered[: max(0, len(ordered) - keep)]]
    if old:
        expire = ExpireSnapshots(change)
        expire._snapshot_ids_to_expire.update(old)  # by_id() rebuilds the whole metadata for each id
        expire.commit()
