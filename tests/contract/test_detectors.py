"""Every detector sits this examination, unasked: declaration, empty and shuffled input, determinism, both engines."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from hinomi.casebook.stix import techniques
from hinomi.casebook.stix.blame import indicators
from hinomi.casebook.stix.countermeasures import CATALOGUE
from hinomi.detect.detector import Detector
from hinomi.detect.digest import Digest
from hinomi.detect.measured import THRESHOLD
from hinomi.detect.run import detectors, look
from hinomi.detect.units import NAME, PACKETS, PACKETS_PER_MINUTE, YES_OR_NO
from hinomi.hub.pages.topics import TOPICS
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
from tests.detect import story
from tests.detect.story import DAY, HOUR, TELESCOPE, allowed, day, network

HOW_TO = Path(__file__).parents[2] / "docs" / "howto" / "add-a-detector.md"
FILE, TEST = re.findall(r"^```python\n(.*?)^```", HOW_TO.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def printed() -> Detector:
    """The detector of the how-to, as it stands there: what people begin with passes, too."""
    names: dict[str, object] = {"__name__": "slow_ping"}
    exec(compile(FILE, HOW_TO.name, "exec"), names)
    (detector,) = (one for one in names.values() if isinstance(one, Detector))
    return detector


DETECTORS = {**detectors(), "slow-ping": printed()}
NAMES = sorted(DETECTORS)
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
    return look(name, DETECTORS[name], Memory({"packet": packets}), day(), LOOKUP_ROWS)


@pytest.mark.parametrize("name", NAMES)
def test_the_declaration_is_complete(name: str) -> None:
    detector = DETECTORS[name]
    module = detector.query.__globals__
    assert (module["__doc__"] or "").strip(), "the module's docstring says what it finds, and after whom"
    assert detector.query.__doc__
    assert detector.judge.__doc__
    assert detector.limits, "every detector says what it cannot see"
    texts = [detector.title, detector.about, *detector.limits, *(one.meaning for one in detector.parameters)]
    assert all(in_both_languages(text) for text in texts)
    assert all(all(one.unit) and all(one.source) for one in detector.parameters), "a parameter has a unit and a source"
    assert len({one.name for one in detector.parameters}) == len(detector.parameters)
    assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", technique) for technique in detector.attack)
    assert set(detector.kinds) <= set(EVENTS)
    assert set(detector.lookups) <= set(LOOKUPS)
    assert set(detector.digests) <= set(plugins("hinomi.detect.digests", Digest))


@pytest.mark.parametrize("name", NAMES)
def test_pages_and_cases_are_told_what_to_say(name: str) -> None:
    detector, measured = DETECTORS[name], DETECTORS[name].measured
    assert detector.topic in {topic.name for topic in TOPICS}, "the dial of the weather on which its findings count"
    assert len(measured) == len(detector.measures)
    for one in detector.measures:
        assert in_both_languages(one.meaning), one.name
        assert all(all(text) for text in (one.unit, *one.words.values())), one.name
        assert not one.scaled_from or measured[one.scaled_from].unit in (PACKETS, PACKETS_PER_MINUTE), one.name
    assert set(detector.attack) <= set(techniques.NAMES), "techniques of ATT&CK in force, published by their names"
    relations = [relation for one in detector.troubles for relation in one.relations]
    assert sorted(relations) == sorted(measured["relation"].words if "relation" in measured else ()), "each in one trouble"
    assert len(detector.troubles) == 1 or all(one.relations for one in detector.troubles)
    assert all(one.helps and set(one.helps) <= set(CATALOGUE) for one in detector.troubles), "a case is never without help"


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
    detector = DETECTORS[name]
    for finding in told(name, packets).findings:
        assert in_both_languages(finding.title)
        assert "{" not in finding.title.en + finding.title.ja
        assert any(key.startswith("threshold_") for key in finding.measures), "what the measures were compared with"
        assert set(finding.attack) <= set(detector.attack)
        assert finding.first is not None
        assert finding.last is not None
        assert finding.first <= finding.last < finding.window.end
        assert finding.evidence.rows or not finding.evidence.where, finding.title.en


@pytest.mark.parametrize("name", NAMES)
def test_every_measure_is_declared_and_every_declared_one_is_told(name: str, packets: pa.Table) -> None:
    measured, carried = DETECTORS[name].measured, set[str]()
    for finding in told(name, packets).findings:
        carried |= set(finding.measures)
        for key, value in finding.measures.items():
            if key.startswith(THRESHOLD):
                continue
            assert key in measured, f"{key} has neither unit nor words"
            if value is not None:
                assert isinstance(value, bool) is (measured[key].unit == YES_OR_NO), key
                assert not isinstance(value, str) or measured[key].unit == NAME, key
            if isinstance(value, str) and re.fullmatch(r"[a-z]+(-[a-z]+)*", value):
                assert value in measured[key].words, f"{key}: {value} has no words"
    assert set(measured) <= carried, "what no finding of this day carries"
    assert {one.against for one in measured.values() if one.against} <= carried


@pytest.mark.parametrize("name", NAMES)
def test_whose_address_is_not_looked_for_is_declared(name: str, packets: pa.Table) -> None:
    for finding in told(name, packets).findings:
        trouble = DETECTORS[name].trouble(finding.measures)
        assert (finding.suffers, finding.helps) == (trouble.suffers, trouble.helps)
        sought = {one.value for one in indicators([finding])}
        assert not (trouble.suffers and finding.subject.value in sought), "the victim is published as a culprit"


def test_the_test_of_the_how_to_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "detectors", lambda: DETECTORS)
    names: dict[str, Any] = {}
    exec(compile(TEST, HOW_TO.name, "exec"), names)
    names["test_a_ping_sweep_is_found"]()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, packets: pa.Table) -> Iterator[Lake]:
    folder: Path = tmp_path_factory.mktemp("detectors")
    with Lake.open(folder) as opened:
        list(opened.append([Segment("made", "packet", "telescope", packets.to_batches)]))
        yield opened


@pytest.fixture(scope="module")
def by_duckdb(lake: Lake) -> dict[str, Outcome]:
    with open_engine("duckdb", lake) as engine:
        return {name: look(name, DETECTORS[name], engine, day(), LOOKUP_ROWS) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_lake_gives_what_memory_gives(name: str, by_duckdb: dict[str, Outcome], packets: pa.Table) -> None:
    assert by_duckdb[name].findings == told(name, packets).findings


@pytest.mark.spark
@pytest.mark.parametrize("name", NAMES)
def test_spark_and_duckdb_find_the_same(name: str, lake: Lake, by_duckdb: dict[str, Outcome]) -> None:
    if lacking := plugins("hinomi.lake.engine", EngineKind)["spark"].lacks():
        pytest.skip(lacking.en)
    with open_engine("spark", lake) as engine:
        answer = look(name, DETECTORS[name], engine, day(), LOOKUP_ROWS)
    assert answer.verdict == by_duckdb[name].verdict, answer.reason.en
    assert answer.findings == by_duckdb[name].findings
