"""What a token may do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text


class Scope(StrEnum):
    """One permission of a token; a token without any opens nothing."""

    READ = "read"  # findings, cases, TAXII
    WRITE = "write"  # change cases
    OBSERVE = "observe"  # hand in captures: what a sensor needs, and no more


def named(words: Iterable[str]) -> list[Scope]:
    """The scopes with these names; WrongUse names those there are."""
    words = list(words)
    unknown = [word for word in words if word not in set(Scope)]
    if unknown:
        what = Text("There is no such scope.", "そのような権限はありません。")
        known = ", ".join(Scope)
        raise WrongUse(unknown[0], what, Text(f"Choose among {known}.", f"{known} から選んでください。"))
    return [Scope(word) for word in words]
