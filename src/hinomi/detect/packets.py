"""The vocabulary of packets that detectors share, as expressions that mean the same on every engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import ibis
import ibis.expr.types as ir
from ibis.expr.datatypes import Timestamp

from hinomi.schema.address import MAPPED
from hinomi.schema.words import Text

ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
DNS: Final = 53
NO_PORT: Final = -1  # ICMP has none; a number, because SQL never joins on null


@ibis.udf.scalar.builtin(name="hex")
def hex_bytes(value: bytes) -> str:  # type: ignore[empty-body] # the engine's own function
    """An address as 32 capital hexadecimal digits."""


@ibis.udf.scalar.builtin
def low32(address: bytes) -> int:  # type: ignore[empty-body] # a word that each engine of the lake is taught
    """The last 32 bits of an address as a number: all of an IPv4 address."""


@ibis.udf.scalar.builtin(signature=((Timestamp(timezone="UTC", scale=6),), "int64"))
def unix_micros(time: ir.TimestampValue) -> ir.IntegerValue:  # the engine's own function
    """Microseconds since 1970; subtracting times costs DuckDB twenty times as much (it asks the calendar)."""


def unix(time: datetime) -> int:
    """Microseconds since 1970 of a time of ours."""
    return int(time.replace(microsecond=0).timestamp()) * 1_000_000 + time.microsecond


def after(time: ir.TimestampValue, start: datetime) -> ir.IntegerValue:
    """Microseconds from `start` to `time`."""
    return unix_micros(time) - unix(start)


def slot(time: ir.TimestampValue, start: datetime, seconds: float) -> ir.IntegerValue:
    """The number of the slot of `seconds` in which `time` lies, counted from `start`; negative before it."""
    return (after(time, start) / int(seconds * 1e6)).floor().cast("int64")


def within(address: ir.BinaryValue, first: bytes, last: bytes) -> ir.BooleanValue:
    """Is the address in this inclusive range?"""
    return (address >= ibis.literal(first, "binary")) & (address <= ibis.literal(last, "binary"))


def one_of(value: ir.IntegerValue, numbers: Iterable[int]) -> ir.BooleanValue:
    """Is the value one of a few numbers? As ranges, since DuckDB makes a join with all rows of an IN."""
    known = sorted(numbers)
    firsts = [one for one in known if one - 1 not in known]
    lasts = [one for one in known if one + 1 not in known]
    return ibis.or_(*(value.between(first, last) for first, last in zip(firsts, lasts, strict=True)))


def is_ipv4(address: ir.BinaryValue) -> ir.BooleanValue:
    return within(address, MAPPED + bytes(4), MAPPED + b"\xff" * 4)


def block16(address: ir.BinaryValue) -> ir.StringValue:
    """The /16 of an IPv4 address, the /32 of an IPv6 address (what one operator usually holds), as hexadecimal text."""
    digits = hex_bytes(address)
    return ibis.ifelse(is_ipv4(address), digits.substr(24, 4), digits.substr(0, 8))


def block24(address: ir.BinaryValue) -> ir.StringValue:
    """The /24 of an IPv4 address, the /48 of an IPv6 address, as hexadecimal text."""
    digits = hex_bytes(address)
    return ibis.ifelse(is_ipv4(address), digits.substr(24, 6), digits.substr(0, 12))


def has_flags(packets: ir.Table, among: int, exactly: int) -> ir.BooleanValue:
    """TCP whose flags, looked at through the mask `among`, are `exactly` these."""
    return (packets.proto == TCP) & ((packets.flags & among) == exactly)


def is_syn(packets: ir.Table) -> ir.BooleanValue:
    """The opening of a TCP connection: SYN without ACK, RST or FIN."""
    return has_flags(packets, SYN | ACK | RST | FIN, SYN)


def is_echo(packets: ir.Table) -> ir.BooleanValue:
    """A ping: ICMP type 8 (RFC 792), ICMPv6 type 128 (RFC 4443)."""
    return ((packets.proto == ICMP) & (packets.icmp_type == 8)) | ((packets.proto == ICMP6) & (packets.icmp_type == 128))


PROBES: Final = ("syn", "udp", "echo", "stealth")  # kinds of probe, by the number that `probe` gives them
PROBE_WORDS: Final[Mapping[str, Text]] = {
    "syn": Text("SYN", "SYN"),
    "udp": Text("UDP", "UDP"),
    "echo": Text("ping (ICMP echo)", "ping（ICMPエコー）"),
    "stealth": Text("TCP without a SYN (stealth scan)", "SYNのないTCP（ステルススキャン）"),
}


def probe(packets: ir.Table) -> ir.IntegerValue:
    """What kind of probe a packet is, as its place in `PROBES` (engines count by numbers faster than by words); else null.

    "stealth" is NULL, FIN or XMAS. A bare ACK is no probe: in live traffic it is every second packet.
    """
    control = FIN | SYN | RST | PSH | ACK | URG
    stealth = [has_flags(packets, control, flags) for flags in (0, FIN, FIN | PSH | URG)]
    asked = (is_syn(packets), is_datagram(packets), is_echo(packets), ibis.or_(*stealth))
    return ibis.cases(*((one, ibis.literal(number, "int32")) for number, one in enumerate(asked)))


def is_datagram(packets: ir.Table) -> ir.BooleanValue:
    """A UDP datagram for a port; one from port 53 is an answer (corsaro3's rule)."""
    return (packets.proto == UDP) & packets.dport.notnull() & (packets.sport != DNS)


def signs(packets: ir.Table) -> dict[str, ir.BooleanValue]:
    """Does the packet bear the sign of a tool? One question for each of `TOOLS`, in that order, since a packet may bear two by
    chance (1 in 65,536).

    Mirai family: sequence number = destination. Masscan: IP-ID = low 16 bits of (destination ^ port ^ sequence number),
    templ-pkt.c. ZMap before 4.1.0: IP-ID 54321.
    """
    dst, syn = low32(packets.dst), is_syn(packets)
    mixed = dst ^ packets.dport.cast("int64") ^ packets.seq
    return {
        "mirai": syn & (dst == packets.seq),
        "masscan": syn & (packets.ipid.cast("int64") == (mixed & 0xFFFF)),
        "zmap": syn & (packets.ipid == 54321),
    }
