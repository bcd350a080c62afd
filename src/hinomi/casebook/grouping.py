"""Which findings belong to one case: the rule, and nothing else. Pure.

1. What is searched or attacked by nobody in particular, or done to or by one subject, is grouped by its subject: one case
   per victim, per infected member's address, per worm's port.
2. Mere scanning by strangers (reconnaissance techniques only, no organisation concerned) is grouped by tool, else by port,
   else into one heap: a scanner hurts nobody yet, and a case each would bury the rest.
3. A group becomes a case when one of its findings is at least `medium`. What is "low" stays a finding; it joins a case of
   its own subject.
4. Findings of one group within `EPISODE` of one another are one episode, and one case. Exercise and real findings never mix.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hinomi.casebook.stix.envelope import identify
from hinomi.casebook.stix.seen import first_seen, last_seen
from hinomi.schema.findings import Finding
from hinomi.schema.words import IndicatorType, Severity, SubjectKind, Text

EPISODE = timedelta(days=1)
LEAST = Severity.MEDIUM
_HEAP = "scan|"
_RECONNAISSANCE = ("T1595", "T1046", "T1589", "T1590", "T1592")

SCANS = {
    "tool": Text("{count} {count:scanner uses|scanners use} {value}", "{value} によるスキャン ({count} 送信元)"),
    "port": Text("{count} {count:scanner searches|scanners search} {value}", "{value} を探索するスキャン ({count} 送信元)"),
    "many": Text("{count} {count:scanner|scanners}", "スキャン ({count} 送信元)"),
}


@dataclass(frozen=True)
class Episode:
    """Findings that belong together, in order of time."""

    key: str
    exercise: bool
    findings: tuple[Finding, ...]

    @property
    def first(self) -> datetime:
        return min(map(first_seen, self.findings))

    @property
    def last(self) -> datetime:
        return max(map(last_seen, self.findings))

    @property
    def severity(self) -> Severity:
        return max(finding.severity for finding in self.findings)

    @property
    def is_case(self) -> bool:
        return self.severity >= LEAST

    @property
    def case(self) -> str:
        """The id of the case that this episode opens: named by its group and its first window."""
        opened = min(finding.window.start for finding in self.findings)
        return identify("incident", self.key, opened.isoformat(), str(self.exercise))

    @property
    def title(self) -> Text:
        """The gravest finding's title; of a heap of scanners, what they have in common."""
        if is_heap(self.key):
            _, kind, value = self.key.split("|", 2)
            count = len({finding.subject for finding in self.findings})
            return SCANS[kind].fill(count=count, value=value)
        return min(self.findings, key=lambda finding: (-finding.severity, finding.window.start, finding.id)).title


def is_heap(key: str) -> bool:
    """Whether the group of this key is a heap of scanners that hurt nobody yet."""
    return key.startswith(_HEAP)


def group(finding: Finding) -> str:
    """The key of the group that a finding belongs to."""
    kind, value = finding.subject
    if kind is not SubjectKind.ADDRESS or finding.organisations or not _is_scan(finding):
        return f"{kind}|{value}"[:200]
    if finding.tool:
        return f"{_HEAP}tool|{finding.tool}"[:200]
    ports = sorted(value for type_, value in finding.indicators if type_ is IndicatorType.PORT)
    if len(ports) == 1:
        return f"{_HEAP}port|{ports[0]}"
    return f"{_HEAP}many|ports"


def _is_scan(finding: Finding) -> bool:
    return bool(finding.attack) and all(attack.startswith(_RECONNAISSANCE) for attack in finding.attack)


def episodes(findings: Iterable[Finding]) -> list[Episode]:
    """Findings as episodes, by group and time; in the order of their beginning, the same whatever order they came in."""
    groups: dict[tuple[bool, str], list[Finding]] = defaultdict(list)
    for finding in {one.id: one for one in findings}.values():
        groups[finding.exercise, group(finding)].append(finding)
    found = []
    for (exercise, key), members in groups.items():
        members.sort(key=lambda finding: (first_seen(finding), finding.id))
        found += [Episode(key, exercise, part) for part in _split(members)]
    return sorted(found, key=lambda one: (one.first, one.key, one.exercise))


def _split(findings: list[Finding]) -> list[tuple[Finding, ...]]:
    """Cut where nothing was seen for an `EPISODE`."""
    parts: list[list[Finding]] = []
    end = first_seen(findings[0])
    for finding in findings:
        if not parts or first_seen(finding) - end > EPISODE:
            parts.append([])
        parts[-1].append(finding)
        end = max(end, last_seen(finding))
    return [tuple(part) for part in parts]
