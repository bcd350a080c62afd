"""Who claims which prefix when: the check that no prefix has two holders at one time."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from hinomi.members.models import Network, Organisation
from hinomi.members.register import Fault, Row
from hinomi.schema.address import Range
from hinomi.schema.words import Text

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


class Claims:
    """The prefixes in the register and in the rows taken so far.

    The same prefix may change hands, but has one holder at a time. A smaller prefix inside another's is delegation (an
    ISP and its customer), not a contradiction: the most specific one wins (`lookups.owner`).
    """

    def __init__(self, exercise: bool) -> None:
        self._held: dict[Range, list[tuple[str, datetime, datetime]]] = defaultdict(list)
        self._kind: dict[str, tuple[str, str, int]] = {}
        held = Network.objects.filter(organisation__exercise=exercise).values_list(
            "first", "last", "organisation__name", "valid_from", "valid_until"
        )
        for first, last, name, begins, ends in held:
            self._held[Range(first, last)].append((name, begins, ends or FOREVER))
        self._names = set(Organisation.objects.filter(exercise=exercise).values_list("name", flat=True))

    def add(self, row: Row) -> None:
        self._held[row.range].append((row.organisation, row.valid_from, row.valid_until or FOREVER))
        self._kind.setdefault(row.organisation, (row.sector, row.country, row.line))

    def fault(self, row: Row) -> Fault | None:
        """What the register or an earlier row says against this one."""
        sector, country, line = self._kind.get(row.organisation, (row.sector, row.country, 0))
        if (sector, country) != (row.sector, row.country):
            return Fault(
                row.line,
                Text(
                    f"{row.organisation} is in {row.sector}, {row.country} here and in {sector}, {country} on line {line}.",
                    f"{row.organisation} の分野・国が {line} 行目 ({sector}, {country}) と異なります。",
                ),
                Text("Give one organisation one sector and country.", "一つの組織の分野と国は一つにしてください。"),
            )
        ends = row.valid_until or FOREVER
        for name, begins, until in self._held.get(row.range, ()):
            if name != row.organisation and begins < ends and row.valid_from < until:
                return Fault(
                    row.line,
                    Text(f"{row.cidr} overlaps with {name} at the same time.", f"{row.cidr} は同じ期間に {name} のものです。"),
                    Text("End one before the other begins.", "期間が重ならないようにしてください。"),
                )
        return None
