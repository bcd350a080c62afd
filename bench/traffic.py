"""A telescope's hour as a capture file: deterministic, vectorised, with the fingerprints that real scanners leave.

The mix follows what a /16 telescope sees: TCP ~79 %, UDP ~13 %, ICMP ~8 %, of which ~6 % backscatter from 400 victims;
~182,000 sources whose packet counts follow Zipf's law (exponent 1.05). Masscan signs with `ipid = low16(dst ^ dport ^ seq)`,
ZMap before 4.1.0 with `ipid = 54321`, the Mirai family with `seq = dst`. Checksums are right, short frames are padded to
60 bytes as a network card does.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Column = NDArray[np.int64]

START: Final = 1_793_491_200  # 2026-11-01T00:00:00Z
HOUR: Final = 3600
DARK: Final = 0xC6120000  # 198.18.0.0/16, RFC 2544
VICTIMS: Final = 400
ETHERNET: Final = bytes.fromhex("02005e00000102005e0000020800")
FILE_HEADER: Final = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")

LINUX = bytes.fromhex("020405b40402080a000000000000000001030307")
WINDOWS = bytes.fromhex("020405b40103030801010402")
MSS = bytes.fromhex("020405b4")
DNS = bytes.fromhex("1337 0100 0001 0000 0000 0000 07 76657273696f6e 04 62696e64 00 0010 0003")
NTP = bytes.fromhex("1700032a") + bytes(44)
SSDP = b'M-SEARCH * HTTP/1.1\r\nHost:239.255.255.250:1900\r\nST:ssdp:all\r\nMan:"ssdp:discover"\r\nMX:3\r\n\r\n'
PING = bytes(range(32))
QUOTED = bytes.fromhex("4500001c 00004000 3711 0000 00000000 00000000 0035 0035 0008 0000")


@dataclass(frozen=True)
class Habit:
    """How one sort of sender makes its packets: its share of all packets and of all sources, and the bytes it sends."""

    share: float
    sources: int
    proto: int
    ports: tuple[int, ...]
    tail: bytes = b""  # TCP options, UDP payload or ICMP body
    flags: int = 2
    ttl: int = 64
    window: int = 0  # 0: random
    sign: str = ""
    reply: bool = False  # backscatter: the port is the sender's, ours is random


HABITS: Final = (
    Habit(0.100, 300, 6, (80, 443, 22, 8080, 3389, 445, 6379), ttl=255, window=1024, sign="masscan"),
    Habit(0.080, 250, 6, (443, 80, 22, 8443, 8888, 5900), ttl=255, window=65535, sign="zmap"),
    Habit(0.220, 74_000, 6, (23,) * 9 + (2323,), sign="mirai"),
    Habit(0.238, 60_000, 6, (445, 22, 80, 1433, 5555, 81), LINUX, window=29200),
    Habit(0.070, 22_000, 6, (445, 3389, 139, 135), WINDOWS, ttl=128, window=8192),
    Habit(0.030, 1_050, 6, (22, 21, 25, 110, 5432), MSS, window=1024, ttl=58),
    Habit(0.040, VICTIMS // 2, 6, (80, 443, 25565), MSS, flags=18, window=65160, reply=True),
    Habit(0.012, VICTIMS // 4, 6, (80, 443, 22), flags=20, window=0, reply=True),
    Habit(0.060, 3_000, 17, (53,), DNS),
    Habit(0.040, 2_000, 17, (123,), NTP),
    Habit(0.030, 2_000, 17, (1900,), SSDP),
    Habit(0.072, 17_000, 1, (8,), PING),
    Habit(0.008, VICTIMS // 4, 1, (3,), QUOTED, reply=True),
)
HEADER: Final = {6: 20, 17: 8, 1: 8}


def dark_hour(path: Path, packets: int = 5_000_000, seed: int = 20261122) -> Path:
    """Write the capture unless it is already there whole; the same arguments give the same bytes."""
    plan = Plan(packets, seed)
    if path.exists() and path.stat().st_size == plan.size:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as file:
        file.write(FILE_HEADER)
        for first in range(0, packets, 250_000):
            file.write(plan.records(slice(first, first + 250_000)).tobytes())
    partial.replace(path)
    return path


class Plan:
    """Who sends when to where: one row per packet, in order of time."""

    def __init__(self, packets: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        shares = np.cumsum([habit.share for habit in HABITS])
        habit = np.searchsorted(shares / shares[-1], rng.random(packets), side="right")
        source, when = np.zeros(packets, np.int64), np.zeros(packets)
        for index, one in enumerate(HABITS):
            rows = np.flatnonzero(habit == index)
            source[rows], when[rows] = _senders(rng, one, rows.size)
        order = np.argsort(when, kind="stable")
        self.habit, self.source, self.when = habit[order], source[order], when[order]
        self.dark = DARK + rng.integers(1, 0xFFFF, packets)
        self.draw = rng.integers(0, 1 << 62, packets)
        self.lengths = np.array([_length(one) for one in HABITS])
        self.size = len(FILE_HEADER) + int(self.lengths[self.habit].sum())

    def records(self, rows: slice) -> Bytes:
        """The bytes of a run of packets, record headers included."""
        habit = self.habit[rows]
        lengths = self.lengths[habit]
        starts = np.cumsum(lengths) - lengths
        out = np.zeros(int(lengths.sum()), np.uint8)
        for index, one in enumerate(HABITS):
            at = np.flatnonzero(habit == index)
            made = _packets(one, self.when[rows][at], self.source[rows][at], self.dark[rows][at], self.draw[rows][at])
            out[starts[at][:, None] + np.arange(made.shape[1])] = made
        return out


def _senders(rng: np.random.Generator, habit: Habit, count: int) -> tuple[Column, NDArray[np.float64]]:
    """Draw a sender for each packet by Zipf's law, and a time inside the span in which that sender is active."""
    weight = np.arange(1, habit.sources + 1, dtype=np.float64) ** -1.05
    rank = np.searchsorted(np.cumsum(weight) / weight.sum(), rng.random(count), side="right")
    rank[: min(count, habit.sources)] = np.arange(min(count, habit.sources))  # everyone is heard at least once
    address = (rng.integers(11, 126, habit.sources) << 24) | rng.integers(1, 1 << 24, habit.sources)
    length = rng.uniform(60, HOUR, habit.sources)
    begin = rng.uniform(0, 1, habit.sources) * (HOUR - length)
    return address[rank], begin[rank] + rng.random(count) * length[rank]


