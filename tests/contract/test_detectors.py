"""Every detector sits this examination, unasked: declaration, empty and shuffled input, determinism, both engines."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from hinomi.detect.digest import Digest
from hinomi.detect.run import detectors, look
from hinomi.lake.engine import EngineKind, open_engine
from hinomi.lake.lake import Lake
from hinomi.registry import plugins
from hinomi.schema.events import EVENTS
from hinomi.schema.findings import Outcome
from hinomi.schema.lookups import LOOKUPS
from hinomi.schema.segments import Segment
from hinomi.schema.words import Text
from hinomi.testing import traffic
from hinomi.testing.memory import Memory
from tests.detect.story import DAY, HOUR, TELESCOPE, allowed, day, network

NAMES = sorted(detectors())
LOOKUP_ROWS = {
    "networks": pa.concat_tables(
        [
            TELESCOPE,
            network("192.0.2.0/24", "acme"),
            network("192.0.2.192/26", "acme", dark=True),
            network("192.0.2.0/28", "branch", until=traffic.START + timedelta(hours=15.5)),
        ]
    ),
    "allowed": allowed("203.0.113.64/28", "a university"),
}


@pytest.fixture(scope="module")
def packets() -> pa.Table:
    """A day that gives every detector something to find."""
    return traffic.together(
        traffic.background(12_000, seconds=DAY),
        traffic.scan("203.0.113.1", 3389, 900, 5 * HOUR, tool="masscan"),
        traffic.scan("203.0.113.65", [80, 81], 900, 6 * HOUR, tool="zmap", seed=2),
        traffic.knock("203.0.113.3", "198.18.4.4", range(1, 60), 7 * HOUR),
        traffic.knock("203.0.113.5", "192.0.2.9", range(1, 12), 7 * HOUR),
        traffic.worm(5556, 120, 14 * HOUR, 3 * HOUR),
        traffic.backscatter("203.0.113.80", 443, 2000, 9 * HOUR),
        traffic.backscatter("192.0.2.8", 53, 2000, 10 * HOUR, kind="icmp", seed=9),
        traffic.scan("192.0.2.7", 23, 60, 15 * HOUR, tool="mirai", seed=11),
        traffic.scan("192.0.2.200", 23, 20, 15 * HOUR, seed=12),
        traffic.packets(
            np.array([299.0, 601.0, 9000.0]),
            traffic.number("192.0.2.40"),
            traffic.DARK.first + np.array([9, 77, 9]),
            proto=17,
            sport=999,
            dport=53,
        ),
    )


def told(name: str, packets: pa.Table) -> Outcome:
    return look(name, detectors()[name], Memory({"packet": packets}), day(), LOOKUP_ROWS)


@pytest.mark.parametrize("name", NAMES)
def test_the_declaration_is_complete(name: str) -> None:
    detector = detectors()[name]
    module = __import__(f"hinomi.detect.detectors.{name.replace('-', '_')}", fromlist=["x"])
    assert (module.__doc__ or "").strip(), "the module's docstring says what it finds, and after whom"
    assert detector.query.__doc__
    assert detector.judge.__doc__
    assert detector.limits, "every detector says what it cannot see"
    texts = [detector.title, detector.about, *detector.limits, *(one.meaning for one in detector.parameters)]
    assert all(in_both_languages(text) for text in texts)
    assert all(one.unit and all(one.source) for one in detector.parameters), "a parameter has a unit and a source"
    assert len({one.name for one in detector.parameters}) == len(detector.parameters)
    assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", technique) for technique in detector.attack)
    assert set(detector.kinds) <= set(EVENTS)
    assert set(detector.lookups) <= set(LOOKUPS)
    assert set(detector.digests) <= set(plugins("hinomi.detect.digests", Digest))


def in_both_languages(text: Text) -> bool:
    return bool(text.en.strip()) and bool(re.search(r"[ぁ-ヿ一-鿿]", text.ja))


@pytest.mark.parametrize("name", NAMES)
def test_no_packets_no_findings_and_no_failure(name: str) -> None:
    answer = told(name, traffic.SCHEMA.empty_table())
    assert answer.verdict in ("clean", "not-applicable"), answer.reason.en


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_packets_does_not_matter_and_ids_stay(name: str, packets: pa.Table) -> None:
    shuffled = packets.take(np.random.default_rng(1).permutation(packets.num_rows))
    one, two = told(name, packets), told(name, shuffled)
    assert one.verdict == "found", one.reason.en
    assert one.findings == two.findings
    assert [finding.id for finding in one.findings] == [finding.id for finding in two.findings]
    assert len({finding.id for finding in one.findings}) == len(one.findings)


@pytest.mark.parametrize("name", NAMES)
def test_findings_are_whole(name: str, packets: pa.Table) -> None:
    detector = detectors()[name]
    for finding in told(name, packets).findings:
        assert in_both_languages(finding.title)
        assert "{" not in finding.title.en + finding.title.ja
        assert any(key.startswith("threshold_") for key in finding.measures), "what the measures were compared with"
        assert set(finding.attack) <= set(detector.attack)
        assert finding.first is not None
        assert finding.last is not None
        assert finding.first <= finding.last < finding.window.end
        assert finding.evidence.rows or not finding.evidence.where, finding.title.en


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, packets: pa.Table) -> Iterator[Lake]:
    folder: Path = tmp_path_factory.mktemp("detectors")
    with Lake.open(folder) as opened:
        list(opened.append([Segment("made", "packet", "telescope", packets.to_batches)]))
        yield opened


@pytest.fixture(scope="module")
def by_duckdb(lake: Lake) -> dict[str, Outcome]:
    with open_engine("duckdb", lake) as engine:
        return {name: look(name, detectors()[name], engine, day(), LOOKUP_ROWS) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_lake_gives_what_memory_gives(name: str, by_duckdb: dict[str, Outcome], packets: pa.Table) -> None:
    assert by_duckdb[name].findings == told(name, packets).findings


@pytest.mark.spark
@pytest.mark.parametrize("name", NAMES)
def test_spark_and_duckdb_find_the_same(name: str, lake: Lake, by_duckdb: dict[str, Outcome]) -> None:
    if lacking := plugins("hinomi.lake.engine", EngineKind)["spark"].lacks():
        pytest.skip(lacking.en)
    with open_engine("spark", lake) as engine:
        answer = look(name, detectors()[name], engine, day(), LOOKUP_ROWS)
    assert answer.verdict == by_duckdb[name].verdict, answer.reason.en
    assert answer.findings == by_duckdb[name].findings
