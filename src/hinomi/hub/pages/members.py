"""Who belongs, with which networks, and whom does one call?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hinomi.casebook import queries
from hinomi.hub.charts.world import world
from hinomi.hub.pages.page import Page, person, shown
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.words import counted, joined
from hinomi.hub.register import take_in
from hinomi.members import actions
from hinomi.members import queries as register
from hinomi.members.models import ContactKind, Organisation
from hinomi.members.register import COLUMNS, MORE, Refused, read
from hinomi.schema.problems import Problem
from hinomi.schema.release import Reader
from hinomi.schema.scope import SECTORS


@shown
def members(request: HttpRequest) -> Page:
    """Organisations by sector, with how many networks they hold and whether they can be called."""
    scope = scope_of(request)
    own = None if person(request).sees_all else scope.reader.organisation
    listed = register.members(exercise=scope.marked, only=own)
    present = sorted({one.sector for one in listed})
    if scope.sector:
        listed = [one for one in listed if one.sector == scope.sector]
    sectors = sorted({one.sector for one in listed})
    return Page(
        template="pages/members.html",
        question=_("Who belongs, and whom does one call?"),
        answer=_answer(listed, sectors),
        data={"exercise": scope.exercise or None, "members": [_plain(one) for one in listed]},
        rows=[_plain(one) for one in listed],
        context={
            "scope": scope,
            "members": listed,
            "sectors": [(name, SECTORS[name]) for name in present],
            "columns": ",".join(COLUMNS),
        },
    )


@shown
def member(request: HttpRequest, member: str) -> Page:
    """One organisation: its networks and when they were its, its contacts, what was seen of it."""
    scope = scope_of(request)
    if not person(request).sees_all and member != scope.organisation:
        raise Http404("there is no member of this name that you may see")
    found = register.member(member)
    if found is None:
        raise Http404("there is no member of this name that you may see")
    scope = scope.at(found.exercise)
    networks = list(found.networks.all())
    now = datetime.now(UTC)
    return Page(
        template="pages/member.html",
        question=_("Who is this, and what is theirs?"),
        answer=_told(found, networks),
        data={"member": _plain(found), "networks": [_network(one) for one in networks]},
        rows=[_network(one) for one in networks],
        context={
            "scope": scope,
            "member": found,
            "networks": [(one, _validity(one, now)) for one in networks],
            "contacts": list(found.contacts.all()),
            "kinds": ContactKind.values,
            "leaves": found.left is None and not found.exercise,
            "findings": queries.worst(scope.window, Reader(found.pk), exercise=found.exercise, limit=8),
        },
    )


def import_members(request: HttpRequest) -> HttpResponse:
    """Read a register, say what would change, and change it when that is wanted."""
    scope = scope_of(request).at(exercise=False)  # what is taken in is real, whatever is being shown
    text = request.POST.get("register", "")
    context: dict[str, Any] = {"scope": scope, "text": text, "columns": ",".join(COLUMNS), "more": ", ".join(MORE)}
    if request.method == "POST":
        wanted = "go" in request.POST
        try:
            done = _take(text, wanted, request.user.get_username())
        except Refused as refused:
            context["faults"] = [fault.told(get_language() or "en") for fault in refused.faults]
        except Problem as problem:
            context["faults"] = [problem.told(get_language() or "en")]
        else:
            if wanted:
                messages.success(request, _("The register was taken in."))
                return redirect(f"{reverse('members')}?exercise=none")
            context["preview"] = done
    question = {
        "question": _("Which organisations and networks are to be taken in?"),
        "answer": _("Nothing changes before you have seen what would."),
    }
    return render(request, "pages/import.html", context | {"page": question}, status=422 if "faults" in context else 200)


def _take(text: str, wanted: bool, actor: str) -> actions.Imported:
    """Import a register; when it is not wanted yet, do all of it and take it back, so that what is told is what would be."""
    rows, faults = read(text.encode(), _("the register"))
    if wanted:
        return take_in(rows, faults, where=_("the register"), actor=actor)
    with transaction.atomic():
        done = actions.import_networks(rows, faults, where=_("the register"), actor=actor)
        transaction.set_rollback(True)
    return done


def _answer(listed: list[register.Member], sectors: list[str]) -> str:
    if not listed:
        return _("Nobody yet: without members nobody can be warned.")
    uncalled = sum(one.contacts == 0 for one in listed)
    first = counted(
        "%(count)s organisation in %(sectors)d sectors.",
        "%(count)s organisations in %(sectors)d sectors.",
        len(listed),
        sectors=len(sectors),
    )
    if not uncalled:
        return joined(first, _("Each of them has somebody to call."))
    nobody = counted("%(count)s has nobody to call.", "%(count)s have nobody to call.", uncalled)
    return joined(first, nobody)


def _told(organisation: Organisation, networks: list[Any]) -> str:
    words = {"sector": SECTORS[organisation.sector].ja if get_language() == "ja" else SECTORS[organisation.sector].en}
    return _("%(name)s: %(sector)s, %(country)s, %(networks)s.") % {
        **words,
        "name": (organisation.name_ja if get_language() == "ja" else "") or organisation.name,
        "country": world.names(get_language() or "en").get(organisation.country, organisation.country),
        "networks": counted("%(count)s network", "%(count)s networks", len(networks)),
    }


def _validity(network: Any, now: datetime) -> str:
    if network.valid_from > now:
        return _("not yet")
    return _("over") if network.valid_until and network.valid_until <= now else _("valid now")


def _plain(one: Any) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "name_ja": one.name_ja, "sector": one.sector, "country": one.country}


def _network(one: Any) -> dict[str, Any]:
    return {"prefix": one.cidr, "dark": one.dark, "valid_from": one.valid_from, "valid_until": one.valid_until}
