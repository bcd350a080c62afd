"""How an event kind is laid out at rest: Iceberg field ids, the Parquet schema, encodings, folders. Knows no PyIceberg.

Writing needs only this, so that `observe` can fill files while PyIceberg is still being imported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from hinomi.schema.events import EVENTS
from hinomi.schema.fields import ADDRESS, BYTES, FLAG, I32, I64, TEXT, TEXTS, TIME

CATALOGUE, NAMESPACE = "hinomi", "events"  # the names of the tables, as PyIceberg asks for them
DAY = 86_400_000_000  # microseconds
ROW_GROUP = 262_144
LABEL = pa.dictionary(pa.int32(), pa.string())
LABELS = ("sensor", "segment")  # the same for long runs of rows: written from a dictionary that we know beforehand
# Chosen by measuring each column of a /16 telescope's packets, written and read again (main columns, DuckDB): 274 ns a row to
# write and 43 to read at 28 bytes, against 370, 57 and 24 with zstd. Nearly unique numbers gain nothing from compression
# once they are packed; addresses of the telescope, ports and flags are smaller and faster without a dictionary. Splitting
# bytes would save more, but Spark 4.0 cannot read it.
_PACKED = ("time", "seq", "ack", "ipid", "sport", "window", "length", "inner_sport", "bytes", "bytes_in", "bytes_out")
_PLAIN = ("dst", "dport", "flags", "options", "inner_dport")
# Files are sorted by time. Where a telescope alone is seen, every receiver is dark, and what is asked of the others need not
# read a row; scattered sources and ports have the same bounds in every row group.
_BOUNDED = ("time", "dst")
_PAGE = 1 << 16  # rows that the writer handles at a time


def declared(kind: str) -> str:
    """The columns that a kind has today, in one word."""
    return ",".join(EVENTS[kind].arrow.names)


def first_ids(kind: str) -> dict[str, int]:
    """Field ids of a new table: columns in order from 1, then the elements of lists, as the Iceberg specification assigns."""
    schema = EVENTS[kind].arrow
    ids = {name: number for number, name in enumerate(schema.names, 1)}
    lists = [field.name for field in schema if pa.types.is_list(field.type)]
    return ids | {f"{name}.element": len(schema.names) + number for number, name in enumerate(lists, 1)}


def known_ids(metadata: Mapping[str, Any]) -> dict[str, int]:
    """Field ids of a table by its Iceberg metadata."""
    schema = next(one for one in metadata["schemas"] if one["schema-id"] == metadata["current-schema-id"])
    ids: dict[str, int] = {}
    for field in schema["fields"]:
        ids[field["name"]] = field["id"]
        if isinstance(field["type"], dict):
            ids[f"{field['name']}.element"] = field["type"]["element-id"]
    return ids


_ICEBERG: Final[Mapping[pa.DataType, str]] = {
    ADDRESS: "fixed[16]",
    TIME: "timestamptz",
    TEXT: "string",
    I32: "int",
    I64: "long",
    BYTES: "binary",
    FLAG: "boolean",
    pa.float64(): "double",
}


def iceberg_type(field: pa.Field, ids: Mapping[str, int]) -> str | dict[str, Any]:
    """A column's type as Iceberg's metadata writes it. https://iceberg.apache.org/spec/#schemas"""
    if not pa.types.is_list(field.type):
        return _ICEBERG[field.type]
    element = _ICEBERG[field.type.value_type]
    return {"type": "list", "element-id": ids[f"{field.name}.element"], "element": element, "element-required": False}


def parquet_schema(kind: str, ids: Mapping[str, int]) -> pa.Schema:
    """The schema of a kind's data files, with the field ids by which Iceberg readers find columns."""
    return pa.schema([_with_id(field, ids) for field in EVENTS[kind].arrow])


def _with_id(field: pa.Field, ids: Mapping[str, int]) -> pa.Field:
    if pa.types.is_list(field.type):
        element = field.type.value_field.with_metadata({"PARQUET:field_id": str(ids[f"{field.name}.element"])})
        field = pa.field(field.name, pa.list_(element), nullable=field.nullable)
    elif field.name in LABELS:
        field = pa.field(field.name, LABEL, nullable=field.nullable)
    return field.with_metadata({"PARQUET:field_id": str(ids[field.name])})


def writer_options(schema: pa.Schema) -> dict[str, Any]:
    """Options of `pyarrow.parquet.ParquetWriter` for a schema."""
    leaves = [f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name for field in schema]
    packed = [leaf for leaf in leaves if leaf in _PACKED]
    texts = [leaf for leaf, field in zip(leaves, schema, strict=True) if field.type in (TEXT, TEXTS)]
    return {
        "compression": {leaf: "none" if leaf in packed else "zstd" if leaf in texts else "lz4" for leaf in leaves},
        "compression_level": dict.fromkeys(texts, 1),
        "use_dictionary": [leaf for leaf in leaves if leaf not in packed and leaf not in _PLAIN],
        "column_encoding": dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
        "write_statistics": [leaf for leaf in leaves if leaf in _BOUNDED],
        "write_batch_size": _PAGE,
        "store_schema": False,
        "coerce_timestamps": "us",
    }


@dataclass(frozen=True)
class Layout:
    """The folders and files of one lake."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "catalogue.sqlite3"

    @property
    def exercise(self) -> Path:
        return self.root / "EXERCISE"

    @property
    def commit_lock(self) -> Path:
        return self.root / "commit.lock"

    @property
    def readers_lock(self) -> Path:
        return self.root / "readers.lock"

    @property
    def tokens(self) -> Path:
        return self.root / "writers"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    def table(self, kind: str) -> Path:
        return self.root / NAMESPACE / kind

    def data(self, kind: str) -> Path:
        return self.table(kind) / "data"

    def metadata(self, kind: str) -> Path:
        return self.table(kind) / "metadata"

    def file(self, kind: str, day: int, name: str) -> Path:
        """A data file of one day (days since 1970)."""
        date = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date()
        return self.data(kind) / f"time_day={date.isoformat()}" / f"{name}.parquet"


def read_metadata(location: str) -> dict[str, Any]:
    """An Iceberg metadata file."""
    content: dict[str, Any] = json.loads(Path(location).read_bytes())
    return content
