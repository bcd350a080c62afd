"""What is asked of cases: the list, one case with everything it refers to, and what a page shows of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import Count

from hinomi.casebook import cursor
from hinomi.casebook.audience import HUB, INTERNAL, actor_for, case_for, concerning, no_case, own, readable
from hinomi.casebook.cursor import Place
from hinomi.casebook.models import Case, CaseEvent, CaseFinding, CaseObject, CaseOrganisation, Finding, StixObject
from hinomi.casebook.queries.findings import FindingLine, lines
from hinomi.casebook.shapes import Shape, case_shape, read_shape
from hinomi.casebook.stix.envelope import audience_of, identify
from hinomi.casebook.stix.observables import OBSERVABLES
from hinomi.schema.release import Reader
from hinomi.schema.scope import Tlp
from hinomi.schema.words import CaseStatus, Severity, Step


@dataclass(frozen=True)
class CasePage:
    """Some cases, the last changed first, and the cursor of those that follow ("" when there are none)."""

    items: tuple[Case, ...]
    after: str

    @property
    def shapes(self) -> list[Shape]:
        """The cases under the keys of `hinomi cases --json`."""
        return [shape_of(case) for case in self.items]


def shape_of(case: Case) -> Shape:
    """A case under the keys of `hinomi cases --json`."""
    return case_shape(vars(case))


def case_page(
    reader: Reader,
    *,
    exercise: bool = False,
    status: CaseStatus | None = None,
    least: Severity = Severity.INFO,
    after: str = "",
    limit: int = 50,
) -> CasePage:
    """The next cases after a cursor."""
    found = Case.objects.filter(readable(reader), exercise=exercise)
    if status is not None:
        found = found.filter(status=status.value)
    if least > Severity.INFO:
        found = found.filter(severity__gte=least)
    if place := cursor.read(after):
        found = found.filter(modified__lte=place.at).exclude(modified=place.at, id__gte=place.id)
    rows = list(found.order_by("-modified", "-id")[: limit + 1])
    here = rows[:limit]
    return CasePage(tuple(here), cursor.write(Place(here[-1].modified, here[-1].id)) if len(rows) > limit else "")


def cases(reader: Reader, *, exercise: bool = False) -> Iterator[Shape]:
    """All cases that the reader may see, the last changed first, in the shape of `hinomi cases --json`."""
    after = ""
    while True:
        page = case_page(reader, exercise=exercise, after=after, limit=500)
        yield from page.shapes
        after = page.after
        if not after:
            return


def case_counts(reader: Reader, *, exercise: bool) -> dict[str, int]:
    """How many cases are in each state."""
    found = Case.objects.filter(readable(reader), exercise=exercise)
    return dict(found.order_by().values_list("status").annotate(Count("id")))


def case_row(id_: str, reader: Reader) -> Case | None:
    """The case of an id; None when there is none that the reader may see."""
    return Case.objects.filter(readable(reader), id=id_).first()


def case_seen(id_: str, reader: Reader) -> Case:
    """The same; Missing when there is none that the reader may see."""
    row = case_row(id_, reader)
    if row is None:
        raise no_case(id_)
    return row


def case(id_: str, reader: Reader) -> Shape:
    """One case whole, by its id."""
    return whole(case_seen(id_, reader), reader)


def whole(row: Case, reader: Reader) -> Shape:
    """A case with its time line, the findings it was seen by and the STIX objects it refers to, as the reader may know it."""
    bodies = CaseFinding.objects.filter(case=row).order_by("finding__window_start", "finding_id")
    shape = shape_of(row) | {
        "description": row.description,
        "owner": row.owner,
        "assignee": row.assignee,
        "tlp": Tlp(row.tlp).label,
        "first": row.first,
        "last": row.last,
        "organisations": concerned(row, HUB),
        "timeline": [
            {"at": one.at, "actor": one.actor, "kind": one.kind, "what": {"en": one.text_en, "ja": one.text_ja}}
            for one in events(row, HUB)
        ],
        "findings": [read_shape(body) for body in bodies.values_list("finding__body", flat=True)],
        "objects": [orjson.loads(content) for content in objects(row)] if reader.operator else [],
    }
    return case_for(shape, reader)


def events(case: Case, reader: Reader) -> list[CaseEvent]:
    """The time line of a case, the oldest line first.

    Members learn neither who did what nor what is for the hub only, and read the title that the case has now: the first one
    may name who turned out not to be concerned.
    """
    told = CaseEvent.objects.filter(case=case)
    found = list((told if reader.operator else told.exclude(kind__in=INTERNAL)).order_by("at", "id"))
    for one in found:
        one.actor = actor_for(one.actor, reader)
        if one.kind == Step.PROPOSED and not reader.operator:
            one.text_en, one.text_ja = case.title_en, case.title_ja
    return found


def concerned(case: Case, reader: Reader) -> list[str]:
    """The organisations that a case concerns, as far as the reader may be told."""
    listed = CaseOrganisation.objects.filter(case=case).order_by("organisation")
    return own(listed.values_list("organisation", flat=True), reader)


def findings_of(case: Case, reader: Reader, *, limit: int) -> list[FindingLine]:
    """The findings of a case that the reader may see, the oldest first."""
    found = Finding.objects.filter(concerning(reader), cases__case=case)
    return lines(found.order_by("window_start", "id")[:limit])


def cases_of(finding: str, reader: Reader) -> list[Case]:
    """The cases that a finding is part of, as far as the reader may see them."""
    return list(Case.objects.filter(readable(reader), parts__finding=finding).order_by("-modified"))


def objects(case: Case) -> list[bytes]:
    """The current STIX objects of a case, as they are stored and in that order: those it refers to, and their translations."""
    refers = list(CaseObject.objects.filter(case=case).values_list("stix_id", flat=True))
    wanted = [*refers, *(identify("language-content", one, "ja") for one in refers)]
    audience = audience_of(case.owner, Tlp(case.tlp), case.exercise)
    found: list[tuple[int, bytes]] = []
    for start in range(0, len(wanted), 500):
        # By id alone, the rest is judged here: SQLite would take the index of `current` and read every object there is.
        for one in StixObject.objects.filter(stix_id__in=wanted[start : start + 500]):
            is_others = one.type in OBSERVABLES and one.audience != audience  # another case's copy of an observable
            if one.current and one.exercise is case.exercise and not one.received and not is_others:
                found.append((one.seq, one.content))
    return [content for _, content in sorted(found)]


def objects_said(case: Case, language: str) -> list[dict[str, Any]]:
    """The same objects for people: the case itself first, each in its words of a language where it has them (STIX 2.1 §7.1)."""
    held = [orjson.loads(content) for content in objects(case)]
    words = {one["object_ref"]: one["contents"].get(language, {}) for one in held if one["type"] == "language-content"}
    told = [one | words.get(one["id"], {}) for one in held if one["type"] != "language-content"]
    return sorted(told, key=lambda one: (one["type"] != "incident", one["type"], one["id"]))
