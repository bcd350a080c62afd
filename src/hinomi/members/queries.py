"""What pages, the API and the casebook ask of the register: one name per question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from hinomi.members.models import Contact, MemberEvent, Network, Organisation
from hinomi.schema.address import Range, packed

Block = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Member:
    """An organisation as a line of the members' table."""

    id: str
    name: str
    name_ja: str
    sector: str
    country: str
    networks: int
    dark: int
    contacts: int


def stamp() -> int:
    """What changes whenever the register does: the number of the last line of its history, 0 before the first."""
    return MemberEvent.objects.aggregate(last=Max("pk"))["last"] or 0


def belonging(*, exercise: bool = False, only: str | None = None) -> QuerySet[Organisation]:
    """The organisations that belong now, by name; `only` one of them."""
    stays = Q(left=None) | Q(left__gt=timezone.now())
    found = Organisation.objects.filter(stays, exercise=exercise).order_by("name")
    return found if only is None else found.filter(pk=only)


def members(*, exercise: bool = False, only: str | None = None) -> list[Member]:
    """The organisations that belong now, with how many networks and contacts each has."""
    held = Network.objects.filter(organisation__exercise=exercise).order_by().values_list("organisation")
    contacts = Contact.objects.filter(organisation__exercise=exercise).order_by().values_list("organisation")
    counts = dict(held.filter(valid_until=None).annotate(Count("id")))
    dark = dict(held.filter(dark=True).annotate(Count("id")))
    called = dict(contacts.annotate(Count("id")))
    return [
        Member(
            *(one.id, one.name, one.name_ja, one.sector, one.country),
            *(counts.get(one.id, 0), dark.get(one.id, 0), called.get(one.id, 0)),
        )
        for one in belonging(exercise=exercise, only=only)
    ]


def member(id_: str) -> Organisation | None:
    """One organisation with its networks and contacts."""
    return Organisation.objects.filter(pk=id_).prefetch_related("networks", "contacts").first()


def organisations(ids: Sequence[str]) -> list[Organisation]:
    """The organisations of these ids, by name."""
    return list(Organisation.objects.filter(pk__in=ids))


def networks_of(organisation: str) -> list[Network]:
    """The networks that an organisation holds now."""
    return list(Network.objects.filter(organisation=organisation, valid_until=None).select_related("organisation"))


def holders(block: Block, *, exercise: bool = False) -> list[Network]:
    """The members' networks that overlap a block."""
    first, last = packed(block.network_address), packed(block.broadcast_address)
    held = Network.objects.filter(first__lte=last, last__gte=first, organisation__exercise=exercise)
    return list(held.select_related("organisation"))


def covers(network: Network, block: Block) -> bool:
    """Whether the whole block is inside the network."""
    return bool(network.first <= packed(block.network_address) and packed(block.broadcast_address) <= network.last)


def holds(organisation: str, block: Range, at: datetime) -> bool:
    """Whether an organisation holds all of a block at a time."""
    held = Network.objects.filter(organisation=organisation, first__lte=block.first, last__gte=block.last, valid_from__lte=at)
    return held.filter(Q(valid_until=None) | Q(valid_until__gt=at)).exists()


def telescope_countries(*, exercise: bool) -> list[str]:
    """The countries in which telescopes stand; where exactly is nobody's to know."""
    held = Network.objects.filter(dark=True, organisation__exercise=exercise)
    return sorted(set(held.values_list("organisation__country", flat=True)))
