"""Who sees what: a member its own, the hub everything, and nobody an exercise without being told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from hinomi.casebook import actions
from hinomi.casebook.models import Case, Finding, FindingOrganisation
from hinomi.hub.accounts.models import Account
from hinomi.members.models import Organisation
from hinomi.schema.words import Role
from tests.hub.conftest import SignedIn, told
from tests.hub.pages import town


@pytest.fixture
def banker(looked: None, browser: SignedIn) -> Client:
    """Somebody of Kagami Bank."""
    account = Account.objects.create(
        username="banker", role=Role.MEMBER, organisation=Organisation.objects.get(pk="kagami-bank")
    )
    return browser(account)


@pytest.fixture
def hub(looked: None, operator: Account, browser: SignedIn) -> Client:
    return browser(operator)


def _own() -> set[str]:
    return set(FindingOrganisation.objects.filter(organisation="kagami-bank").values_list("finding", flat=True))


def test_a_member_lists_only_what_concerns_it(banker: Client) -> None:
    listed = told(banker.get("/findings/?span=1y&format=json"))["findings"]
    assert {one["id"] for one in listed} == _own()


def test_a_member_cannot_ask_for_the_scope_of_another(banker: Client) -> None:
    listed = told(banker.get("/findings/?span=1y&scope=minato-city&format=json"))["findings"]
    assert {one["id"] for one in listed} == _own()


def test_anothers_finding_case_and_entry_look_as_if_they_did_not_exist(banker: Client) -> None:
    foreign = Finding.objects.exclude(pk__in=_own())[0]
    case = Case.objects.exclude(owner="kagami-bank")[0]
    for path in (f"/findings/{foreign.pk}/", f"/cases/{case.pk}/", "/members/minato-city/", "/findings/nothing/"):
        assert banker.get(path).status_code == 404, path


def test_a_member_is_not_shown_where_the_sensors_are(banker: Client, hub: Client) -> None:
    window_day = next(one for one in town.outcomes() if one.detector == "member-in-darknet" and one.findings)
    finding = next(iter(_own()))
    seen = told(banker.get(f"/findings/{finding}/?format=json"))["finding"]["evidence"]
    assert window_day
    assert seen["where"].keys() <= {"src"}
    assert all("dst" not in row and "sensor" not in row for row in seen["rows"])


def test_an_account_whose_organisation_left_sees_nothing(banker: Client) -> None:
    from hinomi.members.actions import leave

    leave("kagami-bank", at=datetime(2026, 11, 1, tzinfo=UTC))
    assert told(banker.get("/findings/?span=1y&format=json"))["findings"] == []


def test_what_is_not_in_ones_networks_is_not_ones_to_know(banker: Client) -> None:
    assert told(banker.get("/mine/?q=203.0.113.9&format=json"))["verdict"] == "forbidden"
    assert told(banker.get("/mine/?q=198.51.100.9&format=json"))["verdict"] in ("seen", "clean")


def test_exercise_findings_are_marked_and_apart(hub: Client) -> None:
    from dataclasses import replace

    played = [
        replace(one, findings=tuple(replace(each, exercise=True) for each in one.findings)) for one in town.outcomes(days=1)
    ]
    actions.record(played, exercise=True)
    real = told(hub.get("/findings/?span=1y&format=json"))
    drill = told(hub.get("/findings/?span=1y&exercise=any&format=json"))
    assert real["exercise"] is None
    assert not any(one["exercise"] for one in real["findings"])
    assert drill["exercise"] == "any"
    assert all(one["exercise"] for one in drill["findings"])
    assert 'class="exercise"' in hub.get("/findings/?exercise=any").content.decode()
    one = Finding.objects.filter(exercise=True)[0]
    assert 'class="exercise"' in hub.get(f"/findings/{one.pk}/").content.decode(), "even when nobody asked for the exercise"


def test_a_register_is_taken_in_as_real_while_an_exercise_is_shown(hub: Client) -> None:
    """Otherwise the band would say that nothing on the page is real, and what was taken in would not be seen afterwards."""
    assert 'class="exercise"' in hub.get("/members/?exercise=any").content.decode()
    assert 'class="exercise"' not in hub.get("/members/import/?exercise=any").content.decode()
    register = (
        "organisation,sector,country,prefix,dark,valid_from,valid_until\nNew Water,water,JP,203.0.113.0/24,no,2026-04-01,\n"
    )
    taken = hub.post("/members/import/?exercise=any", {"register": register, "go": "1"}, follow=True)
    assert taken.redirect_chain == [("/members/?exercise=none", 302)]
    assert "New Water" in taken.content.decode()
