"""Scans: on a telescope by thresholds that follow from its size, on live networks by probes that nobody answered."""

import json
from pathlib import Path

import numpy as np
import pytest

from hinomi.detect.detector import Look
from hinomi.detect.detectors.telescope_scan import DETECTOR, bounds
from hinomi.detect.telescope import required
from hinomi.testing import traffic
from tests.detect.story import (
    DAY,
    HOUR,
    TELESCOPE,
    TELESCOPE6,
    allowed,
    capture,
    day,
    day_of,
    findings,
    in_ipv6,
    network,
    outcome,
)

ELSEWHERE = network("203.0.113.0/24", "acme")  # no telescope: the rule for live networks


def look(telescope: str) -> Look:
    return Look(day(), DETECTOR.params, {"networks": network(telescope, "hub", dark=True)})


@pytest.mark.parametrize(
    ("prefix", "idle", "wide"), [("198.18.0.0/16", 453, 100), ("10.0.0.0/8", 1.8, 100), ("192.0.2.0/24", 115_897, 26)]
)
def test_thresholds_follow_from_the_size_of_the_telescope(prefix: str, idle: float, wide: int) -> None:
    limit = bounds(required(look(prefix)), look(prefix))
    assert limit.idle == pytest.approx(idle, rel=0.02)
    assert limit.wide == wide


def test_a_sweep_is_horizontal() -> None:
    found = findings("telescope-scan", traffic.scan("203.0.113.1", 23, 500))["203.0.113.1"]
    assert found.measures["shape"] == "horizontal"
    assert found.title.en.startswith("203.0.113.1 swept tcp/23 over")
    assert found.measures["packets"] == 500
    assert found.measures["estimated_pps"] == pytest.approx(500 * 65536 / 3600, rel=0.02)


def test_a_few_ports_over_many_addresses_are_a_strobe() -> None:
    assert (
        findings("telescope-scan", traffic.scan("203.0.113.1", [80, 81, 8080], 900))["203.0.113.1"].measures["shape"]
        == "strobe"
    )


def test_many_ports_of_one_address_are_vertical_and_ports_times_addresses_a_block() -> None:
    one = traffic.knock("203.0.113.1", "198.18.4.4", range(1, 30))
    assert findings("telescope-scan", one)["203.0.113.1"].measures["shape"] == "vertical"
    hosts = [traffic.knock("203.0.113.1", f"198.18.4.{host}", range(1, 15), seed=host) for host in range(60)]
    assert findings("telescope-scan", traffic.together(*hosts))["203.0.113.1"].measures["shape"] == "block"


def test_a_finding_tells_the_thresholds_that_counted_and_no_other() -> None:
    thirty = traffic.knock("203.0.113.1", "198.18.4.4", range(1, 31))
    swept = traffic.scan("203.0.113.1", 23, 500)
    probed = traffic.packets(
        np.arange(30.0),
        traffic.number("203.0.113.1"),
        traffic.number("192.0.2.0") + np.arange(30),
        proto=17,
        sport=40_000,
        dport=53,
    )
    told = {}
    for name, packets, networks in (
        ("dark knock", thirty, None),
        ("live knock", thirty, ELSEWHERE),
        ("live sweep", swept, ELSEWHERE),
        ("live udp", probed, ELSEWHERE),
        ("dark sweep", swept, None),
    ):
        measures = findings("telescope-scan", packets, *filter(None, [networks]))["203.0.113.1"].measures
        told[name] = {key[10:]: value for key, value in measures.items() if key.startswith("threshold_")}
    assert told == {
        "dark knock": {"ports": 10},
        "live knock": {"ports": 5},
        "live sweep": {"targets": 5},
        "live udp": {"targets": 10},
        "dark sweep": {"targets": 100, "few_targets": 10, "pps": 1000.0, "aggressive": 6554},
    }


def test_a_long_silence_ends_an_event() -> None:
    halves = [traffic.scan("203.0.113.1", 23, 150, start, 600, seed) for seed, start in enumerate((0, 6 * HOUR))]
    assert findings("telescope-scan", traffic.together(*halves))["203.0.113.1"].measures["events"] == 2


