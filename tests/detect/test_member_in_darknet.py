"""Members in a darknet: infected or attacking, forged, under attack; never naming a dark address."""

from dataclasses import asdict
from datetime import timedelta

import numpy as np
import pyarrow as pa

from hinomi.schema.findings import Finding
from hinomi.testing import traffic
from hinomi.testing.traffic import START
from tests.detect.story import TELESCOPE, findings, network, outcome

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


def test_networks_count_only_while_they_are_valid() -> None:
    scan = traffic.scan("192.0.2.7", 23, 60)
    gone = network("192.0.2.0/24", "acme", until=START)
    later = network("192.0.2.0/24", "beta", since=START + timedelta(minutes=30))
    found = findings("member-in-darknet", scan, TELESCOPE, gone, later)["192.0.2.7"]
    assert found.organisations == ("beta",)
    packets = found.measures["packets"]
    assert isinstance(packets, int)
    assert 15 < packets < 45  # the second half hour only


def test_the_narrowest_network_names_the_owner() -> None:
    inner = network("192.0.2.0/28", "branch")
    assert seen(traffic.scan("192.0.2.7", 23, 60), inner)["192.0.2.7"].organisations == ("branch",)


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
