"""`Release`: the only thing that may leave. Formats and channels take it, and cannot name a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from hinomi.schema.scope import Purpose, Tlp
from hinomi.schema.words import Text


@dataclass(frozen=True)
class Reader:
    """To whom: an organisation (or the hub itself), for a purpose."""

    organisation: str
    purpose: Purpose = Purpose.DEFENCE
    operator: bool = False


class Item(NamedTuple):
    """One object as it will leave: its identity, its marking and its serialised bytes, redaction already done."""

    id: str
    version: str
    tlp: Tlp
    content: bytes
    exercise: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why something does not leave: the rule, in words."""

    reader: Reader
    rule: str
    reason: Text


@dataclass(frozen=True)
class Release:
    """Items for one reader, scoped and reasoned; making one with exercise data in it is an error, whoever asks."""

    id: str
    reader: Reader
    rule: str
    reason: Text
    at: datetime
    items: tuple[Item, ...]
    removed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(item.exercise for item in self.items):
            raise ValueError("exercise data never leaves: a release must not hold any")
