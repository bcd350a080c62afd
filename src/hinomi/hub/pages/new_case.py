"""What has happened that no detector saw? A case is opened by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hinomi.casebook import queries
from hinomi.casebook.draft import LONGEST_DESCRIPTION, LONGEST_TITLE, Draft, written
from hinomi.hub import casework
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.pages.page import Page, person, shown
from hinomi.hub.pages.scope import Scope, scope_of
from hinomi.hub.pages.words import SEVERITY_WORDS, say
from hinomi.schema.problems import Problem
from hinomi.schema.scope import SECTORS, UNMARKED, Tlp
from hinomi.schema.words import Severity, Text
from hinomi.share.policy import Reach, Thing, reach


@dataclass(frozen=True)
class Form:
    """What stands in the form: what was typed before, or what a finding proposes."""

    form: str
    title: str = ""
    severity: str = Severity.MEDIUM.word
    tlp: str = UNMARKED.label
    sectors: tuple[str, ...] = ()
    description: str = ""
    indicators: str = ""
    findings: str = ""


@shown
def new_case(request: HttpRequest) -> Page | HttpResponse:
    """The form, with what will happen; sent, the case."""
    scope = scope_of(request)
    form, fault = _asked(request), None
    if request.method == "POST":
        form = _typed(request)
        try:
            made = casework.open_case(_draft(form, scope), actor=person(request).get_username())
        except Problem as problem:
            fault = problem.told(get_language() or "en")
        else:
            messages.success(request, _("The case is open. It is proposed until somebody confirms it."))
            return redirect("case", made.id)
    return _page(scope, form, fault)


def _page(scope: Scope, form: Form, fault: str | None) -> Page:
    return Page(
        template="pages/new_case.html",
        question=_("What happened that no detector saw?"),
        answer=_("Write down what is known; only the title is needed, and notes can be added at any time."),
        data={"severities": [one.word for one in Severity], "markings": [one.label for one in Tlp], "sectors": list(SECTORS)},
        context={
            "scope": scope,
            "form": form,
            "fault": fault,
            "severities": [(one.word, word) for one, word in SEVERITY_WORDS.items()],
            "markings": [(one.label, _reach(one, scope)) for one in Tlp],
            "sectors": SECTORS.items(),
            "longest": {"title": LONGEST_TITLE, "description": LONGEST_DESCRIPTION},
        },
    )


def _reach(tlp: Tlp, scope: Scope) -> str:
    """Who can read a case with this marking from the moment it is open: what the policy says of one that is the hub's."""
    match reach(Thing("", tlp, scope.marked)):
        case Reach.NOBODY:
            return _("nobody outside: exercise data never leaves")
        case Reach.MEMBERS:
            return _("every member of the hub")
        case _:
            return _("the hub's own people; and a member, when all attached findings concern it alone")


def _asked(request: HttpRequest) -> Form:
    """An empty form, or one that begins with the finding that the address names."""
    shape = queries.finding(request.GET.get("finding", ""), reader_of(person(request)))
    form = Form(form=str(uuid4()))
    if shape is None:
        return form
    title = say(Text(**shape["title"]))[:LONGEST_TITLE]
    return Form(form=form.form, title=title, severity=shape["severity"], findings=shape["id"])


def _typed(request: HttpRequest) -> Form:
    words: dict[str, Any] = {name: request.POST.get(name, "") for name in Form.__dataclass_fields__}
    return Form(**words | {"sectors": tuple(request.POST.getlist("sectors"))})


def _draft(form: Form, scope: Scope) -> Draft:
    return written(
        title=form.title,
        severity=form.severity,
        tlp=form.tlp,
        sectors=form.sectors,
        description=form.description,
        indicators=form.indicators,
        findings=form.findings.split(),
        exercise=scope.marked,
        form=form.form[:64],
    )
