"""The atlas tells where traffic comes from and of which kind, and never where it went."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from hinomi.hub.charts.projection import HEIGHT, WIDTH, project
from hinomi.hub.pages.traffic import MOST_COUNTRIES, placed


def _row(minute: int, block: str, kind: str, packets: int) -> dict[str, Any]:
    return {"minute": minute, "block": block, "kind": kind, "packets": packets}


def test_blocks_become_countries_and_are_added_up() -> None:
    rows = placed([_row(3, "080808", "scan", 5), _row(3, "080804", "scan", 7), _row(4, "080808", "mirai", 1)])
    assert rows == [[3, "US", "scan", 12], [4, "US", "mirai", 1]]


def test_nothing_that_looks_like_an_address_is_left() -> None:
    rows = placed([_row(0, "C61200", "scan", 5), _row(0, "20010DB80000", "udp", 2)])
    assert not re.search(r"\d+\.\d+\.\d+|C612|2001", str(rows))
    assert len({row[1] for row in rows}) <= MOST_COUNTRIES + 1


def test_an_empty_hour_is_an_empty_list() -> None:
    assert placed([]) == []


@pytest.mark.parametrize(
    ("longitude", "latitude"), [(139.7, 35.7), (-74.0, 40.7), (-0.1, 51.5), (151.2, -33.9), (-29.9, 0.0), (-30.1, 0.0)]
)
def test_every_place_lies_on_the_map(longitude: float, latitude: float) -> None:
    point = project(longitude, latitude)
    assert 0 <= point.x <= WIDTH
    assert 0 <= point.y <= HEIGHT


def test_japan_is_west_of_america_on_this_map() -> None:
    assert project(139.7, 35.7).x < project(-122.4, 37.8).x


def test_an_hour_without_a_lake_is_empty(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from hinomi.hub.pages.traffic import hour_of, newest_hour

    monkeypatch.setenv("HINOMI_HOME", str(tmp_path))
    assert newest_hour("") is None
    assert hour_of(datetime(2026, 1, 1, tzinfo=UTC), "")["rows"] == []
