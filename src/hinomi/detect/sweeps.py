"""Scans as rows: which source swept which port over how many targets, and which hosts it tried on many ports.

Two instruments, one shape of row. On a telescope every probe counts and an event ends after a silence that follows from
the telescope's size (Merit `darknet-events`). On a live network only probes that nobody answered count (simple-scan).
"""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir
from ibis import _

from hinomi.detect.packets import ACK, FIN, NO_PORT, RST, SYN, UDP, after, has_flags, probe, slot, within
from hinomi.schema.address import prefix

KEY = ("src", "kind", "port")
TRACEROUTE = (33434, 33534)  # one UDP port per hop and try; W. R. Stevens, TCP/IP Illustrated 1, §8.2
MANY = tuple(prefix(one) for one in ("224.0.0.0/4", "ff00::/8", "255.255.255.255/32"))  # sent to a group, not to a host


def probes(packets: ir.Table) -> ir.Table:
    """The probes among packets: time, src, dst, kind, sport and port (-1 where there are no ports)."""
    columns = {"kind": probe(packets), "sport": _.sport.fill_null(NO_PORT), "port": _.dport.fill_null(NO_PORT)}
    return packets.select("time", "src", "dst", **columns).filter(_.kind.notnull())


def unanswered(packets: ir.Table) -> ir.Table:
    """The probes that nobody answered: no SYN-ACK to a SYN, no datagram back, no echo reply; a RST is a closed port."""
    group = ibis.or_(*(within(packets.dst, one.first, one.last) for one in MANY))
    datagram = packets.proto == UDP
    # A datagram from a low port is a server's answer whose question was not captured (or a reflected flood).
    answer = datagram & (packets.sport < 1024)
    asked = probes(packets.filter(~(datagram & packets.dport.between(*TRACEROUTE)) & ~answer & ~group))
    back = _answers(packets)
    return asked.anti_join(back, ["src", "dst", "sport", "port", "kind"])


def _answers(packets: ir.Table) -> ir.Table:
    """The probes that packets answer, turned round."""
    handshake = has_flags(packets, SYN | ACK | RST | FIN, SYN | ACK)
    reply = ((packets.proto == 1) & (packets.icmp_type == 0)) | ((packets.proto == 58) & (packets.icmp_type == 129))
    kind = ibis.cases((handshake, "syn"), (packets.proto == UDP, "udp"), (reply, "echo"))
    turned = {"src": _.dst, "dst": _.src, "sport": _.dport.fill_null(NO_PORT), "port": _.sport.fill_null(NO_PORT)}
    return packets.select(kind=kind, **turned).filter(_.kind.notnull()).distinct()


def events(seen: ir.Table, start: datetime, span: float, idle: float, fewest: int) -> ir.Table:
    """One row per (source, kind, port) and run of probes without a silence longer than `idle` seconds.

    Slots no longer than `idle` can hold no such silence, so runs are found among slots (few) and not among packets
    (many); targets are counted only for runs of at least `fewest` packets.
    """
    width = min(idle, span)
    slots = _slots(seen, start, width)
    if idle < span:
        slots = slots.filter(_.n.sum().over(ibis.window(group_by=KEY)) >= fewest)
        row = ibis.window(group_by=KEY, order_by="slot")
        gap = after(_.first, start) - after(_.last.lag().over(row), start)
        slots = slots.mutate(cut=(gap > int(idle * 1e6)).fill_null(False).cast("int64"))
        slots = slots.mutate(run=_.cut.sum().over(ibis.cumulative_window(group_by=KEY, order_by="slot")))
    else:
        slots = slots.mutate(run=ibis.literal(0, "int64"))
    long = slots.filter(_.n.sum().over(ibis.window(group_by=[*KEY, "run"])) >= fewest).select(*KEY, "slot", "run")
    inside = seen.mutate(slot=slot(_.time, start, width)).join(long, [*KEY, "slot"])
    counted = {"packets": _.count(), "targets": _.dst.nunique(), "low": _.dst.min(), "high": _.dst.max()}
    return inside.group_by(*KEY, "run").agg(**counted, first=_.time.min(), last=_.time.max())


def _slots(seen: ir.Table, start: datetime, width: float) -> ir.Table:
    numbered = seen.mutate(slot=slot(_.time, start, width))
    return numbered.group_by(*KEY, "slot").agg(n=_.count(), first=_.time.min(), last=_.time.max())


def knocks(seen: ir.Table, ports: int) -> ir.Table:
    """One row per (source, kind) that tried at least `ports` ports of one target: how many targets, the most ports."""
    pairs = seen.group_by(*KEY).agg(n=_.count())
    wide = pairs.group_by("src", "kind").agg(n=_.count()).filter(_.n >= ports).select("src", "kind")
    each = {"ports": _.port.nunique(), "packets": _.count(), "first": _.time.min(), "last": _.time.max()}
    hosts = seen.semi_join(wide, ["src", "kind"]).group_by("src", "kind", "dst").agg(**each).filter(_.ports >= ports)
    counted = {"packets": _.packets.sum(), "targets": _.count(), "low": _.dst.min(), "high": _.dst.max()}
    return hosts.group_by("src", "kind").agg(**counted, ports=_.ports.max(), first=_.first.min(), last=_.last.max())
