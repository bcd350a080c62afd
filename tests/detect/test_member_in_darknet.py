"""Members in a darknet: infected or attacking, forged, under attack; never naming a dark address."""

from dataclasses import asdict
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from hinomi.schema.findings import Finding
from hinomi.testing import traffic
from hinomi.testing.traffic import START
from tests.detect.story import HOUR, TELESCOPE, TELESCOPE6, day, findings, in_ipv6, network, outcome

ACME = network("192.0.2.0/24", "acme")


def seen(packets: pa.Table, *more: pa.Table) -> dict[str, Finding]:
    return findings("member-in-darknet", packets, TELESCOPE, ACME, *more)


def pings(src: str, seconds: list[float], dst: int = 9) -> pa.Table:
    return traffic.packets(np.array(seconds), traffic.number(src), traffic.DARK.first + dst, proto=1, icmp_type=8)


def test_an_infected_member_is_an_alert() -> None:
    found = seen(traffic.scan("192.0.2.7", 23, 60, tool="mirai"))["192.0.2.7"]
    assert found.severity.word == "high"
    assert found.organisations == ("acme",)
    assert (found.measures["relation"], found.measures["level"], found.measures["tool"]) == ("external", "alert", "mirai")


def test_one_syn_is_an_advisory() -> None:
    found = seen(traffic.scan("192.0.2.7", 23, 1))["192.0.2.7"]
    assert (found.severity.word, found.measures["level"]) == ("low", "advisory")


def test_strangers_are_not_our_business() -> None:
    assert not seen(traffic.scan("203.0.113.7", 23, 60))


def test_a_probe_of_its_own_darknet_is_internal() -> None:
    own = network("198.18.7.0/24", "acme", dark=True)
    target = traffic.knock("192.0.2.7", "198.18.7.9", range(1, 20))
    assert seen(target, own)["192.0.2.7"].measures["relation"] == "internal"


def test_a_source_in_unused_space_is_forged() -> None:
    found = seen(traffic.scan("192.0.2.200", 23, 60), network("192.0.2.192/26", "acme", dark=True))["192.0.2.200"]
    assert (found.measures["relation"], found.severity.word) == ("spoofed", "info")


def test_answers_mean_that_the_member_is_under_attack() -> None:
    found = seen(traffic.backscatter("192.0.2.7", 443, 3000))["192.0.2.7"]
    assert (found.measures["relation"], found.severity.word) == ("victim", "medium")


def test_stray_datagrams_are_absorbed_until_several_come_within_ten_minutes() -> None:
    assert not seen(pings("192.0.2.7", [0.0, 4000.0]))
    assert seen(pings("192.0.2.7", [0.0, 200.0, 400.0]))
    assert seen(traffic.together(pings("192.0.2.7", [0.0]), pings("192.0.2.7", [500.0], dst=77)))


@pytest.mark.parametrize(
    ("first", "second", "near"), [(299, 601, True), (301, 899, True), (299, 899, True), (299, 899.1, False)]
)
def test_ten_minutes_are_ten_minutes_wherever_they_begin(first: float, second: float, near: bool) -> None:
    pair = traffic.together(pings("192.0.2.7", [first]), pings("192.0.2.7", [second], dst=77))
    assert bool(seen(pair)) == near
    three = pings("192.0.2.7", [first, first + 1, second])
    assert bool(seen(three)) == near


def test_an_address_asked_again_is_not_another() -> None:
    """Two targets are within reach of each other when the last datagram to one and the next to the other are."""
    again = traffic.together(pings("192.0.2.7", [0.0, 700.0]), pings("192.0.2.7", [1200.0], dst=77))
    assert seen(again)
    assert not seen(traffic.together(pings("192.0.2.7", [0.0, 601.0]), pings("192.0.2.7", [1202.0], dst=9)))


def test_networks_count_only_while_they_are_valid() -> None:
    scan = traffic.scan("192.0.2.7", 23, 60)
    gone = network("192.0.2.0/24", "acme", until=START)
    later = network("192.0.2.0/24", "beta", since=START + timedelta(minutes=30))
    found = findings("member-in-darknet", scan, TELESCOPE, gone, later)["192.0.2.7"]
    assert found.organisations == ("beta",)
    packets = found.measures["packets"]
    assert isinstance(packets, int)
    assert 15 < packets < 45  # the second half hour only