def _length(habit: Habit) -> int:
    return 16 + max(60, 14 + _total(habit))


def _total(habit: Habit) -> int:
    return 20 + HEADER[habit.proto] + len(habit.tail)


def _packets(habit: Habit, when: NDArray[np.float64], sender: Column, dark: Column, draw: Column) -> Bytes:
    """Records of one habit, one row each."""
    record = np.zeros((when.size, _length(habit)), np.uint8)
    _put(record, 0, 4, START + when.astype(np.int64), "<")
    _put(record, 4, 4, ((when % 1) * 1e6).astype(np.int64), "<")
    for at in (8, 12):
        _put(record, at, 4, np.full(when.size, record.shape[1] - 16), "<")
    record[:, 16:30] = np.frombuffer(ETHERNET, np.uint8)
    ip = record[:, 30 : 30 + _total(habit)]
    port = np.array(habit.ports)[draw % len(habit.ports)]
    _TRANSPORT[habit.proto](habit, ip[:, 20:], sender, dark, port, draw)
    _ip_header(habit, ip, sender, dark, port, draw)
    return record


def _ip_header(habit: Habit, ip: Bytes, sender: Column, dark: Column, port: Column, draw: Column) -> None:
    ipid = (draw >> 3) & 0xFFFF
    if habit.sign == "zmap":
        ipid = np.full(draw.size, 54321)
    if habit.sign == "masscan":
        ipid = (dark ^ port ^ _get(ip, 24, 4)) & 0xFFFF
    ip[:, 0] = 0x45
    _put(ip, 2, 2, np.full(draw.size, _total(habit)))
    _put(ip, 4, 2, ipid)
    ip[:, 8] = habit.ttl - 6 - sender % 20  # hops from a sender do not change within the hour
    ip[:, 9] = habit.proto
    _put(ip, 12, 4, sender)
    _put(ip, 16, 4, dark)
    _put(ip, 10, 2, _checksum(ip[:, :20]))
    at = {6: 36, 17: 26, 1: 22}[habit.proto]
    _put(ip, at, 2, _checksum(ip[:, 20:], pseudo=None if habit.proto == 1 else (sender, dark, habit.proto)))


