"""A flood with forged senders, seen by what its victim answers to addresses that never asked (backscatter)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from hinomi.drill.packets import ACK, RST, SYN, UDP, Ints, Packets, icmp, tcp, together
from hinomi.drill.stage import Block, Dice, Stage, dotted
from hinomi.schema.findings import Subject
from hinomi.schema.words import SubjectKind

UNREACHABLE, PORT_UNREACHABLE = 3, 3


@dataclass(frozen=True)
class Flood:
    """`count` answers of a victim over the time: SYN-ACK and RST of its service, ICMP errors that quote a forged datagram.

    Forged senders are uniform over all addresses (Moore et al. 2001), so the telescope sees its share of them.
    """

    victim: str
    port: int
    count: int
    begin: timedelta
    lasts: timedelta
    resets: float = 0.2
    quoted: float = 0.0
    router: str = ""

    def packets(self, stage: Stage, dice: Dice) -> Packets:
        whole = stage.during(self.begin, self.lasts)
        steps = stage.steps(whole, self.count)
        if not len(steps):
            return {}
        rng = dice.at(stage.span)
        time, forged = stage.times(whole, self.count, steps, rng), stage.telescope.draw(rng, len(steps))
        quoted = rng.random(len(steps)) < self.quoted
        return together(
            [self._answers(time[~quoted], forged[~quoted], rng), self._errors(time[quoted], forged[quoted], rng)],
        )

    def _answers(self, time: Ints, forged: Ints, rng: np.random.Generator) -> Packets:
        count = len(time)
        flags = np.where(rng.random(count) < self.resets, RST | ACK, SYN | ACK)
        return tcp(
            time=time,
            src=self._victim,
            dst=forged,
            sport=self.port,
            dport=rng.integers(1024, 65536, count),
            flags=flags,
            seq=rng.integers(0, 1 << 32, count),
            ack=rng.integers(0, 1 << 32, count),
            window=29200,
            options=np.where(flags & SYN, 4, 0),
            ttl=49,
        )

    def _errors(self, time: Ints, forged: Ints, rng: np.random.Generator) -> Packets:
        return icmp(
            time=time,
            src=self._router,
            dst=forged,
            ttl=50,
            icmp_type=UNREACHABLE,
            icmp_code=PORT_UNREACHABLE,
            inner_src=forged,
            inner_dst=self._victim,
            inner_proto=UDP,
            inner_sport=rng.integers(1024, 65536, len(time)),
            inner_dport=self.port,
        )

    @property
    def _victim(self) -> int:
        return Block.of(self.victim).first

    @property
    def _router(self) -> int:
        return Block.of(self.router or self.victim).first

    def subjects(self, _dice: Dice, /) -> tuple[Subject, ...]:
        return (Subject(SubjectKind.ADDRESS, dotted(self._victim)),)

    def traces(self, _dice: Dice, /) -> tuple[Subject, ...]:
        return (Subject(SubjectKind.ADDRESS, dotted(self._router)),)
