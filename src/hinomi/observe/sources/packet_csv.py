"""Packet logs in columns: comma, semicolon, tab or pipe between them, their names in the first line.

Zeek's own logs say the names in a line of their own (`#fields`). Which column is which field is looked up in
`hinomi.observe.columns`; `--as packet-csv:column=field,…` adds to it, and says the numbers of columns that have no names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa
from pyarrow import csv

from hinomi.observe.feed import Feed
from hinomi.observe.kernels import text_unclosed
from hinomi.observe.lines import NEWLINE, PATIENCE, Rows, Stretch, parsed, readable, whole_lines
from hinomi.observe.mapping import assign, by_values, is_packet_log, understand
from hinomi.observe.quarantine import Tally
from hinomi.observe.refusal import InputError
from hinomi.observe.source import Fields, Piece, Source
from hinomi.schema.fields import BYTES
from hinomi.schema.words import Text

DELIMITERS: Final = "|\t,;"
BOM: Final = b"\xef\xbb\xbf"
ZEEK: Final = b"#fields"
LONGEST_HEADER: Final = 1 << 16


@dataclass(frozen=True)
class Header:
    """What comes before the rows: the names of the columns, how they stand apart, and how much of the file this is."""

    columns: list[str]
    delimiter: str
    quote: str
    size: int
    lines: int


def sniff(head: bytes) -> bool:
    header = _header(head)
    table = b"\n" in head and b"\0" not in head[: header.size] and not head.lstrip().startswith((b"{", b"["))
    return table and is_packet_log(header.columns)


def pieces(feed: Feed, mapping: Mapping[str, str], tally: Tally) -> Iterator[Piece]:
    """Pieces of whole lines; the lines of names are each piece's context."""
    head = bytes(feed.window()[:LONGEST_HEADER])
    header = _header(head, mapping)
    if header.size == LONGEST_HEADER and not head.endswith(b"\n"):
        raise InputError(feed.name, *_LONG)
    targets = assign(feed.name, header.columns, _numbers_named(mapping, header.columns))
    feed.take(header.size)
    context = head[: header.size] + repr(sorted(mapping.items())).encode()
    for lines, number in whole_lines(feed, tally, header.lines + 1):
        yield Piece(lines, context, partial(_decode, lines, header, targets, feed.at, number))


_LONG: Final = (
    Text("has a first line of more than 64 KiB", "先頭行が64 KiBを超えています"),
    Text("leave out columns that say nothing of packets (cut -f …)", "パケットと関係のない列を除いてください (cut -f …)"),
)


def _header(head: bytes, mapping: Mapping[str, str] = MappingProxyType({})) -> Header:
    """The first line, or the one before it that begins with `#` and names columns, as Zeek's `#fields` does.

    Where the user counts columns and the first line holds values, the numbers are the names.
    """
    lines = head.removeprefix(BOM).split(b"\n")
    first = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith(b"#")), len(lines) - 1)
    named = next((line for line in reversed(lines[:first]) if line.startswith(b"#") and _names_columns(line)), None)
    names, delimiter, quote = _columns(named or lines[first])
    quote = "" if named and named.startswith(ZEEK) else quote  # a quote is a sign like any other there
    nameless = not named and any(map(str.isdecimal, mapping)) and _are_values(names)
    if nameless:
        names = [str(number) for number in range(1, len(names) + 1)]
    used = first if named or nameless else first + 1
    size = min(sum(len(line) + 1 for line in lines[:used]) + len(BOM) * head.startswith(BOM), len(head))
    following = head[size:].partition(b"\n")[0].rstrip(b"\r")
    if following.endswith(delimiter.encode()) and following.count(delimiter.encode()) == len(names):
        names.append(f" ({len(names)})")  # every row ends with a delimiter, the names do not
    return Header(names, delimiter, quote, size, used)


def _numbers_named(mapping: Mapping[str, str], columns: list[str]) -> dict[str, str]:
    """The user's mapping, each number in it that is no name of a column replaced by the name of the column in that place."""
    places = {str(number): column for number, column in enumerate(columns, 1)}
    return {column if column in columns else places.get(column, column): field for column, field in mapping.items()}


def _names_columns(line: bytes) -> bool:
    return line.startswith(ZEEK) or bool(understand(_columns(line)[0], {}))


def _are_values(names: list[str]) -> bool:
    return any(name[:1].isdecimal() for name in names) and not understand(names, {})


