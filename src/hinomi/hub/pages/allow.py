"""Allow this: what would happen, told before; doing it; taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hinomi.casebook import queries
from hinomi.casebook.allowing import LONGEST, Wish
from hinomi.casebook.allowing import allowances as standing
from hinomi.casebook.models import Allowance
from hinomi.hub import allowing
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.pages.catalogue import title_of
from hinomi.hub.pages.page import Page, person, shown
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.words import counted, joined, number
from hinomi.hub.permission import HUB, allows
from hinomi.members.queries import organisations
from hinomi.schema.findings import Finding
from hinomi.schema.problems import Problem
from hinomi.schema.release import Reader
from hinomi.schema.words import SubjectKind

USUAL = timedelta(days=30)  # until when the form proposes
MOST = 500  # entries of the list


@dataclass(frozen=True)
class Entry:
    """A line of the list: an allowance and how it stands now."""

    allowance: Allowance
    prefix: str
    holds: bool
    state: str


@dataclass(frozen=True)
class Offer:
    """What the form says beforehand, and the days that may be given as the end."""

    consequence: str
    proposed: date
    last: date


@shown
def allowances(request: HttpRequest) -> Page:
    """What is allowed and what was, with who said so and why; the newest first."""
    scope, now = scope_of(request), datetime.now(UTC)
    entries = [_entry(one, now) for one in standing(reader_of(person(request)))[:MOST]]
    return Page(
        template="pages/allowances.html",
        question=_("What do we not warn about, and why?"),
        answer=_answer(sum(one.holds for one in entries)),
        data={"allowances": [_told(one) for one in entries]},
        rows=[_told(one) for one in entries],
        context={"scope": scope, "entries": entries},
    )


def _entry(one: Allowance, now: datetime) -> Entry:
    if one.withdrawn:
        return Entry(one, _plain(one.prefix), False, _("taken back"))
    holds = one.valid_until > now
    return Entry(one, _plain(one.prefix), holds, _("holds") if holds else _("over"))


def _answer(holding: int) -> str:
    if not holding:
        return _("Nothing: everything that detectors find is told at its full severity.")
    said = counted(
        "%(count)s address or network is known to be harmless.",
        "%(count)s addresses or networks are known to be harmless.",
        holding,
    )
    kept = ngettext(
        "Findings about it are kept as “info”; nothing is deleted.",
        "Findings about them are kept as “info”; nothing is deleted.",
        holding,
    )
    return joined(said, kept)


def _told(entry: Entry) -> dict[str, object]:
    one = entry.allowance
    return {
        "id": one.pk,
        "prefix": one.prefix,
        "reason": one.reason,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "made_by": one.made_by,
        "withdrawn": one.withdrawn,
        "holds": entry.holds,
    }


def offer_of(finding: Finding, request: HttpRequest) -> Offer | None:
    """What allowing this finding's subject would mean; None for who may not, and for what cannot be allowed."""
    if not allows(HUB, person(request)) or finding.exercise or finding.subject.kind != SubjectKind.ADDRESS:
        return None
    today = datetime.now(UTC).date()
    last = today + LONGEST - timedelta(days=1)  # a day means to its end
    return Offer(_consequence(finding.subject.value, reader_of(person(request))), today + USUAL, last)


def _consequence(subject: str, reader: Reader) -> str:
    """To what and to whom it happens, in sentences."""
    would = queries.preview(subject, reader)
    named = _(", ").join(f"{title_of(name)} {number(count)}" for name, count in would.detectors.items())
    words = {"subject": subject, "days": would.days, "detectors": named}
    silent = counted(
        "Over the last %(days)d days %(count)s finding would have been silent: %(detectors)s.",
        "Over the last %(days)d days %(count)s findings would have been silent: %(detectors)s.",
        would.findings,
        **words,
        count=would.counted,
    )
    stay = counted("%(count)s open case stays as it is.", "%(count)s open cases stay as they are.", would.cases)
    names = _(", ").join(_named(one) for one in organisations(would.members))
    return joined(
        _("From today on, findings about %(subject)s are kept as “info”, with your reason, and open no case.") % words,
        _("Detectors that count a whole port leave its packets out. Nothing is deleted, and it can be taken back."),
        silent if would.findings else _("Over the last %(days)d days nothing would have been silent.") % words,
        *([stay] if would.cases else []),
        _("It is an address of %(members)s.") % {"members": names} if names else _("It is no member's address."),
    )


def _named(organisation: object) -> str:
    japanese = getattr(organisation, "name_ja", "") if get_language() == "ja" else ""
    return japanese or str(organisation)


@require_POST
def allow(request: HttpRequest, finding: str) -> HttpResponse:
    """Allow the subject of a finding until a day, for a reason."""
    reader = reader_of(person(request))
    shape = queries.finding(finding, reader)
    if shape is None or shape["exercise"]:
        raise Http404("there is no finding of this name that you may allow")
    actor, subject = person(request).get_username(), shape["subject"]["value"]
    try:
        until = allowing.end_of(request.POST.get("until", ""))
        made = allowing.allow(Wish(subject, until, request.POST.get("reason", "")[:2000], reader, actor, finding))
    except Problem as problem:
        messages.error(request, problem.told(get_language() or "en"))
    else:
        words = {"prefix": _plain(made.prefix), "until": f"{made.valid_until:%Y-%m-%d %H:%M}"}
        messages.success(request, _("%(prefix)s is allowed until %(until)s UTC.") % words)
    return redirect("finding", finding)


@require_POST
def withdraw(request: HttpRequest, allowance: int) -> HttpResponse:
    """Take an allowance back."""
    try:
        gone = allowing.withdraw(allowance, reader=reader_of(person(request)), actor=person(request).get_username())
    except Problem as problem:
        messages.error(request, problem.told(get_language() or "en"))
        return redirect("allowances")
    messages.success(request, _("%(prefix)s is no longer allowed.") % {"prefix": _plain(gone.prefix)})
    return redirect("allowances") if "list" in request.POST or not gone.finding else redirect("finding", gone.finding)


def _plain(prefix: str) -> str:
    """An address without the length that says it is one."""
    return prefix.removesuffix("/128" if ":" in prefix else "/32")
