"""One more snapshot of an Iceberg table: data files added, nothing else. https://iceberg.apache.org/spec/ (version 2)

This is the commit that every capture makes. PyIceberg would do it too, but importing it takes as long as writing two million
packets; here it is a few files and one swap. Whatever is not this plain case (old snapshots and manifests to be tidied,
columns to be added, compaction, retention) is left to PyIceberg in `catalogue`, which also reads what is written here.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hinomi.lake import manifests
from hinomi.lake.disk import flush, write
from hinomi.lake.manifests import Listed
from hinomi.lake.tables import Layout, first_ids, iceberg_type
from hinomi.lake.writing import Written
from hinomi.schema.events import EVENTS

Metadata = dict[str, Any]
MANY: Final = 40  # snapshots or manifests: both are read at every commit, so PyIceberg tidies them up from here on
VERSIONS_KEPT: Final = 20
PROPERTIES: Final = {
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": str(VERSIONS_KEPT),
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": str(MANY),
}


def created(layout: Layout, kind: str, *, exercise: bool) -> Metadata:
    """The metadata of a new table, partitioned by day and sorted by time."""
    ids = first_ids(kind)
    time_id = ids["time"]
    return {
        "format-version": 2,
        "table-uuid": str(uuid.uuid4()),
        "location": str(layout.table(kind)),
        "last-sequence-number": 0,
        "last-updated-ms": _now(),
        "last-column-id": max(ids.values()),
        "current-schema-id": 0,
        "schemas": [{"type": "struct", "schema-id": 0, "identifier-field-ids": [], "fields": _fields(kind, ids)}],
        "default-spec-id": 0,
        "partition-specs": [
            {"spec-id": 0, "fields": [{"source-id": time_id, "field-id": 1000, "transform": "day", "name": "time_day"}]}
        ],
        "last-partition-id": 1000,
        "default-sort-order-id": 1,
        "sort-orders": [
            {
                "order-id": 1,
                "fields": [{"source-id": time_id, "transform": "identity", "direction": "asc", "null-order": "nulls-first"}],
            }
        ],
        "properties": PROPERTIES | {"hinomi.exercise": str(exercise).lower()},
        "snapshots": [],
        "snapshot-log": [],
        "metadata-log": [],
        "statistics": [],
        "partition-statistics": [],
        "refs": {},
    }


def _fields(kind: str, ids: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"id": ids[one.name], "name": one.name, "required": not one.nullable, "type": iceberg_type(one, ids)}
        for one in EVENTS[kind].arrow
    ]


def appended(
    metadata: Metadata, location: str, folder: Path, files: Sequence[Written], summary: Mapping[str, str]
) -> tuple[str, list[Path]] | None:
    """Write the table's next metadata file, with the files in one more snapshot; nothing refers to it yet.

    Returns where it is and the metadata files that are no longer needed once it counts; None when this table is not in
    the plain state. `location` is where `metadata` was read from, "" for a table that is being made.
    """
    carried = _carried(metadata)
    if carried is None:
        return None
    number, name = random.getrandbits(62), uuid.uuid4()  # snapshot ids are any numbers that do not repeat
    sequence = metadata["last-sequence-number"] + 1
    folder.mkdir(parents=True, exist_ok=True)
    if files:
        manifest = folder / f"{name}-m0.avro"
        write(manifest, manifests.manifest(metadata, files, number))
        carried = [manifests.listed(manifest, files, number, sequence), *carried]
    listing = folder / f"snap-{number}-0-{name}.avro"
    write(listing, manifests.listing(carried, number, sequence))
    following, dropped = _following(metadata, location, files, summary, str(listing), number)
    version = int(Path(location).name.partition("-")[0]) + 1 if location else 0
    target = folder / f"{version:05d}-{name}.metadata.json"
    write(target, json.dumps(following).encode())
    flush(folder)
    return str(target), dropped


def _carried(metadata: Metadata) -> list[Listed] | None:
    """The manifests of the current snapshot as they stand in its list; None when the table wants tidying first."""
    current = _current(metadata)
    if current is None:
        return []
    plain = metadata["format-version"] == 2 and metadata["default-spec-id"] == 0 and len(metadata["snapshots"]) < MANY
    try:
        found = manifests.listed_in(Path(current["manifest-list"]))
    except ValueError:
        return None
    return found if plain and len(found) < MANY else None


def _current(metadata: Metadata) -> dict[str, Any] | None:
    wanted = metadata.get("current-snapshot-id")
    return next((one for one in metadata["snapshots"] if one["snapshot-id"] == wanted), None)


def _following(
    metadata: Metadata, location: str, files: Sequence[Written], summary: Mapping[str, str], listing: str, number: int
) -> tuple[Metadata, list[Path]]:
    """The metadata with one more snapshot, and the files of versions that fall out of its log."""
    now, parent = max(_now(), metadata["last-updated-ms"]), _current(metadata)
    sequence = metadata["last-sequence-number"] + 1
    snapshot = {
        "snapshot-id": number,
        **({"parent-snapshot-id": parent["snapshot-id"]} if parent else {}),
        "sequence-number": sequence,
        "timestamp-ms": now,
        "manifest-list": listing,
        "summary": _summary(parent["summary"] if parent else {}, files) | dict(summary),
        "schema-id": metadata["current-schema-id"],
    }
    log = [*metadata["metadata-log"]]
    if location:
        log.append({"metadata-file": location, "timestamp-ms": metadata["last-updated-ms"]})
    following = metadata | {
        "last-sequence-number": sequence,
        "last-updated-ms": now,
        "current-snapshot-id": number,
        "snapshots": [*metadata["snapshots"], snapshot],
        "snapshot-log": [*metadata["snapshot-log"], {"snapshot-id": number, "timestamp-ms": now}],
        "metadata-log": log[-VERSIONS_KEPT:],
        "refs": metadata.get("refs", {}) | {"main": {"snapshot-id": number, "type": "branch"}},
    }
    return following, [Path(one["metadata-file"]) for one in log[:-VERSIONS_KEPT]]


def _summary(before: Mapping[str, str], files: Sequence[Written]) -> dict[str, str]:
    """What the snapshot brings and what the table then holds, in the specification's words."""
    brings = {"data-files": len(files), "records": sum(one.rows for one in files), "files-size": sum(one.size for one in files)}
    kept = ("delete-files", "position-deletes", "equality-deletes")
    totals = {f"total-{name}": int(before.get(f"total-{name}", 0)) + count for name, count in brings.items()}
    totals |= {f"total-{name}": int(before.get(f"total-{name}", 0)) for name in kept}
    added = {f"added-{name}": count for name, count in brings.items() if count}
    days = {"changed-partition-count": len({one.day for one in files})} if files else {}
    return {"operation": "append"} | {name: str(count) for name, count in (added | days | totals).items()}


def _now() -> int:
    return time.time_ns() // 1_000_000
