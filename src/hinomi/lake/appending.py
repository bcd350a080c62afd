"""Segments into the lake, exactly once: which are new, when to commit, and what to do when another writer was faster."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from hinomi.lake.errors import writing_to
from hinomi.lake.ledger import Entry, named
from hinomi.lake.locks import Token, locked
from hinomi.lake.snapshot import appended, created
from hinomi.lake.store import Store
from hinomi.lake.sweeping import sweep
from hinomi.lake.tables import declared, read_metadata
from hinomi.lake.writing import Group, Lane, Written, encoded
from hinomi.schema.events import EVENTS
from hinomi.schema.segments import PAUSE, Receipt, Segment

_PATIENCE = 2.0  # seconds between commits while segments come fast; one that comes alone is committed at once
_SEGMENTS = 512  # of one commit: their names are in the snapshot's summary, which is read at every commit
_ROWS = 16_000_000


class Appender:
    """One run of `Lake.append`: the segments between two commits, in a group per kind."""

    def __init__(self, lake: Store) -> None:
        self._lake = lake
        self._groups: dict[str, Group] = {}
        self._token: Token | None = None
        self._committed = time.monotonic()

    def take(self, segment: Segment) -> Iterator[Receipt]:
        """Write a segment's rows; the receipts of the commit that became due, or for which there is time now."""
        if segment is PAUSE:
            yield from self.commit()
            return
        if self._begun(segment):
            yield from self.commit()
        segment = self._rest(segment)
        if self._lake.holds(segment.id):
            yield Receipt(segment.id, segment.kind, 0, None, None, duplicate=True)
            return
        self._group(segment.kind).take(segment)
        if self._due():
            yield from self.commit()

    def _begun(self, segment: Segment) -> bool:
        """Whether this segment, or one with which it may begin, waits for its commit."""
        waiting = [held for group in self._groups.values() for held in group.entries]
        return segment.id in waiting or (
            segment.growth is not None and any(held.startswith(segment.growth.mark) for held in waiting)
        )

    def _rest(self, segment: Segment) -> Segment:
        """What of a segment the lake does not hold: the last piece of a file that has grown begins with what it was before."""
        while (growth := segment.growth) and not self._lake.holds(segment.id):
            shorter = (held for held in self._lake.ledger.alike(growth.mark) if growth.sized(held) < growth.size)
            size = next((growth.sized(held) for held in shorter if growth.until(growth.sized(held)) == held), 0)
            if not size:
                break
            segment = growth.after(size)
        return segment

    def commit(self) -> Iterator[Receipt]:
        """Make everything taken durable and visible; then the receipts."""
        if not self._groups:
            return
        files = {kind: group.close() for kind, group in self._groups.items()}
        groups, self._groups = self._groups, {}  # from here on a failure leaves the files to `sweep`, which asks the tables
        receipts: list[Receipt] = []
        try:
            with writing_to(self._lake.root), locked(self._lake.layout.commit_lock):
                self._lake.settle()
                for kind, group in groups.items():
                    receipts += self._commit(kind, group, files[kind])
        except BaseException:
            self._release()
            sweep(self._lake)
            raise
        self._release()
        self._committed = time.monotonic()
        yield from receipts

    def discard(self) -> None:
        """Remove what is not committed."""
        for group in self._groups.values():
            group.discard()
        self._groups = {}
        self._release()

    def _commit(self, kind: str, group: Group, files: list[Written]) -> list[Receipt]:
        lake, entries = self._lake, list(group.entries.values())
        rival = lake.ledger.held(group.entries)
        if rival:  # another process took the same input at the same time, and was faster
            files = self._without(kind, files, rival)
        fresh = [entry for entry in entries if entry.segment not in rival]
        if fresh:
            self._enter(kind, fresh, files)
        return [_receipt(kind, entry, duplicate=entry.segment in rival) for entry in entries]

    def _enter(self, kind: str, entries: list[Entry], files: list[Written]) -> None:
        """Files and segments into table and ledger: in one step where the table is in the plain state, else by PyIceberg."""
        lake = self._lake
        location = lake.ledger.pointers().get(kind, "")
        metadata = read_metadata(location) if location else created(lake.layout, kind, exercise=lake.exercise)
        following = appended(metadata, location, lake.layout.metadata(kind), files, named(entries))
        if following is None:
            new = lake.catalogue.append(lake.catalogue.table(kind), files, named(entries))
            lake.ledger.enter(kind, entries, new, declared(kind))
            return
        new, dropped = following
        lake.ledger.enter(kind, entries, new, declared(kind), instead_of=location)
        for path in dropped:
            path.unlink(missing_ok=True)

    def _without(self, kind: str, files: list[Written], segments: set[str]) -> list[Written]:
        """The files, those with rows of the segments written anew without them."""
        import pyarrow.compute as pc  # 30 ms, and rivals are rare

        assert self._token is not None
        lane = Lane(self._lake.layout, kind, self._lake.ids(kind), f"{self._token.name}-anew")
        for file in files:
            if file.segments & segments and not file.segments <= segments:
                for batch in pq.ParquetFile(file.path).iter_batches():
                    kept = batch.filter(pc.invert(pc.is_in(batch["segment"], value_set=_values(segments))))
                    if len(kept):
                        lane.take(encoded(kept.cast(EVENTS[kind].arrow)))
        for file in files:
            if file.segments & segments:
                file.path.unlink()
        return [file for file in files if not file.segments & segments] + lane.close()

    def _group(self, kind: str) -> Group:
        if self._token is None:
            self._token = Token(self._lake.layout.tokens)
        if kind not in self._groups:
            self._groups[kind] = Group(self._lake.layout, kind, self._lake.ids(kind), self._token.name)
        return self._groups[kind]

    def _due(self) -> bool:
        rows = sum(group.rows for group in self._groups.values())
        segments = sum(len(group.entries) for group in self._groups.values())
        return rows >= _ROWS or segments >= _SEGMENTS or time.monotonic() - self._committed >= _PATIENCE

    def _release(self) -> None:
        if self._token is not None:
            self._token.release()
            self._token = None


def _receipt(kind: str, entry: Entry, *, duplicate: bool) -> Receipt:
    if duplicate:
        return Receipt(entry.segment, kind, 0, None, None, duplicate=True)
    return Receipt(entry.segment, kind, entry.rows, *entry.span)


def _values(segments: set[str]) -> pa.Array:
    return pa.array(sorted(segments), pa.string())
