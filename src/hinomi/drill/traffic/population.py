"""Who the background comes from: many hosts that say little, some of them back every day, more of them by day than by night."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hinomi.drill.packets import Ints
from hinomi.drill.stage import Dice, Span, Stage

HOUR, DAY = 3_600_000_000, 86_400_000_000
SWING, NOON = 0.35, 14  # of the rate, and the busiest hour UTC: a plain daily wave, own choice
UNICAST = tuple(octet for octet in range(1, 224) if octet not in {10, 100, 127, 169, 172, 192, 198, 203})


@dataclass(frozen=True)
class Population:
    """`hosts` addresses, half of them the same every day, the rest new; none says more than `cap` times the mean.

    Shares follow Zipf's law, cut at `cap` (≥ 2): a host that says more than that is a scanner, and scanners are planted.
    """

    hosts: int
    cap: float = 4.0

    def speakers(self, stage: Stage, dice: Dice, rng: np.random.Generator, rate: float) -> tuple[Ints, Ints, Ints]:
        """The moments, addresses and distances of what is said in this span at `rate` a day."""
        count = int(rng.poisson(rate * wave(stage.span)))
        time = np.sort(stage.span.start + rng.integers(0, stage.span.end - stage.span.start, count))
        who = np.searchsorted(_shares(self.hosts, self.cap), rng.random(count))
        sources = self.sources(dice, stage.span.start // DAY)
        return time, sources[who], 6 + sources[who] * 31 % 19

    def sources(self, dice: Dice, day: int) -> Ints:
        steady, new = (dice.steady(name).random((2, self.hosts)) for name in ("residents", f"visitors {day}"))
        first, rest = np.where(np.arange(self.hosts) % 2, steady, new)
        octet = np.array(UNICAST)[(first * len(UNICAST)).astype(np.int64)]
        return (octet << 24) | (rest * (1 << 24)).astype(np.int64)


@lru_cache(maxsize=64)
def _shares(hosts: int, cap: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    weights = 1 / np.arange(1, hosts + 1) ** 0.9
    for _ in range(20):  # cutting the top raises everybody else's share: repeat until it holds
        weights = np.minimum(weights, cap * weights.mean())
    cumulative: np.ndarray[tuple[int], np.dtype[np.float64]] = np.cumsum(weights) / weights.sum()
    return cumulative


def wave(span: Span) -> float:
    """The part of a day's traffic that falls into a span."""
    middle = (span.start + span.end) / 2 % DAY / HOUR
    return (span.end - span.start) / DAY * (1 + SWING * float(np.cos((middle - NOON) * np.pi / 12)))
