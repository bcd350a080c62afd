"""What is asked of cases: the list, one case with everything it refers to, and how each sector stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from django.db.models import Sum

from hinomi.casebook import cursor
from hinomi.casebook.actions import CaseProblem
from hinomi.casebook.models import Case, CaseEvent, CaseFinding, CaseObject, CaseOrganisation, FindingCount, StixObject
from hinomi.casebook.shapes import Shape, case_shape
from hinomi.casebook.stix.envelope import audience_of, identify
from hinomi.casebook.stix.observables import OBSERVABLES
from hinomi.members.models import Organisation
from hinomi.schema.scope import Tlp
from hinomi.schema.words import CaseStatus, Severity, Text

OPEN = tuple(status.value for status in CaseStatus if status is not CaseStatus.CLOSED)
RECENT = timedelta(days=1)  # what a sector's level looks back on
MOST = 10  # reasons of each kind that are named; the level counts all


@dataclass(frozen=True)
class CasePage:
    """Some cases, the last changed first, and the cursor of those that follow ("" when there are none)."""

    items: tuple[Shape, ...]
    after: str


def case_page(
    *,
    exercise: bool = False,
    status: CaseStatus | None = None,
    organisation: str | None = None,
    least: Severity = Severity.INFO,
    after: str = "",
    limit: int = 50,
) -> CasePage:
    """The next cases after a cursor, in the shape of `hinomi cases --json`."""
    found = Case.objects.filter(exercise=exercise)
    if status is not None:
        found = found.filter(status=status.value)
    if organisation is not None:
        found = found.filter(concerned__organisation=organisation)
    if least > Severity.INFO:
        found = found.filter(severity__gte=least)
    if place := cursor.read(after):
        found = found.filter(modified__lte=place[0]).exclude(modified=place[0], id__gte=place[1])
    rows = list(found.order_by("-modified", "-id").values()[: limit + 1])
    here = rows[:limit]
    last = cursor.write((here[-1]["modified"], here[-1]["id"])) if len(rows) > limit else ""
    return CasePage(tuple(case_shape(row) for row in here), last)


def cases(*, exercise: bool = False) -> Iterator[Shape]:
    """All cases, the last changed first."""
    after = ""
    while True:
        page = case_page(exercise=exercise, after=after, limit=500)
        yield from page.items
        after = page.after
        if not after:
            return


def case(id_: str) -> Shape:
    """One case with its time line, the findings it was seen by and the STIX objects it refers to."""
    row = Case.objects.filter(id=id_).values().first()
    if row is None:
        what = Text("there is no such case.", "その事案はありません。")
        raise CaseProblem(id_, what, Text("`hinomi cases` shows them.", "`hinomi cases` で確認できます。"))
    concerned = CaseOrganisation.objects.filter(case_id=id_).order_by("organisation")
    bodies = CaseFinding.objects.filter(case_id=id_).order_by("finding__window_start", "finding_id")
    events = CaseEvent.objects.filter(case_id=id_).order_by("at", "id")
    return case_shape(row) | {
        "owner": row["owner"],
        "assignee": row["assignee"],
        "tlp": Tlp(row["tlp"]).label,
        "first": row["first"],
        "last": row["last"],
        "organisations": list(concerned.values_list("organisation", flat=True)),
        "timeline": [
            {"at": one.at, "actor": one.actor, "kind": one.kind, "what": {"en": one.text_en, "ja": one.text_ja}}
            for one in events
        ],
        "findings": [orjson.loads(body) for body in bodies.values_list("finding__body", flat=True)],
        "objects": [orjson.loads(content) for content in objects(id_)],
    }


def objects(id_: str) -> list[bytes]:
    """The current STIX objects of a case, as they are stored and in that order: those it refers to, and their translations."""
    row = Case.objects.filter(id=id_).first()
    if row is None:
        return []
    refers = list(CaseObject.objects.filter(case_id=id_).values_list("stix_id", flat=True))
    wanted = [*refers, *(identify("language-content", one, "ja") for one in refers)]
    audience = audience_of(row.owner, Tlp(row.tlp), row.exercise)
    found: list[tuple[int, bytes]] = []
    for start in range(0, len(wanted), 500):
        # By id alone, the rest is judged here: SQLite would take the index of `current` and read every object there is.
        for one in StixObject.objects.filter(stix_id__in=wanted[start : start + 500]):
            is_others = one.type in OBSERVABLES and one.audience != audience  # another case's copy of an observable
            if one.current and one.exercise is row.exercise and not one.received and not is_others:
                found.append((one.seq, one.content))
    return [content for _, content in sorted(found)]


@dataclass(frozen=True)
class Reason:
    """Why a sector's level is what it is: so many findings of a detector, or an open case."""

    severity: Severity
    count: int
    detector: str = ""
    case: str = ""
    title: Text | None = None


@dataclass(frozen=True)
class SectorLevel:
    """How a sector stands: the gravest thing that concerns a member of it, None when nothing does, and the reasons."""

    members: int
    level: Severity | None
    reasons: tuple[Reason, ...]


def sector_levels(*, at: datetime | None = None, exercise: bool = False) -> dict[str, SectorLevel]:
    """The threat level of every sector that has members, from the findings of the last day and the open cases."""
    sector_of = dict(Organisation.objects.filter(exercise=exercise, left=None).values_list("id", "sector"))
    reasons: dict[str, list[Reason]] = defaultdict(list)
    for sector, reason in _from_findings(sector_of, at or datetime.now(UTC), exercise):
        reasons[sector].append(reason)
    for sector, reason in _from_cases(sector_of, exercise):
        reasons[sector].append(reason)
    levels = {}
    for sector in sorted(set(sector_of.values())):
        why = tuple(sorted(reasons[sector], key=lambda one: (-one.severity, one.case, one.detector)))
        members = sum(one == sector for one in sector_of.values())
        levels[sector] = SectorLevel(members, why[0].severity if why else None, why)
    return levels


def _from_findings(sector_of: dict[str, str], at: datetime, exercise: bool) -> Iterator[tuple[str, Reason]]:
    counts = FindingCount.objects.filter(
        exercise=exercise, organisation__in=list(sector_of), hour__gt=at - RECENT, hour__lte=at, severity__gte=Severity.LOW
    )
    sums: dict[tuple[str, str, int], int] = defaultdict(int)
    by = counts.values_list("organisation", "detector", "severity").annotate(Sum("count"))
    for organisation, detector, severity, count in by:
        sums[sector_of[organisation], detector, severity] += count
    for (sector, detector, severity), count in sums.items():
        yield sector, Reason(Severity(severity), count, detector=detector)


def _from_cases(sector_of: dict[str, str], exercise: bool) -> Iterator[tuple[str, Reason]]:
    """The gravest open cases of each sector; all are looked at, so that no sector looks calm for want of room."""
    concerned = CaseOrganisation.objects.filter(case__exercise=exercise, case__status__in=OPEN)
    gravest: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for organisation, case_id, severity in concerned.values_list("organisation", "case_id", "case__severity"):
        if sector := sector_of.get(organisation):
            gravest[sector].add((-severity, case_id))
    chosen = {sector: sorted(found)[:MOST] for sector, found in gravest.items()}
    titles = Case.objects.only("title_en", "title_ja").in_bulk({id_ for found in chosen.values() for _, id_ in found})
    for sector, found in chosen.items():
        for severity, id_ in found:
            title = Text(titles[id_].title_en, titles[id_].title_ja)
            yield sector, Reason(Severity(-severity), 1, case=id_, title=title)
