"""What a token may do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Role, Text


class Scope(StrEnum):
    """One permission of a token; a token without any opens nothing."""

    READ = "read"  # findings, cases, TAXII
    WRITE = "write"  # change cases
    OBSERVE = "observe"  # hand in captures: what a sensor needs, and no more


# What a person may pass on to a program: what they may do themselves, and no more. A sensor's token comes from the hub.
PASSED_ON: dict[Role, tuple[Scope, ...]] = {
    Role.OPERATOR: (Scope.READ, Scope.WRITE, Scope.OBSERVE),
    Role.ANALYST: (Scope.READ, Scope.WRITE, Scope.OBSERVE),
    Role.MEMBER: (Scope.READ,),
}


def named(words: Iterable[str]) -> list[Scope]:
    """The scopes with these names; WrongUse names those there are."""
    words = list(words)
    unknown = [word for word in words if word not in set(Scope)]
    if unknown:
        what = Text("There is no such scope.", "そのような権限はありません。")
        known = ", ".join(Scope)
        raise WrongUse(unknown[0], what, Text(f"Choose among {known}.", f"{known} から選んでください。"))
    return [Scope(word) for word in words]
