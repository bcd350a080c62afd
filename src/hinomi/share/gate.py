"""The door out: the only place that makes a `Release`. It asks the policy about every item and writes the audit log first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import NamedTuple
from uuid import uuid4

import orjson
from django.db.models import Q

from hinomi.members.models import Organisation
from hinomi.schema.release import Item, Reader, Refusal, Release
from hinomi.schema.scope import Tlp
from hinomi.schema.words import Text
from hinomi.share.ledger import Ledger, folder
from hinomi.share.policy import Allowed, Thing, decide
from hinomi.share.rulebook import default_rules


class Held(NamedTuple):
    """An object as the casebook holds it, offered for release; the columns of a `StixObject` in this order."""

    seq: int
    id: str
    version: str
    tlp: int
    owner: str
    exercise: bool
    content: bytes


class Caller(NamedTuple):
    """Who asks: the reader, and the account or token that the audit log names."""

    reader: Reader
    account: str


class Errand(NamedTuple):
    """For whom a release is made and how: whether the organisation is a member now, which account asked through what."""

    reader: Reader
    member: bool
    account: str
    channel: str
    query: str = ""


@cache
def ledger() -> Ledger:
    """The audit log of this process."""
    return Ledger(folder())


def is_member(organisation: str, at: datetime | None = None) -> bool:
    """Whether an organisation belongs to the hub at this moment; one that left, or exists in exercises only, does not."""
    now = at or datetime.now(UTC)
    still = Q(left__isnull=True) | Q(left__gt=now)
    return bool(organisation) and Organisation.objects.filter(still, id=organisation, exercise=False, joined__lte=now).exists()


def release(errand: Errand, held: Iterable[Held]) -> Release:
    """What of `held` may go to the reader, in order, as one Release; nothing of it is lost from the log if we die now.

    What the policy refuses is left out and counted by rule in `removed`. An empty release is not an entry in the log.
    """
    kept, rules, removed = _sift(errand, held)
    made = Release(
        id=f"release--{uuid4()}",
        reader=errand.reader,
        rule=" ".join(rules),
        reason=Text(" ".join(reason.en for reason in rules.values()), "".join(reason.ja for reason in rules.values())),
        at=datetime.now(UTC),
        items=tuple([Item(one.id, one.version, Tlp(one.tlp), one.content) for one in kept]),
        removed=tuple(f"{rule}: {count}" for rule, count in removed.items()),
    )
    if kept:
        ledger().append(_entry(errand, made, list(rules), [one.seq for one in kept]))
    return made


def _sift(errand: Errand, held: Iterable[Held]) -> tuple[list[Held], dict[str, Text], dict[str, int]]:
    """What may go, the rules that let it go with their reasons, and how much each other rule kept back."""
    verdicts: dict[tuple[str, int, bool], Allowed | Refusal] = {}
    kept: list[Held] = []
    rules: dict[str, Text] = {}
    removed: dict[str, int] = {}
    for one in held:
        kind = (one.owner, one.tlp, one.exercise)
        verdict = verdicts.get(kind)
        if verdict is None:
            thing = Thing(one.owner, Tlp(one.tlp), bool(one.exercise))
            verdict = verdicts[kind] = decide(thing, errand.reader, member=errand.member)
        if isinstance(verdict, Allowed):
            kept.append(one)
            rules[verdict.rule] = verdict.reason
        else:
            removed[verdict.rule] = removed.get(verdict.rule, 0) + 1
    return kept, rules, removed


def _entry(errand: Errand, made: Release, rules: list[str], seqs: list[int]) -> bytes:
    """The line of the audit log: enough to say later what left (rows never change), without being a second copy of it."""
    digest = sha256(b"".join([item.content for item in made.items]))
    return orjson.dumps(
        {
            "at": made.at,
            "release": made.id,
            "reader": errand.reader.organisation,
            "operator": errand.reader.operator,
            "purpose": errand.reader.purpose,
            "account": errand.account,
            "channel": errand.channel,
            "query": errand.query,
            "rules": rules,
            "rulebook": default_rules().version,
            "count": len(seqs),
            "first": min(seqs),
            "last": max(seqs),
            "sha256": digest.hexdigest(),
            "removed": made.removed,
        }
    )
