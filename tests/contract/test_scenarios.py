"""The examination of every scenario, unasked: whoever adds one is told here what it must hold to."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, ip_network
from pathlib import Path

import pyarrow as pa
import pytest

from hinomi.drill.scenario import Scenario
from hinomi.drill.stage import Span, micros
from hinomi.drill.synthesis import HOUR, hour, segments
from hinomi.drill.truth import truth
from hinomi.registry import plugins
from hinomi.schema.scope import SECTORS

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "add-a-scenario.md"
# Reserved: documentation (RFC 5737), benchmarks (RFC 2544), shared space (RFC 6598), class E (RFC 1112).
RESERVED = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "100.64.0.0/10", "240.0.0.0/4")


def printed() -> Scenario:
    """The scenario of the how-to, as it stands there: what people begin with passes, too."""
    _, example, *_ = re.split(r"^```(?:python)?\n", HOWTO.read_text(encoding="utf-8"), flags=re.MULTILINE)
    names: dict[str, object] = {}
    exec(compile(example, HOWTO.name, "exec"), names)
    (scenario,) = (one for one in names.values() if isinstance(one, Scenario))
    return scenario


SCENARIOS = {**plugins("hinomi.drill.scenarios", Scenario), "of-the-how-to": printed()}


@pytest.fixture(params=SCENARIOS.values(), ids=list(SCENARIOS))
def scenario(request: pytest.FixtureRequest) -> Scenario:
    declared: Scenario = request.param
    return declared


def reserved(prefix: str) -> bool:
    network = ip_network(prefix)
    return isinstance(network, IPv4Network) and any(network.subnet_of(IPv4Network(one)) for one in RESERVED)


def test_it_is_told_in_both_languages(scenario: Scenario) -> None:
    texts = [scenario.title, scenario.story, *(one.title for one in (*scenario.organisations, *scenario.planted))]
    assert all(text.en.strip() and text.ja.strip() for text in texts)


def test_nobody_real_takes_part(scenario: Scenario) -> None:
    networks = [network.prefix for one in scenario.organisations for network in one.networks]
    assert [prefix for prefix in (scenario.telescope, *networks) if not reserved(prefix)] == []
    addresses = [
        one.value for plant in truth(scenario, scenario.seed).plants for one in plant.subjects if one.kind == "address"
    ]
    assert [address for address in addresses if not reserved(f"{address}/32")] == []
    assert all(one.contact.endswith(".example") for one in scenario.organisations), "RFC 2606"


def test_its_telescope_is_dark_and_belongs_to_somebody(scenario: Scenario) -> None:
    assert scenario.telescope in {network.prefix for one in scenario.organisations for network in one.networks if network.dark}


def test_names_are_spelled_once_and_sectors_are_known(scenario: Scenario) -> None:
    for names in ([one.name for one in scenario.planted], [one.name for one in scenario.organisations]):
        assert len(set(names)) == len(names)
    assert {one.sector for one in scenario.organisations} <= set(SECTORS)


def test_what_is_planted_is_either_to_be_found_or_harmless_and_lies_within_the_day(scenario: Scenario) -> None:
    members = {one.name for one in scenario.organisations}
    for plant in truth(scenario, scenario.seed).plants:
        assert bool(plant.raised_by or plant.found_by) != (plant.ceiling is not None), plant.name
        assert scenario.day <= plant.window.start < plant.window.end <= scenario.end, plant.name
        assert plant.subjects, plant.name
        assert plant.organisation in {"", *members}, plant.name


def test_hours_are_the_same_in_any_order_and_differ_by_seed(scenario: Scenario) -> None:
    middle = micros(scenario.day) + 12 * HOUR
    span, later = Span(middle, middle + HOUR), Span(middle + HOUR, middle + 2 * HOUR)
    first = pa.Table.from_batches(hour(scenario, 1, span))
    pa.Table.from_batches(hour(scenario, 1, later))
    assert first.equals(pa.Table.from_batches(hour(scenario, 1, span)))
    assert not first["src"].equals(pa.Table.from_batches(hour(scenario, 2, span))["src"])


def test_it_has_a_past_and_every_hour_has_an_id_of_its_own(scenario: Scenario) -> None:
    ids = [segment.id for segment in segments(scenario, 1)]
    assert scenario.history >= 1
    assert len(set(ids)) == len(ids) == (scenario.history + 1) * 24


def test_a_telescope_is_never_silent(scenario: Scenario) -> None:
    night = Span(micros(scenario.day) + 3 * HOUR, micros(scenario.day) + 4 * HOUR)
    assert sum(batch.num_rows for batch in hour(scenario, 1, night)) > 1_000
