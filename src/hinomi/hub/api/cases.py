"""Cases for programs: the list, one whole, and its STIX bundle as a release."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Status

from hinomi.casebook import queries
from hinomi.casebook.actions import CaseProblem
from hinomi.casebook.draft import tlp_named, written
from hinomi.hub import casework
from hinomi.hub.api.auth import WRITE, caller, reader, staff
from hinomi.hub.api.findings import After, Exercise, Least, Limit
from hinomi.hub.api.shapes import Assign, Cases, Mark, Move, NewCase, Note, WholeCase
from hinomi.hub.api.title import title as _
from hinomi.schema.words import CaseStatus, Severity
from hinomi.share.gate import Errand, Refused, is_member
from hinomi.share.gate import bundle as released

router = Router(tags=["cases"])
STIX = "application/stix+json;version=2.1"
AS_STIX = {"responses": {200: {"content": {STIX: {"schema": {"type": "object"}}}}}}


@router.get("/cases", response=Cases, summary=_("Cases, the last changed first"))
def cases(
    request: HttpRequest,
    status: CaseStatus | None = None,
    least: Least = "info",
    exercise: Exercise = False,
    after: After = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Cases, the last changed first. A member gets its own and those marked for all members."""
    who = reader(request)
    page = queries.case_page(
        who,
        exercise=exercise and who.operator,
        status=status,
        least=Severity.named(least),
        after=after,
        limit=limit,
    )
    return {"items": page.shapes, "next": page.after or None}


@router.get("/cases/{case}", response=WholeCase, summary=_("One case with its time line and findings"))
def case(request: HttpRequest, case: str) -> dict[str, Any]:
    """One case with its time line and findings."""
    try:
        return queries.case(case, reader(request))
    except CaseProblem:
        raise Http404 from None  # what may not be seen is answered like what is not there


@router.get("/cases/{case}/bundle", summary=_("A case as a STIX 2.1 bundle"), openapi_extra=AS_STIX)
def bundle(request: HttpRequest, case: str) -> HttpResponse:
    """The case as a STIX 2.1 bundle: what this reader may know of it; the disclosure is in the audit record."""
    who = caller(request)
    errand = Errand(who.reader, is_member(who.reader.organisation), who.account, "rest", case)
    try:
        return HttpResponse(released(case, errand), content_type=STIX)
    except Refused:
        raise Http404 from None


@router.post("/cases", auth=WRITE, response={201: WholeCase}, summary=_("Open a case by hand"))
def open_case(request: HttpRequest, wanted: NewCase) -> Status[dict[str, Any]]:
    """Open a case by hand, proposed until somebody confirms it; for the hub's own people and their tokens."""
    who = staff(request)
    draft = written(**wanted.model_dump() | {"indicators": "\n".join(wanted.indicators)})
    return Status(201, queries.case(casework.open_case(draft, actor=who.account).id))


@router.post("/cases/{case}/status", auth=WRITE, response=WholeCase, summary=_("Move a case to another state"))
def move(request: HttpRequest, case: str, change: Move) -> dict[str, Any]:
    """Move a case to another state; for the hub's own people and their tokens."""
    who = staff(request)
    casework.move(case, change.status, actor=who.account, reason=change.reason)
    return queries.case(case)


@router.post("/cases/{case}/notes", auth=WRITE, response=WholeCase, summary=_("Write a note into a case"))
def note(request: HttpRequest, case: str, line: Note) -> dict[str, Any]:
    """Write a note into a case; for the hub's own people and their tokens."""
    who = staff(request)
    casework.note(case, line.text, actor=who.account)
    return queries.case(case)


@router.post("/cases/{case}/marking", auth=WRITE, response=WholeCase, summary=_("Mark a case with a TLP label"))
def mark(request: HttpRequest, case: str, wanted: Mark) -> dict[str, Any]:
    """Mark a case with a TLP 2.0 label, which decides who can read it; for the hub's own people and their tokens."""
    who = staff(request)
    casework.mark(case, tlp_named(wanted.tlp), actor=who.account)
    return queries.case(case)


@router.post("/cases/{case}/assignee", auth=WRITE, response=WholeCase, summary=_("Say who holds a case"))
def assign(request: HttpRequest, case: str, wanted: Assign) -> dict[str, Any]:
    """Give a case to one of the hub's own people, or to nobody; for the hub's own people and their tokens."""
    who = staff(request)
    casework.assign(case, wanted.person, actor=who.account)
    return queries.case(case)
