"""How each sector stands: the gravest thing that concerns a member of it, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hinomi.casebook.audience import concerned_among
from hinomi.casebook.models import Case, CaseOrganisation
from hinomi.casebook.queries.counts import concerns
from hinomi.members.models import Organisation
from hinomi.schema.findings import Window
from hinomi.schema.release import Reader
from hinomi.schema.words import CaseStatus, Severity, Text

OPEN = tuple(status.value for status in CaseStatus if status is not CaseStatus.CLOSED)
MOST = 10  # open cases of each sector that are named; the level counts all


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
    """How a sector stands: its members and how many of them were seen, the level (None: nothing concerns it), the reasons."""

    members: int
    seen: int
    level: Severity | None
    reasons: tuple[Reason, ...]

    @property
    def findings(self) -> int:
        return sum(one.count for one in self.reasons if one.detector)


def sector_levels(
    window: Window, reader: Reader, among: Sequence[str] = (), *, exercise: bool = False
) -> dict[str, SectorLevel]:
    """The threat level of every sector that has members: from the findings of a window and the cases open since then.

    A member sees its own sector, as far as it is concerned itself; the others would look calm to it without being so.
    """
    there = Organisation.objects.filter(exercise=exercise, left=None).order_by()
    if whose := concerned_among(reader, among):
        there = there.filter(id__in=whose)
    sector_of = dict(there.values_list("id", "sector"))
    reasons: dict[str, list[Reason]] = defaultdict(list)
    seen: dict[str, set[str]] = defaultdict(set)
    counts: dict[tuple[str, str, Severity], int] = defaultdict(int)
    for one in concerns(list(sector_of), window, exercise=exercise):
        sector = sector_of[one.organisation]
        seen[sector].add(one.organisation)
        counts[sector, one.detector, one.severity] += one.findings
    for (sector, detector, severity), count in counts.items():
        reasons[sector].append(Reason(severity, count, detector=detector))
    for sector, reason in _from_cases(sector_of, window, exercise):
        reasons[sector].append(reason)
    return {
        sector: _level(reasons[sector], len(seen[sector]), sum(one == sector for one in sector_of.values()))
        for sector in sorted(set(sector_of.values()))
    }


def _level(reasons: list[Reason], seen: int, members: int) -> SectorLevel:
    why = tuple(sorted(reasons, key=lambda one: (-one.severity, one.case, one.detector)))
    return SectorLevel(members, seen, why[0].severity if why else None, why)


def _from_cases(sector_of: Mapping[str, str], window: Window, exercise: bool) -> Iterator[tuple[str, Reason]]:
    """The gravest open cases of each sector; all are looked at, so that no sector looks calm for want of room."""
    concerned = CaseOrganisation.objects.filter(
        organisation__in=list(sector_of), case__exercise=exercise, case__status__in=OPEN, case__first__lt=window.end
    )
    gravest: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for organisation, case_id, severity in concerned.values_list("organisation", "case_id", "case__severity"):
        gravest[sector_of[organisation]].add((-severity, case_id))
    chosen = {sector: sorted(found)[:MOST] for sector, found in gravest.items()}
    titles = Case.objects.only("title_en", "title_ja").in_bulk({id_ for found in chosen.values() for _, id_ in found})
    for sector, found in chosen.items():
        for severity, id_ in found:
            title = Text(titles[id_].title_en, titles[id_].title_ja)
            yield sector, Reason(Severity(-severity), 1, case=id_, title=title)
