"""What comes every day and is no news: a few scans, a small flood or two, a member's stray packets; others each day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import numpy as np

from hinomi.drill.packets import Packets, together
from hinomi.drill.stage import Block, Dice, Stage, dotted
from hinomi.drill.traffic.flood import Flood
from hinomi.drill.traffic.population import DAY
from hinomi.drill.traffic.scan import Scan
from hinomi.drill.traffic.tools import Tool

WHOLE_DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Habit(Protocol):
    """A kind of thing that happens again and again: one case of it, drawn."""

    def draw(self, rng: np.random.Generator) -> Scan | Flood: ...


@dataclass(frozen=True)
class Daily:
    """About `mean` cases of a habit a day (Poisson): the same for one day and seed, whichever hour is asked for."""

    mean: float
    habit: Habit

    def packets(self, stage: Stage, dice: Dice) -> Packets:
        number = stage.span.start // DAY
        rng, today = dice.steady(f"cases of {number}"), replace(stage, day=number * DAY)
        cases = [self.habit.draw(rng) for _ in range(rng.poisson(self.mean))]
        return together(case.packets(today, dice.apart(f"{number} {which}")) for which, case in enumerate(cases))


@dataclass(frozen=True)
class OrdinaryScan:
    """One host of `pool` walks over 300 to 3,000 addresses on one of `ports`: a scan, and no alarm."""

    pool: str
    tools: tuple[Tool, ...]
    ports: tuple[int, ...]

    def draw(self, rng: np.random.Generator) -> Scan:
        tool, port = self.tools[rng.integers(len(self.tools))], self.ports[rng.integers(len(self.ports))]
        lasts = MINUTE * int(rng.integers(10, 120))
        return Scan(tool, self.pool, (port,), int(rng.integers(300, 3_000)), begin=_some_time(rng, lasts), lasts=lasts)


@dataclass(frozen=True)
class SmallFlood:
    """A host of `victims` is flooded for some minutes, just loud enough to be seen from here."""

    victims: str
    ports: tuple[int, ...]

    def draw(self, rng: np.random.Generator) -> Flood:
        lasts = MINUTE * int(rng.integers(5, 40))
        count = int(lasts / MINUTE * rng.integers(60, 240))
        victim = dotted(Block.of(self.victims).draw(rng, 1)[0])
        return Flood(victim, self.ports[rng.integers(len(self.ports))], count, begin=_some_time(rng, lasts), lasts=lasts)


@dataclass(frozen=True)
class MemberStray:
    """A member's computer knocks two or three times where nobody lives: an old address in somebody's settings."""

    networks: tuple[str, ...]
    tool: Tool
    ports: tuple[int, ...]

    def draw(self, rng: np.random.Generator) -> Scan:
        network, port = self.networks[rng.integers(len(self.networks))], self.ports[rng.integers(len(self.ports))]
        return Scan(self.tool, network, (port,), int(rng.integers(2, 4)), begin=_some_time(rng, MINUTE), lasts=MINUTE)


def _some_time(rng: np.random.Generator, lasts: timedelta) -> timedelta:
    """A beginning that leaves time for the whole thing before midnight."""
    return MINUTE * int(rng.integers(0, (WHOLE_DAY - lasts) // MINUTE))
