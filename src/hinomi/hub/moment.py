"""The times that people and programs may ask for: as RFC 3339 writes them, from 1970 to 2200, UTC where no zone is said.

Nothing was captured before, and what adds to a time or takes from it needs room: Python's calendar has the years 1 to 9999.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime

FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_BEGINS = re.compile(r"\d{4}-\d\d?-\d\d?(?!\d)", re.ASCII)  # not 2027-W01-1, which ISO 8601 has and nobody means


def moment(text: str) -> datetime | None:
    """The day or time that somebody wrote, in UTC; None for anything else."""
    try:
        read = parse_datetime(text) if _BEGINS.match(text) else None
    except ValueError:
        return None
    return within(read if read is None or read.tzinfo else read.replace(tzinfo=UTC))


def within(at: datetime | None) -> datetime | None:
    """The same time in UTC; None when it lies outside of the years that can be asked for."""
    return at.astimezone(UTC) if at is not None and FIRST <= at <= LAST else None
