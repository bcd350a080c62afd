"""What reaches a telescope by mistake: wrong addresses in settings, stale peers, single answers to forged packets, pings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hinomi.drill.packets import (
    ABSENT,
    ACK,
    DHT_QUERY,
    DNS_ANSWER,
    NTP_MONLIST,
    OTHER,
    RST,
    SSDP_SEARCH,
    SYN,
    SYSLOG,
    UDP,
    Packets,
    icmp,
    tcp,
    udp,
)
from hinomi.drill.stage import Dice, Stage
from hinomi.drill.traffic.population import Population, wave

ECHO_REQUEST, UNREACHABLE, EXCEEDED = 8, 3, 11


@dataclass(frozen=True)
class Misconfigured:
    """`hosts` that send the same datagram to the same dark address around the clock: a wrong address in a setting."""

    hosts: int
    rate: float

    def packets(self, stage: Stage, dice: Dice) -> Packets:
        rng, steady = dice.at(stage.span), dice.steady()
        sources, targets = Population(self.hosts).sources(dice, 0), stage.telescope.draw(steady, self.hosts)
        ports = steady.choice([123, 161, 514, 1812, 5060, 8125], self.hosts)
        who = rng.integers(0, self.hosts, rng.poisson(self.rate * wave(stage.span)))
        time = stage.span.start + rng.integers(0, stage.span.end - stage.span.start, len(who))
        return udp(time=time, src=sources[who], dst=targets[who], sport=1024 + who, dport=ports[who], ttl=51, payload=SYSLOG)


@dataclass(frozen=True)
class StrayUdp:
    """Datagrams of many hosts: peers that look for peers, answers to forged questions, probes for amplifiers."""

    rate: float
    population: Population

    def packets(self, stage: Stage, dice: Dice) -> Packets:
        rng = dice.at(stage.span)
        time, src, hops = self.population.speakers(stage, dice, rng, self.rate)
        count = len(time)
        kind = rng.choice([DHT_QUERY, DNS_ANSWER, NTP_MONLIST, SSDP_SEARCH, OTHER], count, p=[0.55, 0.1, 0.1, 0.1, 0.15])
        anything = rng.integers(1024, 65536, count)
        dport = np.select([kind == NTP_MONLIST, kind == SSDP_SEARCH], [123, 1900], anything)
        sport = np.where(kind == DNS_ANSWER, 53, rng.integers(1024, 65536, count))
        dst, ipid = stage.telescope.draw(rng, count), rng.integers(0, 65536, count)
        return udp(time=time, src=src, dst=dst, sport=sport, dport=dport, ttl=64 - hops, payload=kind, ipid=ipid)


@dataclass(frozen=True)
class StrayAnswers:
    """Single SYN-ACKs and RSTs: floods too small or too far away to be seen as such."""

    rate: float
    population: Population

    def packets(self, stage: Stage, dice: Dice) -> Packets:
        rng = dice.at(stage.span)
        time, src, hops = self.population.speakers(stage, dice, rng, self.rate)
        count = len(time)
        flags = rng.choice([SYN | ACK, RST, RST | ACK], count, p=[0.6, 0.2, 0.2])
        return tcp(
            time=time,
            src=src,
            dst=stage.telescope.draw(rng, count),
            sport=rng.choice([80, 443, 22, 25], count),
            dport=rng.integers(1024, 65536, count),
            flags=flags,
            seq=rng.integers(0, 1 << 32, count),
            ack=rng.integers(0, 1 << 32, count),
            window=65535,
            ttl=64 - hops,
        )


@dataclass(frozen=True)
class StrayErrors:
    """Pings, and ICMP errors that quote a datagram with a forged sender."""

    rate: float
    population: Population

    def packets(self, stage: Stage, dice: Dice) -> Packets:
        rng = dice.at(stage.span)
        time, src, hops = self.population.speakers(stage, dice, rng, self.rate)
        count, dst = len(time), stage.telescope.draw(rng, len(time))
        kind = rng.choice([ECHO_REQUEST, UNREACHABLE, EXCEEDED], count, p=[0.7, 0.2, 0.1])
        error = kind != ECHO_REQUEST
        return icmp(
            time=time,
            src=src,
            dst=dst,
            ttl=64 - hops,
            icmp_type=kind,
            icmp_code=np.where(kind == UNREACHABLE, rng.choice([1, 3], count), 0),
            inner_src=np.where(error, dst, ABSENT),
            inner_dst=np.where(error, src ^ 0x0101, ABSENT),  # somebody behind the router that answers
            inner_proto=np.where(error, UDP, ABSENT),
            inner_sport=np.where(error, rng.integers(1024, 65536, count), ABSENT),
            inner_dport=np.where(error, rng.choice([53, 123, 443], count), ABSENT),
        )
