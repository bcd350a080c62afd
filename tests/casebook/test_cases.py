"""Cases: proposed by a rule that can be said in four sentences, confirmed by people, told in STIX, never mixed."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from hinomi.casebook import actions
from hinomi.casebook.grouping import episodes, group
from hinomi.casebook.models import Case, CaseEvent, CaseFinding, CaseObject, StixObject
from hinomi.casebook.validity import check
from hinomi.members.actions import register
from hinomi.schema.findings import Finding, Outcome
from hinomi.schema.problems import Conflict, Missing, WrongUse
from hinomi.schema.scope import Tlp
from hinomi.schema.words import CaseStatus, Severity
from tests.casebook.stories import DAY, finding, infected, look, scanner, worm

pytestmark = pytest.mark.django_db
NOW = DAY + timedelta(days=1)


def seen(*findings: Finding, exercise: bool = False) -> tuple[str, ...]:
    """Record findings as their detectors' looks, and propose."""
    looks: dict[tuple[str, float], list[Finding]] = {}
    for one in findings:
        looks.setdefault((one.detector, (one.window.start - DAY) / timedelta(hours=1)), []).append(one)
    outcomes = [look(*said, detector=name, at=at) for (name, at), said in looks.items()]
    recorded = actions.record(outcomes, exercise=exercise, now=NOW)
    return actions.propose(recorded.findings, now=NOW)


def objects(kind: str, **where: object) -> list[dict[str, object]]:
    rows = StixObject.objects.filter(type=kind, current=True, **where).order_by("seq")
    return [orjson.loads(row.content) for row in rows]


def test_one_case_per_victim_per_infected_member_and_per_worm_port() -> None:
    register("Minato", "port", "JP")
    seen(finding("198.51.100.7"), finding("198.51.100.8"), infected(), scanner("198.51.100.77"), worm(), worm(at=1))
    cases = {case.key: case for case in Case.objects.all()}
    assert set(cases) == {"address|198.51.100.7", "address|198.51.100.8", "address|198.51.100.77", "port|tcp/5555"}
    assert (cases["address|198.51.100.77"].findings, cases["port|tcp/5555"].findings) == (2, 2)
    assert (cases["address|198.51.100.77"].owner, cases["address|198.51.100.77"].sectors) == ("minato", ["port"])
    assert cases["port|tcp/5555"].severity == Severity.HIGH
    assert all(case.status == CaseStatus.PROPOSED for case in cases.values())


def test_background_scanners_are_left_and_grave_ones_share_a_case_per_tool() -> None:
    assert seen(*(scanner(f"203.0.113.{n}") for n in range(20))) == ()
    assert not Case.objects.exists()
    seen(*(scanner(f"203.0.113.{n}", at=1, severity=Severity.MEDIUM, tool="masscan") for n in range(20)))
    case = Case.objects.get()
    assert (case.key, case.findings, case.title_en) == ("scan|tool|masscan", 20, "20 scanners use masscan")


def test_proposing_again_changes_nothing() -> None:
    first = seen(finding(), worm())
    before = list(StixObject.objects.order_by("seq").values_list("seq", "stix_id", "version", "current"))
    assert len(first) == 2
    assert seen(finding(), worm()) == ()
    assert list(StixObject.objects.order_by("seq").values_list("seq", "stix_id", "version", "current")) == before
    assert Case.objects.count() == 2


def test_findings_within_a_day_grow_the_case_and_later_ones_open_another() -> None:
    (first,) = seen(finding())
    assert seen(finding(at=20)) == (first,)
    (second,) = seen(finding(at=70))
    assert first != second
    assert [event.kind for event in CaseEvent.objects.filter(case=first)] == ["proposed", "grown"]


def test_the_order_of_arrival_does_not_change_the_episodes() -> None:
    told = [finding(at=hour) for hour in (0, 5, 20, 70)] + [worm()]
    assert episodes(told) == episodes(reversed(told))
    assert [len(one.findings) for one in episodes(told)] == [3, 1, 1]


def test_a_low_finding_before_the_grave_one_becomes_part_of_its_case() -> None:
    assert seen(finding(severity=Severity.LOW)) == ()
    seen(finding(at=2))
    assert Case.objects.get().findings == 2


def test_a_case_never_mixes_exercise_and_real_findings() -> None:
    seen(finding())
    seen(finding(exercise=True), exercise=True)
    assert Case.objects.count() == 2
    for part in CaseFinding.objects.select_related("case", "finding"):
        assert part.case.exercise is part.finding.exercise
    drilled = StixObject.objects.filter(exercise=True)
    assert drilled.exists()
    assert set(drilled.values_list("audience", flat=True)) == {""}
    assert not StixObject.objects.filter(exercise=False, audience="").exists()
    (incident,) = objects("incident", exercise=True)
    assert incident["labels"] == ["exercise"]


def test_everything_a_case_stores_is_valid_and_served_as_written() -> None:
    register("Minato", "port", "JP", name_ja="みなと")
    seen(infected(), worm(), finding())
    for row in StixObject.objects.all():
        thing = orjson.loads(row.content)
        check(thing)
        assert (row.stix_id, row.type) == (thing["id"], thing["type"])
        assert row.version == thing.get("modified", thing.get("created", row.version))
    for case in Case.objects.all():
        refers = set(CaseObject.objects.filter(case=case).values_list("stix_id", flat=True))
        assert refers <= set(StixObject.objects.values_list("stix_id", flat=True))
        assert case.id in refers


