"""SYNs that never stop: thousands of hosts, each with a tool and a few ports, none of them loud."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hinomi.drill.packets import Ints, Packets, together
from hinomi.drill.stage import Dice, Stage
from hinomi.drill.traffic.population import Population
from hinomi.drill.traffic.tools import Aim, Tool

# The ports that telescopes see most, in order (own choice after published rankings); the tail goes over all ports.
PORTS = (
    *(23, 22, 80, 443, 8080, 3389, 445, 6379, 8443, 2323, 5555, 81, 8088, 8728, 5900, 3306, 1433, 25, 21, 2222, 8081, 5060),
    *(9200, 5432, 27017, 111, 139, 8000, 8888, 2375, 7547, 49152, 37215, 1080, 3128, 5038, 10250, 11211, 6443, 161),
)


@dataclass(frozen=True)
class Drizzle:
    """`rate` SYNs a day by hosts that use one of `tools` each; `tail` of them to any port at all."""

    rate: float
    population: Population
    tools: tuple[Tool, ...]
    ports: tuple[int, ...] = PORTS
    tail: float = 0.03

    def packets(self, stage: Stage, dice: Dice) -> Packets:
        rng = dice.at(stage.span)
        time, src, hops = self.population.speakers(stage, dice, rng, self.rate)
        dst, dport = stage.telescope.draw(rng, len(time)), self._port(src, rng)
        uses = src * 2654435761 % (1 << 32) % len(self.tools)
        hosts = [(tool, uses == number) for number, tool in enumerate(self.tools)]
        return together(tool(Aim(time[own], src[own], dst[own], dport[own], hops[own]), rng) for tool, own in hosts)

    def _port(self, src: Ints, rng: np.random.Generator) -> Ints:
        """A host keeps to three ports; which ones follows Zipf's law over the list."""
        shares = np.cumsum(1 / np.arange(1, len(self.ports) + 1))
        mood = (src * 48271 + rng.integers(0, 3, len(src)) * 69621) % 65537 / 65537
        common = np.array(self.ports)[np.searchsorted(shares / shares[-1], mood)]
        anything = rng.integers(1, 65536, len(src))
        return np.where(rng.random(len(src)) < self.tail, anything, common).astype(np.int64)
