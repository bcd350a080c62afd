"""What a token may do."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """One permission of a token; a token without any opens nothing."""

    READ = "read"  # findings, cases, TAXII
    WRITE = "write"  # change cases
    OBSERVE = "observe"  # hand in captures: what a sensor needs, and no more