def _tcp(habit: Habit, tcp: Bytes, _sender: Column, dark: Column, port: Column, draw: Column) -> None:
    other = 1024 + (draw >> 20) % 64_000
    _put(tcp, 0, 2, port if habit.reply else other)
    _put(tcp, 2, 2, other if habit.reply else port)
    _put(tcp, 4, 4, dark if habit.sign == "mirai" else (draw >> 11) & 0xFFFFFFFF)
    _put(tcp, 8, 4, (draw >> 29) & 0xFFFFFFFF if habit.flags & 16 else draw * 0)
    tcp[:, 12] = tcp.shape[1] // 4 << 4
    tcp[:, 13] = habit.flags
    _put(tcp, 14, 2, np.full(draw.size, habit.window) if habit.window or habit.reply else (draw >> 40) & 0xFFFF)
    tcp[:, 20:] = np.frombuffer(habit.tail, np.uint8)


def _udp(habit: Habit, udp: Bytes, _sender: Column, _dark: Column, port: Column, draw: Column) -> None:
    _put(udp, 0, 2, 1024 + (draw >> 20) % 64_000)
    _put(udp, 2, 2, port)
    _put(udp, 4, 2, np.full(draw.size, udp.shape[1]))
    udp[:, 8:] = np.frombuffer(habit.tail, np.uint8)


def _icmp(habit: Habit, icmp: Bytes, sender: Column, dark: Column, port: Column, draw: Column) -> None:
    icmp[:, 0] = port
    icmp[:, 8:] = np.frombuffer(habit.tail, np.uint8)
    if not habit.reply:
        _put(icmp, 4, 4, (draw >> 20) & 0xFFFFFFFF)
        return
    icmp[:, 1] = 3  # port unreachable: the victim quotes what was forged in our name
    _put(icmp, 20, 4, dark)
    _put(icmp, 24, 4, sender)
    _put(icmp, 18, 2, _checksum(icmp[:, 8:28]))


_TRANSPORT: Final[dict[int, Callable[[Habit, Bytes, Column, Column, Column, Column], None]]] = {6: _tcp, 17: _udp, 1: _icmp}


def _put(rows: Bytes, at: int, width: int, values: Column, order: str = ">") -> None:
    rows[:, at : at + width] = values.astype(f"{order}u{width}")[:, None].view(np.uint8)


def _get(rows: Bytes, at: int, width: int) -> Column:
    return np.ascontiguousarray(rows[:, at : at + width]).view(f">u{width}")[:, 0].astype(np.int64)


def _checksum(rows: Bytes, pseudo: tuple[Column, Column, int] | None = None) -> Column:
    """RFC 1071 over each row, with the pseudo header of RFC 9293 §3.1 where there is one."""
    even = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2)))
    total = even[:, ::2].astype(np.int64).sum(axis=1) * 256 + even[:, 1::2].astype(np.int64).sum(axis=1)
    if pseudo:
        sender, dark, proto = pseudo
        total = total + (sender >> 16) + (sender & 0xFFFF) + (dark >> 16) + (dark & 0xFFFF) + proto + rows.shape[1]
    for _ in range(2):
        total = (total & 0xFFFF) + (total >> 16)
    inverted: Column = total ^ 0xFFFF
    return inverted
