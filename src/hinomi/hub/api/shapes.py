"""The shapes of the API's answers: the keys of the command line's contract (DESIGN §12), declared for OpenAPI."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime, BaseModel

from hinomi.hub.moment import FIRST, LAST, within
from hinomi.schema import prose
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import CaseStatus


def _told(at: datetime) -> datetime:
    known = within(at)
    if known is None:
        raise ValueError(f"write a time from {FIRST:%Y} to {LAST:%Y}")
    return known


def _written(check: Callable[[str, str], str]) -> AfterValidator:
    """The rule of `schema.prose` in the words of a validator, which names the place itself."""

    def checked(text: str) -> str:
        try:
            return check(text, "")
        except WrongUse as wrong:
            raise ValueError(wrong.what.en) from None

    return AfterValidator(checked)


Moment = Annotated[AwareDatetime, AfterValidator(_told)]  # a time that can be asked for
Line = Annotated[str, _written(prose.line)]
Prose = Annotated[str, _written(prose.prose)]


class Words(Schema):
    """A sentence in both languages."""

    en: str
    ja: str


class Subject(Schema):
    """What a finding is about."""

    kind: str
    value: str


class Window(Schema):
    """A half-open span of time, UTC."""

    start: datetime
    end: datetime


class Indicator(Schema):
    """A value that others can look for."""

    type: str
    value: str


class Evidence(Schema):
    """Where a finding can be opened, and the first rows; `withheld` names the columns that this reader may not see."""

    kind: str
    where: dict[str, Any]
    rows: list[dict[str, Any]]
    withheld: list[str] = []


class Finding(Schema):
    """One thing that one detector believes of one subject in one window.

    `suffers`: the subject is attacked, or its address forged, instead of attacking: do not block it. `helps` names the
    counter-measures.
    """

    id: str
    detector: str
    subject: Subject
    window: Window
    severity: str
    confidence: int
    title: Words
    measures: dict[str, Any]
    indicators: list[Indicator]
    attack: list[str]
    organisations: list[str]
    exercise: bool
    first: datetime | None = None
    last: datetime | None = None
    evidence: Evidence
    suffers: bool
    helps: list[str]


class Findings(Schema):
    """One page of findings, newest first; `next` is the `after` of the following page, null at the end."""

    items: list[Finding]
    next: str | None


class Case(Schema):
    """A case as the list shows it."""

    id: str
    title: Words
    status: str
    severity: str
    sectors: list[str]
    attack: list[str]
    indicators: list[Indicator]
    created: datetime
    modified: datetime
    exercise: bool


class Cases(Schema):
    """One page of cases, the last changed first."""

    items: list[Case]
    next: str | None


class Event(Schema):
    """A line of a case's time line."""

    at: datetime
    actor: str
    kind: str
    what: Words


class WholeCase(Case):
    """A case with its time line and the findings it was seen by; `description` is of one that a person opened."""

    description: str
    owner: str
    assignee: str
    tlp: str
    first: datetime
    last: datetime
    organisations: list[str]
    timeline: list[Event]
    findings: list[Finding]


class Look(Schema):
    """How the last look of a detector at a window ended; a failed look says why."""

    detector: str
    window: Window
    verdict: str
    reason: Words
    findings: int
    rows: int
    seconds: float
    at: datetime


class Me(Schema):
    """As whom this token or session reads."""

    organisation: str
    operator: bool


class Check(Schema):
    """One thing about the hub that was looked at."""

    check: str
    state: str
    message: Words


class Member(Schema):
    """An organisation, as far as every member may know it."""

    id: str
    name: str
    name_ja: str
    sector: str
    country: str


class Job(Schema):
    """A job: how far it is, and what came of it."""

    id: int
    kind: str
    state: str
    name: str
    created: datetime
    finished: datetime | None
    progress: dict[str, Any]
    result: dict[str, Any]
    problem: Words | None


class Sent(BaseModel):
    """What a program sends. Not ninja's `Schema`, which reads what it lacks off any object: the text "hello" has a `title`."""


class NewCase(Sent):
    """A case that a person opens: indicators as people write them, findings by id, the marking it is to have.

    `form` is any text of the caller's: the same one again is the same case, so that a resend opens no second.
    """

    title: Line = Field(min_length=1, max_length=200)
    severity: Line = "medium"
    sectors: list[Line] = []
    description: Prose = Field("", max_length=10_000)
    indicators: list[Prose] = Field([], max_length=200)
    tlp: Line = "TLP:AMBER+STRICT"
    findings: list[Line] = Field([], max_length=200)
    exercise: bool = False
    form: Line = Field("", max_length=64)


class Move(Sent):
    """Where a case goes, and why; the reason is read with the case."""

    status: CaseStatus
    reason: Prose = Field("", max_length=2000)


class Assign(Sent):
    """Who is to hold the case: the name of an account of the hub, "" for nobody."""

    person: Line = Field(max_length=150)


class Mark(Sent):
    """The marking that the case is to bear: `TLP:CLEAR`, `TLP:GREEN`, `TLP:AMBER`, `TLP:AMBER+STRICT` or `TLP:RED`."""

    tlp: Line = Field(max_length=20)


class Note(Sent):
    """A line for the time line: for the "hub" only, or read with the "case" by whoever may read that, now or later."""

    text: Prose = Field(min_length=1, max_length=4000)
    readers: Literal["hub", "case"] = "hub"


class Allow(Sent):
    """What is to be allowed: an address or prefix, until the end of a day (or a time), and why."""

    subject: Line = Field(max_length=64)
    until: Line = Field(max_length=40)
    reason: Prose = Field(min_length=1, max_length=2000)


class Allowance(Schema):
    """What is allowed, why and until when; a withdrawn one counts for nothing."""

    id: int
    prefix: str
    organisation: str
    reason: str
    finding: str
    valid_from: datetime
    valid_until: datetime
    made_by: str
    withdrawn: datetime | None


class Preview(Schema):
    """What allowing would mean: the findings of the last days that would have been silent, and what it touches."""

    prefix: str
    days: int
    findings: int
    more: bool
    detectors: dict[str, int]
    cases: int
    members: list[str]
