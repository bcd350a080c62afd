"""Scans as rows: which source swept which port over how many targets, and which hosts it tried on many ports.

Two instruments, one shape of row. On a telescope every probe counts and an event ends after a silence that follows from
the telescope's size (Merit `darknet-events`). On a live network only probes that nobody answered count (simple-scan).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from hinomi.detect.packets import (
    ACK,
    FIN,
    ICMP,
    ICMP6,
    NO_PORT,
    PROBES,
    RST,
    SYN,
    UDP,
    after,
    has_flags,
    hex_bytes,
    low32,
    probe,
    slot,
    within,
)
from hinomi.schema.address import prefix

SOURCE = ("src", "kind")
TRACEROUTE = (33434, 33534)  # one UDP port per hop and try; W. R. Stevens, TCP/IP Illustrated 1, §8.2
MANY = tuple(prefix(one) for one in ("224.0.0.0/4", "ff00::/8", "255.255.255.255/32"))  # sent to a group, not to a host


class Clock(NamedTuple):
    """Where time is counted from, after how many seconds of silence an event is over, and how long a slot is.

    A slot is no longer than the time-out, so that none holds such a silence.
    """

    start: datetime
    idle: float
    step: int

    @classmethod
    def of(cls, start: datetime, end: datetime, idle: float) -> Clock:
        """The clock with the fewest slots from `start` to `end`."""
        return cls(start, idle, max(1, int(min(idle, (end - start).total_seconds()))))


class Probes(NamedTuple):
    """Probes to look at more than once, and how often each source sent which kind to which port in which slot.

    `again` reads them anew: for millions of rows that is cheaper than to have the engine write down what it has read.
    """

    again: Callable[[], ir.Table]
    clock: Clock
    slots: ir.Table


def watched(again: Callable[[], ir.Table], clock: Clock) -> Probes:
    """Probes, counted by source, kind, port and slot once for all that is asked of them."""
    return Probes(again, clock, _slots(_numbered(again(), clock), (*SOURCE, "port")))


def counted(again: Callable[[], ir.Table], clock: Clock, asked: ir.Table) -> Probes:
    """Probes that a digest has counted already, in the slots of this clock."""
    return Probes(again, clock, asked.select(*SOURCE, "port", "slot", "packets", "first", "last"))


def probes(packets: ir.Table, target: ir.Value) -> ir.Table:
    """The probes among packets, by `kind`; `target` says what was probed."""
    told = packets.select("time", "src", target=target, kind=probe(packets), port=packets.dport.fill_null(NO_PORT))
    return told.filter(_.kind.notnull())


def heard(packets: ir.Table) -> ir.Table:
    """What scans of live networks are made of: probes by `kind`, and answers by the kind they answer."""
    columns = {"kind": probe(packets), "answers": _answered(packets)}
    ports = {"sport": _.sport.fill_null(NO_PORT), "port": _.dport.fill_null(NO_PORT)}
    told = packets.select("time", "src", "dst", **columns, **ports)
    return told.filter(_.kind.notnull() | _.answers.notnull())


def unanswered(told: ir.Table) -> ir.Table:
    """The probes that nobody answered: no SYN-ACK to a SYN, no datagram back, no echo reply; a RST is a closed port."""
    group = ibis.or_(*(within(told.dst, one.first, one.last) for one in MANY))
    # A datagram from a low port is a server's answer whose question was not captured (or a reflected flood).
    stray = (told.kind == PROBES.index("udp")) & ((told.sport < 1024) | told.port.between(*TRACEROUTE))
    turned = {"src": _.dst, "dst": _.src, "sport": _.port, "port": _.sport, "kind": _.answers}
    back = told.filter(_.answers.notnull()).select(**turned).distinct()
    asked = told.filter(_.kind.notnull() & ~stray & ~group).anti_join(back, ["src", "dst", "sport", "port", "kind"])
    return asked.select(*SOURCE, "time", "port", target="dst")


def _answered(packets: ir.Table) -> ir.IntegerValue:
    """The kind of probe that a packet may be the answer to; null when it answers none."""
    handshake = has_flags(packets, SYN | ACK | RST | FIN, SYN | ACK)
    reply = ((packets.proto == ICMP) & (packets.icmp_type == 0)) | ((packets.proto == ICMP6) & (packets.icmp_type == 129))
    answered = {"syn": handshake, "udp": packets.proto == UDP, "echo": reply}
    return ibis.cases(*((answer, ibis.literal(PROBES.index(kind), "int32")) for kind, answer in answered.items()))


class Runs(NamedTuple):
    """Runs of probes with the same key: one row per run, and the slots that each is made of. `run` numbers them, so that
    counting what they reached moves a number and not the whole key."""

    told: ir.Table
    slots: ir.Table


def sweeps(seen: Probes, fewest: int, worth: Deferred) -> ir.Table:
    """One row per event: a source that sends one kind of probe to one port, with the targets it reached.

    `worth` says of `packets`, `first` and `last` whether an event is worth counting its targets, which is what costs.
    """
    key = (*SOURCE, "port")
    found = _runs(seen.slots, key, seen.clock, fewest, worth)
    inside = _inside(_numbered(seen.again(), seen.clock), found, key)
    reached = inside.select("run", "target").distinct().group_by("run")
    reached = reached.agg(targets=_.count(), low=_.target.min(), high=_.target.max())
    return found.told.inner_join(reached, "run").mutate(ports=ibis.literal(1, "int64"), span=_span(reached))


def knocks(seen: Probes, fewest: int, clock: Clock) -> ir.Table:
    """One row per source and kind of probe that tried at least `fewest` ports of one target: how many targets, most ports.

    Its clock is its own: how long a source may be silent to one target has nothing to do with how often it meets a telescope.
    """
    key = (*SOURCE, "target")
    tried = seen.slots.select(*SOURCE, "port").distinct().group_by(*SOURCE).agg(n=_.count())
    wide = tried.filter(_.n >= fewest).select(*SOURCE)
    theirs = _numbered(seen.again().semi_join(wide, SOURCE), clock)
    found = _runs(_slots(theirs, key), key, clock, fewest)
    reached = _inside(theirs, found, key).select("run", "port").distinct().group_by("run").agg(ports=_.count())
    hosts = found.told.inner_join(reached.filter(_.ports >= fewest), "run").group_by(*SOURCE)
    counted = {"packets": _.packets.sum(), "first": _.first.min(), "last": _.last.max(), "targets": _.target.nunique()}
    told = hosts.agg(**counted, ports=_.ports.max(), low=_.target.min(), high=_.target.max())
    return told.mutate(span=_span(told))


def _span(told: ir.Table) -> ir.IntegerValue:
    """Addresses from the lowest to the highest target; null where the first 96 bits differ, which is no range to walk."""
    if told.low.type().is_integer():
        return told.high - told.low + 1
    near = hex_bytes(told.low).substr(0, 24) == hex_bytes(told.high).substr(0, 24)
    return near.ifelse(low32(told.high) - low32(told.low) + 1, ibis.null("int64"))


def _numbered(seen: ir.Table, clock: Clock) -> ir.Table:
    """Probes with the number of their slot."""
    return seen.mutate(slot=slot(_.time, clock.start, clock.step))


def _slots(numbered: ir.Table, key: tuple[str, ...]) -> ir.Table:
    return numbered.group_by(*key, "slot").agg(packets=_.count(), first=_.time.min(), last=_.time.max())


def _runs(slots: ir.Table, key: tuple[str, ...], clock: Clock, fewest: int, worth: Deferred | None = None) -> Runs:
    """Runs of at least `fewest` probes with the same key and no silence longer than `clock.idle`.

    They are found among slots, which are few, and not among packets, which are many.
    """
    often = slots.group_by(*key).agg(n=_.packets.sum()).filter(_.n >= fewest)
    slots = slots.semi_join(often, key)
    gap = after(_.first, clock.start) - after(_.last.lag().over(ibis.window(group_by=key, order_by="slot")), clock.start)
    slots = slots.mutate(cut=(gap > int(clock.idle * 1e6)).fill_null(False).cast("int64"))
    slots = slots.mutate(part=_.cut.sum().over(ibis.cumulative_window(group_by=key, order_by="slot")))
    runs = slots.group_by(*key, "part").agg(packets=_.packets.sum(), first=_.first.min(), last=_.last.max())
    runs = runs.filter(_.packets >= fewest) if worth is None else runs.filter((_.packets >= fewest) & worth)
    told = runs.mutate(run=ibis.row_number().over(ibis.window(order_by=[*key, "part"])))
    return Runs(told, slots.select(*key, "part", "slot").inner_join(told.select(*key, "part", "run"), [*key, "part"]))


def _inside(numbered: ir.Table, found: Runs, key: tuple[str, ...]) -> ir.Table:
    """The probes that are in a run."""
    return numbered.inner_join(found.slots.select(*key, "slot", "run"), [*key, "slot"])