def test_the_life_of_a_case_has_a_line_for_each_step_and_a_version_for_each_change() -> None:
    (case,) = seen(finding())
    actions.confirm(case, actor="hana", now=NOW + timedelta(hours=1))
    actions.note(case, "上流に連絡済み", actor="hana", with_case=True, now=NOW + timedelta(hours=2))
    actions.assign(case, "ken", actor="hana", now=NOW + timedelta(hours=2))
    actions.move(case, CaseStatus.CONTAINED, actor="ken", now=NOW + timedelta(hours=3))
    actions.move(case, CaseStatus.CLOSED, actor="ken", reason="attack ended", now=NOW + timedelta(hours=4))
    lines = [(event.kind, event.actor) for event in CaseEvent.objects.filter(case=case).order_by("at", "id")]
    assert lines == [
        *[("proposed", "hinomi"), ("confirmed", "hana"), ("noted", "hana"), ("assigned", "hana")],
        *[("contained", "ken"), ("closed", "ken")],
    ]
    incidents = StixObject.objects.filter(stix_id=case).order_by("seq")
    assert [row.current for row in incidents] == [False, False, True]  # proposed, confirmed and contained, closed
    assert list(incidents.values_list("version", flat=True)) == sorted(incidents.values_list("version", flat=True))
    (note,) = objects("note")
    assert note["content"] == "上流に連絡済み"
    assert Case.objects.get().assignee == "ken"


@pytest.mark.parametrize("status", [CaseStatus.CONTAINED, CaseStatus.PROPOSED])
def test_a_move_that_is_not_allowed_is_refused_with_those_that_are(status: CaseStatus) -> None:
    (case,) = seen(finding())
    with pytest.raises(Conflict, match="It can become confirmed, closed"):
        actions.move(case, status, actor="hana")
    assert CaseEvent.objects.count() == 1


def test_unknown_cases_and_empty_notes_are_problems_in_words() -> None:
    (case,) = seen(finding())
    with pytest.raises(Missing, match="no such case"):
        actions.confirm("incident--nothing", actor="hana")
    with pytest.raises(WrongUse, match="empty"):
        actions.note(case, "  ", actor="hana")


def test_a_proposal_whose_findings_are_taken_back_closes_by_itself() -> None:
    (case,) = seen(finding())
    actions.record([look()], now=NOW + timedelta(hours=1))
    found = Case.objects.get(id=case)
    assert (found.status, found.findings) == (CaseStatus.CLOSED, 0)
    assert [event.kind for event in CaseEvent.objects.filter(case=case).order_by("id")] == ["proposed", "withdrawn", "closed"]


def test_a_confirmed_case_that_loses_findings_stays_and_says_so() -> None:
    (case,) = seen(finding(), finding(at=1))
    actions.confirm(case, actor="hana")
    actions.record([look()])
    found = Case.objects.get(id=case)
    assert (found.status, found.findings) == (CaseStatus.CONFIRMED, 1)


def readers(case: str) -> set[str]:
    own = StixObject.objects.filter(stix_id__in=CaseObject.objects.filter(case=case).values("stix_id"), type="incident")
    return set(own.values_list("audience", flat=True))


def test_marking_wider_shows_and_marking_narrower_takes_back_every_version() -> None:
    register("Minato", "port", "JP")
    (case,) = seen(infected())
    assert readers(case) == {"TLP:AMBER+STRICT:minato"}
    actions.mark(case, Tlp.GREEN, actor="hana", now=NOW + timedelta(hours=1))
    assert readers(case) == {"TLP:AMBER+STRICT:minato", "TLP:GREEN"}
    assert StixObject.objects.filter(audience="TLP:GREEN", type="ipv4-addr").exists()
    for _ in range(2):
        actions.mark(case, Tlp.RED, actor="hana", now=NOW + timedelta(hours=2))
    assert "TLP:GREEN" not in set(StixObject.objects.values_list("audience", flat=True))
    assert CaseEvent.objects.filter(case=case, kind="marked").count() == 2, "the marking that it bears already is no line"


def test_narrowing_one_case_leaves_what_another_still_shows() -> None:
    (first, second) = seen(
        finding(),
        worm(),
    )[:2]
    shared = finding("203.0.113.9")
    (third,) = seen(shared)
    for case in (first, second, third):
        actions.mark(case, Tlp.GREEN, actor="hana")
    actions.mark(third, Tlp.AMBER, actor="hana")
    values = [orjson.loads(row.content)["value"] for row in StixObject.objects.filter(audience="TLP:GREEN", type="ipv4-addr")]
    assert "203.0.113.9" in values  # the worm's case still refers to it


def test_strangers_scans_are_grouped_by_tool_then_port_and_members_never_with_strangers() -> None:
    assert group(scanner("203.0.113.1", tool="zmap")) == "scan|tool|zmap"
    assert group(scanner("203.0.113.1")) == "scan|many|ports"
    assert group(infected()) == "address|198.51.100.77"


def test_two_organisations_in_one_case_make_it_the_hubs() -> None:
    seen(infected("198.51.100.77", "minato"), infected("198.51.100.77", "umi", at=1))
    case = Case.objects.get()
    assert (case.owner, case.concerned.count()) == ("", 2)


def test_a_failed_look_is_kept_with_its_reason() -> None:
    from hinomi.casebook.models import Outcome as Row
    from hinomi.schema.words import Verdict

    outcome: Outcome = look(verdict=Verdict.FAILED)
    actions.record([outcome])
    row = Row.objects.get()
    assert (row.verdict, row.reason_en, bool(row.reason_ja)) == ("failed", "disk full", True)