def _columns(line: bytes) -> tuple[list[str], str, str]:
    """The names in a line, made distinct; what stands between them: whatever gives the most; and around them."""
    text = _decoded(line).strip("\r\n").removeprefix("#fields\t").lstrip("# ")
    delimiter = max(DELIMITERS, key=text.count)
    quote = "'" if text.startswith("'") else '"'
    names = [name.strip().strip(quote) for name in text.split(delimiter)]
    firsts = {name: at for at, name in reversed(list(enumerate(names)))}
    return [name if firsts[name] == at else f"{name} ({at})" for at, name in enumerate(names)], delimiter, quote


def columns(head: bytes) -> list[str]:
    """What is in the first line of a table, for a refusal to list: two or more names, and as many values behind them; or
    values that look like those of a packet log.
    """
    header = _header(head)
    first = head[header.size :].partition(b"\n")[0].decode("utf-8", "replace")
    words = all(name[:1].isalpha() and len(name) <= 40 for name in header.columns if name)
    alike = len(header.columns) > 1 and first.count(header.delimiter) >= len(header.columns) - 1
    return header.columns if (words and alike) or by_values(header.columns) else []


def _decode(
    body: memoryview, header: Header, targets: Mapping[str, str], offset: int, number: int, tally: Tally, start: int
) -> Iterator[Fields]:
    from hinomi.observe.values import packets_from  # brings PyArrow's functions, which captures do without

    number += int(np.count_nonzero(np.frombuffer(body[:start], np.uint8) == NEWLINE)) if start else 0
    whole = Stretch(readable(body[start:]), offset + start, number)
    for rows in _rows(whole, header, list(targets), tally):
        yield from packets_from(rows, targets, tally)


def _rows(whole: Stretch, header: Header, wanted: list[str], tally: Tally) -> Iterator[Rows]:
    """All lines at once, as long as every quote is closed in its own line, for then there is a row for each."""
    quote = header.quote if header.quote.encode() in whole.lines else ""
    parse, own = partial(_parse, header=header, wanted=wanted), Tally()
    found = list(parsed(partial(parse, quote=quote, tally=own), whole, own))
    if not quote or _line_ends(whole.lines) == own.quarantined + sum(rows.table.num_rows for rows in found):
        tally.add(own)
        yield from found
        return
    found.clear()
    for stretch, sign in _quoted(whole, header):
        yield from parsed(partial(parse, quote=sign, tally=tally), stretch, tally)


def _line_ends(lines: bytes) -> int:
    """How many lines there are; -1 where carriage returns end some of them alone."""
    ends = int(np.count_nonzero(np.frombuffer(lines, np.uint8) == NEWLINE))
    return ends if b"\r" not in lines or lines.count(b"\r\n") == lines.count(b"\r") == ends else -1


def _quoted(whole: Stretch, header: Header) -> Iterator[tuple[Stretch, str]]:
    """The lines in stretches, each with the sign that quotes in it: none in a line that opens a value and does not close it.

    Read with the others, such a line would take all that follow along. Where it is so over and over, nothing quotes.
    """
    data, at, quote = np.frombuffer(whole.lines, np.uint8), 0, header.quote
    for _ in range(PATIENCE):
        begin, end = text_unclosed(data, at, ord(quote), ord(header.delimiter), len(header.columns))
        if begin > at:
            yield whole.part(at, begin), quote
        if end > begin:
            yield whole.part(begin, end), ""
        at = end
        if at == data.size:
            return
    yield whole.part(at, data.size), ""


def _parse(stretch: Stretch, header: Header, quote: str, wanted: list[str], tally: Tally) -> Rows:
    skipped: list[int] = []

    def skip(row: csv.InvalidRow) -> str:
        skipped.append(row.number - 1)
        return "skip"

    table = csv.read_csv(
        pa.BufferReader(stretch.lines),
        csv.ReadOptions(use_threads=False, block_size=len(stretch.lines) + 1, column_names=header.columns),
        csv.ParseOptions(delimiter=header.delimiter, quote_char=quote or False, invalid_row_handler=skip),
        csv.ConvertOptions(column_types=dict.fromkeys(wanted, BYTES), include_columns=wanted, strings_can_be_null=False),
    )
    bad = [at for at in skipped if not stretch.comments(at)]  # Zeek's last line says when it was closed
    tally.count("bad-line", len(bad), stretch.place(bad[0]) if bad else 0)
    return Rows(table, lambda row: stretch.place(row, skipped))


def _decoded(line: bytes) -> str:
    """Names in UTF-8, or as Japanese Windows writes them."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp932", "replace")


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
    version=3,
    sniff=sniff,
    pieces=pieces,
    example=example,
    columns=columns,
)
