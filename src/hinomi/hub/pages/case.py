"""What happened, who does what, what was done?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hinomi.casebook import actions
from hinomi.casebook.models import Case, CaseEvent
from hinomi.hub.charts.lanes import Mark, lane
from hinomi.hub.charts.picture import Picture
from hinomi.hub.pages import shelf
from hinomi.hub.pages.page import Page, shown
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.words import STATUS_WORDS, say
from hinomi.schema.problems import Problem
from hinomi.schema.release import Reader
from hinomi.schema.scope import Tlp
from hinomi.schema.words import CaseStatus, Severity, Text
from hinomi.share.gate import Errand, Held, is_member, release

MOST_FINDINGS = 200


@dataclass(frozen=True)
class Move:
    """A state the case may go to, and what happens then."""

    to: str
    title: str
    consequence: str


@dataclass(frozen=True)
class Lane:
    """One lane of the time line."""

    title: str
    bar: Picture


@shown
def case(request: HttpRequest, case: str) -> Page:
    """A case: its time line, what to look for, what helps, its objects."""
    scope = scope_of(request)
    found = shelf.case(case, None if request.user.sees_all else scope.organisation)
    if found is None:
        raise Http404("there is no case of this name that you may see")
    scope = scope.at(found.exercise)
    events = shelf.events(found)
    findings = shelf.findings_of(found, None if request.user.sees_all else scope.organisation, MOST_FINDINGS)
    concerned = shelf.concerned(found)
    objects = shelf.objects_of(found) if request.user.sees_all else []
    return Page(
        template="pages/case.html",
        question=_("What happened, who does what, what was done?"),
        answer=_answer(found, len(concerned)),
        data={"case": shelf.case_plain(found), "events": [_event(one) for one in events], "findings": findings},
        rows=[_event(one) for one in events],
        context={
            "scope": scope,
            "case": found,
            "events": events,
            "findings": findings,
            "organisations": concerned,
            "lanes": lanes(found, findings, events),
            "marks": _marks(found, events),
            "measures": [one for one in objects if one["type"] == "course-of-action"],
            "objects": objects,
            "moves": _moves(found) if request.user.sees_all else [],
        },
    )


@require_POST
def move(request: HttpRequest, case: str) -> HttpResponse:
    """Move a case to another state."""
    status = request.POST.get("to", "")
    try:
        target = CaseStatus(status)
        actions.move(case, target, actor=request.user.get_username())
    except ValueError:
        messages.error(request, _("A case has no state “%(state)s”.") % {"state": status})
    except Problem as problem:
        messages.error(request, problem.told(get_language() or "en"))
    else:
        messages.success(request, _("The case is now %(state)s.") % {"state": STATUS_WORDS[target]})
    return redirect("case", case)


@require_POST
def note(request: HttpRequest, case: str) -> HttpResponse:
    """Write a note into a case."""
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(request, _("Write something first."))
        return redirect("case", case)
    try:
        actions.note(case, text[:4000], actor=request.user.get_username())
    except Problem as problem:
        messages.error(request, problem.told(get_language() or "en"))
    else:
        messages.success(request, _("The note is part of the case."))
    return redirect("case", case)


def _answer(case: Case, concerned: int) -> str:
    title = say(Text(case.title_en, case.title_ja))
    who = ngettext("%(count)d member is concerned.", "%(count)d members are concerned.", concerned) % {"count": concerned}
    state = _("It is %(state)s.") % {"state": STATUS_WORDS[CaseStatus(case.status)]}
    return " ".join((title + _("."), state, who if concerned else _("No member is concerned.")))


def _moves(case: Case) -> list[Move]:
    readers = _readers(case)
    told = {
        CaseStatus.CONFIRMED: _("Its objects then say “confirmed” instead of “suspected”.") + " " + readers,
        CaseStatus.CONTAINED: _("Its time line then says that the attack has been stopped; it can flare up again.")
        + " "
        + readers,
        CaseStatus.CLOSED: _("No more findings join it; a new one of the same kind begins a new case. It can be opened again."),
    }
    titles = {
        CaseStatus.CONFIRMED: _("Confirm") if case.status == CaseStatus.PROPOSED else _("Open again"),
        CaseStatus.CONTAINED: _("Contained"),
        CaseStatus.CLOSED: _("Close"),
    }
    return [Move(one.value, titles[one], told[one]) for one in actions.MOVES[CaseStatus(case.status)]]


def _readers(case: Case) -> str:
    """Who can read the case, by its marking: the same wall as everywhere (`share.policy`)."""
    if case.exercise:
        return _("Nobody outside learns of it: exercise data never leaves.")
    if case.tlp <= Tlp.GREEN:
        return _("Every member of the hub can read it over TAXII.")
    if case.owner:
        owner = next((one.name for one in shelf.organisations([case.owner])), case.owner)
        return _("%(owner)s and the hub's operators can read it over TAXII, nobody else.") % {"owner": owner}
    return _("Only the hub's operators can read it over TAXII.")


def lanes(case: Case, findings: Sequence[shelf.Row], events: Sequence[CaseEvent]) -> list[Lane]:
    """The lanes of the time line: the attack, the findings, what people did, what was shared."""
    start, end = _span(case, events)
    length = (end - start).total_seconds() or 1.0

    def at(moment: datetime) -> float:
        return max(0.0, min(1.0, (moment - start).total_seconds() / length))

    attack = [
        Mark(at(row.first or row.start), at(row.last or row.end), say(row.title), row.severity >= Severity.HIGH)
        for row in findings
    ]
    found = [Mark(at(row.start), at(row.end), say(row.title), row.severity >= Severity.HIGH) for row in findings]
    done = [
        Mark(at(one.at), at(one.at), f"{one.at:%m-%d %H:%M} {one.actor}: {said(one)}", strong=True)
        for one in events
        if one.kind != "shared"
    ]
    shared = [Mark(at(one.at), at(one.at), said(one), strong=True) for one in events if one.kind == "shared"]
    rows = ((_("Attack"), attack), (_("Findings"), found), (_("Actions"), done), (_("Sharing"), shared))
    return [Lane(title, lane(f"{title}: {len(marks)}", marks)) for title, marks in rows]


def said(event: CaseEvent) -> str:
    """What a line of the time line says; its kind when it says nothing."""
    return say(Text(event.text_en, event.text_ja or event.text_en)) or event.kind


def _span(case: Case, events: Sequence[CaseEvent]) -> tuple[datetime, datetime]:
    moments = [case.first, case.last, *(one.at for one in events)]
    return min(moments), max(moments)


def _marks(case: Case, events: Sequence[CaseEvent]) -> list[str]:
    start, end = _span(case, events)
    return [f"{start + (end - start) / 2 * half:%Y-%m-%d %H:%M}" for half in range(3)]


def _event(event: CaseEvent) -> dict[str, Any]:
    return {
        "at": event.at,
        "actor": event.actor,
        "kind": event.kind,
        "text": Text(event.text_en, event.text_ja or event.text_en),
    }


def stix(request: HttpRequest, case: str) -> HttpResponse:
    """The case as a STIX bundle, released to the person who asks; the disclosure is in the audit log."""
    if shelf.case(case, None) is None:
        raise Http404("there is no case of this name")
    person = request.user
    reader = Reader(person.organisation_id or "", operator=person.sees_all)
    errand = Errand(reader, is_member(reader.organisation), person.get_username(), "page", case)
    made = release(errand, [Held(*row) for row in shelf.held(case)])
    if not made.items:
        messages.error(request, _("Nothing of this case may leave: its marking or its exercise forbids it."))
        return redirect("case", case)
    objects = b",".join(item.content for item in made.items)
    content = b'{"type":"bundle","id":"bundle--%s","objects":[%s]}' % (made.id.removeprefix("release--").encode(), objects)
    name = f"{case}.stix.json"
    return HttpResponse(
        content,
        content_type="application/stix+json;version=2.1",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
