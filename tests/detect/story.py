"""The words in which the tests of detectors tell their stories."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address
from pathlib import Path

import pyarrow as pa

from hinomi.detect.detector import Value
from hinomi.detect.run import detectors, look
from hinomi.observe.reading import open_input
from hinomi.schema.address import prefix
from hinomi.schema.events import EVENTS
from hinomi.schema.findings import Finding, Outcome, Window
from hinomi.schema.lookups import LOOKUPS
from hinomi.testing.memory import Memory
from hinomi.testing.traffic import START

HOUR, DAY = 3600, 86400
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


def network(
    cidr: str, organisation: str, dark: bool = False, since: datetime = ALWAYS, until: datetime | None = None
) -> pa.Table:
    first, last = prefix(cidr)
    row = {"first": first, "last": last, "organisation": organisation, "sector": "other", "country": "JP", "dark": dark}
    return pa.Table.from_pylist([row | {"valid_from": since, "valid_until": until}], schema=LOOKUPS["networks"])


def allowed(cidr: str, reason: str) -> pa.Table:
    first, last = prefix(cidr)
    return pa.Table.from_pylist([{"first": first, "last": last, "list": "survey", "reason": reason}], schema=LOOKUPS["allowed"])


BLOCK6 = IPv6Address("2001:db8::").packed[:12]
TELESCOPE6 = network("2001:db8::c612:0/112", "hub", dark=True)  # 198.18.0.0/16 in there
TELESCOPE = network("198.18.0.0/16", "hub", dark=True)


def day(number: int = 0) -> Window:
    start = START + timedelta(days=number)
    return Window(start, start + timedelta(days=1))


def outcome(
    name: str,
    packets: pa.Table,
    *networks: pa.Table,
    window: Window | None = None,
    known: pa.Table | None = None,
    params: Mapping[str, Value] | None = None,
) -> Outcome:
    """What one look says of these packets; a telescope is registered unless networks are given."""
    lookups = {"networks": pa.concat_tables(networks or (TELESCOPE,))} | ({"allowed": known} if known else {})
    return look(name, detectors()[name], Memory({"packet": packets}), window or day(), lookups, params)


def findings(name: str, packets: pa.Table, *networks: pa.Table, window: Window | None = None) -> dict[str, Finding]:
    """The findings of one look by subject; a look that failed is not silence."""
    told = outcome(name, packets, *networks, window=window)
    assert told.verdict in ("found", "clean"), told.reason.en
    return {finding.subject.value: finding for finding in told.findings}


def in_ipv6(packets: pa.Table) -> pa.Table:
    """The same packets between the addresses 2001:db8::/96 whose last 32 bits are the IPv4 addresses (RFC 3849)."""

    moved = {name: [BLOCK6 + one[12:] for one in packets[name].to_pylist()] for name in ("src", "dst")}
    columns = [pa.array(moved[one.name], one.type) if one.name in moved else packets[one.name] for one in packets.schema]
    return pa.table(columns, schema=packets.schema)


def capture(path: Path) -> pa.Table:
    """The packets of a recorded file."""
    batches = [batch for segment in open_input(path, sensor="test") for batch in segment.decode()]
    return pa.Table.from_batches(batches, EVENTS["packet"].arrow)


def day_of(packets: pa.Table) -> Window:
    """The day of the last packet."""
    start = max(packets["time"].to_pylist()).replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(start, start + timedelta(days=1))
