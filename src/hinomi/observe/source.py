"""The contract of a source: one file format, how to recognise it, and how to take it apart piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from hinomi.observe.feed import Feed
from hinomi.observe.quarantine import Tally
from hinomi.registry import plugins
from hinomi.schema.words import Text

Fields = Mapping[str, pa.Array]  # columns of equal length by field name: `time` and what else the format knows


@dataclass(frozen=True)
class Piece:
    """A whole number of records: its bytes, what else decides their meaning, and how to decode them.

    The segment's id is made of `body` and `context` (file header, interfaces, header row). `decode` may be called once,
    in any thread; it counts into the tally that it is handed and yields at most 262,144 rows at a time, of the records that
    begin at a place in the body or behind it: 0, or the end of a shorter piece that was read before this one had grown.
    """

    body: memoryview
    context: bytes
    decode: Callable[[Tally, int], Iterator[Fields]]


@dataclass(frozen=True)
class Source:
    """One format. `pieces` reads the feed to its end and never fails on what it finds there, but counts it in the tally;
    only a beginning that makes the rest unreadable is an `InputError`. `mapping` is the user's: column name → field.
    """

    title: Text
    kind: str
    suffixes: tuple[str, ...]
    version: int  # part of every segment's id; raise it when the same bytes give other rows
    sniff: Callable[[bytes], bool]
    pieces: Callable[[Feed, Mapping[str, str], Tally], Iterator[Piece]]
    example: Callable[[], bytes]
    columns: Callable[[bytes], list[str]] | None = None  # of a table: the names that it gives to its values, by its beginning


def sources() -> Mapping[str, Source]:
    """Every source by name."""
    return plugins("hinomi.observe.sources", Source)
