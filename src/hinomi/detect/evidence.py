"""A few real packets for each finding, so that it can be opened; dark destinations are masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from hinomi.detect.detector import Look
from hinomi.detect.telescope import networks
from hinomi.lake.engine import Engine
from hinomi.schema import address
from hinomi.schema.address import Range
from hinomi.schema.events import EVENTS
from hinomi.schema.findings import Finding, Measure, Window

# Without sequence numbers and payload: Mirai writes the dark address into `seq`, Masscan's `ipid` gives it away with `seq`;
# and without the quoted source, which is the dark address itself.
SHOWN: Final = (
    *("time", "src", "dst", "proto", "sport", "dport", "flags", "window", "options", "ipid", "ttl", "length"),
    *("icmp_type", "icmp_code", "inner_dst", "inner_proto", "inner_sport", "inner_dport"),
)
MOST: Final = 4  # packets kept per finding
Row = Mapping[str, Measure]


def samples(findings: Sequence[Finding], engine: Engine, look: Look) -> dict[str, tuple[Row, ...]]:
    """The first and the last packets of each finding by its id, fetched in one query per kind of event."""
    numbered = [(at, one) for at, one in enumerate(findings) if _can_open(one)]
    rows: dict[str, list[Row]] = {}
    for kind in sorted({one.evidence.kind for _at, one in numbered}):
        for at, row in _fetch(kind, [pair for pair in numbered if pair[1].evidence.kind == kind], engine, look):
            rows.setdefault(findings[at].id, []).append(row)
    return {name: tuple(own[:MOST]) for name, own in rows.items()}


def _can_open(finding: Finding) -> bool:
    return bool(finding.evidence.where) and finding.first is not None and finding.last is not None


def _fetch(kind: str, numbered: Sequence[tuple[int, Finding]], engine: Engine, look: Look) -> Iterator[tuple[int, Row]]:
    """(number of the finding, event) for the events at the first and at the last time of each finding."""
    columns = sorted({name for _at, one in numbered for name in one.evidence.where})
    ends = [(at, when, one) for at, one in numbered for when in {one.first, one.last} if when]
    asked = _asked(kind, columns, ends, engine)
    events = engine.table(kind, Window(min(when for _at, when, _one in ends), look.window.end)).select(*SHOWN)
    met = events.join(asked, "time", rname="asked_{name}")
    for name in columns:  # what a finding does not say of its events matches any
        met = met.filter(_[f"asked_{name}"].isnull() | (_[name] == _[f"asked_{name}"]))
    dark = [one.range for one in networks(look) if one.dark]
    for row in sorted(engine.run(met.select("finding", *SHOWN)).to_pylist(), key=_order):
        yield row.pop("finding"), _shown(row, dark)


def _asked(kind: str, columns: Sequence[str], ends: Sequence[tuple[int, datetime, Finding]], engine: Engine) -> ir.Table:
    """What is asked for, as a table: the number of the finding, the time, and what it says of its events."""
    schema = EVENTS[kind].arrow
    fields = [pa.field("finding", pa.int64()), *(pa.field(name, schema.field(name).type) for name in ("time", *columns))]
    rows = [{**one.evidence.where, "finding": at, "time": when} for at, when, one in ends]
    return engine.lookup("findings", pa.Table.from_pylist(rows, schema=pa.schema(fields)))


def _order(row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple((row[name] is not None, row[name]) for name in ("finding", *SHOWN))


def _shown(row: Mapping[str, object], dark: Sequence[Range]) -> Row:
    return {name: _written(name, value, dark) for name, value in row.items() if value is not None}


def _written(name: str, value: object, dark: Sequence[Range]) -> Measure:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        hidden = name in ("dst", "inner_dst") and any(value in one for one in dark)
        return masked(value) if hidden else address.text(value)
    assert isinstance(value, int | str)
    return value


def masked(dark: bytes) -> str:
    """A dark address as it may be shown: its /16 (IPv4) or /32 (IPv6)."""
    return address.network(dark, 16 if address.is_ipv4(dark) else 32)
