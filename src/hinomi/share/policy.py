"""Who may know: a pure function of the thing, its marking and the reader, with the rule that decided and its reason.

The default is "own organisation only". The database filters by *audience keys* at full speed; `audiences_of` gives the
keys that a reader may open, and a rulebook for which keys and `decide` could differ is refused when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from hinomi.casebook.stix.envelope import audience_of
from hinomi.schema.problems import Problem
from hinomi.schema.release import Reader, Refusal
from hinomi.schema.scope import Tlp
from hinomi.schema.words import Text
from hinomi.share.rulebook import Rulebook, Standing, default_rules

COMMON = frozenset(one for one in Tlp if one.for_all_members)  # `casebook.stix.envelope.audience_of` names no owner
NO_RULE = Text("No rule allows it.", "許可するルールがありません。")
STRANGER = "\0"  # an owner that no reader can be


@dataclass(frozen=True)
class Thing:
    """What the policy must know of a thing: whose it is ("" is the hub's), how it is marked, and whether it is real."""

    owner: str
    tlp: Tlp
    exercise: bool = False


@dataclass(frozen=True)
class Allowed:
    """The thing may go to the reader by this rule, without what was `removed`."""

    rule: str
    reason: Text
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Audiences:
    """The audience keys that a reader may open; `everything` is all of them, exercise data (key "") never."""

    keys: frozenset[str]
    everything: bool = False

    def __contains__(self, key: object) -> bool:
        return bool(key) and (self.everything or key in self.keys)


class Reach(StrEnum):
    """How far a thing may go, from the narrowest to the widest; each includes those before it."""

    NOBODY = "nobody"  # it was only played
    HUB = "hub"
    OWNER = "owner"
    MEMBERS = "members"


def decide(thing: Thing, reader: Reader, *, member: bool, rules: Rulebook | None = None) -> Allowed | Refusal:
    """May this reader know this thing? `member` says whether the reader's organisation belongs to the hub now."""
    book = rules or default_rules()
    rule = book.rule_for(thing.tlp, thing.exercise, standings(thing.owner, reader, member))
    if rule is None:
        return Refusal(reader, "no-rule", NO_RULE)
    return Allowed(rule.id, rule.reason) if rule.allow else Refusal(reader, rule.id, rule.reason)


def reach(thing: Thing, rules: Rulebook | None = None) -> Reach:
    """Who may know a thing at the widest: asked of `decide` for any member, then for its owner, then for the hub itself."""
    book = rules or default_rules()
    if _may(thing, Reader(STRANGER), True, book):
        return Reach.MEMBERS
    if _may(thing, Reader(thing.owner), True, book):
        return Reach.OWNER
    return Reach.HUB if _may(thing, Reader("", operator=True), False, book) else Reach.NOBODY


def standings(owner: str, reader: Reader, member: bool) -> frozenset[Standing]:
    """What the reader is to a thing of this owner; a reader without organisation owns nothing, not even the hub's own."""
    own_staff = reader.operator and not reader.organisation
    return frozenset(
        standing
        for standing, holds in (
            (Standing.ANYONE, True),
            (Standing.OPERATOR, reader.operator),
            (Standing.MEMBER, member),
            (Standing.WITHDRAWN, not member and not own_staff),
            (Standing.OWNER, bool(reader.organisation) and reader.organisation == owner),
        )
        if holds
    )


def audiences_of(reader: Reader, *, member: bool, rules: Rulebook | None = None) -> Audiences:
    """The keys whose things `decide` allows to this reader: one comparison in the database instead of one call a row."""
    return _audiences(reader, member, rules or default_rules())


@cache
def checked(rules: Rulebook) -> Rulebook:
    """The same rulebook, once it is sure that keys can say what it says; Problem names the marking where they cannot."""
    for member in (True, False):
        for operator in (True, False):
            _check(Reader("someone", operator=operator), member, rules)
    return rules


def _audiences(reader: Reader, member: bool, rules: Rulebook) -> Audiences:
    checked(rules)
    everything = _may(Thing(STRANGER, Tlp.RED), reader, member, rules) and reader.operator
    own = {Thing(reader.organisation, tlp) for tlp in Tlp}
    return Audiences(frozenset(_key(thing) for thing in own if _may(thing, reader, member, rules)), everything)


def _key(thing: Thing) -> str:
    return audience_of(thing.owner, thing.tlp, thing.exercise)


def _check(reader: Reader, member: bool, rules: Rulebook) -> None:
    if any(_may(Thing("someone", tlp, exercise=True), reader, member, rules) for tlp in Tlp):
        raise _inexpressible(rules, "exercise", Text("would let exercise data out", "は演習データを外に出してしまいます"))
    strange = {tlp: _may(Thing(STRANGER, tlp), reader, member, rules) for tlp in Tlp}
    for tlp in COMMON:
        if _may(Thing(reader.organisation, tlp), reader, member, rules) != strange[tlp]:
            raise _inexpressible(rules, tlp.label, Text("must not depend on the owner", "は所有者によって変えられません"))
    narrow = {strange[tlp] for tlp in set(Tlp) - COMMON}
    if narrow != {False} and not (reader.operator and set(strange.values()) == {True}):
        raise _inexpressible(rules, "AMBER…RED", Text("go to strangers only if all goes to operators", "の扱いが不揃いです"))


def _may(thing: Thing, reader: Reader, member: bool, rules: Rulebook) -> bool:
    return isinstance(decide(thing, reader, member=member, rules=rules), Allowed)


def _inexpressible(rules: Rulebook, subject: str, what: Text) -> Problem:
    return Problem(
        f"rulebook {rules.version}",
        Text(f"{subject} {what.en}.", f"{subject} {what.ja}。"),
        Text(
            "Change the rules so that the database can filter by them.",
            "データベースで絞り込めるようにルールを直してください。",
        ),
    )
