"""The door out: the only place that makes a `Release`. It asks the policy about every item and writes the audit log first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import uuid4

import orjson
from django.db.models import Q

from hinomi.casebook.models import Case, StixObject
from hinomi.casebook.stix.envelope import identify
from hinomi.members.models import Organisation
from hinomi.schema.problems import Missing
from hinomi.schema.release import Item, Reader, Refusal, Release
from hinomi.schema.scope import UNMARKED, Tlp
from hinomi.schema.words import Text
from hinomi.share.acts import ledger
from hinomi.share.policy import Allowed, Thing, decide
from hinomi.share.rulebook import default_rules

_TLP = tuple(Tlp)
COLUMNS = ("seq", "stix_id", "version", "tlp", "owner", "exercise", "content")


class Refused(Missing):
    """What was asked for may not leave, or is not there; the two are not told apart."""


class Held(NamedTuple):
    """An object as the casebook holds it, offered for release; the columns of a `StixObject` in this order.

    Fields 3 to 5 are all that the policy asks of it, so that one verdict serves all objects of a kind.
    """

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


def is_member(organisation: str, at: datetime | None = None) -> bool:
    """Whether an organisation belongs to the hub at this moment; one that left, or exists in exercises only, does not."""
    now = at or datetime.now(UTC)
    still = Q(left__isnull=True) | Q(left__gt=now)
    return bool(organisation) and Organisation.objects.filter(still, id=organisation, exercise=False, joined__lte=now).exists()


def errand_of(caller: Caller, channel: str, query: str = "") -> Errand:
    """What a caller comes for now, through which channel and with which question."""
    return Errand(caller.reader, is_member(caller.reader.organisation), caller.account, channel, query)


def release(errand: Errand, held: Sequence[Held]) -> Release:
    """What of `held` may go to the reader, in order, as one Release; nothing of it is lost from the log if we die now.

    What the policy refuses is left out and counted by rule in `removed`. An empty release is not an entry in the log.
    """
    verdicts = {kind: _decide(errand, *kind) for kind in {one[3:6] for one in held}}
    allowed = {kind: verdict for kind, verdict in verdicts.items() if isinstance(verdict, Allowed)}
    kept = held if len(allowed) == len(verdicts) else [one for one in held if one[3:6] in allowed]
    removed = Counter(verdicts[one[3:6]].rule for one in held if one[3:6] not in allowed) if len(kept) < len(held) else {}
    made = _made(
        errand,
        allowed.values(),
        [Item(one.id, one.version, _TLP[one.tlp], one.content, bool(one.exercise)) for one in kept],
        [f"{rule}: {count}" for rule, count in sorted(removed.items())],
    )
    if kept:
        places = [one.seq for one in kept]
        ledger().append(_entry(errand, made, {"count": len(kept), "first": min(places), "last": max(places)}))
    return made


def release_case(case: str, errand: Errand) -> Release:
    """A case with what it refers to, as objects: what of it the reader may know, disclosed and logged.

    Raises Refused when there is no such case for this reader, or when it was only played.
    """
    row = Case.objects.filter(id=case).first()
    if row is None or not isinstance(_decide(errand, row.tlp, row.owner, row.exercise), Allowed):
        raise _refused(case)
    return release(errand, _case_objects(row))


def release_document(errand: Errand, cases: Sequence[Case], content: bytes) -> Release:
    """A document that tells of some cases (an answer of the API, a page as a file), for who may know every one of them.

    It goes whole or raises Refused: nothing can be cut out of it here. One that tells of no case is not an entry in the log.
    """
    verdicts = {one.id: _decide(errand, one.tlp, one.owner, one.exercise) for one in cases}
    allowed = [verdict for verdict in verdicts.values() if isinstance(verdict, Allowed)]
    if len(allowed) < len(verdicts):
        raise _refused(next(id_ for id_, verdict in verdicts.items() if isinstance(verdict, Refusal)))
    now = datetime.now(UTC)
    tlp = max((_TLP[one.tlp] for one in cases), default=UNMARKED)
    document = Item(f"document--{uuid4()}", now.isoformat(), tlp, content, any(one.exercise for one in cases))
    made = _made(errand, allowed, [document])
    if cases:
        told = {"count": len(cases), "first": None, "last": None, "cases": [one.id for one in cases]}
        ledger().append(_entry(errand, made, told))
    return made


def _case_objects(row: Case) -> list[Held]:
    """The current objects of a case, the case itself included, each once: of the copies that others refer to, the owner's."""
    refers = {row.id, *row.refers.values_list("stix_id", flat=True)}
    wanted = sorted(refers | {identify("language-content", one, "ja") for one in refers})
    found: dict[str, Held] = {}
    for start in range(0, len(wanted), 500):
        rows = StixObject.objects.filter(stix_id__in=wanted[start : start + 500], current=True, exercise=row.exercise)
        for one in map(Held._make, rows.order_by("seq").values_list(*COLUMNS)):
            if one.id not in found or one.owner == row.owner:
                found[one.id] = one
    return sorted(found.values())


def _decide(errand: Errand, tlp: int, owner: str, exercise: bool) -> Allowed | Refusal:
    return decide(Thing(owner, Tlp(tlp), bool(exercise)), errand.reader, member=errand.member)


def _made(errand: Errand, allowed: Iterable[Allowed], items: Sequence[Item], removed: Sequence[str] = ()) -> Release:
    rules = {verdict.rule: verdict.reason for verdict in sorted(allowed, key=lambda one: one.rule)}
    return Release(
        id=f"release--{uuid4()}",
        reader=errand.reader,
        rule=" ".join(rules),
        reason=Text(" ".join(reason.en for reason in rules.values()), "".join(reason.ja for reason in rules.values())),
        at=datetime.now(UTC),
        items=tuple(items),
        removed=tuple(removed),
    )


def _refused(case: str) -> Refused:
    what = Text("there is no such case here that may leave.", "持ち出せる該当の事案がありません。")
    look = Text("Look with `hinomi cases`; an exercise never leaves.", "hinomi cases で確認してください。演習は対象外です。")
    return Refused(case, what, look)


def _entry(errand: Errand, made: Release, told: Mapping[str, object]) -> bytes:
    """The line of the audit log: enough to say later what left, without being a second copy of it.

    `told` says what it was: objects by their places (rows never change), or a document by the cases that it tells of.
    """
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
            "rules": made.rule.split(),
            "rulebook": default_rules().version,
            **told,
            "sha256": digest.hexdigest(),
            "removed": made.removed,
        }
    )
