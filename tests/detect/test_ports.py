"""Ports: a surge on a port that is always asked for, and a port that nobody asked for before."""

import numpy as np
import pyarrow as pa

from hinomi.schema.findings import Finding
from hinomi.testing import traffic
from tests.detect.story import DAY, HOUR, TELESCOPE, TELESCOPE6, allowed, day, findings, in_ipv6, network, outcome


def steady(port: int = 23, hosts: int = 4000, seed: int = 3, start: float = 0) -> pa.Table:
    """A day in which many hosts ask for a port now and then."""
    rng = np.random.default_rng(seed)
    who = traffic.crowd(rng, hosts)[rng.integers(0, hosts, 8000)]
    return traffic.syns(start + np.sort(rng.random(8000) * DAY), who, traffic.DARK.draw(rng, 8000), port, rng)


def surge(*tables: pa.Table) -> dict[str, Finding]:
    return findings("port-surge", traffic.together(*tables))


def test_a_steady_day_has_no_surge() -> None:
    assert not surge(steady(), traffic.background(20_000, seconds=DAY))


def test_more_hosts_on_a_busy_port_are_a_surge() -> None:
    found = surge(steady(), traffic.worm(23, 900, 16 * HOUR, 2 * HOUR, seed=8))["tcp/23"]
    assert found.severity.word == "medium"
    assert max(float(str(found.measures[name] or 0)) for name in ("score_hosts", "score_packets")) > 3
    assert int(str(found.measures["hosts"])) >= 2 * float(str(found.measures["hosts_usual"]))
    assert found.first is not None
    assert found.first.hour >= 16


def test_one_loud_scanner_is_at_most_low() -> None:
    found = surge(steady(), traffic.scan("203.0.113.1", 23, 30_000, 16 * HOUR, HOUR))
    assert all(one.severity.word == "low" and "packets" in one.title.en for one in found.values())


def test_a_sensor_that_was_off_does_not_raise_a_surge_when_it_is_back() -> None:
    whole = steady().to_pandas()
    away = whole[(whole.time < "2026-11-01 08:00+00:00") | (whole.time > "2026-11-01 14:00+00:00")]
    assert not surge(pa.Table.from_pandas(away, traffic.SCHEMA, preserve_index=False))


def test_known_surveys_do_not_make_a_surge() -> None:
    worm = traffic.worm(5556, 150, 14 * HOUR, 3 * HOUR)
    packets = traffic.together(steady(), worm)
    assert outcome("port-surge", packets).findings
    assert not outcome("port-surge", packets, known=allowed("240.0.0.0/4", "all of them")).findings


def test_a_worm_on_a_new_port_is_a_precursor() -> None:
    found = findings("new-port", traffic.together(steady(), traffic.worm(5556, 60, 14 * HOUR, 3 * HOUR)))
    assert set(found) == {"tcp/5556"}
    assert found["tcp/5556"].measures["fingerprint"] == "mirai"
    assert found["tcp/5556"].severity.word == "medium"
    assert (
        findings("new-port", traffic.together(steady(), traffic.worm(5556, 150, 14 * HOUR)))["tcp/5556"].severity.word == "high"
    )


def test_a_port_that_was_asked_for_before_is_not_new() -> None:
    assert not findings("new-port", traffic.together(steady(5556), traffic.worm(5556, 60, 14 * HOUR)))


def test_history_of_the_day_before_counts() -> None:
    worm = [traffic.worm(5556, 60, at * DAY + 14 * HOUR, seed=4) for at in (0, 1)]
    packets = traffic.together(steady(), *worm)
    assert findings("new-port", packets)
    assert not findings("new-port", packets, window=day(1))


def minutely(sources: int, start: float, step: float = 60, seed: int = 7, length: int | None = 40) -> pa.Table:
    """One new source after the other asks for tcp/5556, all with like packets."""
    rng = np.random.default_rng(seed)
    who, dst = traffic.crowd(rng, sources), traffic.DARK.draw(rng, sources)
    when = start + step * np.arange(float(sources))
    return traffic.packets(when, who, dst, proto=6, flags=2, dport=5556, window=29_200, options=20, length=length)


def told_on(*tables: pa.Table) -> list[tuple[int, object, object]]:
    """The days on which tcp/5556 is called new, with its sources then and before; other ports are as steady as ever."""
    packets = traffic.together(*(steady(seed=number, start=number * DAY) for number in range(3)), *tables)
    found = [findings("new-port", packets, window=day(number)).get("tcp/5556") for number in (0, 1, 2)]
    return [(at, one.measures["sources"], one.measures["sources_before"]) for at, one in enumerate(found) if one]


def test_an_outbreak_over_midnight_is_told_once() -> None:
    fifteen = minutely(15, DAY - 15 * 60)
    assert told_on(minutely(30, DAY - 15 * 60)) == [(1, 30, 0)]
    assert told_on(fifteen, minutely(140, DAY + 10 * HOUR, seed=8)) == [(1, 155, 0)]


def test_an_evenings_outbreak_that_goes_on_is_told_on_the_day_it_began() -> None:
    assert told_on(minutely(30, DAY - HOUR), minutely(15, DAY, seed=8)) == [(0, 30, 0)]


def test_what_comes_slowly_is_not_new() -> None:
    """Twenty sources that come one every two hours are never twenty in a day."""
    assert not told_on(minutely(20, 8 * HOUR, step=2 * HOUR))


def test_sources_before_the_evening_count_as_before() -> None:
    assert not told_on(minutely(4, 8 * HOUR), minutely(30, 2 * DAY - 15 * 60, seed=9))


def test_sources_of_one_network_are_no_outbreak() -> None:
    one = [traffic.scan(f"203.0.113.{host}", 5556, 5, 14 * HOUR, seed=host) for host in range(40)]
    assert not findings("new-port", traffic.together(steady(), *one))


def test_sources_without_a_common_fingerprint_are_no_outbreak() -> None:
    rng = np.random.default_rng(1)
    who, count = traffic.crowd(rng, 60), 60
    odd = traffic.packets(
        14 * HOUR + rng.random(count),
        who,
        traffic.DARK.draw(rng, count),
        proto=6,
        flags=2,
        dport=5556,
        window=np.arange(count),
        length=40,
    )
    assert not findings("new-port", traffic.together(steady(), odd))


def test_a_young_lake_cannot_tell_what_is_new() -> None:
    young = outcome("new-port", traffic.worm(5556, 60, 0, HOUR))
    assert young.verdict == "not-applicable"
    assert "6 hours" in young.reason.en


def test_an_ipv6_telescope_is_a_telescope() -> None:
    packets = in_ipv6(traffic.together(steady(), traffic.worm(5556, 60, 14 * HOUR, 3 * HOUR)))
    for name in ("new-port", "port-surge"):
        assert outcome(name, packets, TELESCOPE6).verdict in ("found", "clean")


def test_without_a_telescope_ports_are_not_judged() -> None:
    for name in ("new-port", "port-surge"):
        assert outcome(name, steady(), network("192.0.2.0/24", "acme")).verdict == "not-applicable"
    assert outcome("port-surge", steady(), TELESCOPE).verdict == "clean"
