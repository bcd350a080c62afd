"""The run: windows, the bulkhead, signatures, organisations, evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from hinomi.detect.detector import Look, NotApplicable
from hinomi.detect.run import detectors, look, looks, span_of, windows
from hinomi.schema.findings import Finding, Window
from hinomi.schema.words import Text
from hinomi.testing import traffic
from hinomi.testing.memory import Memory
from tests.detect.story import TELESCOPE, day, network

SCAN = detectors()["telescope-scan"]


def test_windows_tumble_aligned_to_utc() -> None:
    seen = span_of(datetime(2026, 11, 1, 23, 59, tzinfo=UTC), datetime(2026, 11, 2, 0, 0, tzinfo=UTC))
    assert list(windows(SCAN, seen)) == [day(0), day(1)]
    hourly = replace(SCAN, window=timedelta(hours=1))
    assert [
        one.start.hour for one in windows(hourly, Window(day().start + timedelta(minutes=90), day().start + timedelta(hours=3)))
    ] == [1, 2]


def test_a_detector_that_fails_says_so_and_stops_nobody() -> None:
    def judge(_rows: object, _look: Look) -> list[Finding | Text]:
        raise ZeroDivisionError("no packets per second")

    broken = replace(SCAN, judge=judge)
    told = look("broken", broken, Memory({"packet": traffic.scan("203.0.113.1", 23, 200)}), day(), {"networks": TELESCOPE})
    assert told.verdict == "failed"
    assert "ZeroDivisionError: no packets per second" in told.reason.en
    assert told.reason.ja.startswith("検知処理が失敗しました")


def test_what_was_found_stands_though_its_packets_cannot_be_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def samples(*_asked: object) -> None:
        raise OSError("the disk went away")

    monkeypatch.setattr("hinomi.detect.run.samples", samples)
    engine = Memory({"packet": traffic.scan("203.0.113.1", 23, 200)})
    told = look("telescope-scan", SCAN, engine, day(), {"networks": TELESCOPE})
    assert told.verdict == "found"
    assert [(one.subject.value, one.evidence.rows) for one in told.findings] == [("203.0.113.1", ())]
    assert told.reason.en == "The packets behind it could not be fetched: OSError: the disk went away"


def test_a_look_that_does_not_apply_says_why() -> None:
    def query(_tables: object, _look: Look) -> None:
        raise NotApplicable(Text("nothing to look at", "対象なし"))

    told = look("none", replace(SCAN, query=query), Memory({"packet": traffic.SCHEMA.empty_table()}), day(), {})
    assert (told.verdict, told.reason.en) == ("not-applicable", "nothing to look at")


def test_a_telescope_that_saw_nothing_all_day_is_not_a_clean_day() -> None:
    live = Memory({"packet": traffic.knock("203.0.113.3", "192.0.2.9", range(1, 30))})
    told = {one.detector: one for one in looks(detectors(), live, day(), {"networks": TELESCOPE})}
    deaf = {name for name, one in told.items() if one.verdict == "not-applicable"}
    assert deaf == {"backscatter", "member-in-darknet", "new-port", "port-surge"}
    assert all("saw no packet" in told[name].reason.en for name in deaf)
    assert told["telescope-scan"].verdict == "found", "what is seen beside the telescope is judged all the same"


def test_who_watches_no_packets_asks_for_none() -> None:
    logins = pa.table({"time": pa.array([day().start], pa.timestamp("us", "UTC"))})
    watch = replace(SCAN, kinds=("login",), digests=(), query=lambda tables, _: tables["login"], judge=lambda _rows, _look: [])
    told = look("logins", watch, Memory({"login": logins}), day(), {"networks": TELESCOPE})
    assert (told.verdict, told.rows) == ("clean", 1)


def test_detectors_of_one_window_share_what_they_count_and_answer_as_alone() -> None:
    packets = traffic.together(traffic.scan("203.0.113.1", 23, 400, tool="mirai"), traffic.backscatter("203.0.113.8", 80, 900))
    began: list[str] = []
    together = {
        one.detector: one for one in looks(detectors(), memory(packets), day(), {"networks": TELESCOPE}, before=began.append)
    }
    alone = {name: look(name, one, memory(packets), day(), {"networks": TELESCOPE}) for name, one in detectors().items()}
    assert began == list(detectors())
    assert {name: (one.verdict, one.findings, one.reason) for name, one in together.items()} == {
        name: (one.verdict, one.findings, one.reason) for name, one in alone.items()
    }


def memory(packets: pa.Table) -> Memory:
    return Memory({"packet": packets})


def test_findings_are_signed_marked_and_owned() -> None:
    engine = Memory({"packet": traffic.scan("192.0.2.7", 23, 200)})
    lookups = {"networks": pa.concat_tables([TELESCOPE, network("192.0.2.0/24", "acme")])}
    (real,) = look("telescope-scan", SCAN, engine, day(), lookups).findings
    (drill,) = look("telescope-scan", SCAN, engine, day(), lookups, exercise=True).findings
    assert (real.detector, real.exercise, real.organisations) == ("telescope-scan", False, ("acme",))
    assert drill.exercise
    assert drill.id != real.id


def test_evidence_holds_real_packets_with_the_dark_address_masked() -> None:
    engine = Memory({"packet": traffic.scan("203.0.113.1", 23, 200)})
    (finding,) = look("telescope-scan", SCAN, engine, day(), {"networks": TELESCOPE}).findings
    first, last = finding.evidence.rows
    assert finding.first is not None
    assert first["time"] == finding.first.isoformat()
    assert (first["src"], first["dst"], first["dport"]) == ("203.0.113.1", "198.18.0.0/16", 23)
    assert str(first["time"]) < str(last["time"])


def test_parameters_can_be_overridden() -> None:
    engine = Memory({"packet": traffic.scan("203.0.113.1", 23, 200)})
    told = look("telescope-scan", SCAN, engine, day(), {"networks": TELESCOPE}, {"slowest": 1e9, "wide_targets": 1000})
    assert told.verdict == "clean"


def test_a_parameter_that_is_no_number_is_refused() -> None:
    with pytest.raises(TypeError, match="ports is not a number"):
        Look(day(), {"ports": "many"}, {}).number("ports")
