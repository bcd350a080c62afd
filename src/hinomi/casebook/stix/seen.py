"""When a finding's subject was seen: by its first and last event, else by its window."""

from __future__ import annotations

from datetime import datetime

from hinomi.schema.findings import Finding


def first_seen(finding: Finding) -> datetime:
    return finding.first or finding.window.start


def last_seen(finding: Finding) -> datetime:
    return max(finding.last or finding.window.end, first_seen(finding))
