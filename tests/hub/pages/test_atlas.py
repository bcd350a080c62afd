"""The atlas tells where traffic comes from and of which kind, and never where it went."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from django.test import Client

from hinomi.home import home
from hinomi.hub.accounts.models import Account
from hinomi.hub.charts.projection import HEIGHT, WIDTH, project
from hinomi.hub.pages import hours
from hinomi.hub.pages.traffic import MOST_COUNTRIES, placed
from hinomi.hub.schedule.jobs.atlas import run
from hinomi.hub.schedule.work import Task
from tests.hub.conftest import SignedIn
from tests.hub.pages import town


def _rows(*rows: tuple[int, str, str, int]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(("minute", "block", "kind", "packets"), row, strict=True)) for row in rows])


def test_blocks_become_countries_and_are_added_up() -> None:
    rows = placed(_rows((3, "080808", "scan", 5), (3, "080804", "scan", 7), (4, "080808", "mirai", 1)))
    assert rows == [[3, "US", "scan", 12], [4, "US", "mirai", 1]]


def test_nothing_that_looks_like_an_address_is_left() -> None:
    rows = placed(_rows((0, "C61200", "scan", 5), (0, "20010DB80000", "udp", 2)))
    assert not re.search(r"\d+\.\d+\.\d+|C612|2001", str(rows))
    assert len({row[1] for row in rows}) <= MOST_COUNTRIES + 1


def test_a_packet_without_a_readable_source_is_of_no_place() -> None:
    blocks = pa.Table.from_pylist([{"minute": 0, "block": one, "kind": "scan", "packets": 2} for one in ("080808", None)])
    assert placed(blocks) == [[0, "", "scan", 2], [0, "US", "scan", 2]]


def test_an_empty_hour_is_an_empty_list() -> None:
    assert placed(_rows()) == []


@pytest.mark.parametrize(
    ("longitude", "latitude"), [(139.7, 35.7), (-74.0, 40.7), (-0.1, 51.5), (151.2, -33.9), (-29.9, 0.0), (-30.1, 0.0)]
)
def test_every_place_lies_on_the_map(longitude: float, latitude: float) -> None:
    point = project(longitude, latitude)
    assert 0 <= point.x <= WIDTH
    assert 0 <= point.y <= HEIGHT


def test_japan_is_west_of_america_on_this_map() -> None:
    assert project(139.7, 35.7).x < project(-122.4, 37.8).x


@pytest.fixture
def hub(operator: Account, browser: SignedIn) -> Client:
    return browser(operator)


def test_without_a_lake_there_is_no_hour_and_nothing_pending(hub: Client, lake: Callable[[int], None]) -> None:
    assert hours.current(None, "") is None
    assert hours.newest("") is None
    assert hub.get("/atlas/?format=json").json()["pending"] is False


def test_the_page_answers_at_once_and_shows_what_the_numbers_brought(hub: Client, lake: Callable[[int], None]) -> None:
    lake(3000)
    shell = hub.get("/atlas/")
    assert "data-pending" in shell.content.decode()
    assert "wait=1" in shell.content.decode(), "without scripts there is a way, too"
    told = hub.get("/atlas/traffic.json").json()
    assert told["packets"] == 3000
    assert {port for _minute, port, _packets in told["ports"]} == {"tcp/23"}
    page = hub.get("/atlas/").content.decode()
    assert "data-pending" not in page
    assert "3,000 packets" in page


def test_without_scripts_the_page_waits_itself(hub: Client, lake: Callable[[int], None]) -> None:
    lake(10)
    assert "10 packets" in hub.get("/atlas/?wait=1").content.decode()


def test_an_hour_outside_the_lake_is_empty_and_nothing_is_kept_of_it(hub: Client, lake: Callable[[int], None]) -> None:
    lake(10)
    hour = hours.current(datetime(2020, 1, 1, tzinfo=UTC), "")
    assert hour is not None
    assert (hour.packets, hours.kept(hour.start, "")) == (0, None)
    assert "Nothing is known of the hour" in hub.get("/atlas/?hour=2020-01-01T00:00Z&wait=1").content.decode()


def test_what_another_lake_left_is_forgotten(lake: Callable[[int], None]) -> None:
    later = home().pictures / "atlas" / "real" / "20991231T00.json"
    later.parent.mkdir(parents=True)
    later.write_bytes(b'{"packets": 1, "countries": [], "minutes": [], "held": 1}')
    os.utime(later, (0, 0))
    lake(10)
    hour = hours.current(None, "")
    assert hour is not None
    assert (hour.packets, hours.newest("")) == (10, hour.start)


def test_a_browser_that_has_the_page_hears_304_until_data_comes(
    hub: Client, lake: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake(10)
    assert run(Task({}, say=lambda _: None)) == {"real": 10}
    tag = hub.get("/atlas/").headers["ETag"]
    assert hub.get("/atlas/", headers={"if-none-match": tag}).status_code == 304
    monkeypatch.setattr(hours, "FRESH", -1.0)  # a minute later
    assert run(Task({}, say=lambda _: None)) == {"real": 10}
    assert hub.get("/atlas/", headers={"if-none-match": tag}).status_code == 304
    lake(25)
    grown = run(Task({}, say=lambda _: None))["real"]
    assert grown > 10
    assert f"{grown} packets" in hub.get("/atlas/", headers={"if-none-match": tag}).content.decode()


def test_weather_is_the_same_page_until_somebody_looks(hub: Client) -> None:
    from hinomi.casebook import actions

    tag = hub.get("/").headers["ETag"]
    assert hub.get("/", headers={"if-none-match": tag}).status_code == 304
    assert hub.get("/?lang=ja", headers={"if-none-match": tag}).status_code == 200
    actions.record(list(town.outcomes(days=0)))
    assert hub.get("/", headers={"if-none-match": tag}).status_code == 200
