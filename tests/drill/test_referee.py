"""The referee is fair: it says what was found, missed and falsely raised, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hinomi.drill.referee import Ruling, Score
from hinomi.drill.referee import score as judged
from hinomi.drill.scenario import Known
from hinomi.drill.truth import Plant, Truth
from hinomi.schema.findings import Evidence, Finding, Subject, Window
from hinomi.schema.words import Severity, SubjectKind, Text

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCANNER, PORT = Subject(SubjectKind.ADDRESS, "240.0.0.1"), Subject(SubjectKind.PORT, "tcp/445")
SCAN = Plant("scan", Text("a scan", "走査"), Window(NOON, NOON + HOUR), (SCANNER,), (PORT,), ("telescope-scan",))
SEEN = replace(SCAN, raised_by=(), found_by=("telescope-scan",))
SURVEY = Plant("survey", Text("a survey", "調査"), Window(NOON, NOON + HOUR), (SCANNER,), ceiling=Severity.LOW)


def score(plants: tuple[Plant, ...], heard: list[Finding]) -> Score:
    return judged(Truth(Window(NOON - 12 * HOUR, NOON + 12 * HOUR), plants), heard)


def finding(subject: Subject = SCANNER, severity: Severity = Severity.MEDIUM, **changes: object) -> Finding:
    window = Window(NOON, NOON + 2 * HOUR)
    plain = Finding(subject, window, severity, 80, Text("x", "x"), {}, Evidence("packet", {}), detector="telescope-scan")
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the fields it changes


def test_a_planted_thing_that_is_named_is_found_and_the_time_it_took_is_kept() -> None:
    (mark,) = score((SCAN,), [finding()]).marks
    assert (mark.ruling, mark.after, mark.severity) == (Ruling.FOUND, 2 * HOUR, Severity.MEDIUM)


def test_what_need_not_be_raised_is_found_at_any_severity() -> None:
    assert score((SEEN,), [finding(severity=Severity.INFO)]).complete
    assert not score((SCAN,), [finding(severity=Severity.LOW)]).complete


def test_of_several_windows_the_first_one_counts() -> None:
    later = finding(window=Window(NOON + HOUR / 2, NOON + 5 * HOUR))
    assert score((SCAN,), [later, finding()]).marks[0].after == 2 * HOUR


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        ([], "no finding names 240.0.0.1"),
        ([finding(severity=Severity.LOW)], "named, but only at low: 240.0.0.1"),
        ([finding(detector="another")], "no finding names 240.0.0.1"),
        ([finding(window=Window(NOON - 2 * HOUR, NOON - HOUR))], "no finding names 240.0.0.1"),
        ([finding(PORT)], "no finding names 240.0.0.1"),
    ],
    ids=["silence", "too quiet", "another detector", "another time", "only a trace"],
)
def test_a_planted_thing_that_is_not_named_is_missed_and_the_reason_is_told(heard: list[Finding], why: str) -> None:
    mark = score((SCAN,), heard).marks[0]
    assert (mark.ruling, mark.why.en) == (Ruling.MISSED, why)


def test_a_family_is_found_only_when_all_of_it_is_named() -> None:
    second = Subject(SubjectKind.ADDRESS, "240.0.0.2")
    family = replace(SCAN, subjects=(SCANNER, second))
    assert score((family,), [finding()]).marks[0].why.en == "not all of them named: 240.0.0.2 missing"
    assert score((family,), [finding(), finding(second)]).complete


def test_a_member_must_be_named_as_itself() -> None:
    member = replace(SCAN, organisation="minato-hospital")
    assert score((member,), [finding()]).marks[0].why.en == "240.0.0.1 named, but not as minato-hospital's"
    assert score((member,), [finding(organisations=("minato-hospital",))]).complete


def test_a_thing_taken_for_another_is_missed() -> None:
    masscan = replace(SCAN, known_as=(Known("telescope-scan", "tool", "masscan"),))
    assert score((masscan,), [finding(measures={"tool": "masscan"})]).complete
    mark = score((masscan,), [finding(measures={"tool": "zmap"})]).marks[0]
    assert (mark.ruling, mark.why.en) == (Ruling.MISSED, "240.0.0.1 named, but as tool zmap, not masscan")


def test_a_detector_that_could_not_look_has_not_seen_nothing() -> None:
    truth = Truth(Window(NOON, NOON + HOUR), (SCAN,))
    (mark,) = judged(truth, [], {"telescope-scan": Text("no telescope", "観測網なし")}).marks
    assert (mark.ruling, mark.why.en) == (Ruling.MISSED, "could not look: no telescope")


def test_what_nobody_planted_is_false_only_above_low() -> None:
    stranger = Subject(SubjectKind.ADDRESS, "240.9.9.9")
    assert score((), [finding(stranger, Severity.LOW)]).complete
    (mark,) = score((), [finding(stranger)]).marks
    assert (mark.ruling, mark.why.en) == (Ruling.FALSE, "nothing planted explains 240.9.9.9")


def test_the_trace_of_a_planted_thing_is_not_false_in_its_time_and_false_outside() -> None:
    assert score((SCAN,), [finding(), finding(PORT, detector="port-surge")]).complete
    early = replace(finding(PORT), first=NOON - 2 * HOUR, last=NOON - HOUR)
    assert score((SCAN,), [finding(), early]).count(Ruling.FALSE) == 1


def test_the_harmless_may_be_noticed_but_not_raised() -> None:
    assert score((SURVEY,), [finding(severity=Severity.LOW)]).marks[0].ruling is Ruling.QUIET
    raised = score((SURVEY,), [finding(severity=Severity.HIGH)])
    assert [mark.ruling for mark in raised.marks] == [Ruling.FALSE]
    assert raised.marks[0].why.en == "harmless, but telescope-scan raised it above low"


def test_a_score_can_be_printed_and_read_by_machines() -> None:
    result = score((SCAN, SURVEY), [])
    assert next(result.rows("ja"))[3] == "240.0.0.1 の検知なし"
    record = next(result.records())
    assert record["planted"] == "scan"
    assert record["verdict"] == "missed"
    assert record["seconds_to_detection"] is None
