"""A casebook of any size, made in bulk: findings over a month, organisations, cases with their objects. Seeded, reusable.

`fill(connection, Size(findings=1_000_000, cases=10_000))` writes a million findings in well under a minute on SQLite, past
the actions: the rows are those that the actions would write, the STIX objects one incident for each case.
"""

from __future__ import annotations

import random
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson
from django.db import connection, models, transaction

from hinomi.casebook import bulk
from hinomi.casebook.models import (
    Case,
    CaseEvent,
    CaseFinding,
    CaseObject,
    CaseOrganisation,
    Counter,
    Finding,
    FindingCount,
    FindingDay,
    FindingOrganisation,
    Outcome,
    StixObject,
)
from hinomi.casebook.shapes import finding_bytes
from hinomi.casebook.stix.envelope import Envelope, audience_of, identify
from hinomi.members.models import Network, Organisation
from hinomi.schema import address
from hinomi.schema.findings import Window
from hinomi.schema.scope import SECTORS, Tlp
from hinomi.schema.words import CaseStatus, Severity
from tests.casebook.stories import finding

UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
MINUTES = timedelta(minutes=10)
DETECTORS = ("telescope-scan", "scanner-tool", "backscatter", "member-in-darknet", "port-surge", "new-port")
WEIGHTS = (300, 650, 40, 9, 1)  # of the severities: most of a telescope's day is noise


@dataclass(frozen=True)
class Size:
    findings: int = 1_000_000
    cases: int = 10_000
    organisations: int = 200
    days: int = 30
    seed: int = 7


@dataclass(frozen=True)
class Drawn:
    """One finding as the dice gave it."""

    id: str
    detector: str
    subject: str
    start: datetime
    severity: int
    organisation: str


def fill(size: Size, *, exercise: bool = False) -> None:
    """Write a whole casebook of this size into the database."""
    dice = random.Random(size.seed)
    names = [f"member-{n:04d}" for n in range(size.organisations)]
    with transaction.atomic():
        _members(names, exercise)
        drawn = list(_draw(size, names, dice))
        _insert(Finding, _findings(drawn, exercise))
        _insert(FindingOrganisation, _concerned(drawn, exercise))
        _insert(FindingCount, _counts(drawn, exercise, timedelta(hours=1)))
        _insert(FindingDay, _counts(drawn, exercise, timedelta(days=1)))
        _insert(Outcome, _outcomes(size, exercise))
        _cases(size, drawn, names, dice, exercise)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _members(names: Sequence[str], exercise: bool) -> None:
    sectors = list(SECTORS)
    Organisation.objects.bulk_create(
        Organisation(id=name, name=name, sector=sectors[n % len(sectors)], country="JP", joined=UNTIL, exercise=exercise)
        for n, name in enumerate(names)
    )
    nets = [(name, f"10.{n // 256}.{n % 256}.0/24") for n, name in enumerate(names)]
    Network.objects.bulk_create(
        Network(organisation_id=name, cidr=cidr, first=block.first, last=block.last, valid_from=UNTIL - timedelta(days=999))
        for name, cidr in nets
        if (block := address.prefix(cidr))
    )


def _draw(size: Size, names: Sequence[str], dice: random.Random) -> Iterator[Drawn]:
    severities = dice.choices(list(map(int, Severity)), WEIGHTS, k=size.findings)
    starts = sorted(UNTIL - MINUTES * dice.randrange(1, size.days * 144) for _ in severities)
    for n, (severity, start) in enumerate(zip(severities, starts, strict=True)):
        number = dice.getrandbits(32)
        subject = f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        owner = dice.choice(names) if dice.random() < 0.1 else ""
        yield Drawn(f"finding--{n:08x}-0000-5000-8000-{number:012x}", DETECTORS[n % 6], subject, start, severity, owner)


def _findings(drawn: Iterable[Drawn], exercise: bool) -> Iterator[Sequence[Any]]:
    for one in drawn:
        end = one.start + MINUTES
        title = f"{one.detector} sees {one.subject}", f"{one.detector} が {one.subject} を検知"
        yield (
            *(one.id, one.detector, "address", one.subject, one.start, end, one.start, end, one.severity, 80),
            *(*title, exercise, _body(one, exercise), end),
        )


