"""Cases for programs: the list, one whole, and its STIX bundle as a release."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from hinomi.casebook import queries
from hinomi.casebook.draft import tlp_named, written
from hinomi.hub import casework
from hinomi.hub.api.answers import told
from hinomi.hub.api.auth import WRITE, caller, reader, staff
from hinomi.hub.api.findings import After, Exercise, Least, Limit
from hinomi.hub.api.refusals import refusing
from hinomi.hub.api.shapes import Assign, Cases, Mark, Move, NewCase, Note, WholeCase
from hinomi.hub.api.title import title as _
from hinomi.schema.words import CaseStatus, Severity
from hinomi.share.format import named
from hinomi.share.gate import errand_of, release_case

router = Router(tags=["cases"])
AS_STIX = {"responses": {200: {"content": {named("stix-bundle").media: {"schema": {"type": "object"}}}}}}


@router.get("/cases", response=Cases, summary=_("Cases, the last changed first"))
def cases(
    request: HttpRequest,
    status: CaseStatus | None = None,
    least: Least = "info",
    exercise: Exercise = False,
    after: After = "",
    limit: Limit = 50,
) -> dict[str, Any] | HttpResponse:
    """Cases, the last changed first. A member gets its own and those marked for all members, as a release."""
    who = reader(request)
    page = queries.case_page(
        who,
        exercise=exercise and who.operator,
        status=status,
        least=Severity.named(least),
        after=after,
        limit=limit,
    )
    return told(request, page.items, {"items": page.shapes, "next": page.after or None}, Cases)


@router.get("/cases/{case}", response=WholeCase, summary=_("One case with its time line and findings"))
def case(request: HttpRequest, case: str) -> dict[str, Any] | HttpResponse:
    """One case with its time line and findings; what may not be seen is answered like what is not there."""
    who = reader(request)
    found = queries.case_seen(case, who)
    return told(request, [found], queries.whole(found, who), WholeCase)


@router.get("/cases/{case}/bundle", summary=_("A case as a STIX 2.1 bundle"), openapi_extra=AS_STIX)
def bundle(request: HttpRequest, case: str) -> HttpResponse:
    """The case as a STIX 2.1 bundle: what this reader may know of it; the disclosure is in the audit record."""
    form = named("stix-bundle")
    made = release_case(case, errand_of(caller(request), "rest", case))
    return HttpResponse(form.write(made), content_type=form.media)


@router.post("/cases", auth=WRITE, response={201: WholeCase}, summary=_("Open a case by hand"))
def open_case(request: HttpRequest, wanted: NewCase) -> Status[dict[str, Any]]:
    """Open a case by hand, proposed until somebody confirms it; for the hub's own people and their tokens."""
    who = staff(request)
    draft = written(**wanted.model_dump() | {"indicators": "\n".join(wanted.indicators)})
    return Status(201, queries.case(casework.open_case(draft, actor=who.account).id, who.reader))


@router.post(
    "/cases/{case}/status",
    auth=WRITE,
    response=WholeCase,
    summary=_("Move a case to another state"),
    openapi_extra=refusing(409),
)
def move(request: HttpRequest, case: str, change: Move) -> dict[str, Any]:
    """Move a case to another state; for the hub's own people and their tokens."""
    who = staff(request)
    casework.move(case, change.status, actor=who.account, reason=change.reason)
    return queries.case(case, who.reader)


@router.post("/cases/{case}/notes", auth=WRITE, response=WholeCase, summary=_("Write a note into a case"))
def note(request: HttpRequest, case: str, line: Note) -> dict[str, Any]:
    """Write a note into a case, for the hub only or with the case; for the hub's own people and their tokens."""
    who = staff(request)
    casework.note(case, line.text, actor=who.account, with_case=line.readers == "case")
    return queries.case(case, who.reader)


@router.post("/cases/{case}/marking", auth=WRITE, response=WholeCase, summary=_("Mark a case with a TLP label"))
def mark(request: HttpRequest, case: str, wanted: Mark) -> dict[str, Any]:
    """Mark a case with a TLP 2.0 label, which decides who can read it; for the hub's own people and their tokens."""
    who = staff(request)
    casework.mark(case, tlp_named(wanted.tlp), actor=who.account)
    return queries.case(case, who.reader)


@router.post("/cases/{case}/assignee", auth=WRITE, response=WholeCase, summary=_("Say who holds a case"))
def assign(request: HttpRequest, case: str, wanted: Assign) -> dict[str, Any]:
    """Give a case to one of the hub's own people, or to nobody; for the hub's own people and their tokens."""
    who = staff(request)
    casework.assign(case, wanted.person, actor=who.account)
    return queries.case(case, who.reader)
