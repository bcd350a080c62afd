"""What allowing a subject would mean: what it would have silenced, and whom it touches."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from hinomi.casebook.allowing import block_of
from hinomi.casebook.models import Case
from hinomi.casebook.queries.blocks import inside
from hinomi.casebook.queries.sectors import OPEN
from hinomi.members.queries import Block, holders
from hinomi.schema.release import Reader

BEFORE = timedelta(days=30)
MOST = 1000  # findings that a preview counts; more are said to be "more than"


@dataclass(frozen=True)
class Preview:
    """What would have been silent in the `BEFORE` up to now, by detector; the open cases and members that it touches."""

    block: Block
    findings: int
    detectors: dict[str, int]
    cases: int
    members: tuple[str, ...]
    days: int = BEFORE.days

    @property
    def is_more(self) -> bool:
        return self.findings >= MOST

    @property
    def counted(self) -> str:
        """How many findings, as people read it."""
        return f"{self.findings:,}{'+' if self.is_more else ''}"


def preview(subject: str, reader: Reader, *, now: datetime | None = None) -> Preview:
    """What allowing an address or prefix would mean; nothing changes by asking."""
    moment = now or timezone.now()
    block = block_of(subject)
    seen = inside(block, reader, since=moment - BEFORE, limit=MOST)
    ids = [one.id for one in seen]
    return Preview(
        block,
        len(seen),
        dict(Counter(one.detector for one in seen).most_common()),
        Case.objects.filter(parts__finding__in=ids, status__in=OPEN).distinct().count(),
        tuple(sorted({one.organisation_id for one in holders(block)})),
    )