@cache
def _shape(detector: str, severity: int, start: datetime, organisation: str, exercise: bool) -> bytes:
    """A finding's JSON without its id and subject; there are few of these, so each is made once."""
    organisations = (organisation,) if organisation else ()
    made = finding("%SUBJECT%", detector=detector, severity=Severity(severity), organisations=organisations, indicators=())
    made = replace(made, window=Window(start, start + MINUTES), first=start, last=start + MINUTES, exercise=exercise)
    return finding_bytes(made).replace(made.id.encode(), b"%ID%")


def _body(one: Drawn, exercise: bool) -> bytes:
    shape = _shape(one.detector, one.severity, one.start, one.organisation, exercise)
    return shape.replace(b"%SUBJECT%", one.subject.encode()).replace(b"%ID%", one.id.encode())


def _concerned(drawn: Iterable[Drawn], exercise: bool) -> Iterator[Sequence[Any]]:
    for n, one in enumerate(drawn, 1):
        if one.organisation:
            yield n, one.id, one.organisation, exercise, one.detector, one.severity, one.start


def _counts(drawn: Iterable[Drawn], exercise: bool, step: timedelta) -> Iterator[Sequence[Any]]:
    tally: Tally[tuple[str, str, int, datetime]] = Tally()
    for one in drawn:
        hour = one.start.replace(minute=0, hour=one.start.hour if step < timedelta(days=1) else 0)
        tally["", one.detector, one.severity, hour] += 1
        if one.organisation:
            tally[one.organisation, one.detector, one.severity, hour] += 1
    for n, ((organisation, detector, severity, hour), count) in enumerate(tally.items(), 1):
        yield n, exercise, organisation, detector, severity, hour, count


def _outcomes(size: Size, exercise: bool) -> Iterator[Sequence[Any]]:
    n = 0
    for detector in DETECTORS:
        for hour in range(size.days * 24):
            n += 1
            start = UNTIL - timedelta(hours=hour + 1)
            verdict = "failed" if n % 97 == 0 else "found"
            yield n, detector, start, start + timedelta(hours=1), exercise, verdict, "", "", 5, 1000, 0.1, UNTIL


def _cases(size: Size, drawn: Sequence[Drawn], names: Sequence[str], dice: random.Random, exercise: bool) -> None:
    cases, parts, concerned, events, refers, objects = [], [], [], [], [], []
    seq = int(UNTIL.timestamp() * 1e6)
    for n in range(size.cases):
        own = [drawn[(3 * n + k) % len(drawn)] for k in range(3)]
        owner = dice.choice(names)
        id_ = identify("incident", str(n), str(exercise))
        status = dice.choice(list(CaseStatus))
        at = UNTIL - timedelta(minutes=n)
        cases.append(
            Case(
                id=id_,
                key=f"address|{own[0].subject}",
                title_en=f"Case {n}",
                title_ja=f"事案 {n}",
                status=status.value,
                severity=dice.randrange(2, 5),
                sectors=["port"],
                attack=["T1498"],
                indicators=[{"type": "ipv4", "value": own[0].subject}],
                owner=owner,
                tlp=int(Tlp.AMBER_STRICT),
                exercise=exercise,
                findings=3,
                first=at,
                last=at,
                created=at,
                modified=at,
            )
        )
        parts += [CaseFinding(case_id=id_, finding_id=one.id) for one in own]
        concerned.append(CaseOrganisation(case_id=id_, organisation=owner))
        events += [CaseEvent(case_id=id_, at=at, actor="hinomi", kind="proposed", text_en=f"Case {n}", text_ja=f"事案 {n}")] * 4
        told = Envelope(owner, Tlp.AMBER_STRICT, at, exercise).sealed(id_, name=f"Case {n}").object
        seq += 1
        objects.append(
            StixObject(
                seq=seq,
                stix_id=id_,
                version=told["modified"],
                type="incident",
                owner=owner,
                tlp=int(Tlp.AMBER_STRICT),
                audience=audience_of(owner, Tlp.AMBER_STRICT, exercise),
                exercise=exercise,
                content=orjson.dumps(told),
            )
        )
        refers.append(CaseObject(case_id=id_, stix_id=id_))
    for model, rows in ((Case, cases), (CaseFinding, parts), (CaseOrganisation, concerned), (CaseEvent, events)):
        model.objects.bulk_create(rows)  # type: ignore[arg-type]  # each list is of its model
    StixObject.objects.bulk_create(objects)
    CaseObject.objects.bulk_create(refers)
    Counter.objects.update_or_create(name="object", defaults={"last": seq})


def _insert(model: type[models.Model], rows: Iterable[Sequence[Any]]) -> None:
    bulk.insert(model, [field.name for field in model._meta.concrete_fields], rows)
