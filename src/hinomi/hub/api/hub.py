"""The state of the hub and who belongs to it, for programs."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from hinomi.hub.api.auth import reader
from hinomi.hub.health import examine
from hinomi.members.models import Organisation

router = Router(tags=["hub"])


class Words(Schema):
    """A sentence in both languages."""

    en: str
    ja: str


class Me(Schema):
    """As whom this token or session reads."""

    organisation: str
    operator: bool


class CheckShape(Schema):
    """One thing that was looked at."""

    check: str
    state: str
    message: Words


class Member(Schema):
    """An organisation, as far as every member may know it."""

    id: str
    name: str
    name_ja: str
    sector: str
    country: str


@router.get("/me", response=Me)
def me(request: HttpRequest) -> Me:
    """As whom I read."""
    who = reader(request)
    return Me(organisation=who.organisation, operator=who.operator)


@router.get("/health", response=list[CheckShape])
def health(request: HttpRequest) -> list[CheckShape]:
    """Is everything looking? The messages name paths and sizes only for the hub's own people."""
    seen = list(examine())
    if not reader(request).operator:
        seen = [check for check in seen if check.public]
    return [CheckShape(check=one.name, state=one.state, message=Words(**one.message._asdict())) for one in seen]


@router.get("/members", response=list[Member])
def members(request: HttpRequest) -> list[Member]:
    """The organisations of the hub; a member sees its own."""
    who = reader(request)
    listed = Organisation.objects.filter(exercise=False, left=None)
    if not who.operator:
        listed = listed.filter(pk=who.organisation)
    return [Member.from_orm(one) for one in listed]
