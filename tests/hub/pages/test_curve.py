"""A finding's curve is told again by the packets themselves, and where there is none it is said why."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from hinomi.casebook import actions
from hinomi.hub.accounts.models import Account
from hinomi.hub.charts.axis import times
from hinomi.hub.charts.spark import Dot, against
from hinomi.hub.pages import growth
from hinomi.schema.findings import Evidence, Finding, Window
from hinomi.schema.words import SubjectKind
from tests.casebook.stories import finding, look
from tests.hub.conftest import SignedIn
from tests.hub.test_capture import EPOCH

FIRST = datetime.fromtimestamp(EPOCH, UTC)
Observe = Callable[[int], None]


def scanner(packets: int, **measures: float) -> Finding:
    """What a detector would say of the first so many packets of the capture."""
    told = finding(detector="scanner-tool", measures={"syns": packets, "threshold_syns": 2500, **measures})
    last = FIRST + timedelta(milliseconds=packets - 1)
    evidence = Evidence("packet", {"src": "198.51.100.7", "dport": 23}, ())
    day = FIRST.replace(hour=0, minute=0, second=0)
    return replace(told, window=Window(day, day + timedelta(days=1)), evidence=evidence, first=FIRST, last=last)


def recorded(told: Finding) -> str:
    actions.record([replace(look(told), window=told.window)])
    return told.id


@pytest.fixture
def hub(operator: Account, browser: SignedIn) -> Client:
    return browser(operator)


def test_a_count_grows_until_it_is_the_measure(lake: Observe) -> None:
    lake(3000)
    grown = growth.grown(scanner(3000), "")
    assert grown is not None
    assert (grown.measure, grown.threshold, grown.step, grown.values) == ("syns", 2500, 1, (1000, 2000, 3000))
    assert growth.kept(scanner(3000)) == grown
    assert growth.kept(scanner(2999)) is None, "a finding that says something else has another curve"


def test_a_rate_is_counted_anew_and_addresses_once(lake: Observe) -> None:
    lake(3000)
    rate = growth.grown(replace(scanner(3000, max_ppm=3000, threshold_ppm=30), detector="backscatter"), "")
    assert rate is not None
    assert (rate.measure, sum(rate.values), rate.step) == ("max_ppm", 3000, 60)
    swept = replace(scanner(3000), detector="telescope-scan", measures={"targets": 1, "threshold_targets": 2})
    once = growth.grown(swept, "")
    assert once is not None
    assert once.values == (1, 1, 1)


def test_a_long_curve_keeps_its_peaks() -> None:
    assert growth._folded([0.0] * 400 + [9.0]) == (0.0,) * 133 + (9.0,)


def test_the_page_is_there_at_once_and_the_curve_comes_after(lake: Observe, hub: Client) -> None:
    lake(3000)
    page = f"/findings/{recorded(scanner(3000))}/"
    assert "data-pending" in hub.get(page).content.decode()
    assert "up to 3,000" in hub.get(f"{page}curve/").content.decode()
    shown = hub.get(page).content.decode()
    assert "data-pending" not in shown
    assert "up to 3,000" in shown
    assert hub.get(f"{page}?format=svg&picture=curve").status_code == 200


def test_without_scripts_the_page_waits_itself(lake: Observe, hub: Client) -> None:
    lake(3000)
    assert "up to 3,000" in hub.get(f"/findings/{recorded(scanner(3000))}/?wait=1").content.decode()


@pytest.mark.parametrize("measures", [{"score": 3.1, "threshold_score": 3}, {"syns": 7, "threshold_syns": 3}], ids=str)
def test_where_there_is_no_curve_it_is_said_why(
    measures: dict[str, float],
    lake: Observe,
    hub: Client,
) -> None:
    lake(10)
    told = replace(scanner(10), measures=measures, evidence=Evidence("packet", {"src": "203.0.113.1"}, ()))
    shown = hub.get(f"/findings/{recorded(told)}/?wait=1").content.decode()
    assert "No curve:" in shown


def test_who_may_not_see_the_finding_gets_no_curve(lake: Observe, member: Account, browser: SignedIn) -> None:
    assert browser(member).get(f"/findings/{recorded(scanner(10))}/curve/").status_code == 404


def test_only_addresses_and_counts_have_curves() -> None:
    drawn = growth.measure_of(scanner(10))
    assert drawn is not None
    assert drawn.name == "syns"
    assert growth.measure_of(replace(scanner(10), evidence=Evidence("packet", {}, ()))) is None
    assert growth.measure_of(finding(kind=SubjectKind.PORT, value="tcp/23")) is None
    assert growth.measure_of(replace(scanner(10), detector="somebody-elses")) is None


def test_earlier_windows_are_read_by_round_values_that_nothing_covers() -> None:
    drawn = against("SYNs over time", [Dot(0.0, 10), Dot(0.5, 12), Dot(1.0, 17, here=True)], 3).inline()
    assert [drawn.index(f">{value}</text>") > drawn.index("var(--glow)") for value in (5, 10, 15)] == [True] * 3
    assert ">0</text>" not in drawn


def test_the_last_time_ends_at_its_mark_so_that_a_telephone_does_not_cut_it() -> None:
    drawn = times("when", [(0.0, "2026-06-10 17:00"), (0.8, "2026-11-27 11:57")]).inline()
    assert re.findall(r'text-anchor="(\w+)"', drawn) == ["start", "end"]
