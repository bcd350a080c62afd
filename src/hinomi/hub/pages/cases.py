"""What happened, and where does each case stand?"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hinomi.casebook import queries
from hinomi.casebook.shapes import Shape
from hinomi.hub.pages.page import Page, after, shown
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.table import Listing, Turn
from hinomi.hub.pages.words import STATUS_WORDS, counted
from hinomi.schema.words import CaseStatus


@shown
def cases(request: HttpRequest) -> Page:
    """Cases, the newest change first, with how many stand where."""
    scope = scope_of(request)
    asked = request.GET.get("status", "")
    status = CaseStatus(asked) if asked in set(CaseStatus) else None
    found = queries.case_page(scope.reader, exercise=scope.marked, status=status, after=after(request))
    counts = queries.case_counts(scope.reader, exercise=scope.marked)

    def turn(cursor: str, rows: int) -> Turn:
        page = queries.case_page(scope.reader, exercise=scope.marked, status=status, after=cursor, limit=rows)
        return Turn(page.shapes, page.after, page.items)

    return Page(
        template="pages/cases.html",
        question=_("What happened, and where does each case stand?"),
        answer=_answer(counts, looked=scope.newest is not None),
        data={
            "exercise": scope.exercise or None,
            "counts": counts,
        },
        listing=Listing("cases", turn, _row, after(request)),
        context={
            "scope": scope,
            "cases": found.items,
            "next": found.after,
            "status": status or "",
            "states": [(one.value, word, counts.get(one.value, 0)) for one, word in STATUS_WORDS.items()],
            "all": sum(counts.values()),
        },
    )


def _row(case: Shape) -> Shape:
    """A case as a line of CSV: what to look for as values, without their types."""
    return case | {"indicators": [one["value"] for one in case["indicators"]]}


def _answer(counts: dict[str, int], *, looked: bool) -> str:
    if not counts and not looked:
        return _("There is no case, and nothing has been looked at yet.")
    if not counts:
        return _("There is no case: nothing that detectors found called for one.")
    waiting = counts.get(CaseStatus.PROPOSED, 0)
    at_work = counts.get(CaseStatus.CONFIRMED, 0) + counts.get(CaseStatus.CONTAINED, 0)
    first = counted("%(count)s proposed case waits for a decision", "%(count)s proposed cases wait for a decision", waiting)
    return counted(
        "%(first)s; %(count)s is being worked on.", "%(first)s; %(count)s are being worked on.", at_work, first=first
    )
