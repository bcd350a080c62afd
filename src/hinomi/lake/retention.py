"""Whole days that have been kept long enough, out of the lake and off the disk."""

from __future__ import annotations

from datetime import UTC, datetime

from hinomi.lake.errors import writing_to
from hinomi.lake.ledger import microseconds
from hinomi.lake.locks import locked
from hinomi.lake.store import Store
from hinomi.lake.sweeping import sweep
from hinomi.lake.tables import DAY, declared


def retain(lake: Store, kind: str, before: datetime) -> int:
    """Drop the days of a kind that ended at `before` or earlier; how many rows went.

    One commit drops them all and forgets the older snapshots, so that no reader can travel back. Files that a
    reader has open go with the next sweep. The ledger keeps the segments' ids: input that is sent again stays out.
    """
    rows = lake.rows(kind)
    if not rows:
        return 0
    with writing_to(lake.root), locked(lake.layout.commit_lock):
        lake.settle()
        table = lake.catalogue.table(kind)
        location = lake.catalogue.drop(table, microseconds(before.astimezone(UTC)) // DAY)
        lake.ledger.enter(kind, (), location, declared(kind))
    sweep(lake)
    return rows - lake.rows(kind)
