"""Findings for programs: one page after the other, or one whole."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Query, Router

from hinomi.casebook import queries
from hinomi.hub.api.auth import reader
from hinomi.hub.api.refusals import refusing
from hinomi.hub.api.shapes import Finding, Findings, Look, Moment
from hinomi.hub.api.title import title as _
from hinomi.hub.pages.catalogue import detectors
from hinomi.schema.findings import Window
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Severity, Text, Verdict

router = Router(tags=["findings"])
Limit = Annotated[int, Query(ge=1, le=500, description="most items on one page")]
After = Annotated[str, Query(max_length=200, description="`next` of the page before")]
Exercise = Annotated[bool, Query(description="what an exercise made instead of what is real; for the hub's own people")]
Least = Annotated[Literal["info", "low", "medium", "high", "critical"], Query(description="this severity or graver")]

Since = Annotated[Moment | None, Query(description="what was seen at this time or later")]
Until = Annotated[Moment | None, Query(description="what was seen before this time")]


@router.get("/findings", response=Findings, summary=_("Findings, newest first"))
def findings(
    request: HttpRequest,
    least: Least = "info",
    detector: str | None = None,
    since: Since = None,
    until: Until = None,
    exercise: Exercise = False,
    after: After = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """Findings, newest first. A member gets those that concern it."""
    who = reader(request)
    if detector and detector not in detectors() and not _has_looked(detector):
        what = Text("there is no such detector.", "その検知器はありません。")
        known = ", ".join(detectors())
        raise WrongUse(detector, what, Text(f"Choose among {known}.", f"{known} から選んでください。"))
    wanted = queries.Wanted(
        reader=who,
        exercise=exercise and who.operator,
        least=Severity.named(least),
        detectors=(detector,) if detector else (),
        since=since,
        until=until,
    )
    page = queries.finding_page(wanted, after, limit)
    return {"items": page.items, "next": page.after or None}


def _has_looked(detector: str) -> bool:
    """Whether a detector that is no longer installed has left something to ask for."""
    return any(queries.watching([detector], exercise=exercise) for exercise in (False, True))


@router.get("/findings/{finding}", response=Finding, summary=_("One finding with its evidence"))
def finding(request: HttpRequest, finding: str) -> dict[str, Any]:
    """One finding with its evidence."""
    found = queries.finding(finding, reader(request))
    if found is None:
        raise Http404  # what may not be seen is answered like what is not there
    return found


@router.get("/outcomes", response=list[Look], summary=_("How the looks of the detectors ended"), openapi_extra=refusing(404))
def outcomes(request: HttpRequest, since: Moment, until: Moment, verdict: Verdict | None = None) -> list[dict[str, Any]]:
    """How the looks at a time ended: found, clean, not applicable, or failed and why. For the hub's own people."""
    if not reader(request).operator:
        raise Http404
    looks = queries.looks(Window(since, until), only=(verdict,) if verdict else tuple(Verdict))
    return [_look(one) for one in looks]


def _look(look: queries.Look) -> dict[str, Any]:
    window: dict[str, datetime] = look.window._asdict()
    return vars(look) | {"window": window, "reason": look.reason._asdict(), "verdict": look.verdict.value}
