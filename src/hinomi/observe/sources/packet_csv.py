"""Packet logs in columns: comma, semicolon, tab or pipe between them, their names in the first line.

Which column is which field is looked up in `hinomi.observe.mapping`; `--as packet-csv:column=field,…` adds to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import pyarrow as pa
from pyarrow import csv

from hinomi.observe.feed import Feed
from hinomi.observe.lines import parsed, whole_lines
from hinomi.observe.mapping import assign, understand
from hinomi.observe.quarantine import Tally
from hinomi.observe.source import Fields, Piece, Source
from hinomi.schema.fields import BYTES
from hinomi.schema.words import Text

DELIMITERS: Final = "|\t,;"
BOM: Final = b"\xef\xbb\xbf"
LONGEST_HEADER: Final = 1 << 16


def sniff(head: bytes) -> bool:
    line, found, _ = head.removeprefix(BOM).partition(b"\n")
    return bool(found) and not line.lstrip().startswith(b"{") and bool(understand(_columns(line)[0], {}))


def pieces(feed: Feed, mapping: Mapping[str, str], tally: Tally) -> Iterator[Piece]:
    """Pieces of whole lines; the line of names is each piece's context."""
    head = bytes(feed.window()[:LONGEST_HEADER])
    line, _, _ = head.partition(b"\n")
    columns, delimiter = _columns(line.removeprefix(BOM))
    targets = assign(feed.name, columns, mapping)
    feed.take(min(len(line) + 1, len(head)))
    context = line + repr(sorted(mapping.items())).encode()
    for lines in whole_lines(feed, tally):
        yield Piece(lines, context, partial(_decode, lines, columns, delimiter, targets, feed.at))


def _columns(line: bytes) -> tuple[list[str], str]:
    """The names in the first line, made distinct, and what stands between them: whatever gives the most."""
    text = line.decode("utf-8", "replace").strip("\r\n")
    delimiter = max(DELIMITERS, key=text.count)
    names = [name.strip().strip('"') for name in text.split(delimiter)]
    return [name if name not in names[:at] else f"{name} ({at})" for at, name in enumerate(names[:1024])], delimiter


def _decode(
    lines: memoryview, columns: list[str], delimiter: str, targets: Mapping[str, str], offset: int, tally: Tally, start: int
) -> Iterator[Fields]:
    from hinomi.observe.values import packets_from  # brings PyArrow's functions, which captures do without

    lines, offset = lines[start:], offset + start
    parse = partial(_parse, columns=columns, delimiter=delimiter, wanted=list(targets), offset=offset, tally=tally)
    for table in parsed(parse, _readable(lines), offset, tally):
        yield from packets_from(table, targets, offset, tally)


def _parse(lines: bytes, columns: list[str], delimiter: str, wanted: list[str], offset: int, tally: Tally) -> pa.Table:
    skipped = 0

    def skip(_row: object) -> str:
        nonlocal skipped
        skipped += 1
        return "skip"

    table = csv.read_csv(
        pa.BufferReader(lines),
        csv.ReadOptions(use_threads=False, block_size=len(lines) + 1, column_names=columns),
        csv.ParseOptions(delimiter=delimiter, invalid_row_handler=skip),
        csv.ConvertOptions(column_types=dict.fromkeys(wanted, BYTES), include_columns=wanted, strings_can_be_null=False),
    )
    tally.count("bad-line", skipped, offset)
    return table


def _readable(lines: memoryview) -> bytes:
    """The lines as UTF-8: pyarrow loses count of a row that it can neither use nor show (values that we read are ASCII)."""
    try:
        str(lines, "utf-8")
    except UnicodeDecodeError:
        return str(lines, "latin-1").encode()
    return bytes(lines)


def example() -> bytes:
    return (
        b"time|src|dst|proto|sport|dport|flags|seq|ttl|payload\n"
        b"1793491200250|192.0.2.99|198.18.10.11|tcp|40000|23|S|3323070987|53|\n"
        b"1793491201250|192.0.2.100|198.18.10.12|udp|54321|53|||54|133701000001\n"
        b"1793491202250|2001:db8::1|2001:db8:ffff::2|6|1024|80|0x12|1|60|\n"
    )


SOURCE = Source(
    title=Text("Packet log in columns (CSV, TSV, pipes)", "パケットログ (CSV・TSV・パイプ区切り)"),
    kind="packet",
    suffixes=(".csv", ".tsv", ".psv"),
    version=1,
    sniff=sniff,
    pieces=pieces,
    example=example,
)
