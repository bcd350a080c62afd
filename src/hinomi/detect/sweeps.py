"""Scans as rows: which source swept which port over how many targets, and which hosts it tried on many ports.

Two instruments, one shape of row. On a telescope every probe counts and an event ends after a silence that follows from
the telescope's size (Merit `darknet-events`). On a live network only probes that nobody answered count (simple-scan).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
from ibis import _

from hinomi.detect.packets import ACK, FIN, ICMP, ICMP6, NO_PORT, RST, SYN, UDP, after, has_flags, probe, slot, within
from hinomi.schema.address import prefix

SOURCE = ("src", "kind")
SUMMED = {
    "packets": _.packets.sum(),
    "low": _.low.min(),
    "high": _.high.max(),
    "first": _.first.min(),
    "last": _.last.max(),
}
COUNTED = {"packets": _.count(), "low": _.dst.min(), "high": _.dst.max(), "first": _.time.min(), "last": _.time.max()}
TRACEROUTE = (33434, 33534)  # one UDP port per hop and try; W. R. Stevens, TCP/IP Illustrated 1, §8.2
MANY = tuple(prefix(one) for one in ("224.0.0.0/4", "ff00::/8", "255.255.255.255/32"))  # sent to a group, not to a host


class Clock(NamedTuple):
    """Where time is counted from, for how many seconds, and after how many seconds of silence an event is over."""

    start: datetime
    span: float
    idle: float


def probes(packets: ir.Table, dark: ir.BooleanValue) -> ir.Table:
    """The probes among packets: time, src, dst, kind, dark or not, sport and port (-1 where there are no ports)."""
    columns = {"kind": probe(packets), "sport": _.sport.fill_null(NO_PORT), "port": _.dport.fill_null(NO_PORT), "dark": dark}
    return packets.select("time", "src", "dst", **columns).filter(_.kind.notnull())


def unanswered(seen: ir.Table, packets: ir.Table) -> ir.Table:
    """The probes that nobody answered: no SYN-ACK to a SYN, no datagram back, no echo reply; a RST is a closed port."""
    group = ibis.or_(*(within(seen.dst, one.first, one.last) for one in MANY))
    # A datagram from a low port is a server's answer whose question was not captured (or a reflected flood).
    stray = (seen.kind == "udp") & ((seen.sport < 1024) | seen.port.between(*TRACEROUTE))
    return seen.filter(~stray & ~group).anti_join(_answers(packets), ["src", "dst", "sport", "port", "kind"])


def _answers(packets: ir.Table) -> ir.Table:
    """The probes that packets answer, turned round."""
    handshake = has_flags(packets, SYN | ACK | RST | FIN, SYN | ACK)
    reply = ((packets.proto == ICMP) & (packets.icmp_type == 0)) | ((packets.proto == ICMP6) & (packets.icmp_type == 129))
    kind = ibis.cases((handshake, "syn"), (packets.proto == UDP, "udp"), (reply, "echo"))
    turned = {"src": _.dst, "dst": _.src, "sport": _.dport.fill_null(NO_PORT), "port": _.sport.fill_null(NO_PORT)}
    return packets.select(kind=kind, **turned).filter(_.kind.notnull()).distinct()


def sweeps(seen: ir.Table, clock: Clock, fewest: int) -> ir.Table:
    """One row per event: a source that sends one kind of probe to one port, with the targets it reached."""
    key = (*SOURCE, "port", "run")
    targets = _runs(seen, (*SOURCE, "port"), clock, fewest).group_by(*key, "dst").agg(**COUNTED)
    return targets.group_by(*key).agg(**SUMMED, targets=_.count()).mutate(ports=ibis.literal(1, "int64"))


def knocks(seen: ir.Table, clock: Clock, fewest: int) -> ir.Table:
    """One row per source and kind of probe that tried at least `fewest` ports of one target: how many targets, most ports."""
    tried = seen.select(*SOURCE, "port").distinct().group_by(*SOURCE).agg(n=_.count())
    wide = tried.filter(_.n >= fewest).select(*SOURCE)
    key = (*SOURCE, "dst", "run")
    ports = _runs(seen.semi_join(wide, SOURCE), (*SOURCE, "dst"), clock, fewest).group_by(*key, "port").agg(**COUNTED)
    hosts = ports.group_by(*key).agg(**SUMMED, ports=_.count()).filter(_.ports >= fewest)
    return hosts.group_by(*SOURCE).agg(**SUMMED, targets=_.dst.nunique(), ports=_.ports.max())


def _runs(seen: ir.Table, key: tuple[str, ...], clock: Clock, fewest: int) -> ir.Table:
    """The probes of every run of at least `fewest` with the same key and without a silence longer than `clock.idle`.

    Slots no longer than the time-out can hold no such silence, so runs are found among slots, which are few, and not
    among packets, which are many.
    """
    width = int(min(clock.idle, clock.span))
    numbered = seen.mutate(slot=slot(_.time, clock.start, width))
    slots = numbered.group_by(*key, "slot").agg(packets=_.count(), first=_.time.min(), last=_.time.max())
    often = slots.group_by(*key).agg(n=_.packets.sum()).filter(_.n >= fewest)
    slots = slots.semi_join(often, key)
    gap = after(_.first, clock.start) - after(_.last.lag().over(ibis.window(group_by=key, order_by="slot")), clock.start)
    slots = slots.mutate(cut=(gap > int(clock.idle * 1e6)).fill_null(False).cast("int64"))
    slots = slots.mutate(run=_.cut.sum().over(ibis.cumulative_window(group_by=key, order_by="slot")))
    long = slots.filter(_.packets.sum().over(ibis.window(group_by=[*key, "run"])) >= fewest)
    return numbered.inner_join(long.select(*key, "slot", "run"), [*key, "slot"])