def test_a_large_telescope_whose_time_out_is_shorter_than_the_digests_slots_counts_by_itself() -> None:
    large = network("198.16.0.0/12", "hub", dark=True)
    halves = [traffic.scan("203.0.113.1", 23, 150, start, 60, seed) for seed, start in enumerate((0, 160))]
    (two,) = findings("telescope-scan", traffic.together(*halves), large).values()
    assert two.measures["idle_seconds"] == pytest.approx(28.3, abs=0.1)
    assert two.measures["events"] == 2
    (one,) = findings("telescope-scan", traffic.together(*halves)).values()
    assert one.measures["events"] == 1


@pytest.mark.parametrize("prefix", ["198.18.0.0/16", "198.0.0.0/8"])
def test_a_patient_vertical_scan_is_found_whatever_the_size_of_the_telescope(prefix: str) -> None:
    """At two seconds, or at the five minutes of `nmap -T0`; how often a sweep meets the telescope is another matter."""
    large = network(prefix, "hub", dark=True)
    for step, ports in ((2, 40), (300, 12)):
        rows = np.arange(ports)
        knock = traffic.packets(
            rows * float(step), traffic.number("203.0.113.1"), traffic.number("198.18.4.4"), proto=6, flags=2, dport=rows + 1
        )
        (found,) = findings("telescope-scan", knock, large).values()
        assert (found.measures["shape"], found.measures["ports"]) == ("vertical", ports)
        assert found.measures["idle_seconds"] == 1800


def test_two_halves_of_a_vertical_scan_with_a_long_silence_between_are_not_added() -> None:
    halves = [traffic.knock("203.0.113.1", "198.18.4.4", range(at, at + 6), at * 1000.0) for at in (0, 6)]
    assert not findings("telescope-scan", traffic.together(*halves))


def test_of_ipv6_no_rate_is_estimated_and_none_makes_a_scan() -> None:
    both = TELESCOPE, TELESCOPE6
    few, many = (
        in_ipv6(traffic.scan(src, 23, count, seconds=60)) for src, count in (("203.0.113.1", 40), ("203.0.113.2", 400))
    )
    (found,) = findings("telescope-scan", traffic.together(few, many), *both).values()
    assert found.title.en.startswith("2001:db8::cb00:7102 swept tcp/23 over")
    told = set(found.measures)
    assert not {"estimated_pps", "share_of_telescope", "telescope_size", "assumption", "threshold_pps"} & told
    assert found.measures["threshold_targets"] == 100
    assert found.measures["aggressive"] is False
    assert set(findings("telescope-scan", traffic.scan("203.0.113.1", 23, 40, seconds=60), *both)) == {"203.0.113.1"}


def test_a_telescope_of_ipv6_alone_is_said_to_be_too_little_and_is_not_judged_as_a_live_network() -> None:
    packets = in_ipv6(traffic.scan("203.0.113.1", 23, 400))
    answer = outcome("telescope-scan", packets, TELESCOPE6)
    assert answer.verdict == "not-applicable"
    assert "IPv4 telescope is needed" in answer.reason.en
    assert "IPv4" in answer.reason.ja
    beside = outcome("telescope-scan", traffic.together(packets, traffic.scan("203.0.113.1", 23, 400)), TELESCOPE6)
    assert [one.subject.value for one in beside.findings] == ["203.0.113.1"]
    assert "IPv4 telescope is needed" in beside.reason.en


def test_slow_drizzle_is_no_scan() -> None:
    assert not findings("telescope-scan", traffic.scan("203.0.113.1", 23, 40, seconds=DAY))


def test_a_scan_of_a_tenth_of_the_telescope_is_low_and_all_others_info() -> None:
    both = traffic.together(traffic.scan("203.0.113.1", 23, 9000), traffic.scan("203.0.113.2", 23, 300))
    found = findings("telescope-scan", both)
    assert [found[src].severity.word for src in ("203.0.113.1", "203.0.113.2")] == ["low", "info"]


def test_a_known_survey_is_labelled_and_stays_info() -> None:
    told = outcome("telescope-scan", traffic.scan("203.0.113.1", 23, 9000), known=allowed("203.0.113.0/28", "a university"))
    assert told.findings[0].severity.word == "info"
    assert told.findings[0].measures["known"] == "survey: a university"


def test_what_the_cap_leaves_out_is_counted() -> None:
    scans = [traffic.scan(f"203.0.113.{host}", 23, 150 + host, seed=host) for host in range(5)]
    told = outcome("telescope-scan", traffic.together(*scans), params={"most": 2})
    assert [one.subject.value for one in told.findings] == ["203.0.113.3", "203.0.113.4"]
    assert told.reason.en == "3 further sources scanned; the 2 loudest are told."


