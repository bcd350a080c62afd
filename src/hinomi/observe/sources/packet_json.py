"""Packet logs as JSON: one object per line, an array of them, or nested as tshark's `-T json` and `-T ek` write them.

Names of inner objects are joined by dots (`source.ip`); which is which field is looked up in `hinomi.observe.columns`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
from pyarrow import json as arrow_json

from hinomi.observe.feed import Feed
from hinomi.observe.lines import NEWLINE, Rows, Stretch, readable, whole_lines
from hinomi.observe.mapping import assign, is_packet_log, understand
from hinomi.observe.objects import LARGE, LARGEST, Run, first_names, flat, lines, runs, tables
from hinomi.observe.quarantine import Tally
from hinomi.observe.source import Fields, Piece, Source
from hinomi.schema.words import Text

LONGEST_RECORD: Final = 1 << 16
CHUNK, MOST_NAMES = 1 << 20, 1000
_NAME: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:')
BOM: Final = b"\xef\xbb\xbf"


def sniff(head: bytes) -> bool:
    return head.removeprefix(BOM).lstrip().startswith((b"{", b"[")) and is_packet_log(first_names(head))


def pieces(feed: Feed, mapping: Mapping[str, str], tally: Tally) -> Iterator[Piece]:
    """Pieces of whole lines or objects; each is understood by the names that the first has, and by those it has itself."""
    head = bytes(feed.window()[:LONGEST_RECORD])
    assign(feed.name, first_names(head), mapping)
    context = repr(sorted(mapping.items())).encode()
    if _is_flat(head, mapping):
        for body, number in whole_lines(feed, tally, ends=lambda rest: _object(rest) is not None):
            yield Piece(body, context, partial(_decode_lines, body, mapping, feed.at, number))
    else:
        for run in runs(feed, tally):
            yield Piece(run.body, context, partial(_decode_objects, run, mapping))


def _object(text: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_flat(head: bytes, mapping: Mapping[str, str]) -> bool:
    """Whether the first line is a whole object without others that matter inside: then many are parsed at a time."""
    first = _object(head.removeprefix(BOM).partition(b"\n")[0])
    if first is None:
        return False
    outer = {name for name, value in first.items() if not isinstance(value, dict | list)}
    return bool(found := set(understand(list(flat(first)), mapping))) and found <= outer


def _decode_lines(
    body: memoryview, mapping: Mapping[str, str], offset: int, number: int, tally: Tally, start: int
) -> Iterator[Fields]:
    number += int(np.count_nonzero(np.frombuffer(body[:start], np.uint8) == NEWLINE)) if start else 0
    stretch = Stretch(readable(body[start:]), offset + start, number)
    for rows in _rows(stretch, mapping, tally):
        yield from _packets(rows, mapping, tally)


def _rows(stretch: Stretch, mapping: Mapping[str, str], tally: Tally) -> Iterator[Rows]:
    """All lines at once, as long as they are alike; one by one where they are not."""
    if _few_names(stretch.lines):
        try:
            yield Rows(_table(stretch.lines), stretch.place)
            return
        except pa.ArrowInvalid:
            pass  # a broken line, or a value that is a number here and a text there
    yield from tables(lines(stretch, tally), stretch.behind, mapping)


def _table(text: bytes) -> pa.Table:
    """The lines as Arrow reads them, but no text as a time: its rules are not those of `kernels.moments`."""
    texts = {name for name, value in (_object(text.partition(b"\n")[0]) or {}).items() if isinstance(value, str)}
    options = arrow_json.ReadOptions(use_threads=False, block_size=len(text) + 1)
    while True:
        asked = arrow_json.ParseOptions(explicit_schema=pa.schema([(name, pa.string()) for name in sorted(texts)]))
        table = arrow_json.read_json(pa.BufferReader(text), options, asked)
        times = {one.name for one in table.schema if pa.types.is_timestamp(one.type)}
        if not times:
            return table
        texts |= times


def _few_names(text: bytes) -> bool:
    """Whether the records share their names: a table has a column for each, and memory for each column in every row."""
    names: set[bytes] = set()
    for at in range(0, len(text), CHUNK):
        names.update(_NAME.findall(text, at, at + CHUNK))
        if len(names) > MOST_NAMES:
            return False
    return True


def _decode_objects(run: Run, mapping: Mapping[str, str], tally: Tally, start: int) -> Iterator[Fields]:
    for rows in tables(run.records(start, tally), run.place, mapping):
        yield from _packets(rows, mapping, tally)


def _packets(rows: Rows, mapping: Mapping[str, str], tally: Tally) -> Iterator[Fields]:
    from hinomi.observe.values import packets_from  # brings PyArrow's functions, which captures do without

    targets = understand(rows.table.column_names, mapping)
    if targets:
        yield from packets_from(Rows(_as_text(rows.table, list(targets)), rows.place), targets, tally)
    else:
        tally.count("no-address", rows.table.num_rows, rows.place(0))


def _as_text(table: pa.Table, columns: list[str]) -> pa.Table:
    """Numbers, truths and times as text again, so that one set of readers serves every log; lists and objects are unknown."""
    return pa.table({name: _text(table.column(name)) for name in columns})


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):  # the fewest digits that mean the same double: those that were written
        large = pc.and_(pc.greater_equal(pc.abs(column), LARGE), pc.less(pc.abs(column), LARGEST))
        rounded = pc.if_else(large, column, None).cast(pa.decimal128(28, 3)).cast(pa.string())
        return pc.coalesce(rounded, column.cast(pa.string()))
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
    title=Text("Packet log as JSON (lines, arrays, tshark)", "パケットログ (JSON: 行形式・配列・tshark)"),
    kind="packet",
    suffixes=(".json", ".jsonl", ".ndjson"),
    version=3,
    sniff=sniff,
    pieces=pieces,
    example=example,
    columns=first_names,
)
