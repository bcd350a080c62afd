"""The darknet's traffic of one hour, by minute, country and kind, and by target port: named queries over the lake.

Destinations never appear: a known dark address is a burnt one. Sources are counted by /24 (IPv4) or /48 (IPv6) and placed
by that block, so that an hour of a million sources costs a few thousand look-ups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hinomi.schema.address import MAPPED
from hinomi.schema.protocols import port_name
from hinomi.schema.words import TOOLS, Text

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

MOST_COUNTRIES, MOST_PORTS = 60, 10

# Kinds of traffic by marks of the single packet, the most telling first; each has a shape on the map.
KINDS: dict[str, Text] = {
    **TOOLS,
    "scan": Text("other TCP scans", "その他のTCPスキャン"),
    "backscatter": Text("backscatter of attacks", "攻撃のバックスキャッタ"),
    "udp": Text("UDP", "UDP"),
    "icmp": Text("ICMP", "ICMP"),
    "other": Text("other", "その他"),
}


def per_minute(packets: ir.Table, start: datetime) -> ir.Table:
    """Packets by minute of the hour, block of the source, and kind."""
    import ibis

    from hinomi.detect.packets import ACK, ICMP, ICMP6, RST, SYN, UDP, block24, has_flags, is_syn, signs, slot

    answers = has_flags(packets, SYN | ACK, SYN | ACK) | has_flags(packets, RST, RST)
    kind = ibis.cases(
        *((sign, tool) for tool, sign in signs(packets).items()),
        (is_syn(packets), "scan"),
        (answers, "backscatter"),
        (packets.proto == UDP, "udp"),
        (packets.proto.isin([ICMP, ICMP6]), "icmp"),
        else_="other",
    )
    keyed = packets.select(minute=slot(packets.time, start, 60), block=block24(packets.src), kind=kind)
    return keyed.group_by("minute", "block", "kind").agg(packets=keyed.count())


def per_port(packets: ir.Table, start: datetime) -> ir.Table:
    """Packets that ask for one of the ten busiest target ports of the hour, by minute, protocol and port."""
    from hinomi.detect.packets import UDP, is_datagram, is_syn, slot

    asked = packets.filter((is_syn(packets) | is_datagram(packets)) & packets.dport.notnull())
    keyed = asked.select(minute=slot(asked.time, start, 60), udp=asked.proto == UDP, port=asked.dport)
    busiest = keyed.group_by("udp", "port").agg(sum=keyed.count())
    busiest = busiest.order_by(busiest["sum"].desc(), "udp", "port").limit(MOST_PORTS)
    found = keyed.semi_join(busiest, ["udp", "port"])
    return found.group_by("minute", "udp", "port").agg(packets=found.count())


def placed(found: pa.Table) -> list[list[Any]]:
    """Rows by minute, country and kind; the countries that send least are together as "".

    In columns: an hour of five million packets has a million rows of minute, block and kind, and only their blocks are
    looked up one by one.
    """
    import pyarrow as pa

    from hinomi.lake.lookups.places import locate

    if not found.num_rows:
        return []
    coded = found["block"].combine_chunks().dictionary_encode()
    countries: dict[str, int] = {}
    of_block = pa.array(
        [countries.setdefault(one.country, len(countries)) for one in locate(list(map(_address, coded.dictionary.to_pylist())))]
    )
    names = dict(enumerate(countries))  # a packet whose source could not be read is of no place
    keyed = found.drop_columns("block").append_column("country", of_block.take(coded.indices))
    sums = keyed.group_by(["minute", "country", "kind"]).aggregate([("packets", "sum")]).to_pylist()
    return _merged([(one["minute"], names.get(one["country"], ""), one["kind"], one["packets_sum"]) for one in sums])


def _merged(sums: Sequence[tuple[int, str, str, int]]) -> list[list[Any]]:
    by_country: Counter[str] = Counter()
    for _minute, country, _kind, packets in sums:
        by_country[country] += packets
    shown = {country for country, _packets in by_country.most_common(MOST_COUNTRIES)}
    merged: Counter[tuple[int, str, str]] = Counter()
    for minute, country, kind, packets in sums:
        merged[minute, country if country in shown else "", kind] += packets
    return [[minute, country, kind, packets] for (minute, country, kind), packets in sorted(merged.items())]


def _address(block: str) -> bytes:
    """The first address of a block, from the hexadecimal text of `detect.packets.block24`."""
    raw = bytes.fromhex(block)
    return MAPPED + raw + b"\x01" if len(raw) == 3 else raw + bytes(16 - len(raw))


def named(found: Iterable[dict[str, Any]]) -> list[list[Any]]:
    """Rows of minute, port as people write it, and packets."""
    from hinomi.detect.packets import TCP, UDP

    rows = ([row["minute"], port_name(UDP if row["udp"] else TCP, row["port"]), row["packets"]] for row in found)
    return sorted(rows)
