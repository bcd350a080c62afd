"""DoS victims by backscatter: the same attacks as corsaro3's rules applied packet by packet."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.detect.detectors import backscatter
from hinomi.detect.detectors.backscatter import uniformity
from hinomi.schema.address import text
from hinomi.schema.findings import Measure
from hinomi.schema.words import Text
from hinomi.testing import traffic
from tests.detect.story import HOUR, TELESCOPE, TELESCOPE6, findings, in_ipv6, network, outcome


@dataclass
class Vector:
    """An attack as corsaro_dos.c keeps it."""

    packets: int = 0
    first: int = 0
    last: int = 0
    times: list[int] = field(default_factory=list)

    def most_per_minute(self) -> int:
        """The most packets in any 60 s that begin at a multiple of 10 s."""
        slots = sorted({time // 10_000_000 for time in self.times})
        begins = {slot - back for slot in slots for back in range(6)}
        return max(sum(begin <= time // 10_000_000 < begin + 6 for time in self.times) for begin in begins)


def corsaro(packets: pa.Table) -> set[tuple[str, int, int]]:
    """(victim, packets, most packets per minute) of every attack, by a loop over the packets."""
    open_: dict[tuple[bytes, int], Vector] = {}
    done: dict[tuple[bytes, int], list[Vector]] = defaultdict(list)
    for row in packets.sort_by("time").to_pylist():
        victim = victim_of(row)
        if victim is None:
            continue
        time = int(row["time"].timestamp() * 1_000_000 + 0.5)
        vector = open_.get(victim)
        if vector is None or time // 60_000_000 - vector.last // 60_000_000 > 1:  # a whole interval was silent
            vector = open_[victim] = Vector(first=time)
            done[victim].append(vector)
        vector.packets, vector.last = vector.packets + 1, time
        vector.times.append(time)
    return {
        (text(victim), one.packets, one.most_per_minute())
        for (victim, _proto), vectors in done.items()
        for one in vectors
        if one.packets >= 25 and one.last - one.first >= 60_000_000 and one.most_per_minute() >= 30
    }


def victim_of(row: dict[str, Any]) -> tuple[bytes, int] | None:
    if row["proto"] == 6 and (row["flags"] & 4 or row["flags"] & 18 == 18):
        return row["src"], 6
    if row["proto"] == 1 and row["icmp_type"] in (3, 4, 5, 11, 12) and row["inner_dst"] is not None:
        return row["inner_dst"], row["inner_proto"]
    if row["proto"] == 1 and row["icmp_type"] in (0, 3, 4, 5, 11, 12, 14, 16, 18):
        return row["src"], 1
    return None


def told(packets: pa.Table) -> set[tuple[str, Measure, Measure]]:
    return {(name, one.measures["packets"], one.measures["max_ppm"]) for name, one in findings("backscatter", packets).items()}


def answers(victim: str, seconds: list[float], flags: int = 18) -> pa.Table:
    when = np.array(seconds)
    dark = traffic.DARK.draw(np.random.default_rng(1), when.size)
    return traffic.packets(when, traffic.number(victim), dark, proto=6, flags=flags, sport=80, dport=1234, length=40)


bursts = st.lists(st.tuples(st.integers(0, 600), st.integers(1, 60), st.integers(1, 90)), min_size=1, max_size=5)


@settings(max_examples=25, deadline=None)
@given(bursts=bursts, kind=st.sampled_from(["syn-ack", "rst", "icmp"]))
def test_the_attacks_are_those_of_corsaros_loop(bursts: list[tuple[int, int, int]], kind: str) -> None:
    parts = [
        traffic.backscatter("203.0.113.4", 443, count, start, length, kind, seed)
        for seed, (start, count, length) in enumerate(bursts)
    ]
    packets = traffic.together(*parts)
    expected = corsaro(packets)
    if len(expected) < 2:  # several attacks on one victim are told as one finding
        assert told(packets) == expected
    else:
        assert {name for name, _packets, _ppm in told(packets)} == {"203.0.113.4"}


def test_the_thresholds_are_met_exactly() -> None:
    assert told(answers("203.0.113.4", [*np.linspace(0, 50, 30).tolist(), 60.0])) == {("203.0.113.4", 31, 30)}
    assert not told(answers("203.0.113.4", [*np.linspace(0, 50, 30).tolist(), 59.999]))  # not 60 s
    assert not told(answers("203.0.113.4", [*np.linspace(0, 50, 28).tolist(), 60.0]))  # not 30 in a minute


def test_a_silent_interval_ends_an_attack() -> None:
    once, later = np.linspace(0, 55, 29).tolist(), np.linspace(180, 235, 29).tolist()
    assert told(answers("203.0.113.4", once + later)) == corsaro(answers("203.0.113.4", once + later)) == set()


def test_a_flood_is_extrapolated_with_its_assumption() -> None:
    finding = findings("backscatter", traffic.backscatter("203.0.113.4", 443, 6000, 2 * HOUR))["203.0.113.4"]
    ppm = finding.measures["max_ppm"]
    assert isinstance(ppm, int)
    assert finding.measures["estimated_pps"] == round(ppm / 60 * 65536, 1)
    assert finding.measures["assumption"] == "sources forged uniformly over IPv4"
    assert finding.severity.word == "low"
    p = finding.measures["uniform_p"]
    assert isinstance(p, float)
    assert p > 0.001


def test_a_member_under_attack_is_high_and_named() -> None:
    packets = traffic.backscatter("192.0.2.7", 53, 3000, kind="icmp")
    finding = findings("backscatter", packets, TELESCOPE, network("192.0.2.0/24", "acme"))["192.0.2.7"]
    assert finding.severity.word == "high"
    assert finding.organisations == ("acme",)
    assert finding.measures["target_port"] == 53
    assert len(finding.evidence.rows) == 2


def test_what_the_telescope_itself_answers_is_no_backscatter() -> None:
    """A reactive telescope talks to its neighbours (Spoki, 2021-10-13): nobody can flood an address that is not in use."""
    own = answers("198.18.7.7", np.linspace(0, 300, 600).tolist())
    assert not told(own)
    assert told(traffic.together(own, answers("203.0.113.4", np.linspace(0, 300, 600).tolist())))


def test_answers_to_few_of_our_addresses_are_labelled_as_reflection() -> None:
    seconds = np.linspace(0, 300, 600)
    one = traffic.packets(seconds, traffic.number("203.0.113.9"), traffic.DARK.first + 5, proto=6, flags=18, sport=80, dport=9)
    finding = findings("backscatter", one)["203.0.113.9"]
    assert finding.measures["confounder"] == "reflection"
    assert finding.measures["uniform_p"] == 0
    (other,) = outcome("backscatter", one, params={"each": 601}).findings
    assert other.measures["confounder"] == "not-uniform"
    (trusted,) = outcome("backscatter", one, params={"each": 601, "uneven": 0}).findings
    assert (trusted.measures["confounder"], trusted.confidence) == ("", finding.confidence + 30)


def test_resets_of_many_ports_are_labelled_as_a_middleboxs() -> None:
    resets = traffic.together(*(traffic.backscatter("203.0.113.4", port, 10, kind="rst", seed=port) for port in range(1, 101)))
    assert findings("backscatter", resets)["203.0.113.4"].measures["confounder"] == "reset-storm"
    (other,) = outcome("backscatter", resets, params={"storm": 101}).findings
    assert other.measures["confounder"] == ""


def test_uniformity_is_the_chi_square_of_the_cells() -> None:
    assert (uniformity(1000, 2 * 500**2, 4) or 0) < 1e-100  # two of four cells hold everything
    assert uniformity(9, 9, 4) is None
    even = uniformity(1000, 4 * 250**2, 4)
    assert even == 1


def test_without_a_telescope_the_look_does_not_apply() -> None:
    answer = outcome("backscatter", traffic.backscatter("203.0.113.4", 443, 3000), network("192.0.2.0/24", "acme"))
    assert answer.verdict == "not-applicable"
    assert "telescope" in answer.reason.en


@pytest.mark.parametrize("telescopes", [(TELESCOPE6,), (TELESCOPE, TELESCOPE6)])
def test_of_ipv6_no_rate_is_estimated(telescopes: tuple[pa.Table, ...]) -> None:
    packets = in_ipv6(traffic.backscatter("203.0.113.4", 443, 6000, 2 * HOUR))
    finding = findings("backscatter", packets, *telescopes)["2001:db8::cb00:7104"]
    assert not {"estimated_pps", "assumption", "uniform_p", "telescope_size"} & set(finding.measures)
    assert finding.title.en.endswith(f"from forged sources; up to {finding.measures['max_ppm']} answers a minute were seen")
    assert "推定" not in finding.title.ja


def test_the_title_counts_ports_in_both_languages() -> None:
    row = {"proto": 6, "target_port": 80, "target_ports": 1_200}
    assert backscatter._target(row) == Text("tcp (1,200 ports)", "tcp（1,200ポート）")
    assert backscatter._target(row | {"target_ports": 1}) == "tcp/80"
