"""Whom a finding blames: a victim's address is no indicator, or those who read it would block the victim."""

from __future__ import annotations

from collections.abc import Iterable

from hinomi.schema.findings import Finding, Indicator


def indicators(findings: Iterable[Finding]) -> tuple[Indicator, ...]:
    """Every value to look for, once, in the order of the findings; not the address of a subject that suffers."""
    return tuple(dict.fromkeys(one for finding in findings for one in finding.indicators if not _spared(one, finding)))


def _spared(indicator: Indicator, finding: Finding) -> bool:
    return finding.suffers and indicator.value == finding.subject.value
