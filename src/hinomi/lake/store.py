"""What every part of the lake works on: its folders, its ledger, its tables."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from contextlib import closing
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hinomi.lake.ledger import Ledger, entries, moment
from hinomi.lake.locks import locked
from hinomi.lake.tables import NAMESPACE, Layout, declared, first_ids, known_ids, read_metadata
from hinomi.schema.events import EVENTS
from hinomi.schema.findings import Window

if TYPE_CHECKING:
    from hinomi.lake.catalogue import Catalogue


class Store:
    """One lake's folders, ledger and tables, and what can be read off them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layout = Layout(root)
        self.ledger = Ledger(self.layout.database)
        self._opening = threading.Lock()

    @property
    def exercise(self) -> bool:
        """Whether everything in this lake is exercise data."""
        return self.layout.exercise.exists()

    @property
    def catalogue(self) -> Catalogue:
        """The Iceberg tables; PyIceberg is imported when they are asked for first."""
        with self._opening:
            return self._catalogue

    @cached_property
    def _catalogue(self) -> Catalogue:
        from hinomi.lake.catalogue import Catalogue

        return Catalogue(self.layout)

    def holds(self, segment: str) -> bool:
        """Whether the lake has taken the segment with this id."""
        return self.ledger.holds(segment)

    def settle(self) -> None:
        """Bring the ledger up to the tables' snapshots."""
        for kind, location in self.ledger.pointers().items():
            metadata, fields = self.ledger.settled(kind)
            if metadata != location:
                self.ledger.enter(kind, entries(read_metadata(location)), location, fields)

    def evolve(self) -> None:
        """Give the tables the columns that were declared since they were made."""
        for kind in self.kinds():
            if self.ledger.settled(kind)[1] != declared(kind):
                with locked(self.layout.commit_lock):
                    table = self.catalogue.table(kind)
                    self.ledger.enter(kind, (), table.metadata_location, declared(kind))

    def ids(self, kind: str) -> dict[str, int]:
        """The Iceberg field ids of a kind's columns."""
        location = self.ledger.pointers().get(kind)
        return known_ids(read_metadata(location)) if location else first_ids(kind)

    def evolved(self, kind: str) -> bool:
        """Whether the kind got columns since its table was made, so that older files lack some."""
        location = self.ledger.pointers().get(kind)
        return bool(location) and len(read_metadata(str(location))["schemas"]) > 1

    def kinds(self) -> list[str]:
        """The kinds of which the lake has, or had, rows."""
        return sorted(kind for kind in self.ledger.pointers() if kind in EVENTS)

    def rows(self, kind: str) -> int:
        """How many rows of a kind there are, from metadata."""
        location = self.ledger.pointers().get(kind)
        metadata = read_metadata(location) if location else {}
        current = metadata.get("current-snapshot-id")
        for snapshot in metadata.get("snapshots") or ():
            if snapshot["snapshot-id"] == current:
                return int(snapshot["summary"]["total-records"])
        return 0

    def span(self, kind: str) -> Window | None:
        """From the first event of a kind to just after its last; None when there is none."""
        files = self.catalogue.plan(kind)
        if not files:
            return None
        return Window(moment(min(file.first for file in files)), moment(max(file.last for file in files) + 1))

    def days(self, kind: str) -> dict[date, int]:
        """How many rows of a kind each day holds, from metadata."""
        found: Counter[date] = Counter()
        for file in self.catalogue.plan(kind):
            found[moment(file.first).date()] += file.rows
        return dict(sorted(found.items()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the lake's files."""
        self.ledger.close()


def moved_from(root: Path, database: Path) -> str:
    """The folder that the catalogue believes the lake to be in, if that is another one; else ""."""
    if not database.is_file():
        return ""
    with closing(sqlite3.connect(database)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'iceberg_tables'").fetchone():
            return ""
        found = connection.execute("SELECT metadata_location FROM iceberg_tables LIMIT 1").fetchone()
    believed = str(found[0]).rpartition(f"/{NAMESPACE}/")[0] if found else str(root)
    return "" if believed == str(root) else believed
