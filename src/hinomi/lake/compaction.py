"""Small files of a day into large sorted ones: the same rows, fewer files to plan and open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from hinomi.lake.catalogue import Planned
from hinomi.lake.engine.duckdb import connected, select
from hinomi.lake.errors import writing_to
from hinomi.lake.locks import Token, locked
from hinomi.lake.store import Store
from hinomi.lake.sweeping import sweep
from hinomi.lake.tables import declared
from hinomi.lake.writing import Lane, Written, encoded
from hinomi.schema.events import EVENTS

_LARGE = 64_000_000  # bytes: a file of this size is left alone
_FEW = 2  # files of a day that are not worth a rewrite


def compact(lake: Store, kind: str) -> int:
    """Merge the small files of each day; how many files there are fewer. Appending goes on meanwhile.

    A day's rows are rewritten outside of the commit lock, since files never change; the swap is one commit, refused when
    one of the files has gone in the meantime (another compaction, or retention), and tried again another time.
    """
    with locked(lake.layout.readers_lock, shared=True):
        files = lake.catalogue.plan(kind)
        for small in _small(files):
            _merge(lake, kind, small)
    sweep(lake)
    return len(files) - len(lake.catalogue.plan(kind))


def _small(files: list[Planned]) -> Iterator[list[Planned]]:
    days: dict[int, list[Planned]] = defaultdict(list)
    for file in files:
        if file.size < _LARGE:
            days[file.day].append(file)
    return (found for found in days.values() if len(found) > _FEW)


def _merge(lake: Store, kind: str, files: list[Planned]) -> None:
    gone = {file.path for file in files}
    with writing_to(lake.root):
        token = Token(lake.layout.tokens)
        try:
            written = _rewrite(lake, kind, files, token.name)
            with locked(lake.layout.commit_lock):
                lake.settle()
                if gone <= {file.path for file in lake.catalogue.plan(kind)}:
                    location = lake.catalogue.replace(lake.catalogue.table(kind), gone, written)
                    lake.ledger.enter(kind, (), location, declared(kind))
        finally:
            token.release()  # what was not committed is litter now, and goes with the next sweep


def _rewrite(lake: Store, kind: str, files: list[Planned], name: str) -> list[Written]:
    """Rows in order of time through DuckDB, which sorts in bounded memory, into files of our own making."""
    lane = Lane(lake.layout, kind, lake.ids(kind), name)
    schema = EVENTS[kind].arrow
    ordered = f"{select(lake, kind, files)} ORDER BY time, segment"
    try:
        with connected(lake.layout.scratch) as connection:
            for batch in connection.sql(ordered).to_arrow_reader(131_072):
                lane.take(encoded(_typed(batch, schema)))
        return lane.close()
    except duckdb.Error as error:  # it could not spill, or a file is broken: a failed write like any other
        lane.discard()
        raise OSError(str(error)) from error
    except OSError:
        lane.discard()
        raise


def _typed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [batch.column(field.name).cast(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
