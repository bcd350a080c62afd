"""Packet logs as one JSON object per line, with our own field names or those that `hinomi.observe.mapping` knows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import pyarrow as pa
from pyarrow import json as arrow_json

from hinomi.observe.feed import Feed
from hinomi.observe.lines import parsed, whole_lines
from hinomi.observe.mapping import assign, understand
from hinomi.observe.quarantine import Tally
from hinomi.observe.source import Fields, Piece, Source
from hinomi.schema.words import Text

LONGEST_LINE: Final = 1 << 16


def sniff(head: bytes) -> bool:
    return bool(understand(_names(head), {}))


def pieces(feed: Feed, mapping: Mapping[str, str], tally: Tally) -> Iterator[Piece]:
    """Pieces of whole lines; each line is understood by the names that the first line has, and by those it has itself."""
    assign(feed.name, _names(bytes(feed.window()[:LONGEST_LINE])), mapping)
    context = repr(sorted(mapping.items())).encode()
    for lines in whole_lines(feed, tally):
        yield Piece(lines, context, partial(_decode, lines, mapping, feed.at))


def _names(head: bytes) -> list[str]:
    """The names in the first object; none when the first line is no object."""
    line, _, _ = head.partition(b"\n")
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return []
    return list(first) if isinstance(first, dict) else []


def _decode(lines: memoryview, mapping: Mapping[str, str], offset: int, tally: Tally, start: int) -> Iterator[Fields]:
    from hinomi.observe.values import packets_from  # brings PyArrow's functions, which captures do without

    lines, offset = lines[start:], offset + start
    for table in parsed(_parse, bytes(lines), offset, tally):
        targets = understand(table.column_names, mapping)
        if targets:
            yield from packets_from(_as_text(table, list(targets)), targets, offset, tally)
        else:
            tally.count("no-address", table.num_rows, offset)


def _parse(lines: bytes) -> pa.Table:
    return arrow_json.read_json(pa.BufferReader(lines), arrow_json.ReadOptions(use_threads=False, block_size=len(lines) + 1))


def _as_text(table: pa.Table, columns: list[str]) -> pa.Table:
    """Numbers, truths and times as text again, so that one set of readers serves every log; lists and objects are unknown."""
    return pa.table({name: _text(table.column(name)) for name in columns})


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type):  # the parser recognises ISO 8601 by itself
        return column.cast(pa.timestamp("us")).cast(pa.string())
    if pa.types.is_floating(column.type):
        sane = pc.if_else(pc.less(pc.abs(column), 1e18), column, None)
        return sane.cast(pa.decimal128(28, 9)).cast(pa.string())  # not 1.79e+12
    if pa.types.is_nested(column.type):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    return column.cast(pa.string())


def example() -> bytes:
    packets = (
        {"time": "2026-11-01T00:00:00.250000Z", "src": "192.0.2.99", "dst": "198.18.10.11", "proto": 6, "sport": 40000}
        | {"dport": 23, "flags": 2, "seq": 3323070987, "ttl": 53},
        {"time": "2026-11-01T00:00:01.250000Z", "src": "192.0.2.100", "dst": "198.18.10.12", "proto": 17, "sport": 54321}
        | {"dport": 53, "ttl": 54, "payload": "133701000001"},
        {"time": "2026-11-01T00:00:02.250000Z", "src": "2001:db8::1", "dst": "2001:db8:ffff::2", "proto": 6, "dport": 80},
    )
    return b"".join(json.dumps(packet).encode() + b"\n" for packet in packets)


SOURCE = Source(
    title=Text("Packet log as JSON lines", "パケットログ (JSON Lines)"),
    kind="packet",
    suffixes=(".json", ".jsonl", ".ndjson"),
    version=1,
    sniff=sniff,
    pieces=pieces,
    example=example,
)
