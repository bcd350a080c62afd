"""Who claims which prefix when: the check that no prefix has two holders at one time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from hinomi.members.models import Network
from hinomi.members.register import Fault, Row
from hinomi.schema.address import Range
from hinomi.schema.words import Text

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Claim:
    """That an organisation holds a prefix for a time; `line` is that of the row which says so, 0 for the register."""

    name: str
    begins: datetime
    ends: datetime
    dark: bool
    line: int = 0

    def meets(self, other: Claim) -> bool:
        return self.begins < other.ends and other.begins < self.ends


class Claims:
    """The prefixes in the register and in the rows taken so far.

    The same prefix may change hands, but has one holder at a time, and is dark or in use. A smaller prefix inside
    another's is delegation (an ISP and its customer), not a contradiction: the most specific one wins (`lookups.owner`).
    """

    def __init__(self, exercise: bool) -> None:
        self._held: dict[Range, dict[tuple[str, datetime], Claim]] = defaultdict(dict)
        self._kind: dict[str, tuple[str, str, int]] = {}
        held = Network.objects.filter(organisation__exercise=exercise).values_list(
            "first", "last", "organisation__name", "valid_from", "valid_until", "dark"
        )
        for first, last, name, begins, ends, dark in held:
            self._held[Range(first, last)][name, begins] = Claim(name, begins, ends or FOREVER, dark)

    def judged(self, rows: Iterable[Row]) -> tuple[list[Row], list[Fault]]:
        """The rows that agree with the register and with each other, in their order, and the faults of the others.

        Who gives a prefix up is asked before who takes it, wherever the two lines stand.
        """
        good: list[Row] = []
        faults: list[Fault] = []
        for row in sorted(rows, key=lambda row: not self._gives_up(row)):
            fault = self._contradicted(row) or self._overlapped(row)
            if fault:
                faults.append(fault)
            else:
                self._held[row.range][row.organisation, row.valid_from] = _claim(row)
                self._kind.setdefault(row.organisation, (row.sector, row.country, row.line))
                good.append(row)
        return sorted(good, key=lambda row: row.line), faults

    def _gives_up(self, row: Row) -> bool:
        known = self._held.get(row.range, {}).get((row.organisation, row.valid_from))
        return known is not None and _claim(row).ends < known.ends

    def _contradicted(self, row: Row) -> Fault | None:
        """What an earlier row says of the same organisation or of the same claim."""
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
        said, known = _claim(row), self._held.get(row.range, {}).get((row.organisation, row.valid_from))
        if known and known.line and (known.ends, known.dark) != (said.ends, said.dark):
            return Fault(
                row.line,
                Text(
                    f"{row.cidr} is said otherwise on line {known.line}.",
                    f"{row.cidr} は {known.line} 行目と食い違っています。",
                ),
                Text("Keep one of the two lines.", "どちらか一方だけにしてください。"),
            )
        return None

    def _overlapped(self, row: Row) -> Fault | None:
        """Who else holds the prefix at that time, or the same organisation for another use."""
        said = _claim(row)
        for key, other in self._held.get(row.range, {}).items():
            if key == (row.organisation, row.valid_from) or not said.meets(other):
                continue
            if other.name != row.organisation:
                what = Text(
                    f"{row.cidr} overlaps with {other.name} at the same time.",
                    f"{row.cidr} は同じ期間に {other.name} のものです。",
                )
            elif other.dark != row.dark:
                what = Text(
                    f"{row.cidr} is dark and in use at the same time.",
                    f"{row.cidr} は同じ期間に観測用と使用中の両方になっています。",
                )
            else:
                continue
            return Fault(row.line, what, Text("End one before the other begins.", "期間が重ならないようにしてください。"))
        return None


def _claim(row: Row) -> Claim:
    return Claim(row.organisation, row.valid_from, row.valid_until or FOREVER, row.dark, row.line)