def test_backscatter_and_background_are_no_scans_worth_an_analyst() -> None:
    noise = traffic.together(traffic.background(20_000, seconds=DAY), traffic.backscatter("203.0.113.4", 443, 5000))
    assert all(one.severity.word == "info" for one in findings("telescope-scan", noise).values())


def test_on_a_live_network_answered_handshakes_are_no_scan() -> None:
    asked = traffic.knock("203.0.113.1", "192.0.2.9", range(1000, 1020))
    rows = {name: asked[name].to_numpy(zero_copy_only=False) for name in ("sport", "dport")}
    back = traffic.packets(
        np.full(20, 90.0),
        traffic.number("192.0.2.9"),
        traffic.number("203.0.113.1"),
        proto=6,
        flags=18,
        sport=rows["dport"],
        dport=rows["sport"],
    )
    assert findings("telescope-scan", asked, ELSEWHERE)["203.0.113.1"].measures["ports"] == 20
    assert not findings("telescope-scan", traffic.together(asked, back), ELSEWHERE)


def test_live_packets_are_judged_beside_a_telescope() -> None:
    packets = traffic.together(traffic.scan("203.0.113.1", 23, 500), traffic.knock("203.0.113.2", "192.0.2.9", range(1, 9)))
    assert set(findings("telescope-scan", packets)) == {"203.0.113.1", "203.0.113.2"}


def test_reflected_answers_and_traceroute_are_no_scan() -> None:
    when, ports = np.linspace(0, 9, 100), np.arange(40_000, 40_100)
    here, there = traffic.number("192.0.2.9"), traffic.number("203.0.113.1")
    flood = traffic.packets(when, there, here, proto=17, sport=123, dport=ports)
    trace = traffic.packets(when, there, here, proto=17, sport=50_000, dport=33_434 + np.arange(100))
    assert not findings("telescope-scan", traffic.together(flood, trace), ELSEWHERE)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["445_scan", "port_scan", "scan_with_zero_windows"])
def test_the_notices_of_simple_scan_are_found(real_data: Path, name: str) -> None:
    log = {
        "445_scan": "test_445_scan",
        "port_scan": "test_port_scan",
        "scan_with_zero_windows": "test_port_scan_with_zero_windows",
    }[name]
    src, port, note, message, _side = (real_data / f"observe/scan/ncsa__tests.{log}.notice.log").read_text().strip().split("\t")
    packets = capture(real_data / f"observe/scan/ncsa__{name}.pcap")
    found = findings("telescope-scan", packets, ELSEWHERE, window=day_of(packets))[src]
    least = int(message.partition("at least ")[2].split()[0])
    if note == "Scan::Address_Scan":
        assert found.title.en.startswith(f"{src} swept tcp/{port} ")
        assert int(str(found.measures["targets"])) >= least
    else:
        assert found.measures["shape"] == "vertical"
        assert int(str(found.measures["ports"])) >= least


@pytest.mark.real_data
def test_the_nmap_syn_scan_is_found(real_data: Path) -> None:
    packets = capture(real_data / "observe/scan/ntop__synscan.pcap")
    found = findings("telescope-scan", packets, ELSEWHERE, window=day_of(packets))
    assert found["172.16.0.8"].measures["ports"] == 997  # the three open ports answered


@pytest.mark.real_data
def test_maltrails_manifest_agrees(real_data: Path) -> None:
    folder = real_data / "observe/maltrail"
    scans = {"potential port scanning", "potential udp scanning", "potential infection"}
    for case in json.loads((folder / "stamparm__manifest.json").read_text()):
        path = folder / f"stamparm__{case['pcap']}"
        if path.exists():
            packets = capture(path)
            found = findings("telescope-scan", packets, ELSEWHERE, window=day_of(packets)) if packets.num_rows else {}
            assert bool(found) == bool(scans & set(case["expect"])), case["name"]


@pytest.mark.real_data
@pytest.mark.parametrize("folder", ["amp", "ssh", "misc", "web", "dnstunnel"])
def test_benign_captures_stay_silent(real_data: Path, folder: str) -> None:
    for path in sorted((real_data / "observe" / folder).glob("*cap*")):
        if path.suffix != ".out":
            packets = capture(path)
            assert not findings("telescope-scan", packets, ELSEWHERE, window=day_of(packets)), path.name
