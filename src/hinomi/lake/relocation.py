"""A lake whose folder has moved: Iceberg writes absolute paths, so its tables are told where their files are now.

A copy of the catalogue is filled with tables of the same schemas and field ids that name the same data files in their new
place, and takes the old one's place in one step. The files themselves are not touched; old metadata goes with a sweep.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from hinomi.lake.disk import flush
from hinomi.lake.errors import LakeError
from hinomi.lake.ledger import Ledger, entries
from hinomi.lake.locks import locked
from hinomi.lake.store import moved_from
from hinomi.lake.tables import Layout, declared, known_ids, read_metadata
from hinomi.schema.events import EVENTS
from hinomi.schema.words import Text


def relocate(layout: Layout) -> None:
    """Make the lake whole again in the folder where it is now."""
    with locked(layout.commit_lock):
        old = moved_from(layout.root, layout.database)
        if not old:
            return  # another process was faster
        fresh = layout.root / "catalogue.moving.sqlite3"
        fresh.unlink(missing_ok=True)
        with closing(sqlite3.connect(layout.database)) as source, closing(sqlite3.connect(fresh)) as target:
            source.backup(target)
            pointers = dict(target.execute("SELECT table_name, metadata_location FROM iceberg_tables"))
            target.execute("DELETE FROM iceberg_tables")
            target.execute("DELETE FROM hinomi_settled")
            target.commit()
        for kind, location in pointers.items():
            if kind in EVENTS:
                _move(layout, fresh, kind, old, location)
        flush(fresh)
        fresh.replace(layout.database)
        flush(layout.root)


def _move(layout: Layout, database: Path, kind: str, old: str, location: str) -> None:
    from hinomi.lake.catalogue import Catalogue, files_of

    here = location.replace(old, str(layout.root), 1)
    if not Path(here).is_file():
        raise LakeError(
            here,
            Text(
                f"The lake came from {old}, but this file did not.",
                f"データレイクは {old} から移動されましたが、このファイルがありません。",
            ),
            Text(
                "Copy the whole folder, or restore a backup.",
                "フォルダ全体をコピーし直すか、バックアップから復元してください。",
            ),
        )
    metadata = read_metadata(here)
    files = files_of(here, old, str(layout.root))
    catalogue = Catalogue(layout, database)
    table = catalogue.register(kind, str(_emptied(layout, kind, metadata)))
    moved = catalogue.append(table, files, {})
    complete = set(EVENTS[kind].arrow.names) <= set(known_ids(metadata))
    ledger = Ledger(database)
    ledger.enter(kind, entries(metadata), moved, declared(kind) if complete else "")
    ledger.close()


def _emptied(layout: Layout, kind: str, metadata: dict[str, object]) -> Path:
    """Metadata of the same table in its new place, without snapshots: schema, ids, partitions and properties stay."""
    unsaid = ("current-snapshot-id", "refs", "statistics", "partition-statistics")
    kept = {name: value for name, value in metadata.items() if name not in unsaid}
    kept |= {"location": str(layout.table(kind)), "snapshots": [], "snapshot-log": [], "metadata-log": []}
    path = layout.metadata(kind) / f"00000-{uuid.uuid4()}.metadata.json"
    path.write_text(json.dumps(kept), "utf-8")
    flush(path)
    return path
