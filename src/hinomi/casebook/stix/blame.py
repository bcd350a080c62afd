"""Whom a finding blames: a victim's address is no indicator, or those who read it would block the victim."""

from __future__ import annotations

from collections.abc import Iterable

from hinomi.schema.findings import Finding, Indicator

_SUFFERERS = ("backscatter",)  # detectors whose subject suffers
_RELATIONS = ("victim", "spoofed")  # what `measures["relation"]` says of a subject that did nothing


def is_blameless(finding: Finding) -> bool:
    """Whether the subject is attacked, or its address forged, instead of attacking."""
    return finding.detector in _SUFFERERS or finding.measures.get("relation") in _RELATIONS


def indicators(findings: Iterable[Finding]) -> tuple[Indicator, ...]:
    """Every value to look for, once, in the order of the findings; not the address of a subject for being attacked."""
    return tuple(dict.fromkeys(one for finding in findings for one in finding.indicators if not _spared(one, finding)))


def _spared(indicator: Indicator, finding: Finding) -> bool:
    return indicator.value == finding.subject.value and is_blameless(finding)
