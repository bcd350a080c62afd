"""Builders of telescope packets: scans, sweeps, worms, floods' backscatter, an infected member, background noise.

Each returns a table of `EVENTS["packet"]` in order of time, made by NumPy from a seed: the same arguments give the same
rows. `together` mixes several. Addresses are written as people write them; times are seconds after `START`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hinomi.schema.address import MAPPED
from hinomi.schema.events import EVENTS

Column = NDArray[np.int64]
Given = Column | int | None

START: Final = datetime(2026, 11, 1, tzinfo=UTC)
TCP, UDP, ICMP = 6, 17, 1
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
SCHEMA: Final = EVENTS["packet"].arrow


@dataclass(frozen=True)
class Telescope:
    """A dark IPv4 prefix and the name of its sensor."""

    prefix: str = "198.18.0.0/16"
    sensor: str = "telescope"

    @property
    def first(self) -> int:
        return int(ip_network(self.prefix).network_address)

    @property
    def size(self) -> int:
        return ip_network(self.prefix).num_addresses

    def draw(self, rng: np.random.Generator, count: int) -> Column:
        """`count` dark addresses, each as likely."""
        return self.first + rng.integers(0, self.size, count)


DARK: Final = Telescope()


def number(address: str) -> int:
    """An IPv4 address as its 32-bit number."""
    return int(ip_address(address))


def mapped(addresses: Column) -> pa.Array:
    """32-bit numbers as the 16-byte addresses of the lake."""
    raw = np.empty((addresses.size, 16), np.uint8)
    raw[:, :12] = np.frombuffer(MAPPED, np.uint8)
    raw[:, 12:] = addresses.astype(">u4").view(np.uint8).reshape(-1, 4)
    return pa.Array.from_buffers(pa.binary(16), addresses.size, [None, pa.py_buffer(raw.tobytes())])


def packets(seconds: NDArray[np.float64], src: Given, dst: Given, sensor: str = DARK.sensor, **columns: Given) -> pa.Table:
    """Rows from columns: numbers are repeated, addresses are 32-bit numbers, what is not given is unknown (null)."""
    count = seconds.size
    given: dict[str, Given] = {"src": src, "dst": dst, **columns}
    made = {name: _column(name, given.get(name), count) for name in SCHEMA.names if name not in ("time", "sensor", "segment")}
    micros = int(START.timestamp()) * 1_000_000 + np.round(seconds * 1e6).astype(np.int64)
    made["time"] = pa.array(micros, pa.int64()).cast(SCHEMA.field("time").type)
    made["sensor"] = pa.repeat(pa.scalar(sensor), count)
    made["segment"] = pa.repeat(pa.scalar("made"), count)
    return pa.table([made[name] for name in SCHEMA.names], schema=SCHEMA).sort_by("time")


def _column(name: str, values: Given, count: int) -> pa.Array:
    kind = SCHEMA.field(name).type
    if values is None:
        return pa.nulls(count, kind)
    filled = np.broadcast_to(np.asarray(values, np.int64), count)
    return mapped(filled) if kind == pa.binary(16) else pa.array(filled, kind)


def together(*tables: pa.Table) -> pa.Table:
    """Several builders' packets as one table in order of time."""
    return pa.concat_tables(tables).sort_by("time") if tables else SCHEMA.empty_table()


def syns(
    seconds: NDArray[np.float64],
    src: Given,
    dst: Column,
    port: Given,
    rng: np.random.Generator,
    tool: str = "",
    sensor: str = DARK.sensor,
) -> pa.Table:
    """TCP SYNs as a tool sends them: "masscan", "zmap", "mirai", or an ordinary TCP stack."""
    count = dst.size
    seq, ipid = rng.integers(0, 1 << 32, count), rng.integers(0, 1 << 16, count)
    window: Given = 29_200
    if tool == "masscan":
        ipid, window = (dst ^ np.asarray(port) ^ seq) & 0xFFFF, 1024
    elif tool == "zmap":
        ipid, window = np.full(count, 54_321), 65_535
    elif tool == "mirai":
        seq, window = dst.astype(np.int64), rng.integers(1, 1 << 16, count)
    bare = 0 if tool else 20
    hops = 242 if tool in ("masscan", "zmap") else 50
    header: dict[str, Given] = {
        "flags": SYN,
        "seq": seq,
        "ack": 0,
        "window": window,
        "options": bare,
        "ipid": ipid,
        "ttl": hops,
        "length": 40 + bare,
    }
    ports: dict[str, Given] = {"sport": rng.integers(1024, 65_536, count), "dport": port}
    return packets(seconds, src, dst, sensor=sensor, proto=TCP, **ports, **header)


def echo(seconds: NDArray[np.float64], src: Given, dst: Column, sensor: str = DARK.sensor) -> pa.Table:
    """ICMP echo requests, as `ping` sends them."""
    return packets(seconds, src, dst, sensor, proto=ICMP, icmp_type=8, icmp_code=0, ttl=110, ipid=1, length=60)


def scan(
    src: str,
    port: int | Sequence[int],
    count: int,
    start: float = 0,
    seconds: float = 3600,
    seed: int = 1,
    tool: str = "",
    dark: Telescope = DARK,
) -> pa.Table:
    """One source looks for one port (a sweep) or a small set of them (a strobe) all over the telescope."""
    rng = np.random.default_rng(seed)
    ports = rng.choice(np.atleast_1d(np.asarray(port, np.int64)), count)
    return syns(_times(rng, count, start, seconds), number(src), dark.draw(rng, count), ports, rng, tool, dark.sensor)


