"""Who proposed a case, who confirmed it, who changed it last, and who holds it now; taking it and handing it over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hinomi.casebook.models import Case, CaseEvent
from hinomi.hub import casework
from hinomi.hub.pages.page import person
from hinomi.schema.problems import Problem
from hinomi.schema.release import Reader
from hinomi.schema.words import Step


@dataclass(frozen=True)
class Hand:
    """Somebody's part in a case; `at` is None for what lasts."""

    part: str
    who: str
    at: datetime | None = None


@dataclass(frozen=True)
class Hands:
    """Everybody's part, who holds the case ("" nobody, None: not this reader's to know), and who could take it over."""

    parts: tuple[Hand, ...]
    holder: str | None
    others: tuple[str, ...]
    mine: bool


def hands(case: Case, events: Sequence[CaseEvent], reader: Reader, me: str) -> Hands:
    """The people of a case, from its time line; members are not told which person of the hub it is."""
    confirmed = [one for one in events if one.kind == Step.CONFIRMED]
    parts = [_begun(one) for one in events[:1]]
    parts += [Hand(_("Confirmed by"), one.actor, one.at) for one in confirmed[-1:]]
    parts += [Hand(_("Last changed by"), one.actor, one.at) for one in events[1:][-1:] if one not in confirmed[-1:]]
    if not reader.operator:
        return Hands(tuple(parts), None, (), mine=False)
    others = tuple(name for name in casework.staff() if name not in (me, case.assignee))
    return Hands(tuple(parts), case.assignee, others, mine=case.assignee == me)


def _begun(event: CaseEvent) -> Hand:
    return Hand(_("Opened by") if event.kind == Step.OPENED else _("Proposed by"), event.actor, event.at)


@require_POST
def assign(request: HttpRequest, case: str) -> HttpResponse:
    """Take a case, hand it over, or lay it down."""
    to = request.POST.get("to", "")
    try:
        casework.assign(case, to, actor=person(request).get_username())
    except Problem as problem:
        messages.error(request, problem.told(get_language() or "en"))
    else:
        said = _("%(person)s holds the case now.") % {"person": to} if to else _("Nobody holds the case now.")
        messages.success(request, said)
    return redirect("case", case)
