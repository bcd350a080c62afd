"""Findings at rest: what was said last of a window stands, and the index says the same as the findings do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.casebook import actions
from hinomi.casebook.models import Finding, FindingCount, FindingOrganisation, Outcome
from hinomi.casebook.shapes import finding_bytes, finding_shape, read_finding
from hinomi.schema.findings import Evidence
from hinomi.schema.findings import Finding as Told
from hinomi.schema.words import Severity, Verdict
from tests.casebook.stories import DAY, finding, infected, look, window, worm

pytestmark = pytest.mark.django_db


def counted() -> dict[tuple[str, str, int], int]:
    rows = FindingCount.objects.values_list("organisation", "detector", "hour__hour", "count")
    return {(organisation, detector, hour): count for organisation, detector, hour, count in rows}


def test_the_same_look_twice_is_the_same_casebook() -> None:
    outcome = look(finding(), finding("198.51.100.8"))
    for _ in range(2):
        actions.record([outcome])
    assert Finding.objects.count() == 2
    assert Outcome.objects.count() == 1
    assert counted() == {("", "backscatter", 0): 2}


def test_a_window_looked_at_again_replaces_what_it_said() -> None:
    actions.record([look(finding(), finding("198.51.100.8")), look(finding(at=1), at=1)])
    recorded = actions.record([look(replace(finding(), severity=Severity.HIGH))])
    assert len(recorded.taken_back) == 1
    assert list(Finding.objects.order_by("window_start").values_list("subject_value", "severity")) == [
        ("198.51.100.7", Severity.HIGH),
        ("198.51.100.7", Severity.MEDIUM),
    ]
    assert counted() == {("", "backscatter", 0): 1, ("", "backscatter", 1): 1}
    actions.record([look()])
    assert counted() == {("", "backscatter", 1): 1}


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.NOT_APPLICABLE])
def test_who_could_not_look_takes_nothing_back(verdict: Verdict) -> None:
    actions.record([look(finding())])
    actions.record([look(verdict=verdict)])
    assert Finding.objects.count() == 1
    assert Outcome.objects.get().verdict == verdict


def test_detectors_do_not_touch_each_others_windows() -> None:
    actions.record([look(finding())])
    actions.record([look(detector="new-port")])
    assert Finding.objects.count() == 1


def test_exercise_findings_stand_beside_the_real_ones_and_never_in_their_place() -> None:
    actions.record([look(finding())])
    actions.record([look(finding(exercise=True))], exercise=True)
    assert sorted(Finding.objects.values_list("exercise", flat=True)) == [False, True]
    actions.record([look()], exercise=True)
    assert list(Finding.objects.values_list("exercise", flat=True)) == [False]
    with pytest.raises(ValueError, match="not marked"):
        actions.record([look(finding(exercise=True))], exercise=False)


def test_whom_a_finding_concerns_is_indexed_and_counted() -> None:
    actions.record([look(infected(), infected("198.51.100.78", "umi"), detector="member-in-darknet")])
    assert set(FindingOrganisation.objects.values_list("organisation", flat=True)) == {"minato", "umi"}
    assert counted() == {
        ("", "member-in-darknet", 0): 2,
        ("minato", "member-in-darknet", 0): 1,
        ("umi", "member-in-darknet", 0): 1,
    }
    actions.record([look(infected("198.51.100.77", "umi"), detector="member-in-darknet")])
    assert list(FindingOrganisation.objects.values_list("organisation", flat=True)) == ["umi"]


def test_a_finding_counts_in_the_hour_it_was_first_seen_within_its_window() -> None:
    day = replace(finding(), window=window(length=timedelta(days=1)))
    late = replace(day, first=DAY + timedelta(hours=15, minutes=9))
    early = replace(day, first=DAY - timedelta(hours=3), subject=finding("198.51.100.8").subject)
    unknown = replace(day, first=None, subject=finding("198.51.100.9").subject)
    outcome = replace(look(late, early, unknown), window=day.window)
    for _ in range(2):
        actions.record([outcome])
    assert counted() == {("", "backscatter", 15): 1, ("", "backscatter", 0): 2}
    actions.record([replace(outcome, findings=(), verdict=Verdict.CLEAN)])
    assert counted() == {}


def test_the_body_is_the_contract_of_the_command_line() -> None:
    shape = orjson.loads(finding_bytes(finding()))
    assert list(shape)[:12] == [
        *("id", "detector", "subject", "window", "severity", "confidence", "title", "measures"),
        *("indicators", "attack", "organisations", "exercise"),
    ]
    assert shape["window"] == {"start": "2026-11-20T00:00:00Z", "end": "2026-11-20T01:00:00Z"}
    assert shape["subject"] == {"kind": "address", "value": "198.51.100.7"}
    assert shape["evidence"]["where"] == {"src": "198.51.100.7"}
    assert shape["first"] == "2026-11-20T00:03:00Z"


def test_reading_a_body_gives_the_finding_back() -> None:
    for one in (finding(), worm(), infected()):
        again = read_finding(finding_bytes(one))
        assert again == replace(one, evidence=again.evidence)
        assert again.id == one.id
        assert finding_shape(again) == finding_shape(one)


@pytest.mark.parametrize(
    ("told", "suffers", "helps"),
    [
        (finding(), True, ("withstand-denial-of-service",)),
        (infected(), False, ("isolate-and-clean",)),
        (finding(detector="member-in-darknet", measures={"relation": "spoofed"}), True, ("stop-spoofing",)),
        (finding(detector="no-longer-installed"), False, ()),
    ],
    ids=["victim", "infected", "forged", "unknown"],
)
def test_what_was_stored_before_findings_said_who_suffers_is_told_by_its_detector(
    told: Told, suffers: bool, helps: tuple[str, ...]
) -> None:
    shape = orjson.loads(finding_bytes(told))
    del shape["suffers"], shape["helps"]
    before = read_finding(orjson.dumps(shape))
    assert (before.suffers, before.helps) == (suffers, helps)
    assert before.id == told.id


@given(
    st.text(),
    st.binary(max_size=20),
    st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53), 2**53)),
)
def test_any_evidence_and_measure_can_be_written(text: str, raw: bytes, measure: float | None) -> None:
    evidence = Evidence("packet", {text: raw}, ({text: measure},))
    shape = orjson.loads(finding_bytes(replace(finding(), evidence=evidence)))
    assert shape["evidence"]["rows"] == [{text: measure}]
