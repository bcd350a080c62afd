"""How each sector stands: the gravest thing that concerns a member of it, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max

from hinomi.casebook.audience import concerned_among
from hinomi.casebook.models import CaseOrganisation
from hinomi.casebook.queries.counts import concerns
from hinomi.members.models import Organisation
from hinomi.schema.findings import Window
from hinomi.schema.release import Reader
from hinomi.schema.words import CaseStatus, Severity

OPEN = tuple(status.value for status in CaseStatus if status is not CaseStatus.CLOSED)


@dataclass(frozen=True)
class Reason:
    """Why a sector's level is what it is: so many findings of a detector, or ("" as the detector) open cases."""

    severity: Severity
    count: int
    detector: str = ""


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

    @property
    def cases(self) -> int:
        return sum(one.count for one in self.reasons if not one.detector)


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
    for organisation, gravest, count in _open_cases(sector_of, window, exercise):
        reasons[sector_of[organisation]].append(Reason(Severity(gravest), count))
    return {
        sector: _level(reasons[sector], len(seen[sector]), sum(one == sector for one in sector_of.values()))
        for sector in sorted(set(sector_of.values()))
    }


def _level(reasons: list[Reason], seen: int, members: int) -> SectorLevel:
    why = tuple(sorted(reasons, key=lambda one: (-one.severity, one.detector)))
    return SectorLevel(members, seen, why[0].severity if why else None, why)


def _open_cases(sector_of: Mapping[str, str], window: Window, exercise: bool) -> list[tuple[str, int, int]]:
    """The gravest open case of each member, and how many it has; added up by the database (7,000 cases: 20 ms, not 500)."""
    concerned = CaseOrganisation.objects.filter(
        organisation__in=list(sector_of), case__exercise=exercise, case__status__in=OPEN, case__first__lt=window.end
    ).order_by()
    return list(concerned.values_list("organisation").annotate(Max("case__severity"), Count("pk")))
