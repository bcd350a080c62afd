"""Iceberg's manifests, as Avro: which data files a commit brings, and the list of all manifests of a snapshot.

https://iceberg.apache.org/spec/#manifests and #manifest-lists, version 2, fields in the order in which PyIceberg writes them.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import fastavro

from hinomi.lake.writing import Written

Listed = dict[str, Any]  # a manifest as the list of a snapshot describes it


def manifest(metadata: Mapping[str, Any], files: Sequence[Written], number: int) -> bytes:
    """The data files of a commit, as a file."""
    schema = next(one for one in metadata["schemas"] if one["schema-id"] == metadata["current-schema-id"])
    about = {
        "schema": json.dumps(schema),
        "schema-id": str(schema["schema-id"]),
        "partition-spec": json.dumps(metadata["partition-specs"][0]["fields"]),
        "partition-spec-id": "0",
        "format-version": "2",
        "content": "data",
    }
    order = metadata["default-sort-order-id"]
    time_id = next(field["id"] for field in schema["fields"] if field["name"] == "time")
    entries = [{"status": 1, "snapshot_id": number, "data_file": _data_file(one, order, time_id)} for one in files]
    return _written(ENTRY, entries, about)


def _data_file(file: Written, order: int, time_id: int) -> dict[str, Any]:
    return {
        "content": 0,
        "file_path": str(file.path),
        "file_format": "PARQUET",
        "partition": {"time_day": file.day},
        "record_count": file.rows,
        "file_size_in_bytes": file.size,
        "column_sizes": [],  # none are known; PyIceberg expects the word
        "value_counts": [{"key": time_id, "value": file.rows}],
        "null_value_counts": [{"key": time_id, "value": 0}],
        "lower_bounds": [{"key": time_id, "value": struct.pack("<q", file.first)}],
        "upper_bounds": [{"key": time_id, "value": struct.pack("<q", file.last)}],
        "sort_order_id": order,
    }


def listing(manifests: Iterable[Listed], number: int, sequence: int) -> bytes:
    """The list of a snapshot's manifests, as a file."""
    return _written(LISTED, manifests, {"snapshot-id": str(number), "sequence-number": str(sequence), "format-version": "2"})


def listed_in(path: Path) -> list[Listed]:
    """The manifests of a list, each as it stands there; ValueError when it is not a list as we and PyIceberg write them."""
    with path.open("rb") as file:
        found: list[Any] = list(fastavro.reader(file))
    wanted = {field["name"] for field in LISTED["fields"]}
    if any(one.keys() != wanted for one in found):
        raise ValueError(f"{path}: a list of manifests with other fields")
    return found


def _written(schema: Mapping[str, Any], records: Iterable[Mapping[str, Any]], about: Mapping[str, str]) -> bytes:
    file = io.BytesIO()
    fastavro.writer(file, dict(schema), records, codec="deflate", metadata=dict(about))
    return file.getvalue()


def listed(manifest: Path, files: Sequence[Written], number: int, sequence: int) -> Listed:
    """The manifest of a commit as the list of its snapshot describes it."""
    days = [one.day for one in files]
    bounds = {"lower_bound": struct.pack("<i", min(days)), "upper_bound": struct.pack("<i", max(days))}
    return {
        "manifest_path": str(manifest),
        "manifest_length": manifest.stat().st_size,
        "partition_spec_id": 0,
        "content": 0,
        "sequence_number": sequence,
        "min_sequence_number": sequence,
        "added_snapshot_id": number,
        "added_files_count": len(files),
        "existing_files_count": 0,
        "deleted_files_count": 0,
        "added_rows_count": sum(one.rows for one in files),
        "existing_rows_count": 0,
        "deleted_rows_count": 0,
        "partitions": [{"contains_null": False, "contains_nan": False, **bounds}],
    }


def _record(name: str, *fields: tuple[str, int, Any]) -> dict[str, Any]:
    listed = [
        {"name": field, "field-id": number, "type": kind} | ({"default": None} if isinstance(kind, list) else {})
        for field, number, kind in fields
    ]
    return {"type": "record", "fields": listed, "name": name}


def _map(key: int, value: int, kind: str) -> list[Any]:
    """A map by field id: an array of pairs, since Avro's own maps know only words."""
    pair = _record(f"k{key}_v{value}", ("key", key, "int"), ("value", value, kind))
    return ["null", {"type": "array", "items": pair, "logicalType": "map"}]


def _maybe(kind: Any) -> list[Any]:
    return ["null", kind]


_DATA_FILE: Final = _record(
    "r2",
    ("content", 134, "int"),
    ("file_path", 100, "string"),
    ("file_format", 101, "string"),
    ("partition", 102, _record("r102", ("time_day", 1000, {"type": "int", "logicalType": "date"}))),
    ("record_count", 103, "long"),
    ("file_size_in_bytes", 104, "long"),
    ("column_sizes", 108, _map(117, 118, "long")),
    ("value_counts", 109, _map(119, 120, "long")),
    ("null_value_counts", 110, _map(121, 122, "long")),
    ("nan_value_counts", 137, _map(138, 139, "long")),
    ("lower_bounds", 125, _map(126, 127, "bytes")),
    ("upper_bounds", 128, _map(129, 130, "bytes")),
    ("key_metadata", 131, _maybe("bytes")),
    ("split_offsets", 132, _maybe({"type": "array", "element-id": 133, "items": "long"})),
    ("equality_ids", 135, _maybe({"type": "array", "element-id": 136, "items": "long"})),
    ("sort_order_id", 140, _maybe("int")),
)
ENTRY: Final = _record(
    "manifest_entry",
    ("status", 0, "int"),
    ("snapshot_id", 1, _maybe("long")),
    ("sequence_number", 3, _maybe("long")),
    ("file_sequence_number", 4, _maybe("long")),
    ("data_file", 2, _DATA_FILE),
)
_PARTITION: Final = _record(
    "r508",
    ("contains_null", 509, "boolean"),
    ("contains_nan", 518, _maybe("boolean")),
    ("lower_bound", 510, _maybe("bytes")),
    ("upper_bound", 511, _maybe("bytes")),
)
LISTED: Final = _record(
    "manifest_file",
    ("manifest_path", 500, "string"),
    ("manifest_length", 501, "long"),
    ("partition_spec_id", 502, "int"),
    ("content", 517, "int"),
    ("sequence_number", 515, "long"),
    ("min_sequence_number", 516, "long"),
    ("added_snapshot_id", 503, "long"),
    *((f"{what}_files_count", number, "int") for what, number in (("added", 504), ("existing", 505), ("deleted", 506))),
    *((f"{what}_rows_count", number, "long") for what, number in (("added", 512), ("existing", 513), ("deleted", 514))),
    ("partitions", 507, _maybe({"type": "array", "element-id": 508, "items": _PARTITION})),
    ("key_metadata", 519, _maybe("bytes")),
)
