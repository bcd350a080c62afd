"""Who takes part in an exercise: registered as exercise members, and written beside its lake as the lookups it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from pyarrow import feather

from hinomi.drill.scenario import Network, Organisation, Scenario
from hinomi.drill.synthesis import SENSOR
from hinomi.members import actions
from hinomi.members.register import ALWAYS, Row
from hinomi.schema.address import prefix
from hinomi.schema.lookups import LOOKUPS

ACTOR = "exercise"
NETWORKS, ALLOWED = "networks.arrow", "allowed.arrow"  # `pipeline` reads them instead of the real register


def register(scenario: Scenario) -> Mapping[str, str]:
    """Take the scenario's organisations in as exercise members; their ids by the names that the scenario uses."""
    ids = {one.name: _member(one) for one in scenario.organisations}
    rows = [row for one in scenario.organisations for row in _rows(one)]
    actions.import_networks(rows, where=scenario.title.en, exercise=True, actor=ACTOR)
    return ids


def _member(one: Organisation) -> str:
    member = actions.register(one.title.en, one.sector, one.country, name_ja=one.title.ja, exercise=True, actor=ACTOR)
    if one.contact and not member.contacts.exists():
        actions.add_contact(member.id, "technical", "SOC", email=one.contact, actor=ACTOR)
    dark = any(network.dark for network in one.networks)
    if dark and not member.sensors.filter(name=SENSOR).exists():
        actions.add_sensor(SENSOR, organisation=member.id, note="made by an exercise", actor=ACTOR)
    return str(member.id)


def _rows(one: Organisation) -> list[Row]:
    return [
        Row(
            number,
            one.title.en,
            one.sector,
            one.country,
            network.prefix,
            prefix(network.prefix),
            network.dark,
            network.valid_from or ALWAYS,
            network.valid_until,
        )
        for number, network in enumerate(one.networks, start=1)
    ]


def write(folder: Path, scenario: Scenario, ids: Mapping[str, str]) -> None:
    """Keep what detectors may know of this exercise's members and allow list beside its lake."""
    feather.write_feather(networks(scenario, ids), folder / NETWORKS)
    feather.write_feather(allowed(scenario), folder / ALLOWED)


def networks(scenario: Scenario, ids: Mapping[str, str]) -> pa.Table:
    """The organisations' networks as the lookup of that name."""
    rows = [
        (*prefix(network.prefix), ids[one.name], one.sector, one.country, network.dark, *_validity(network), *one.title)
        for one in scenario.organisations
        for network in one.networks
    ]
    return _table("networks", rows)


def _validity(network: Network) -> tuple[datetime, datetime | None]:
    return network.valid_from or ALWAYS, network.valid_until


def allowed(scenario: Scenario) -> pa.Table:
    """The scenario's allow list as the lookup of that name."""
    return _table("allowed", [(*prefix(one.prefix), one.list, one.reason) for one in scenario.allowed])


def _table(name: str, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    schema = LOOKUPS[name]
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)
