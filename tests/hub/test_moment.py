"""Times at the edge of the calendar: pages show what they show unasked, the API says what is wrong, nothing breaks."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from django.test import Client

from hinomi.casebook.cursor import read
from hinomi.hub.accounts.models import Account
from hinomi.hub.allowing import end_of
from hinomi.hub.moment import FIRST, LAST, moment
from hinomi.members.models import Organisation
from hinomi.schema.problems import WrongUse
from tests.hub.conftest import SignedIn

EDGES = [
    "from=1000-01-01&until=2026-11-26",
    "from=0001-01-01&until=0001-01-02",
    "from=9999-12-31T00:00:00&until=9999-12-31T23:59:59",
    "from=0001-01-01&until=9999-12-31",
    "from=0001-01-01T00:00:00%2B14:00&until=9999-12-31T23:59:59-14:00",
    "from=1970-01-01&until=2200-01-01",
    "from=1970-01-01&until=1970-01-01T00:00:00.000001",
    "from=2199-12-31&until=2200-01-01",
    "hour=0001-01-01",
    "hour=1970-01-01",
    "hour=9999-12-31T23:59:59-14:00",
    "hour=2200-01-01",
]


@pytest.fixture
def hub(browser: SignedIn, operator: Account) -> Client:
    return browser(operator)


@pytest.mark.parametrize("path", ["", "findings/", "cases/", "members/", "members/power/", "mine/", "health/", "atlas/"])
def test_every_page_opens_at_every_edge_of_the_calendar(hub: Client, power: Organisation, path: str) -> None:
    assert {query: hub.get(f"/{path}?{query}").status_code for query in EDGES} == dict.fromkeys(EDGES, 200)


@pytest.mark.parametrize("query", EDGES[-4:])
def test_so_do_the_numbers_of_the_atlas(hub: Client, query: str) -> None:
    assert hub.get(f"/atlas/traffic.json?{query}").status_code == 200


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/findings", {"since": "0001-01-01T00:00:00Z"}),
        ("/findings", {"until": "9999-12-31T23:59:59-14:00"}),
        ("/outcomes", {"since": "0001-01-01T00:00:00Z", "until": "2026-11-26T00:00:00Z"}),
        ("/outcomes", {"since": "2026-11-26T00:00:00Z", "until": "9999-12-31T23:59:59-14:00"}),
        ("/findings", {"after": base64.urlsafe_b64encode(b"3|9999-12-31T23:59:59-14:00|x").decode()}),
    ],
)
def test_the_interface_says_that_such_a_time_cannot_be_asked_for(hub: Client, path: str, query: dict[str, str]) -> None:
    assert hub.get(f"/api/v1{path}", query).status_code == 422


@pytest.mark.parametrize("until", ["9999-12-31", "0001-01-01", "2027-W01-1", "9999-12-31T23:59:59-14:00", "2200-01-02", ""])
def test_nothing_is_allowed_until_a_day_that_is_none(hub: Client, until: str) -> None:
    wanted = {"subject": "198.51.100.7", "until": until, "reason": "ours"}
    answer = hub.post("/api/v1/allowances", wanted, content_type="application/json")
    assert answer.status_code == 422
    assert "not a day" in answer.json()["title"]


def test_a_day_ends_when_it_is_over_and_a_time_is_itself() -> None:
    assert end_of("2026-12-31") == datetime(2027, 1, 1, tzinfo=UTC)
    assert end_of(" 2026-12-31T09:00:00+09:00 ") == datetime(2026, 12, 31, tzinfo=UTC)


def test_what_is_written_without_a_zone_is_utc_and_all_else_is_told_in_it() -> None:
    assert moment("2026-11-20") == datetime(2026, 11, 20, tzinfo=UTC)
    zoned = moment("2026-11-20T09:00:00+09:00")
    assert zoned == datetime(2026, 11, 20, tzinfo=UTC)
    assert f"{zoned:%H:%M}" == "00:00"
    assert (moment("1970-01-01"), moment("2200-01-01")) == (FIRST, LAST)
    assert [moment(text) for text in ("", "yesterday", "2026-02-30", "2027-W01-1", "1969-12-31", "2200-01-02")] == [None] * 6


def test_a_cursor_that_somebody_wrote_is_none_of_ours() -> None:
    with pytest.raises(WrongUse, match="not a cursor"):
        read(base64.urlsafe_b64encode(b"3|0001-01-01T00:00:00+14:00|x").decode())
