"""A member hears what is true of it: no exercise in place of what nobody looked at, no list's length in place of a number."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from hinomi.casebook import actions
from hinomi.hub.accounts.models import Account
from hinomi.members.actions import import_networks, leave
from hinomi.members.models import Organisation
from hinomi.members.register import read
from hinomi.schema.words import Role
from tests.hub.conftest import SignedIn, told
from tests.hub.pages import town

BANK = "kagami-bank"
HEAD = "organisation,sector,country,prefix,dark,valid_from,valid_until"


def banker(browser: SignedIn) -> Client:
    bank = Organisation.objects.get(pk=BANK)
    return browser(Account.objects.create(username="banker", role=Role.MEMBER, organisation=bank))


@pytest.fixture
def played(db: None) -> None:
    """The members are registered, an exercise was played, and nothing real was ever looked at."""
    town.register()
    looks = (
        replace(one, findings=tuple(replace(each, exercise=True, organisations=()) for each in one.findings))
        for one in town.outcomes(days=1)
    )
    actions.record(looks, exercise=True, now=town.NOW)


@pytest.mark.usefixtures("played")
def test_a_member_is_not_calmed_by_an_exercise_that_nobody_asked_for(browser: SignedIn, analyst: Account) -> None:
    theirs = banker(browser)
    assert told(theirs.get("/mine/?format=json"))["verdict"] == "unknown"
    assert "nothing has been observed here yet" in theirs.get("/mine/").content.decode()
    for path in ("/", "/mine/", "/findings/", "/cases/", "/members/"):
        assert 'class="exercise"' not in theirs.get(path).content.decode(), path
    assert told(theirs.get("/?format=json"))["sky"] == "unknown"
    assert 'class="exercise"' in theirs.get("/?exercise=any").content.decode(), "who asks for it is shown it"
    assert 'class="exercise"' in browser(analyst).get("/").content.decode(), "the hub's own people are"


def test_is_it_me_counts_everything_and_not_the_rows_that_it_shows(looked: None, browser: SignedIn) -> None:
    day = town.NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    for one in town.outcomes(days=0):
        if one.detector == "member-in-darknet":
            about = [one.findings[0].subject._replace(value=f"198.51.100.{at}") for at in range(70)]
            seen = (replace(one.findings[0], organisations=(BANK,), subject=subject) for subject in about)
            actions.record([replace(one, findings=tuple(seen))], now=town.NOW)
    theirs = banker(browser)
    page = theirs.get(f"/mine/?from={day:%Y-%m-%d}T00:00Z&until={day:%Y-%m-%d}T23:59Z").content.decode()
    assert "Yes: your organisation was seen in 70 findings." in page
    assert "The 50 gravest of 70 are shown." in page


def test_the_weather_is_new_when_the_register_is(looked: None, browser: SignedIn, operator: Account) -> None:
    hub = browser(operator)
    path = "/?from=2026-11-22T00:00Z&until=2026-11-23T00:00Z"
    tag = hub.get(path).headers["etag"]
    assert hub.get(path, headers={"if-none-match": tag}).status_code == 304
    for sector, title in (("port", "ports"), ("aviation", "aviation")):
        assert f"<span>{title}</span>" not in hub.get(path).content.decode()
        import_networks(*read(f"{HEAD}\nUmi Port,{sector},JP,198.51.100.192/27,no,2026-01-01,\n".encode(), "new.csv"))
        answer = hub.get(path, headers={"if-none-match": tag})
        assert answer.status_code == 200
        assert f"<span>{title}</span>" in answer.content.decode()
        tag = answer.headers["etag"]
    leave("umi-port")
    assert hub.get(path, headers={"if-none-match": tag}).status_code == 200
