"""What an exercise is: a declaration of who takes part, what happens to them, and what a watchful tower should say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from hinomi.drill.packets import Packets
from hinomi.drill.stage import Block, Dice, Stage
from hinomi.schema.findings import Subject
from hinomi.schema.words import Severity, Text


@dataclass(frozen=True)
class Network:
    """A prefix and when it belonged to its organisation; `dark` is a telescope, where nobody lives."""

    prefix: str
    dark: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True)
class Organisation:
    """An organisation that takes part, made up, with networks from ranges that the Internet reserves."""

    name: str
    title: Text
    sector: str
    country: str
    networks: tuple[Network, ...]
    contact: str = ""


@dataclass(frozen=True)
class Allowed:
    """Addresses that an operator knows to be harmless, and why."""

    prefix: str
    list: str
    reason: str


class Traffic(Protocol):
    """Packets that somebody sends to the telescope: any hour can be asked for, in any order, with the same answer."""

    def packets(self, stage: Stage, dice: Dice) -> Packets: ...


class Cause(Traffic, Protocol):
    """Traffic with somebody behind it, whom a detector should name."""

    @property
    def begin(self) -> timedelta: ...

    @property
    def lasts(self) -> timedelta: ...

    def subjects(self, dice: Dice, /) -> tuple[Subject, ...]:
        """What a finding about it is about."""

    def traces(self, dice: Dice, /) -> tuple[Subject, ...]:
        """What else a true finding may be about: the port that a scan filled, the hosts of a worm."""


class Known(NamedTuple):
    """What a detector should have understood: the value of one of its finding's measures."""

    detector: str
    measure: str
    value: str


@dataclass(frozen=True)
class Planted:
    """One thing that happens on the day, and which detectors should say so.

    Those of `raised_by` must raise it above "low"; of those of `found_by`, any severity will do (a scan is a scan, and no
    alarm). `known_as` says what they should have made of it. What is harmless has a `ceiling` instead: nobody may be louder.
    """

    name: str
    title: Text
    cause: Cause
    raised_by: tuple[str, ...] = ()
    found_by: tuple[str, ...] = ()
    known_as: tuple[Known, ...] = ()
    organisation: str = ""
    attack: tuple[str, ...] = ()
    ceiling: Severity | None = None


@dataclass(frozen=True)
class Scenario:
    """An exercise day over one telescope, with ordinary days before it so that detectors have a past.

    The last `watched` of them are looked at as well: what is unusual on the day is told by what those had.
    """

    title: Text
    story: Text
    day: datetime
    telescope: str
    organisations: tuple[Organisation, ...]
    allowed: tuple[Allowed, ...]
    background: tuple[Traffic, ...]
    planted: tuple[Planted, ...]
    history: int = 7
    watched: int = 4
    seed: int = 1
    length: timedelta = timedelta(days=1)

    @property
    def start(self) -> datetime:
        """When the first ordinary day begins."""
        return self.day - timedelta(days=self.history)

    @property
    def looked_from(self) -> datetime:
        """When the first day begins that detectors look at."""
        return self.day - timedelta(days=min(self.watched, self.history))

    @property
    def end(self) -> datetime:
        return self.day + self.length

    @property
    def block(self) -> Block:
        return Block.of(self.telescope)
