"""Allowances for programs: what is known and harmless, what allowing would mean, allow, take back. For the hub's own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from hinomi.casebook import allowing as entries
from hinomi.casebook import models, queries
from hinomi.casebook.allowing import Wish
from hinomi.hub import allowing
from hinomi.hub.api.auth import WRITE, reader, staff
from hinomi.hub.api.shapes import Allow, Allowance, Preview
from hinomi.hub.api.title import title as _

router = Router(tags=["allowances"])
MOST = 500


@router.get("/allowances", response=list[Allowance], summary=_("What is allowed or was"))
def allowances(request: HttpRequest) -> list[models.Allowance]:
    """What is allowed or was, the newest first. A member gets its own."""
    return list(entries.allowances(reader(request))[:MOST])


@router.get("/allowances/preview", auth=WRITE, response=Preview, summary=_("What allowing would mean"))
def preview(request: HttpRequest, subject: str) -> dict[str, Any]:
    """What allowing an address or prefix would mean; nothing changes by asking."""
    seen = queries.preview(subject, staff(request).reader)
    return vars(seen) | {"prefix": str(seen.block), "more": seen.is_more, "members": list(seen.members)}


@router.post("/allowances", auth=WRITE, response={201: Allowance}, summary=_("Allow an address or prefix"))
def allow(request: HttpRequest, wanted: Allow) -> Status[models.Allowance]:
    """Allow an address or prefix; saying it again changes the entry there is."""
    who = staff(request)
    wish = Wish(wanted.subject, allowing.end_of(wanted.until), wanted.reason, who.reader, who.account)
    return Status(201, allowing.allow(wish))


@router.delete("/allowances/{allowance}", auth=WRITE, response=Allowance, summary=_("Take an allowance back"))
def withdraw(request: HttpRequest, allowance: int) -> models.Allowance:
    """Take an allowance back: it counts for no window any more."""
    who = staff(request)
    return allowing.withdraw(allowance, reader=who.reader, actor=who.account)
