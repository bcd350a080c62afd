"""What a detector says: `Finding` with its `Evidence`, and the `Outcome` of one look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from hinomi.schema import address
from hinomi.schema.words import IndicatorType, Severity, SubjectKind, Text, Verdict

NAMESPACE = UUID("5f2a3c1e-8b0d-5c7e-9a41-68696e6f6d69")  # names of things that Hinomi makes; never change it
Measure = float | int | str | bool | None


class Subject(NamedTuple):
    """What a finding is about, by kind and canonical value."""

    kind: SubjectKind
    value: str


class Window(NamedTuple):
    """A half-open span of time, UTC."""

    start: datetime
    end: datetime


class Indicator(NamedTuple):
    """A value that others can look for."""

    type: IndicatorType
    value: str

    @classmethod
    def of(cls, raw: bytes) -> Indicator:
        """An address of the lake (16 bytes) as a value to look for."""
        return cls(IndicatorType.IPV4 if address.is_ipv4(raw) else IndicatorType.IPV6, address.text(raw))


@dataclass(frozen=True)
class Evidence:
    """Where the finding can be opened: which events (`kind`, column → value), and the first few rows, kept past retention."""

    kind: str
    where: Mapping[str, Measure | bytes]
    rows: tuple[Mapping[str, Measure], ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing that one detector believes of one subject in one window; the same input gives the same id.

    `confidence` is 0–100. `measures` are the numbers that led to it, with those it was compared to (`threshold_…`).
    `suffers`: the subject is attacked, or its address forged, instead of attacking; `helps` names the counter-measures.
    `detector`, `exercise`, `suffers` and `helps` are signed by the run, from what the detector declares.
    """

    subject: Subject
    window: Window
    severity: Severity
    confidence: int
    title: Text
    measures: Mapping[str, Measure]
    evidence: Evidence
    indicators: tuple[Indicator, ...] = ()
    attack: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    detector: str = ""
    exercise: bool = False
    suffers: bool = False
    helps: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.window.start.tzinfo is None or self.window.end.tzinfo is None:
            raise ValueError("a finding's window needs a time zone")
        if not 0 <= self.confidence <= 100:
            raise ValueError(f"confidence is 0 to 100, not {self.confidence}")

    @property
    def id(self) -> str:
        kind, value = self.subject
        name = "|".join((self.detector, kind, value, self.window.start.isoformat(), str(self.exercise)))
        return f"finding--{uuid5(NAMESPACE, name)}"

    @property
    def packets(self) -> int | None:
        """How many packets it rests on, where it counts them."""
        packets = self.measures.get("packets")
        return int(packets) if isinstance(packets, int | float) else None

    @property
    def tool(self) -> str:
        """The tool that was used, "" where none is known."""
        tool = self.measures.get("tool")
        return tool if isinstance(tool, str) else ""


@dataclass(frozen=True)
class Outcome:
    """How one look of one detector at one window ended; a failed look says why."""

    detector: str
    window: Window
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    reason: Text = field(default=Text("", ""))
    rows: int = 0
    seconds: float = 0.0
