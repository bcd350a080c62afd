"""What comes late changes cases truthfully: a register that is corrected, days out of order, an allowance."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from hinomi.casebook import actions, queries
from hinomi.casebook.allowing import Wish, allow
from hinomi.casebook.audience import HUB
from hinomi.casebook.models import Case, CaseEvent, StixObject
from hinomi.casebook.validity import check
from hinomi.members.actions import register
from hinomi.schema.findings import Finding
from hinomi.schema.problems import WrongUse
from hinomi.schema.release import Reader
from hinomi.schema.words import CaseStatus, Severity, Text
from tests.casebook.stories import DAY, finding, infected, look

pytestmark = pytest.mark.django_db
NOW = DAY + timedelta(days=3)


def seen(one: Finding, *, at: float = 0, later: float = 0) -> tuple[str, ...]:
    """Record what a look found, and propose."""
    now = NOW + timedelta(hours=later)
    recorded = actions.record([look(one, detector=one.detector, at=at)], now=now)
    return actions.propose(recorded.findings, now=now)


def of(organisation: str) -> Finding:
    """The same finding as the register now says whose it is."""
    title = Text(f"198.51.100.77 of {organisation}", f"{organisation} の 198.51.100.77")
    return replace(infected(organisation=organisation), title=title)


def current(kind: str) -> list[tuple[str, dict[str, object]]]:
    rows = StixObject.objects.filter(type=kind, current=True).order_by("seq")
    return [(row.audience, orjson.loads(row.content)) for row in rows]


def test_after_a_correction_of_the_register_nobody_learns_who_was_concerned_before() -> None:
    for name in ("a", "b"):
        register(name, "port", "JP")
    (case,) = seen(of("a"))
    assert seen(of("b"), later=1) == (case,)
    whole, theirs = queries.case(case, HUB), queries.case(case, Reader("b"))
    assert (whole["owner"], whole["organisations"]) == ("b", ["b"])
    assert "of a" not in repr(theirs)
    assert theirs["timeline"][0]["what"] == {"en": "198.51.100.77 of b", "ja": "b の 198.51.100.77"}
    assert whole["timeline"][0]["what"]["en"] == "198.51.100.77 of a"
    assert [one.text_en for one in queries.events(Case.objects.get(), Reader("b"))] == ["198.51.100.77 of b"]


def test_after_a_correction_the_old_relationship_is_revoked_for_those_who_were_told_it() -> None:
    for name in ("a", "b"):
        register(name, "port", "JP")
    (case,) = seen(of("a"))
    (identity,) = [one["id"] for _audience, one in current("identity") if one["name"] == "a"]
    seen(of("b"), later=1)
    impacts = {one["target_ref"]: (audience, one) for audience, one in current("relationship") if one["source_ref"] == case}
    audience, revoked = impacts[identity]
    assert (revoked["revoked"], audience) == (True, "TLP:AMBER+STRICT:a")
    check(revoked)
    assert [one.get("revoked", False) for _audience, one in impacts.values()] == [False, True]
    ((audience, grouping),) = current("grouping")
    assert audience == "TLP:AMBER+STRICT:b"
    assert identity not in str(grouping["object_refs"])
    assert identity not in repr(queries.case(case, HUB)["objects"])
    assert seen(of("b"), later=2) == ()


def test_who_is_concerned_again_is_linked_anew_for_what_is_revoked_stays_revoked() -> None:
    for name in ("a", "b"):
        register(name, "port", "JP")
    for later, owner in enumerate("abab"):
        (case,) = seen(of(owner), later=later)
    links = [(audience, one) for audience, one in current("relationship") if one["relationship_type"] == "impacts"]
    versions = StixObject.objects.filter(type="relationship").order_by("seq").values_list("stix_id", "revoked")
    for id_ in {id_ for id_, _revoked in versions}:
        told = [revoked for one, revoked in versions if one == id_]
        assert told == sorted(told)
    ((audience, live),) = [one for one in links if not one[1].get("revoked")]
    assert (audience, live["source_ref"]) == ("TLP:AMBER+STRICT:b", case)
    assert live["id"] in repr(queries.case(case, HUB)["objects"])


def days(*order: int) -> list[str]:
    """Record findings on days 0, 1, 2 of one address in this order; the cases there are then, the oldest first."""
    for later, number in enumerate(order):
        seen(finding(at=22 * number), at=22 * number, later=later)
    return list(Case.objects.order_by("first").values_list("id", flat=True))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_days_that_touch_are_one_case(order: tuple[int, ...]) -> None:
    (case,) = days(*order)
    assert Case.objects.get(id=case).findings == 3
    assert not CaseEvent.objects.filter(kind="overlaps").exists()


def test_a_day_between_two_cases_tells_both_that_they_may_be_one_and_what_to_do() -> None:
    first, second = days(0, 2, 1)
    seen(finding(at=22), at=22, later=5)  # looking again says nothing twice
    for case, other in ((first, second), (second, first)):
        (line,) = [one for one in queries.case(case, HUB)["timeline"] if one["kind"] == "overlaps"]
        assert other in line["what"]["en"]
        assert other in line["what"]["ja"]
        assert "hinomi detect --from 2026-11-21" in line["what"]["en"]
        assert not [one for one in queries.events(Case.objects.get(id=case), Reader("minato")) if one.kind == "overlaps"]


def test_what_it_says_makes_them_one() -> None:
    first, second = days(0, 2, 1)
    actions.move(second, CaseStatus.CLOSED, actor="hana")
    (line,) = [one for one in queries.case(first, HUB)["timeline"] if one["kind"] == "overlaps"]
    assert f"close {second}" in line["what"]["en"]
    assert f"{Case.objects.get(id=second).first:%Y-%m-%d}" in line["what"]["en"]
    seen(finding(at=44), at=44, later=6)  # as `detect` from that day on does
    assert (Case.objects.get(id=first).findings, Case.objects.count()) == (3, 2)


def test_an_open_case_stays_as_it_is_when_its_address_is_allowed() -> None:
    """As the preview says; the findings are labelled, and only people lower or close what they work on."""
    (case,) = seen(replace(infected(), first=None))
    before = Case.objects.get(id=case)
    allow(Wish("198.51.100.77", NOW + timedelta(days=9), "our own test", HUB, "hana"), now=DAY)
    milder = replace(infected(), title=Text("another title", "別の題"))
    seen(milder, later=1)
    after = Case.objects.get(id=case)
    (labelled,) = queries.case(case, HUB)["findings"]
    assert labelled["severity"] == "info"
    assert (after.severity, after.title_en, after.title_ja) == (before.severity, before.title_en, before.title_ja)
    assert after.severity == Severity.HIGH


def test_a_prefix_with_host_bits_is_not_widened() -> None:
    with pytest.raises(WrongUse, match=r"host bits set\. Did you mean 45\.0\.0\.0/24\?"):
        allow(Wish("45.0.0.9/24", NOW + timedelta(days=9), "a slip", HUB, "hana"), now=NOW)
