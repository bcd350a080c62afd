"""Who may read a case: its marking, what each other marking would change, and marking it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hinomi.casebook.draft import tlp_named
from hinomi.casebook.models import Case
from hinomi.hub import casework
from hinomi.hub.pages.page import person
from hinomi.members.queries import organisations
from hinomi.schema.problems import Problem
from hinomi.schema.scope import Tlp
from hinomi.share.policy import Reach, Thing, reach


@dataclass(frozen=True)
class Choice:
    """A marking, and who could read the case with it."""

    label: str
    readers: str
    is_now: bool


def choices(case: Case) -> list[Choice]:
    """Every marking, from the widest to the narrowest."""
    return [Choice(one.label, readers(case, one), one == case.tlp) for one in Tlp]


def readers(case: Case, tlp: Tlp | None = None) -> str:
    """Who can read the case, by its marking or another one: what the policy says, in words."""
    match reach(Thing(case.owner, Tlp(case.tlp) if tlp is None else tlp, case.exercise)):
        case Reach.MEMBERS:
            return _("Every member of the hub can read it over TAXII.")
        case Reach.OWNER:
            owner = next((one.name for one in organisations([case.owner])), case.owner)
            return _("%(owner)s and the hub's operators can read it over TAXII, nobody else.") % {"owner": owner}
        case Reach.HUB:
            return _("Only the hub's operators can read it over TAXII.")
        case Reach.NOBODY:
            return _("Nobody outside learns of it: exercise data never leaves.")


@require_POST
def mark(request: HttpRequest, case: str) -> HttpResponse:
    """Mark a case."""
    try:
        wanted = tlp_named(request.POST.get("tlp", ""))
        marked = casework.mark(case, wanted, actor=person(request).get_username())
    except Problem as problem:
        messages.error(request, problem.told(get_language() or "en"))
    else:
        messages.success(request, f"{wanted.label}: {readers(marked)}")
    return redirect("case", case)
