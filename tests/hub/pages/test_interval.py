"""Estimated rates show how far off they may be: exact Poisson intervals, scaled as the rate was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from django.utils import translation

from hinomi.casebook import actions
from hinomi.hub.accounts.models import Account
from hinomi.hub.pages.finding import facts
from hinomi.hub.pages.interval import Interval, garwood, interval_of
from hinomi.hub.pages.measures import measured
from hinomi.schema.findings import Measure, Outcome
from hinomi.schema.words import Verdict
from tests.casebook.stories import finding, window
from tests.hub.conftest import SignedIn

DARK = {"telescope_size": 65536, "assumption": "targets drawn uniformly from IPv4"}


# Garwood (1936), table of 95 % limits, as in every table of Poisson confidence limits since.
@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (2, 0.242, 7.225), (5, 1.623, 11.668), (10, 4.795, 18.390), (100, 81.364, 121.627)],
)
def test_the_interval_is_garwoods(count: int, low: float, high: float) -> None:
    assert garwood(count) == pytest.approx((low, high), abs=6e-4)


def rated(**values: Measure) -> Mapping[str, Measure]:
    return DARK | values


def interval(detector: str, **values: Measure) -> Interval | None:
    """The interval of the rate that a detector estimates."""
    return interval_of(finding(detector=detector, measures=rated(**values)), measured(detector, "estimated_pps"))


def test_a_rate_is_scaled_as_it_was_estimated() -> None:
    scanned = interval("telescope-scan", packets=100, estimated_pps=1000.0)
    assert scanned is not None
    assert (scanned.low, scanned.high, scanned.fullest) == (813, 1220, False)
    flooded = interval("backscatter", packets=36_000, max_ppm=10, estimated_pps=1000.0)
    assert flooded is not None
    assert (flooded.low, flooded.high, flooded.counted, flooded.fullest) == (479, 1840, 10, True)


@pytest.mark.parametrize("values", [{}, {"estimated_pps": ""}, {"estimated_pps": 0.0}, {"estimated_pps": 5.0, "packets": 0}])
def test_nothing_is_said_of_what_was_not_counted(values: Mapping[str, Measure]) -> None:
    assert interval("telescope-scan", **values) is None


def test_what_is_no_estimate_has_no_interval() -> None:
    scan = finding(detector="telescope-scan", measures=rated(packets=100, estimated_pps=1000.0))
    assert [one.of.name for one in facts(scan) if one.interval] == ["estimated_pps"]
    assert not [one for one in facts(replace(scan, detector="somebody-elses")) if one.interval]


def test_it_is_said_in_both_languages_with_what_it_assumes() -> None:
    scan = finding(detector="telescope-scan", measures=rated(packets=100, estimated_pps=1000.0))
    (rate,) = [one for one in facts(scan) if one.between]
    with translation.override("en"):
        assert rate.between == "813 to 1,220 packets/s (95% confidence)"
        assert "Poisson interval of the 100 packets counted" in rate.by
    with translation.override("ja"):
        assert "95%" in rate.between
        assert "仮定" in rate.by


@pytest.mark.django_db
def test_the_page_and_its_json_show_it(operator: Account, browser: SignedIn) -> None:
    seen = finding(detector="backscatter", measures=rated(packets=100, max_ppm=100, estimated_pps=1000.0))
    actions.record([Outcome("backscatter", window(), Verdict.FOUND, (seen,))])
    path = f"/findings/{seen.id}/"
    page = browser(operator).get(path).content.decode()
    assert "The rate is estimated: 813 to 1,220 packets/s (95% confidence)." in page
    assert "counted in the fullest minute" in page
    told = browser(operator).get(f"{path}?format=json").json()["intervals"]["estimated_pps"]
    assert told == {"low": 813.0, "high": 1220.0, "counted": 100, "fullest": True, "level": 0.95}
