"""A worm: hosts all over the Internet that share one stack and one port, twice as many every so often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from hinomi.drill.packets import Ints, Packets
from hinomi.drill.stage import Block, Dice, Stage, dotted
from hinomi.drill.traffic.tools import Aim, Tool
from hinomi.schema.findings import Subject
from hinomi.schema.words import SubjectKind


@dataclass(frozen=True)
class Worm:
    """`seeds` hosts at the beginning, doubling until `hosts` are infected; each then sends at random, `rate` an hour here."""

    tool: Tool
    pool: str
    port: int
    hosts: int
    seeds: int
    doubling: timedelta
    rate: float
    begin: timedelta
    lasts: timedelta

    def packets(self, stage: Stage, dice: Dice) -> Packets:
        here = stage.span.cut(stage.during(self.begin, self.lasts))
        if here.end <= here.start:
            return {}
        rng = dice.at(stage.span)
        awake = np.clip(here.end - self._infected(stage), 0, here.end - here.start)
        host = np.repeat(np.arange(self.hosts), rng.poisson(awake * (self.rate / 3.6e9)))
        time = here.end - 1 - (rng.random(len(host)) * awake[host]).astype(np.int64)
        dst, dport = stage.telescope.draw(rng, len(host)), np.full(len(host), self.port)
        hops = dice.steady("hops").integers(6, 24, self.hosts)
        return self.tool(Aim(time, self.sources(dice)[host], dst, dport, hops[host]), rng)

    def _infected(self, stage: Stage) -> Ints:
        """When each host falls: the count of the infected doubles with every `doubling`."""
        begin = stage.during(self.begin, self.lasts).start
        doublings = np.log2(np.maximum(np.arange(1, self.hosts + 1) / self.seeds, 1))
        return begin + (doublings * (self.doubling / timedelta(microseconds=1))).astype(np.int64)

    def sources(self, dice: Dice) -> Ints:
        return Block.of(self.pool).distinct(dice.steady("sources"), self.hosts)

    def subjects(self, _dice: Dice, /) -> tuple[Subject, ...]:
        return (Subject(SubjectKind.PORT, f"tcp/{self.port}"),)

    def traces(self, dice: Dice, /) -> tuple[Subject, ...]:
        return tuple(Subject(SubjectKind.ADDRESS, dotted(source)) for source in self.sources(dice))
