"""STIX objects at rest: versions by (id, version, audience), bytes kept as they were written, one order for all readers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson
from django.db import transaction
from django.utils import timezone

from hinomi.casebook.models import Counter, PatternMatch, StixObject
from hinomi.casebook.patterns import matches
from hinomi.casebook.stix.envelope import Object, Told, audience_of, stamp
from hinomi.casebook.stix.observables import OBSERVABLES
from hinomi.casebook.validity import check
from hinomi.schema.scope import Tlp, tlp_of

SEQUENCE = "object"
Item = TypeVar("Item")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Kept:
    """What became of the objects offered: the version of each id, and how many versions are new."""

    versions: dict[str, str]
    added: int


@transaction.atomic
def put(told: Iterable[Told], *, exercise: bool, now: datetime | None = None) -> Kept:
    """Keep objects of our own making; what says the same as before stays the version it was.

    A changed object gets `modified` = now (always later than before), its `created` stays. Raises `validity.Invalid`.
    """
    offered = list(told)
    writer = _Writer({one.object["id"] for one in offered}, exercise=exercise, now=now or timezone.now())
    for thing, owner, tlp, _ in offered:
        if "modified" in thing:
            writer.revise(thing, owner, tlp)
        elif before := writer.current(thing, owner, tlp):
            writer.versions[thing["id"]] = before.version
        else:
            writer.add(thing, owner, tlp)
    return writer.write()


@transaction.atomic
def keep(contents: Iterable[bytes], *, owner: str, exercise: bool = False, now: datetime | None = None) -> Kept:
    """Keep objects that others wrote, their bytes unchanged; a version that is there already is not added twice.

    It retires older versions of the same owner only: nobody ends what someone else, or the hub, says under the same id.
    """
    offered = sorted(((orjson.loads(content), content) for content in contents), key=lambda one: _given(one[0]))
    ids = {thing["id"] for thing, _ in offered}
    writer = _Writer(ids, exercise=exercise, now=now or timezone.now(), sender=owner)
    for thing, content in offered:
        tlp = markings_of(thing)
        before = writer.current(thing, owner, tlp)
        if not writer.holds(thing, owner, tlp):
            is_newest = before is None or _moment(_given(thing)) > _moment(before.version)
            writer.add(thing, owner, tlp, content=content, current=is_newest)
    return writer.write()


def _given(thing: Object) -> str:
    """The version that an object names; "" when it has none (cyber-observables)."""
    return str(thing.get("modified") or thing.get("created") or "")


def markings_of(thing: Object) -> Tlp:
    """The narrowest TLP of an object, granular markings included; what is marked in part is silent about the rest."""
    granular = [one["marking_ref"] for one in thing.get("granular_markings", ()) if "marking_ref" in one]
    whole = tlp_of(thing.get("object_marking_refs", ()))
    return max(whole, tlp_of(granular)) if granular else whole


class _Writer:
    """Collects the new versions of one transaction. Its first step is the counter's lock: writers come one by one."""

    def __init__(self, ids: set[str], *, exercise: bool, now: datetime, sender: str | None = None) -> None:
        Counter.objects.get_or_create(name=SEQUENCE)
        self._counter = Counter.objects.select_for_update().get(name=SEQUENCE)
        self._exercise, self._now, self._received = exercise, now, sender is not None
        self._rows: list[StixObject] = []
        self._retired: list[int] = []
        self._held: set[tuple[str, str, str]] = set()
        self._current: dict[tuple[str, str], StixObject] = {}
        self.versions: dict[str, str] = {}
        for part in _parts(sorted(ids)):
            for row in StixObject.objects.filter(stix_id__in=part):
                if row.exercise is not exercise:
                    continue  # judged here, so that the index of ids serves the question on SQLite too
                self._held.add((row.stix_id, row.version, row.audience))
                is_same_writers = row.received is self._received and sender in (None, row.owner)
                if row.current and is_same_writers:
                    self._current[self._key(row.stix_id, row.type, row.audience)] = row

    def current(self, thing: Object, owner: str, tlp: Tlp) -> StixObject | None:
        """The current version of an object; an observable has one for each audience."""
        return self._current.get(self._key(thing["id"], thing["type"], audience_of(owner, tlp, self._exercise)))

    def holds(self, thing: Object, owner: str, tlp: Tlp) -> bool:
        version, audience = _given(thing), audience_of(owner, tlp, self._exercise)
        return (thing["id"], version, audience) in self._held if version else self.current(thing, owner, tlp) is not None

    def revise(self, thing: Object, owner: str, tlp: Tlp) -> None:
        before = self.current(thing, owner, tlp)
        if before is None:
            self.add(thing, owner, tlp)
            return
        old = orjson.loads(before.content)
        renewed = {**thing, "created": old["created"], "modified": old["modified"]}
        if renewed == old and (before.owner, before.tlp) == (owner, tlp):
            self.versions[before.stix_id] = before.version
            return
        later = max(self._now, _moment(old["modified"]) + timedelta(milliseconds=1))
        self.add({**renewed, "modified": stamp(later)}, owner, tlp)

    def add(self, thing: Object, owner: str, tlp: Tlp, *, content: bytes = b"", current: bool = True) -> None:
        check(thing)
        seq = self._next()
        row = StixObject(
            seq=seq,
            stix_id=thing["id"],
            version=_given(thing) or _text(seq),
            type=thing["type"],
            owner=owner,
            tlp=int(tlp),
            audience=audience_of(owner, tlp, self._exercise),
            exercise=self._exercise,
            revoked=thing.get("revoked", False),
            current=current,
            received=self._received,
            content=content or orjson.dumps(thing),
        )
        if current:
            key = self._key(row.stix_id, row.type, row.audience)
            if before := self._current.get(key):
                before.current = False  # for one of this transaction; the others are retired when it is written
                self._retired.append(before.seq)
            self._current[key] = row
        self._rows.append(row)
        self._held.add((row.stix_id, row.version, row.audience))
        self.versions[row.stix_id] = row.version

    def write(self) -> Kept:
        for part in _parts(self._retired):
            StixObject.objects.filter(seq__in=part).update(current=False)
        StixObject.objects.bulk_create(self._rows)
        PatternMatch.objects.bulk_create(_matches(self._rows))
        self._counter.save()
        return Kept(self.versions, len(self._rows))

    @staticmethod
    def _key(id_: str, kind: str, audience: str) -> tuple[str, str]:
        return (id_, audience if kind in OBSERVABLES else "")

    def _next(self) -> int:
        self._counter.last = max(int((self._now - _EPOCH) / _MICROSECOND), self._counter.last + 1)
        return self._counter.last


def _matches(rows: Sequence[StixObject]) -> Iterator[PatternMatch]:
    for row in rows:
        thing: dict[str, Any] = orjson.loads(row.content) if row.type == "indicator" else {}
        if thing.get("pattern_type") == "stix":
            for one in matches(thing["pattern"]):
                yield PatternMatch(object=row, type=one.type, path=one.path, value=one.value, first=one.first, last=one.last)


def _parts(items: Sequence[Item], size: int = 500) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _text(seq: int) -> str:
    moment = _EPOCH + seq * _MICROSECOND
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _moment(version: str) -> datetime:
    return datetime.fromisoformat(version)
