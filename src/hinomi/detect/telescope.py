"""The registered telescopes of a look: which addresses are dark, how many, and what their size makes of a threshold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import log

import ibis
import ibis.expr.types as ir

from hinomi.detect.detector import Look, NotApplicable
from hinomi.detect.packets import low32, within
from hinomi.schema.address import Range, is_ipv4
from hinomi.schema.words import Text

INTERNET = 1 << 32  # IPv4 addresses

UNREGISTERED = Text(
    "No telescope (dark network) was registered for this time; register one with `hinomi members import`.",
    "この期間に有効なダークネット（観測用アドレス）が登録されていません。`hinomi members import` で登録してください。",
)
UNSIZED = Text(
    "An IPv4 telescope is needed to judge scans of dark addresses, since the thresholds follow from its size; "
    "the one registered is IPv6 only.",
    "ダークネットへのスキャンの判定にはIPv4のダークネットが必要です（しきい値はその大きさから決まります）。登録はIPv6のみです。",
)
SILENT = Text(
    "The registered telescope saw no packet in this time. Is its sensor running, and is its prefix right?",
    "登録されたダークネットに、この期間のパケットが1件もありません。センサの稼働とプレフィックスを確認してください。",
)


@dataclass(frozen=True)
class Network:
    """One line of the `networks` lookup."""

    range: Range
    organisation: str
    dark: bool
    valid_from: datetime
    valid_until: datetime | None
    name: Text

    def holds(self, address: bytes, at: datetime) -> bool:
        """Did this line cover the address at that time?"""
        return address in self.range and self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


def networks(look: Look) -> Iterator[Network]:
    """The registered networks that were valid at some time of the look, the narrowest first."""
    lines = look.lookups["networks"].to_pylist() if "networks" in look.lookups else []
    known = [
        Network(
            Range(one["first"], one["last"]),
            one["organisation"],
            one["dark"],
            one["valid_from"],
            one["valid_until"],
            _named(one["organisation"], one.get("name_en"), one.get("name_ja")),
        )
        for one in lines
    ]
    valid = [
        one for one in known if one.valid_from < look.window.end and (one.valid_until or look.window.end) > look.window.start
    ]
    yield from sorted(valid, key=lambda one: (one.range.size, one.range.first, one.organisation))


def _named(organisation: str, en: str | None, ja: str | None) -> Text:
    return Text(en or organisation, ja or en or organisation)


@dataclass(frozen=True)
class Telescope:
    """The dark networks of a look as one instrument."""

    networks: tuple[Network, ...]
    since: datetime | None = None  # no packet of the look is older

    @property
    def size(self) -> int:
        """Dark IPv4 addresses; those registered twice count once. Of IPv6, where none are drawn uniformly, 0."""
        return sum(one.size for one in _union(network.range for network in self.networks if is_ipv4(network.range.first)))

    @property
    def blocks(self) -> int:
        """Dark /24s."""
        return max(1, self.size // 256)

    def idle(self, missed: float, slowest: float) -> float:
        """Seconds of silence after which a scan at `slowest` packets/s Internet-wide would be missed with chance `missed`.

        A scan at rate r hits a telescope of `size` addresses r·size/2³² times a second; the gap between two hits is
        exponential, so the time-out is ln(1/ε)·2³²/(size·r): 453 s for a /16, ε = 0.001, r = 1 kpps.
        """
        return log(1 / missed) * INTERNET / (self.size * slowest)

    @property
    def scale(self) -> float:
        """Internet-wide packets per packet seen, if targets are drawn uniformly from IPv4."""
        return INTERNET / self.size

    def sees(self, packets: ir.Table, address: str = "dst") -> ir.BooleanValue:
        """Was the address (by default the receiver's) dark at the time of the packet?"""
        return ibis.or_(*(covers(packets, one, self.since, address) for one in self.networks))

    def numbered(self, dst: ir.BinaryValue) -> ir.Value:
        """What tells dark addresses apart: in an IPv4 telescope the number, which an engine counts faster, else the address."""
        return low32(dst) if all(is_ipv4(one.range.first) for one in self.networks) else dst


def registered(look: Look) -> Telescope | None:
    """The telescope of this look, if any."""
    dark = tuple(one for one in networks(look) if one.dark)
    return Telescope(dark, look.window.start - look.history) if dark else None


def required(look: Look) -> Telescope:
    """The telescope of this look, of whatever size; without one, or with one that is deaf, the look does not apply."""
    telescope = registered(look)
    if telescope is None:
        raise NotApplicable(UNREGISTERED)
    if look.silent:
        raise NotApplicable(SILENT)
    return telescope


def covers(packets: ir.Table, network: Network, since: datetime | None = None, address: str = "dst") -> ir.BooleanValue:
    """Was the packet sent into this network (or what else `address` names) while it was registered? None is older than `since`.

    What every packet meets is not asked: with the address alone an engine can skip what its files say lies outside.
    """
    inside = within(packets[address], network.range.first, network.range.last)
    if since is None or network.valid_from > since:
        inside = inside & (packets.time >= ibis.literal(network.valid_from, "timestamp('UTC', 6)"))
    if network.valid_until is not None:
        inside = inside & (packets.time < ibis.literal(network.valid_until, "timestamp('UTC', 6)"))
    return inside


def _union(ranges: Iterator[Range]) -> Iterator[Range]:
    """The same addresses in ranges that do not touch each other."""
    current: Range | None = None
    for one in sorted(ranges):
        if current is None or one.first > current.last:
            if current is not None:
                yield current
            current = one
        else:
            current = Range(current.first, max(current.last, one.last))
    if current is not None:
        yield current