def infected(src: str = "203.0.113.7") -> pa.Table:
    """One SYN at 01:00, and twenty to twenty dark addresses at 13:53."""
    early, late = (np.random.default_rng(seed) for seed in (1, 2))
    hosts = traffic.DARK.first + np.arange(20)
    evening = traffic.syns(13.9 * HOUR + np.arange(20.0), traffic.number(src), hosts, 23, late)
    return traffic.together(traffic.syns(np.array([HOUR]), traffic.number(src), hosts[:1], 23, early), evening)


NOON = START + timedelta(hours=12)


def owners(*lines: pa.Table) -> list[tuple[str, str, int, str]]:
    """Who is told what of the infected machine; no two findings have the same id."""
    told = outcome("member-in-darknet", infected(), TELESCOPE, *lines)
    assert told.verdict == "found", told.reason.en
    assert len({one.id for one in told.findings}) == len(told.findings)
    said = [(*one.organisations, one.severity.word, one.measures["packets"], one.measures["relation"]) for one in told.findings]
    assert all(f" of {one.organisations[0]} " in one.title.en for one in told.findings)
    return said  # type: ignore[return-value] # a finding of a member names one organisation, and counts packets


def test_an_address_that_changes_hands_within_the_day_is_told_to_each_owner() -> None:
    before, after = network("203.0.113.0/24", "a", until=NOON), network("203.0.113.0/24", "b", since=NOON)
    assert owners(before, after) == [("a", "low", 1, "external"), ("b", "high", 20, "external")]


def test_a_narrower_network_that_ends_gives_its_addresses_back_to_the_wider() -> None:
    lines = network("203.0.113.0/24", "a"), network("203.0.113.0/28", "b", until=NOON)
    assert owners(*lines) == [("a", "high", 20, "external"), ("b", "low", 1, "external")]


def test_space_that_comes_into_use_is_forged_before_and_infected_after() -> None:
    unused, used = network("203.0.113.0/24", "a", True, until=NOON), network("203.0.113.0/24", "a", since=NOON)
    assert owners(unused, used) == [("a", "high", 20, "external"), ("a", "info", 1, "spoofed")]


def test_a_network_renewed_within_the_day_is_one_owner() -> None:
    renewed = network("203.0.113.0/24", "a", until=NOON), network("203.0.113.0/24", "a", since=NOON)
    assert owners(*renewed) == [("a", "high", 21, "external")]


def test_who_holds_an_address_first_keeps_the_id_of_an_ordinary_finding() -> None:
    (ordinary,) = outcome("member-in-darknet", infected(), TELESCOPE, network("203.0.113.0/24", "a")).findings
    joined = outcome("member-in-darknet", infected(), TELESCOPE, network("203.0.113.0/24", "b", since=NOON)).findings
    both = [network("203.0.113.0/24", "a", until=NOON), network("203.0.113.0/24", "b", since=NOON)]
    first, second = outcome("member-in-darknet", infected(), TELESCOPE, *both).findings
    assert first.id == ordinary.id == joined[0].id != second.id
    assert second.window == (NOON, day().end)


def test_the_narrowest_network_names_the_owner() -> None:
    inner = network("192.0.2.0/28", "branch")
    assert seen(traffic.scan("192.0.2.7", 23, 60), inner)["192.0.2.7"].organisations == ("branch",)


def test_an_ipv6_darknet_tells_its_members_too() -> None:
    packets = in_ipv6(traffic.scan("192.0.2.7", 23, 60))
    found = findings("member-in-darknet", packets, TELESCOPE6, network("2001:db8::c000:200/120", "acme"))
    assert found["2001:db8::c000:207"].organisations == ("acme",)


def test_no_dark_address_is_named() -> None:
    packets = traffic.together(
        traffic.scan("192.0.2.7", 23, 60, tool="mirai"), traffic.backscatter("192.0.2.8", 53, 900, kind="icmp")
    )
    told = outcome("member-in-darknet", packets, TELESCOPE, ACME)
    assert all(one.evidence.rows for one in told.findings)
    said = repr([asdict(one) for one in told.findings])
    assert said.count("198.18.") == said.count("198.18.0.0/16") > 0
    assert not any(str(traffic.number("198.18.0.0") + host) in said for host in range(0, 65536, 257))
    assert not any("seq" in row or "inner_src" in row for one in told.findings for row in one.evidence.rows)
