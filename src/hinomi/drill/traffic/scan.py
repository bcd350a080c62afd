"""A scan: hosts that walk over the telescope with a tool, over few ports or many."""

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
class Scan:
    """`count` SYNs from `hosts` of `pool`, evenly over the time.

    In order, every port of the list goes to one dark address before the next is visited: one port makes a horizontal
    scan, a thousand ports and a thousand packets a vertical one, thirty ports and many packets a strobe. `at_random`
    draws address and port for each packet, as bots do.
    """

    tool: Tool
    pool: str
    ports: tuple[int, ...]
    count: int
    begin: timedelta
    lasts: timedelta
    hosts: int = 1
    at_random: bool = False

    def packets(self, stage: Stage, dice: Dice) -> Packets:
        whole = stage.during(self.begin, self.lasts)
        steps = stage.steps(whole, self.count)
        if not len(steps):
            return {}
        rng, sources = dice.at(stage.span), self.sources(dice)
        who = steps % self.hosts
        dst, dport = self._target(stage.telescope, dice, steps, rng)
        hops = dice.steady("hops").integers(6, 24, self.hosts)[who]
        return self.tool(Aim(stage.times(whole, self.count, steps, rng), sources[who], dst, dport, hops), rng)

    def _target(self, dark: Block, dice: Dice, steps: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
        ports = np.array(self.ports, np.int64)
        if self.at_random:
            return dark.draw(rng, len(steps)), rng.choice(ports, len(steps))
        start = int(dice.steady("start").integers(0, dark.size))
        return dark.stepped(start + steps // len(ports)), ports[steps % len(ports)]

    def sources(self, dice: Dice) -> Ints:
        return Block.of(self.pool).distinct(dice.steady("sources"), self.hosts)

    def subjects(self, dice: Dice, /) -> tuple[Subject, ...]:
        return tuple(Subject(SubjectKind.ADDRESS, dotted(source)) for source in self.sources(dice))

    def traces(self, _dice: Dice, /) -> tuple[Subject, ...]:
        ports = (Subject(SubjectKind.PORT, f"tcp/{port}") for port in sorted(set(self.ports)))
        return (*ports, Subject(SubjectKind.CAMPAIGN, self.tool.__name__))
