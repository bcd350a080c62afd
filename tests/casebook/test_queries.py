"""What is asked of the casebook is answered whole, in order, and only to whom it concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hinomi.casebook import actions, queries
from hinomi.casebook.audience import HUB, NOBODY
from hinomi.casebook.models import Finding
from hinomi.casebook.queries import Wanted
from hinomi.members.actions import register
from hinomi.schema.findings import Window
from hinomi.schema.problems import Problem, WrongUse
from hinomi.schema.release import Reader
from hinomi.schema.words import CaseStatus, Severity, Verdict
from tests.casebook.filler import UNTIL, Size, fill
from tests.casebook.stories import DAY, finding, infected, look, window, worm

pytestmark = pytest.mark.django_db
SMALL = Size(findings=600, cases=40, organisations=12, days=2)


def paged(wanted: Wanted, limit: int) -> list[str]:
    """The ids of all pages, one after the other."""
    ids, after = [], ""
    while True:
        page = queries.finding_page(wanted, after, limit)
        assert len(page.items) <= limit
        ids += [one["id"] for one in page.items]
        after = page.after
        if not after:
            return ids


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(HUB),
        Wanted(HUB, least=Severity.MEDIUM),
        Wanted(HUB, detectors=("new-port",)),
        Wanted(HUB, detectors=("new-port", "backscatter"), severe_first=True),
        Wanted(HUB, least=Severity.LOW, severe_first=True),
        Wanted(Reader("member-0003")),
        Wanted(Reader("member-0003"), detectors=("backscatter",), least=Severity.LOW),
        Wanted(Reader("member-0003"), among=("member-0003", "member-0004"), severe_first=True),
        Wanted(Reader("member-0003"), among=("member-0004",)),
        Wanted(Reader("")),
        Wanted(HUB, among=("member-0003", "member-0004")),
        Wanted(HUB, since=UNTIL - timedelta(hours=20), until=UNTIL - timedelta(hours=10)),
    ],
    ids=str,
)
def test_pages_give_every_finding_once_and_in_order(wanted: Wanted) -> None:
    fill(SMALL)
    found = Finding.objects.filter(severity__gte=wanted.least)
    if wanted.detectors:
        found = found.filter(detector__in=wanted.detectors)
    if not wanted.reader.operator:
        found = found.filter(concerned__organisation=wanted.reader.organisation)
    if wanted.among:
        found = found.filter(concerned__organisation__in=wanted.among).distinct()
    if wanted.since and wanted.until:
        found = found.filter(last__gte=wanted.since, first__lt=wanted.until, window_end__gt=wanted.since)
    order = ("severity", "window_start", "id") if wanted.severe_first else ("window_start", "id")
    ids = [key[-1] for key in sorted(found.values_list(*order), reverse=True)]
    assert paged(wanted, 7) == ids
    assert paged(wanted, 1000) == ids


def test_findings_about_a_subject_follow_the_same_order() -> None:
    grave, mild = finding(at=1, severity=Severity.HIGH), finding(at=2, severity=Severity.LOW)
    actions.record([look(grave, at=1), look(mild, at=2), look(finding("203.0.113.1", at=3), at=3)])
    subject = "198.51.100.7"
    assert paged(Wanted(HUB, subject=subject), 1) == [mild.id, grave.id]
    assert paged(Wanted(HUB, subject=subject, severe_first=True), 1) == [grave.id, mild.id]
    assert paged(Wanted(HUB, subject=subject, least=Severity.MEDIUM), 1) == [grave.id]
    assert paged(Wanted(Reader("minato"), subject=subject), 1) == []


def test_a_page_costs_the_same_few_questions_however_much_there_is() -> None:
    fill(SMALL)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        queries.finding_page(Wanted(HUB), "", 50)
    assert len(asked) == 6  # one for each severity, one for the bodies


@pytest.mark.parametrize("after", ["nonsense", "!!!", "eA", "MjAyNg"])
def test_a_cursor_that_is_not_ours_is_wrong_use(after: str) -> None:
    with pytest.raises(WrongUse, match="cursor"):
        queries.finding_page(Wanted(HUB), after)


def test_findings_are_in_the_shape_of_the_command_line() -> None:
    one = finding()
    actions.record([look(one)])
    (shape,) = queries.findings(HUB)
    assert shape["id"] == one.id
    assert shape["title"] == {"en": "backscatter sees 198.51.100.7", "ja": "backscatter が 198.51.100.7 を検知"}
    assert queries.finding(one.id, HUB) == shape
    assert queries.finding("finding--nothing", HUB) is None
    assert [line.id for line in queries.about("address", "198.51.100.7", HUB)] == [one.id]
    assert list(queries.findings(HUB, exercise=True)) == []


def test_what_was_heard_in_a_time_comes_back_whole() -> None:
    told = [finding(), finding(at=5), worm(at=9)]
    actions.record([look(told[0]), look(told[1], at=5), look(told[2], detector="new-port", at=9)])
    heard = list(queries.heard(Window(DAY + timedelta(hours=5, minutes=30), DAY + timedelta(hours=10))))
    assert [one.id for one in heard] == [told[1].id, told[2].id]


def test_the_heat_strip_counts_hours_and_days_for_all_and_for_one() -> None:
    actions.record([look(infected(), infected("198.51.100.78", "umi", at=0), detector="member-in-darknet")])
    for days, span in ((False, window()), (True, Window(DAY, DAY + timedelta(days=1)))):
        assert queries.by_time(span, HUB, exercise=False, days=days) == [("member-in-darknet", DAY, 2)]
        assert queries.by_time(span, Reader("umi"), exercise=False, days=days) == [("member-in-darknet", DAY, 1)]
        assert queries.by_time(span, Reader(NOBODY), exercise=False, days=days) == []


def test_a_day_is_always_the_sum_of_its_hours() -> None:
    infections = [infected(at=at) for at in (5, 6, 23, 25)]
    actions.record([look(one, detector="member-in-darknet", at=at) for one, at in zip(infections, (5, 6, 23, 25), strict=True)])
    actions.record([look(detector="member-in-darknet", at=6)])  # and takes it back
    days = queries.by_time(Window(DAY, DAY + timedelta(days=2)), Reader("minato"), exercise=False, days=True)
    assert sorted(days) == [("member-in-darknet", DAY, 2), ("member-in-darknet", DAY + timedelta(days=1), 1)]


def test_looks_that_failed_are_seen_and_are_not_silence() -> None:
    actions.record([look(finding()), look(verdict=Verdict.FAILED, detector="new-port"), look(at=30)])
    failed = queries.looks(window(), only=(Verdict.FAILED,))
    assert [(one.detector, one.reason.en) for one in failed] == [("new-port", "disk full")]
    assert [one.verdict for one in queries.looks(window())] == [Verdict.FOUND, Verdict.FAILED]
    assert queries.rows_seen() == {("backscatter", DAY): 1000, ("backscatter", DAY + timedelta(hours=30)): 1000}


def test_a_case_comes_with_everything_it_refers_to() -> None:
    register("Minato", "port", "JP")
    recorded = actions.record([look(infected(), detector="member-in-darknet")])
    (id_,) = actions.propose(recorded.findings)
    actions.confirm(id_, actor="hana")
    whole = queries.case(id_, HUB)
    assert (whole["status"], whole["severity"], whole["sectors"], whole["tlp"]) == (
        "confirmed",
        "high",
        ["port"],
        "TLP:AMBER+STRICT",
    )
    assert whole["organisations"] == ["minato"]
    assert [one["kind"] for one in whole["timeline"]] == ["proposed", "confirmed"]
    assert [one["id"] for one in whole["findings"]] == [infected().id]
    kinds = {one["type"] for one in whole["objects"]}
    assert {
        "incident",
        "grouping",
        "indicator",
        "course-of-action",
        "sighting",
        "language-content",
        "marking-definition",
    } <= kinds
    ids = [one["id"] for one in whole["objects"]]
    assert len(ids) == len(set(ids))
    assert list(queries.cases(HUB)) == [{key: whole[key] for key in queries.case_page(HUB).shapes[0]}]
    with pytest.raises(Problem, match="no such case"):
        queries.case("incident--nothing", HUB)


def test_an_observable_of_two_cases_is_shown_once_and_in_its_own_marking() -> None:
    recorded = actions.record(
        [look(infected("203.0.113.9", "minato"), detector="member-in-darknet"), look(worm(), detector="new-port")]
    )
    for id_ in actions.propose(recorded.findings):
        held = queries.case(id_, HUB)["objects"]
        assert sum(one.get("value") == "203.0.113.9" for one in held) == 1


def test_cases_page_by_last_change_status_reader_and_severity() -> None:
    fill(SMALL)
    ids, after = [], ""
    while True:
        page = queries.case_page(HUB, after=after, limit=7)
        ids += [one.id for one in page.items]
        after = page.after
        if not after:
            break
    assert len(ids) == len(set(ids)) == 40
    assert ids == [one["id"] for one in queries.cases(HUB)]
    closed = queries.case_page(HUB, status=CaseStatus.CLOSED, limit=100).items
    assert {one.status for one in closed} == {"closed"}
    assert {one["severity"] for one in queries.case_page(HUB, least=Severity.CRITICAL, limit=100).shapes} == {"critical"}
    shares = [len(queries.case_page(Reader(f"member-{n:04d}"), limit=100).items) for n in range(12)]
    assert sum(shares) == 40


def test_a_sectors_level_is_its_gravest_concern_with_reasons_and_calm_is_not_unknown() -> None:
    for name, sector in (("Minato", "port"), ("Umi", "port"), ("Kawa", "gas")):
        register(name, sector, "JP")
    recorded = actions.record([look(infected(at=2), detector="member-in-darknet", at=2)])
    (case_id,) = actions.propose(recorded.findings)
    levels = queries.sector_levels(Window(DAY, DAY + timedelta(hours=12)), HUB)
    assert set(levels) == {"port", "gas"}
    assert (levels["port"].members, levels["port"].seen, levels["port"].level) == (2, 1, Severity.HIGH)
    assert [(one.detector, one.count) for one in levels["port"].reasons] == [("", 1), ("member-in-darknet", 1)]
    assert (levels["port"].findings, levels["port"].cases) == (1, 1)
    assert (levels["gas"].members, levels["gas"].level) == (1, None)
    assert set(queries.sector_levels(Window(DAY, DAY + timedelta(hours=12)), Reader("kawa"))) == {"gas"}
    actions.move(case_id, CaseStatus.CLOSED, actor="hana")
    later = Window(DAY + timedelta(days=8), DAY + timedelta(days=9))
    assert queries.sector_levels(later, HUB)["port"].level is None
