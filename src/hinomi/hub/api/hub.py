"""The state of the hub and who belongs to it, for programs."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from hinomi.hub.api.auth import reader
from hinomi.hub.api.shapes import Check, Me, Member, Words
from hinomi.hub.api.title import title as _
from hinomi.hub.health import examine
from hinomi.members.queries import belonging

router = Router(tags=["hub"])


@router.get("/me", response=Me, summary=_("As whom I read"))
def me(request: HttpRequest) -> Me:
    """As whom I read."""
    who = reader(request)
    return Me(organisation=who.organisation, operator=who.operator)


@router.get("/health", response=list[Check], summary=_("Is everything looking?"))
def health(request: HttpRequest) -> list[Check]:
    """Is everything looking? The messages name paths and sizes only for the hub's own people."""
    seen = list(examine())
    if not reader(request).operator:
        seen = [check for check in seen if check.public]
    return [Check(check=one.name, state=one.state, message=Words(**one.message._asdict())) for one in seen]


@router.get("/members", response=list[Member], summary=_("The organisations of the hub"))
def members(request: HttpRequest) -> list[Member]:
    """The organisations of the hub; a member sees its own."""
    who = reader(request)
    listed = belonging(only=None if who.operator else who.organisation)
    return [Member.from_orm(one) for one in listed]
