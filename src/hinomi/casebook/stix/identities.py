"""Who is who: the hub, and the organisations that a case concerns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from hinomi.casebook.stix.envelope import HUB, Envelope, Told, identify
from hinomi.schema.scope import Tlp

_SINCE = datetime(2026, 11, 1, tzinfo=UTC)
# Our sectors in the words of STIX's industry-sector-ov (§10.10), where it has one.
_SECTORS = {
    "information-communication": "telecommunications",
    "finance": "financial-services",
    "credit": "financial-services",
    "aviation": "transportation",
    "airport": "transportation",
    "railway": "transportation",
    "logistics": "transportation",
    "port": "transportation",
    "electricity": "energy",
    "gas": "energy",
    "petroleum": "energy",
    "government": "government",
    "local-government": "government-local",
    "healthcare": "healthcare",
    "water": "water",
    "chemical": "chemical",
    "broadcasting": "communications",
    "education": "education",
    "manufacturing": "manufacturing",
    "small-business": "commercial",
}


@dataclass(frozen=True)
class Member:
    """An organisation as a case names it."""

    id: str
    name: str
    name_ja: str
    sector: str
    since: datetime

    @property
    def identity(self) -> str:
        return identify("identity", self.id)


def hub(exercise: bool) -> Told:
    """The creator of everything that Hinomi makes."""
    return Envelope("", Tlp.CLEAR, _SINCE, exercise).sealed(
        HUB, {"name": "火の見"}, name="Hinomi hub", identity_class="organization", roles=["hub"]
    )


def member(one: Member, exercise: bool) -> Told:
    """An organisation; its identity is its own and goes no further unless it says so."""
    sectors = [_SECTORS[one.sector]] if one.sector in _SECTORS else []
    return Envelope(one.id, Tlp.AMBER_STRICT, one.since, exercise).sealed(
        one.identity,
        {"name": one.name_ja} if one.name_ja else None,
        name=one.name,
        identity_class="organization",
        sectors=sectors,
    )
