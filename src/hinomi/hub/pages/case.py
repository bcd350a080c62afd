"""What happened, who does what, what was done?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hinomi.casebook import actions, queries
from hinomi.casebook.models import Case, CaseEvent
from hinomi.casebook.queries import FindingLine
from hinomi.hub import casework
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.charts.axis import times
from hinomi.hub.charts.lanes import Mark, lane
from hinomi.hub.charts.picture import Picture
from hinomi.hub.pages.hands import hands
from hinomi.hub.pages.marking import choices, readers, with_note
from hinomi.hub.pages.page import Page, person, shown
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.words import STATUS_WORDS, counted, joined, number, say
from hinomi.members.queries import organisations
from hinomi.schema.problems import Problem
from hinomi.schema.words import CaseStatus, Severity, Step, Text
from hinomi.share.format import named
from hinomi.share.gate import Caller, errand_of, release_case

MOST_FINDINGS, LONGEST_NOTE = 200, 4000
_LAST, _AGAIN = 0.62, 0.7  # where a line that is cut breaks off, and where it goes on
HIDDEN = (
    "marking-definition",
    "relationship",
    "extension-definition",
)  # the bundle has them; here they only fill the page


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
    reader = reader_of(person(request))
    found = queries.case_row(case, reader)
    if found is None:
        raise Http404("there is no case of this name that you may see")
    scope = scope.at(found.exercise)
    events = queries.events(found, reader)
    findings = queries.findings_of(found, reader, limit=MOST_FINDINGS)
    line = clock(found, findings, events)
    concerned = organisations(queries.concerned(found, reader))
    objects = queries.objects_said(found, get_language() or "en")
    return Page(
        template="pages/case.html",
        question=_("What happened, who does what, what was done?"),
        answer=_answer(found, len(concerned)),
        data={"case": queries.shape_of(found), "events": [_event(one) for one in events], "findings": findings},
        rows=[_event(one) for one in events],
        cases=[found],
        context={
            "scope": scope,
            "case": found,
            "events": events,
            "notes": (Step.NOTED, Step.JOTTED),
            "inside": Step.JOTTED,
            "findings": findings,
            "most": MOST_FINDINGS,
            "organisations": concerned,
            "lanes": lanes(line, findings, events, seen=found.findings > 0),
            "line": line,
            "measures": [one for one in objects if one["type"] == "course-of-action"],
            "objects": [one for one in objects if one["type"] not in HIDDEN] if reader.operator else [],
            "moves": _moves(found) if reader.operator else [],
            "readers": readers(found),
            "with_note": with_note(found),
            "markings": choices(found, sum(one.kind == Step.NOTED for one in events)) if reader.operator else [],
            "hands": hands(found, events, reader, person(request).get_username()),
        },
    )


@require_POST
def move(request: HttpRequest, case: str) -> HttpResponse:
    """Move a case to another state."""
    status = request.POST.get("to", "")
    try:
        target = CaseStatus(status)
        casework.move(case, target, actor=person(request).get_username())
    except ValueError:
        messages.error(request, _("A case has no state “%(state)s”.") % {"state": status})
    except Problem as problem:
        messages.error(request, problem.told(get_language() or "en"))
    else:
        messages.success(request, _("The case is now %(state)s.") % {"state": STATUS_WORDS[target]})
    return redirect("case", case)


@require_POST
def note(request: HttpRequest, case: str) -> HttpResponse:
    """Write a note into a case, for the hub only unless it is said to go with the case."""
    text = request.POST.get("text", "").replace("\r\n", "\n").strip()  # as the browser counts it
    with_case = request.POST.get("readers") == "case"
    if not text:
        messages.error(request, _("Write something first."))
        return redirect("case", case)
    if len(text) > LONGEST_NOTE:
        words = {"most": number(LONGEST_NOTE), "count": number(len(text))}
        messages.error(request, _("A note has at most %(most)s characters; this one has %(count)s.") % words)
        return redirect("case", case)
    try:
        casework.note(case, text, actor=person(request).get_username(), with_case=with_case)
    except Problem as problem:
        messages.error(request, problem.told(get_language() or "en"))
    else:
        said = _("The note is part of the case.") if with_case else _("The note is written, for the hub only.")
        messages.success(request, said)
    return redirect("case", case)


def _answer(case: Case, concerned: int) -> str:
    title = say(Text(case.title_en, case.title_ja)).rstrip("。.")
    who = counted("%(count)s member is concerned.", "%(count)s members are concerned.", concerned)
    state = _("It is %(state)s.") % {"state": STATUS_WORDS[CaseStatus(case.status)]}
    return joined(title + _("."), state, who if concerned else _("No member is concerned."))


def _moves(case: Case) -> list[Move]:
    who = readers(case)
    told = {
        CaseStatus.CONFIRMED: joined(_("Its objects then say “confirmed” instead of “suspected”."), who),
        CaseStatus.CONTAINED: _("Its time line then says that the attack has been stopped; it can flare up again.") + " " + who,
        CaseStatus.CLOSED: _("No more findings join it; a new one of the same kind begins a new case. It can be opened again."),
    }
    titles = {
        CaseStatus.CONFIRMED: _("Confirm") if case.status == CaseStatus.PROPOSED else _("Open again"),
        CaseStatus.CONTAINED: _("Contained"),
        CaseStatus.CLOSED: _("Close"),
    }
    return [Move(one.value, titles[one], told[one]) for one in actions.MOVES[CaseStatus(case.status)]]


@dataclass(frozen=True)
class Clock:
    """Where a moment lies on the time line. Old traffic that is handled today would leave a long empty middle: it is cut."""

    start: datetime
    last: datetime
    again: datetime
    end: datetime

    @property
    def is_cut(self) -> bool:
        return self.again - self.last > 2 * max(self.last - self.start, timedelta(hours=1))

    def at(self, moment: datetime) -> float:
        """The share (0–1) of the line."""
        if not self.is_cut:
            return _share(moment, self.start, self.end)
        if moment < self.again:
            return _LAST * _share(moment, self.start, self.last)
        return _AGAIN + (1 - _AGAIN) * _share(moment, self.again, self.end)

    @property
    def cut(self) -> tuple[float, float] | None:
        """Where the line leaves time out."""
        return (_LAST, _AGAIN) if self.is_cut else None

    @property
    def axis(self) -> Picture:
        """The times below the lanes, each where it belongs."""
        if self.end - self.start < timedelta(minutes=1):
            return times(_("Times (UTC)"), [(0.5, f"{self.start:%Y-%m-%d %H:%M}")])
        moments = [
            self.start,
            *([self.last, self.again] if self.is_cut else [self.start + (self.end - self.start) / 2]),
            self.end,
        ]
        first = self.start.date()
        written = [f"{one:%H:%M}" if at and one.date() == first else f"{one:%Y-%m-%d %H:%M}" for at, one in enumerate(moments)]
        return times(_("Times (UTC)"), [(self.at(moment), words) for moment, words in zip(moments, written, strict=True)])


def _share(moment: datetime, start: datetime, end: datetime) -> float:
    return max(0.0, min(1.0, (moment - start) / (end - start))) if end > start else 0.5


def clock(case: Case, findings: Sequence[FindingLine], events: Sequence[CaseEvent]) -> Clock:
    """The time line of a case, from its first packet to the last thing that anybody did."""
    start = min([row.first or row.start for row in findings], default=case.first)
    last = max([row.last or row.end for row in findings], default=case.last)
    acts = [one.at for one in events] or [last]
    return Clock(start, last, max(min(acts), last), max(*acts, last))


def lanes(clock: Clock, findings: Sequence[FindingLine], events: Sequence[CaseEvent], *, seen: bool = True) -> list[Lane]:
    """The lanes of the time line: the attack if it was seen, what was found of it, what people did, what was shared."""
    whole = f"{clock.start:%Y-%m-%d %H:%M} – {clock.last:%Y-%m-%d %H:%M}"
    attack = [Mark(clock.at(clock.start), clock.at(clock.last), whole)] if seen else []
    found = [_seen(clock, row) for row in findings]
    acts = [
        (one, Mark(clock.at(one.at), clock.at(one.at), f"{one.at:%Y-%m-%d %H:%M} {one.actor}: {said(one)}", True))
        for one in events
    ]
    done = [mark for one, mark in acts if one.kind != Step.MARKED]
    shared = [mark for one, mark in acts if one.kind == Step.MARKED]
    rows = ((_("Attack"), attack), (_("Findings"), found), (_("Actions"), done), (_("Sharing"), shared))
    return [Lane(title, lane(f"{title}: {len(marks)}", marks, clock.cut)) for title, marks in rows]


def _seen(clock: Clock, row: FindingLine) -> Mark:
    start, end = row.first or row.start, row.last or row.end
    return Mark(clock.at(start), clock.at(end), f"{start:%Y-%m-%d %H:%M} {say(row.title)}", row.severity >= Severity.HIGH)


def said(event: CaseEvent) -> str:
    """What a line of the time line says; its kind when it says nothing."""
    return say(Text(event.text_en, event.text_ja or event.text_en)) or event.kind


def _event(event: CaseEvent) -> dict[str, Any]:
    return {
        "at": event.at,
        "actor": event.actor,
        "kind": event.kind,
        "text": Text(event.text_en, event.text_ja or event.text_en),
    }


def stix(request: HttpRequest, case: str) -> HttpResponse:
    """The case as a STIX bundle, released to the person who asks; the disclosure is in the audit log."""
    asks = person(request)
    errand = errand_of(Caller(reader_of(asks), asks.get_username()), "page", case)
    form = named("stix-bundle")
    try:
        content = form.write(release_case(case, errand))
    except Problem as problem:
        messages.error(request, problem.told(get_language() or "en"))
        return redirect("case", case)
    disposition = f'attachment; filename="{case}{form.suffix}"'
    return HttpResponse(content, content_type=form.media, headers={"Content-Disposition": disposition})
