"""What is asked of the casebook is answered whole, in order, and only to whom it concerns."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hinomi.casebook import actions, queries
from hinomi.casebook.case_queries import objects, sector_levels
from hinomi.casebook.models import Finding
from hinomi.casebook.queries import Wanted
from hinomi.members.actions import register
from hinomi.schema.findings import Window
from hinomi.schema.problems import Problem, WrongUse
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
        Wanted(),
        Wanted(least=Severity.MEDIUM),
        Wanted(detector="new-port"),
        Wanted(organisation="member-0003"),
        Wanted(organisation="member-0003", detector="backscatter", least=Severity.LOW),
        Wanted(since=UNTIL - timedelta(hours=20), until=UNTIL - timedelta(hours=10)),
    ],
    ids=str,
)
def test_pages_give_every_finding_once_newest_first(wanted: Wanted) -> None:
    fill(SMALL)
    found = Finding.objects.filter(severity__gte=wanted.least)
    if wanted.detector:
        found = found.filter(detector=wanted.detector)
    if wanted.organisation:
        found = found.filter(concerned__organisation=wanted.organisation)
    if wanted.since and wanted.until:
        found = found.filter(window_start__gte=wanted.since, window_start__lt=wanted.until)
    ids = [key for _, key in sorted(found.values_list("window_start", "id"), reverse=True)]
    assert paged(wanted, 7) == ids
    assert paged(wanted, 1000) == ids


def test_a_page_costs_the_same_few_questions_however_much_there_is() -> None:
    fill(SMALL)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        queries.finding_page(Wanted(), "", 50)
    assert len(asked) == 6  # one for each severity, one for the bodies


@pytest.mark.parametrize("after", ["nonsense", "!!!", "eA", "MjAyNg"])
def test_a_cursor_that_is_not_ours_is_wrong_use(after: str) -> None:
    with pytest.raises(WrongUse, match="cursor"):
        queries.finding_page(Wanted(), after)


def test_findings_are_in_the_shape_of_the_command_line() -> None:
    one = finding()
    actions.record([look(one)])
    (shape,) = queries.findings()
    assert shape["id"] == one.id
    assert shape["title"] == {"en": "backscatter sees 198.51.100.7", "ja": "backscatter が 198.51.100.7 を検知"}
    assert queries.finding(one.id) == shape
    assert queries.finding("finding--nothing") is None
    assert queries.about("address", "198.51.100.7") == [shape]
    assert list(queries.findings(exercise=True)) == []


def test_what_was_heard_in_a_time_comes_back_whole() -> None:
    told = [finding(), finding(at=5), worm(at=9)]
    actions.record([look(told[0]), look(told[1], at=5), look(told[2], detector="new-port", at=9)])
    heard = list(queries.heard(Window(DAY + timedelta(hours=5, minutes=30), DAY + timedelta(hours=10))))
    assert [one.id for one in heard] == [told[1].id, told[2].id]


def test_the_heat_strip_counts_hours_for_all_and_for_one() -> None:
    actions.record([look(infected(), infected("198.51.100.78", "umi", at=0), detector="member-in-darknet")])
    strip = queries.hourly(window())
    assert [(one.hour, one.severity, one.findings) for one in strip] == [(DAY, Severity.HIGH, 2)]
    assert [one.findings for one in queries.hourly(window(), organisation="umi")] == [1]


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
    whole = queries.case(id_)
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
    assert list(queries.cases()) == [{key: whole[key] for key in list(queries.case_page().items[0])}]
    with pytest.raises(Problem, match="no such case"):
        queries.case("incident--nothing")
    assert objects("incident--nothing") == []


def test_an_observable_of_two_cases_is_shown_once_and_in_its_own_marking() -> None:
    recorded = actions.record(
        [look(infected("203.0.113.9", "minato"), detector="member-in-darknet"), look(worm(), detector="new-port")]
    )
    for id_ in actions.propose(recorded.findings):
        held = [orjson.loads(one) for one in objects(id_)]
        assert sum(one.get("value") == "203.0.113.9" for one in held) == 1


def test_cases_page_by_last_change_status_organisation_and_severity() -> None:
    fill(SMALL)
    ids, after = [], ""
    while True:
        page = queries.case_page(after=after, limit=7)
        ids += [one["id"] for one in page.items]
        after = page.after
        if not after:
            break
    assert len(ids) == len(set(ids)) == 40
    assert ids == [one["id"] for one in queries.cases()]
    closed = queries.case_page(status=CaseStatus.CLOSED, limit=100).items
    assert {one["status"] for one in closed} == {"closed"}
    assert {one["severity"] for one in queries.case_page(least=Severity.CRITICAL, limit=100).items} == {"critical"}
    shares = [len(queries.case_page(organisation=f"member-{n:04d}", limit=100).items) for n in range(12)]
    assert sum(shares) == 40


def test_a_sectors_level_is_its_gravest_concern_with_reasons_and_calm_is_not_unknown() -> None:
    for name, sector in (("Minato", "port"), ("Umi", "port"), ("Kawa", "gas")):
        register(name, sector, "JP")
    recorded = actions.record([look(infected(at=2), detector="member-in-darknet", at=2)])
    (case_id,) = actions.propose(recorded.findings)
    levels = sector_levels(at=DAY + timedelta(hours=12))
    assert set(levels) == {"port", "gas"}
    assert (levels["port"].members, levels["port"].level) == (2, Severity.HIGH)
    assert [(one.detector, one.case) for one in levels["port"].reasons] == [("member-in-darknet", ""), ("", case_id)]
    assert (levels["gas"].members, levels["gas"].level) == (1, None)
    actions.move(case_id, CaseStatus.CLOSED, actor="hana")
    assert sector_levels(at=DAY + timedelta(days=9))["port"].level is None
