"""How the SYNs of each scanning tool look in the header, as the tools' sources and published analyses say.

Masscan: `templ-pkt.c` (IP-ID = low 16 bits of address ^ port ^ sequence number, TTL 255, window 1024, no options).
ZMap before 4.1.0: IP-ID 54321, TTL 255, window 65535, no options. Mirai: sequence number = destination address
(mirai.security.gives). Nmap -sS: one MSS option, a small window, one sequence number per run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hinomi.drill.packets import SYN, Ints, Packets, tcp

Tool = Callable[["Aim", np.random.Generator], Packets]


@dataclass(frozen=True)
class Aim:
    """Who sends a SYN to where and when, and how many hops away the sender sits."""

    time: Ints
    src: Ints
    dst: Ints
    dport: Ints
    hops: Ints

    @property
    def ends(self) -> dict[str, Ints]:
        return {"time": self.time, "src": self.src, "dst": self.dst, "dport": self.dport}

    @property
    def size(self) -> int:
        return len(self.time)


def masscan(aim: Aim, rng: np.random.Generator) -> Packets:
    seq, sport = rng.integers(1, 1 << 32, aim.size), 40000 + rng.integers(0, 16, aim.size)
    mark = (aim.dst ^ aim.dport ^ seq) & 0xFFFF
    return tcp(**aim.ends, sport=sport, flags=SYN, seq=seq, ipid=mark, ttl=255 - aim.hops, window=1024)


def zmap(aim: Aim, rng: np.random.Generator) -> Packets:
    seq, sport = rng.integers(1, 1 << 32, aim.size), rng.integers(32768, 61000, aim.size)
    return tcp(**aim.ends, sport=sport, flags=SYN, seq=seq, ipid=54321, ttl=255 - aim.hops, window=65535)


def mirai(aim: Aim, rng: np.random.Generator) -> Packets:
    # Port and window are drawn once per bot; both are derived from its address here so that every hour agrees.
    sport, window = 1024 + aim.src * 7919 % 64000, 1 + aim.src * 104729 % 65000
    ipid = rng.integers(0, 65536, aim.size)
    return tcp(**aim.ends, sport=sport, flags=SYN, seq=aim.dst, ipid=ipid, ttl=64 - aim.hops, window=window)


def nmap(aim: Aim, rng: np.random.Generator) -> Packets:
    seq, sport = aim.src * 2654435761 % (1 << 32), 35000 + aim.src % 20000
    ipid = rng.integers(0, 65536, aim.size)
    return tcp(**aim.ends, sport=sport, flags=SYN, seq=seq, ipid=ipid, ttl=50 - aim.hops, window=1024, options=4)


def linux(aim: Aim, rng: np.random.Generator) -> Packets:
    """A program that calls connect() on Linux: the system's own window and 20 bytes of options."""
    seq, sport, ipid = (
        rng.integers(0, 1 << 32, aim.size),
        rng.integers(32768, 61000, aim.size),
        rng.integers(0, 65536, aim.size),
    )
    return tcp(**aim.ends, sport=sport, flags=SYN, seq=seq, ipid=ipid, ttl=64 - aim.hops, window=64240, options=20)


def windows(aim: Aim, rng: np.random.Generator) -> Packets:
    """A program that calls connect() on Windows."""
    seq, sport, ipid = (
        rng.integers(0, 1 << 32, aim.size),
        rng.integers(49152, 65536, aim.size),
        rng.integers(0, 65536, aim.size),
    )
    return tcp(**aim.ends, sport=sport, flags=SYN, seq=seq, ipid=ipid, ttl=128 - aim.hops, window=8192, options=12)


def embedded(aim: Aim, rng: np.random.Generator) -> Packets:
    """A small device's own stack: IP-ID zero and a window that no common system uses."""
    seq, sport = rng.integers(0, 1 << 32, aim.size), rng.integers(32768, 61000, aim.size)
    return tcp(**aim.ends, sport=sport, flags=SYN, seq=seq, ttl=64 - aim.hops, window=5808, options=20)
