"""The darknet's traffic of one hour, by minute, country and kind: a named query over the lake, its answer kept on disk.

Destinations never appear: a known dark address is a burnt one. Sources are counted by /24 (IPv4) or /48 (IPv6) and placed
by that block, so that an hour of a million sources costs a few thousand look-ups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from hinomi.home import home
from hinomi.schema.address import MAPPED
from hinomi.schema.findings import Window
from hinomi.schema.words import Text

if TYPE_CHECKING:
    import ibis.expr.types as ir

HOUR = timedelta(hours=1)
MOST_COUNTRIES = 60

# Kinds of traffic by marks of the single packet, the most telling first; each has a shape on the map.
KINDS: dict[str, Text] = {
    "mirai": Text("Mirai family", "Mirai系"),
    "masscan": Text("Masscan", "Masscan"),
    "zmap": Text("ZMap", "ZMap"),
    "scan": Text("other TCP scans", "その他のTCPスキャン"),
    "backscatter": Text("backscatter of attacks", "攻撃のバックスキャッタ"),
    "udp": Text("UDP", "UDP"),
    "icmp": Text("ICMP", "ICMP"),
    "other": Text("other", "その他"),
}


def per_minute(packets: ir.Table, start: datetime) -> ir.Table:
    """Packets by minute of the hour, block of the source, and kind."""
    import ibis

    from hinomi.detect.packets import ICMP, ICMP6, RST, TCP, UDP, block24, is_syn, signs, slot

    marks = signs(packets)
    answers = (packets.proto == TCP) & (((packets.flags & 0x12) == 0x12) | ((packets.flags & RST) == RST))
    kind = ibis.cases(
        *((marks[tool], tool) for tool in ("mirai", "masscan", "zmap")),
        (is_syn(packets), "scan"),
        (answers, "backscatter"),
        (packets.proto == UDP, "udp"),
        (packets.proto.isin([ICMP, ICMP6]), "icmp"),
        else_="other",
    )
    keyed = packets.select(minute=slot(packets.time, start, 60), block=block24(packets.src), kind=kind)
    return keyed.group_by("minute", "block", "kind").agg(packets=keyed.count())


def hour_of(start: datetime, exercise: str) -> dict[str, Any]:
    """One hour of traffic: `{start, until, rows: [[minute, country, kind, packets]…], packets}`; empty without a lake."""
    from hinomi.lake.engine import open_engine
    from hinomi.pipeline import opened_lake

    root = home().exercise(exercise) if exercise else home().lake
    if not root.is_dir():
        return _hour(start, None, [])
    with opened_lake(exercise) as lake:
        span = lake.span("packet")
        file = home().cache / "atlas" / f"{exercise or 'real'}-{start:%Y%m%dT%H}-{lake.rows('packet')}.json"
        if file.exists():
            return dict(orjson.loads(file.read_bytes()))
        with open_engine("duckdb", lake) as engine:
            found = engine.run(per_minute(engine.table("packet", Window(start, start + HOUR)), start)).to_pylist()
    answer = _hour(start, span.end if span else None, placed(found))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps(answer))
    return dict(orjson.loads(orjson.dumps(answer)))


def newest_hour(exercise: str) -> datetime | None:
    """The start of the newest hour that the lake holds traffic of, None when it holds none."""
    from hinomi.pipeline import opened_lake

    root = home().exercise(exercise) if exercise else home().lake
    if not root.is_dir():
        return None
    with opened_lake(exercise) as lake:
        span = lake.span("packet")
    return (span.end - timedelta(microseconds=1)).replace(minute=0, second=0, microsecond=0) if span else None


def placed(found: Iterable[dict[str, Any]]) -> list[list[Any]]:
    """Rows by minute, country and kind; the countries that send least are together as ""."""
    from hinomi.lake.lookups.places import locate

    rows = list(found)
    blocks = sorted({row["block"] for row in rows})
    countries = (
        {block: one.country for block, one in zip(blocks, locate([_address(block) for block in blocks]), strict=True)}
        if blocks
        else {}
    )
    sums: Counter[tuple[int, str, str]] = Counter()
    for row in rows:
        sums[row["minute"], countries[row["block"]], row["kind"]] += row["packets"]
    by_country: Counter[str] = Counter()
    for (_minute, country, _kind), packets in sums.items():
        by_country[country] += packets
    shown = {country for country, _packets in by_country.most_common(MOST_COUNTRIES)}
    merged: Counter[tuple[int, str, str]] = Counter()
    for (minute, country, kind), packets in sums.items():
        merged[minute, country if country in shown else "", kind] += packets
    return [[minute, country, kind, packets] for (minute, country, kind), packets in sorted(merged.items())]


def _address(block: str) -> bytes:
    """The first address of a block, from the hexadecimal text of `detect.packets.block24`."""
    raw = bytes.fromhex(block)
    return MAPPED + raw + b"\x01" if len(raw) == 3 else raw + bytes(16 - len(raw))


def _hour(start: datetime, until: datetime | None, rows: list[list[Any]]) -> dict[str, Any]:
    return {"start": start, "until": until, "rows": rows, "packets": sum(row[3] for row in rows)}
