"""Where traffic is made: a span of time, a block of dark addresses, and dice that fall the same way every time."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

import numpy as np

from hinomi.drill.packets import Ints

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# An odd multiplier permutes any power of two: a scanner's order of addresses without remembering it (Knuth, TAOCP 2 §3.2.1.2).
STRIDE = 40503


def micros(time: datetime) -> int:
    return (time - EPOCH) // MICROSECOND


class Span(NamedTuple):
    """A half-open span of time in UTC microseconds."""

    start: int
    end: int

    def cut(self, other: Span) -> Span:
        """What both spans share; empty (end ≤ start) when they do not meet."""
        return Span(max(self.start, other.start), min(self.end, other.end))


@dataclass(frozen=True)
class Block:
    """A block of IPv4 addresses as integers."""

    first: int
    size: int

    @classmethod
    def of(cls, prefix: str) -> Block:
        network = IPv4Network(prefix)
        return cls(int(network.network_address), network.num_addresses)

    def draw(self, rng: np.random.Generator, count: int) -> Ints:
        """Addresses at random, repeats allowed."""
        return self.first + rng.integers(0, self.size, count)

    def distinct(self, rng: np.random.Generator, count: int) -> Ints:
        """Different addresses at random, in no order."""
        if count > self.size:
            raise ValueError(f"a block of {self.size} addresses does not hold {count} different ones")
        return self.first + rng.choice(self.size, count, replace=False)

    def stepped(self, index: Ints) -> Ints:
        """The address that a scanner visits at its `index`-th step: every address once before any comes again."""
        return self.first + (index * STRIDE) % self.size


class Dice:
    """Random numbers that depend only on the seed, on whose they are, and (with `at`) on the span."""

    def __init__(self, seed: int, name: str) -> None:
        self._seed, self._name = seed, name
        self._key = (seed, zlib.crc32(name.encode()))

    def apart(self, what: str) -> Dice:
        """Dice of one part of whose these are, which fall independently of all others."""
        return Dice(self._seed, f"{self._name} {what}")

    def steady(self, what: str = "") -> np.random.Generator:
        """The same numbers in every span: who the sources are, how far away they sit."""
        return np.random.default_rng((*self._key, zlib.crc32(what.encode())))

    def at(self, span: Span, what: str = "") -> np.random.Generator:
        """Numbers of this span alone, so that hours can be made in any order."""
        return np.random.default_rng((*self._key, zlib.crc32(what.encode()), span.start // 1_000_000))


@dataclass(frozen=True)
class Stage:
    """One span of one telescope, with the day that the exercise counts from."""

    span: Span
    day: int
    telescope: Block

    def during(self, begin: timedelta, lasts: timedelta) -> Span:
        """A time of the exercise's day as a span, whether or not the stage's span meets it."""
        start = self.day + begin // MICROSECOND
        return Span(start, start + lasts // MICROSECOND)

    def steps(self, whole: Span, count: int) -> Ints:
        """Which of `count` evenly spaced steps over the whole span fall into this stage's span."""
        length = whole.end - whole.start
        here = self.span.cut(whole)
        if here.end <= here.start:
            return np.empty(0, np.int64)
        first, last = (-(-(edge - whole.start) * count // length) for edge in here)
        return np.arange(first, last, dtype=np.int64)

    def times(self, whole: Span, count: int, steps: Ints, rng: np.random.Generator) -> Ints:
        """The moments of those steps, each somewhere inside its own slot."""
        exact = (steps + rng.random(len(steps))) * ((whole.end - whole.start) / count)
        return np.minimum(whole.start + exact.astype(np.int64), self.span.end - 1)


def dotted(address: int) -> str:
    return str(IPv4Address(int(address)))