def knock(
    src: str, host: str, ports: Sequence[int], start: float = 0, seconds: float = 60, seed: int = 1, sensor: str = DARK.sensor
) -> pa.Table:
    """One source tries many ports of one address: a vertical scan."""
    rng = np.random.default_rng(seed)
    count = len(ports)
    when = _times(rng, count, start, seconds)
    return syns(when, number(src), np.full(count, number(host)), np.asarray(ports, np.int64), rng, sensor=sensor)


def pings(src: str, count: int, start: float = 0, seconds: float = 3600, seed: int = 1, dark: Telescope = DARK) -> pa.Table:
    """One source pings addresses all over the telescope."""
    rng = np.random.default_rng(seed)
    return echo(_times(rng, count, start, seconds), number(src), dark.draw(rng, count), dark.sensor)


def crowd(rng: np.random.Generator, count: int) -> Column:
    """`count` different sources from all over 240.0.0.0/4, which nobody owns (RFC 1112 §4)."""
    drawn: Column = np.unique(0xF0000000 + rng.integers(0, 1 << 28, 2 * count + 8))
    return rng.permutation(drawn)[:count]


def worm(
    port: int,
    sources: int,
    start: float = 0,
    seconds: float = 3600,
    each: int = 20,
    seed: int = 1,
    tool: str = "mirai",
    dark: Telescope = DARK,
) -> pa.Table:
    """More and more sources look for one port: the number of infected grows exponentially until `sources` are reached."""
    rng = np.random.default_rng(seed)
    joined = start + seconds * np.log1p(np.arange(sources)) / np.log1p(sources)
    who = np.repeat(crowd(rng, sources), each)
    since = np.repeat(joined, each)
    when = since + rng.random(who.size) * (start + seconds - since)
    return syns(when, who, dark.draw(rng, who.size), port, rng, tool, dark.sensor)


def backscatter(
    victim: str,
    port: int,
    count: int,
    start: float = 0,
    seconds: float = 600,
    kind: str = "syn-ack",
    seed: int = 1,
    dark: Telescope = DARK,
) -> pa.Table:
    """What a victim of a flood with forged sources sends back: "syn-ack", "rst", or "icmp" (port unreachable, quoting UDP)."""
    rng = np.random.default_rng(seed)
    when, dst, forged = _times(rng, count, start, seconds), dark.draw(rng, count), rng.integers(1024, 65_536, count)
    who = number(victim)
    if kind == "icmp":
        quoted: dict[str, Given] = {
            "inner_src": dst,
            "inner_dst": who,
            "inner_proto": UDP,
            "inner_sport": forged,
            "inner_dport": port,
        }
        return packets(when, who, dst, dark.sensor, proto=ICMP, icmp_type=3, icmp_code=3, ttl=52, ipid=0, length=56, **quoted)
    flags = {"syn-ack": SYN | ACK, "rst": RST | ACK}[kind]
    answer: dict[str, Given] = {
        "flags": flags,
        "seq": rng.integers(0, 1 << 32, count),
        "ack": rng.integers(0, 1 << 32, count),
        "window": 65_160,
    }
    return packets(
        when, who, dst, dark.sensor, proto=TCP, sport=port, dport=forged, options=4, ipid=0, ttl=52, length=44, **answer
    )


def background(
    count: int, sources: int = 2000, start: float = 0, seconds: float = 3600, seed: int = 1, dark: Telescope = DARK
) -> pa.Table:
    """What always falls on a telescope: many sources, few packets each (Zipf 1.05), everyday ports, some UDP and pings."""
    rng = np.random.default_rng(seed)
    weight = np.arange(1, sources + 1, dtype=np.float64) ** -1.05
    who = crowd(rng, sources)[rng.choice(sources, count, p=weight / weight.sum())]
    when, sort = _times(rng, count, start, seconds), rng.random(count)
    tcp, udp = sort < 0.8, (sort >= 0.8) & (sort < 0.92)
    ports = rng.choice(
        [23, 445, 22, 80, 443, 3389, 8080, 5555, 1433, 81], count, p=[0.3, 0.2, 0.1, 0.1, 0.1, 0.06, 0.05, 0.04, 0.03, 0.02]
    )
    datagrams: dict[str, Given] = {
        "sport": rng.integers(1024, 65_536, udp.sum()),
        "dport": rng.choice([53, 123, 161, 1900, 5060], udp.sum()),
    }
    echoes = ~(tcp | udp)
    return together(
        syns(when[tcp], who[tcp], dark.draw(rng, tcp.sum()), ports[tcp], rng, sensor=dark.sensor),
        packets(
            when[udp], who[udp], dark.draw(rng, udp.sum()), dark.sensor, proto=UDP, ttl=110, ipid=1, length=60, **datagrams
        ),
        echo(when[echoes], who[echoes], dark.draw(rng, echoes.sum()), dark.sensor),
    )


def _times(rng: np.random.Generator, count: int, start: float, seconds: float) -> NDArray[np.float64]:
    return np.sort(start + rng.random(count) * seconds)
