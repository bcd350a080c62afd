"""The rules of sharing, in a file that a person can read: who, which marking, yes or no, and why in two languages.

There is one file, the same on every hub; `docs/decisions/one-rulebook.md` says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml

from hinomi.schema.problems import Problem
from hinomi.schema.scope import Tlp
from hinomi.schema.words import Text


class Standing(StrEnum):
    """What a reader is to a thing; one reader may be several of these at once."""

    ANYONE = "anyone"
    OWNER = "owner"
    MEMBER = "member"
    OPERATOR = "operator"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Rule:
    """One line of the rulebook."""

    id: str
    reader: Standing
    allow: bool
    reason: Text
    markings: frozenset[Tlp] = frozenset(Tlp)
    exercise: bool | None = None

    def fits(self, tlp: Tlp, exercise: bool, standings: frozenset[Standing]) -> bool:
        return tlp in self.markings and self.reader in standings and self.exercise in (None, exercise)


@dataclass(frozen=True)
class Rulebook:
    """All rules in the order in which they are read, under one version."""

    version: str
    rules: tuple[Rule, ...]

    def rule_for(self, tlp: Tlp, exercise: bool, standings: frozenset[Standing]) -> Rule | None:
        """The first rule that fits; None (which refuses) when none does."""
        return next((rule for rule in self.rules if rule.fits(tlp, exercise, standings)), None)


@cache
def default_rules() -> Rulebook:
    """The rules, read once."""
    name = files("hinomi.share") / "rules" / "default.yaml"
    return parse(name.read_text(encoding="utf-8"), where="share/rules/default.yaml")


def parse(text: str, where: str) -> Rulebook:
    """A rulebook from YAML; Problem says which rule is wrong and what may stand there."""
    try:
        raw = yaml.safe_load(text)
        book = Rulebook(str(raw["version"]), tuple(_rule(entry, where) for entry in raw["rules"]))
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise Problem(
            where,
            Text(f"is not a rulebook ({error}).", f"ルール集として読めません（{error}）。"),
            Text("It needs `version` and a list `rules`.", "`version` と `rules` の一覧が必要です。"),
        ) from None
    ids = [rule.id for rule in book.rules]
    for doubled in sorted({one for one in ids if ids.count(one) > 1}):
        raise _wrong(where, doubled, Text("is there twice", "が重複しています"))
    return book


def _rule(entry: Mapping[str, object], where: str) -> Rule:
    name = str(entry["id"])
    markings = entry.get("markings", [tlp.name for tlp in Tlp])
    exercise = entry.get("exercise")
    if entry["verdict"] not in ("allow", "refuse") or exercise not in (None, True, False):
        raise _wrong(where, name, Text("needs `verdict: allow` or `refuse`", "の `verdict` は allow か refuse です"))
    if not isinstance(markings, list) or not set(markings) <= set(Tlp.__members__):
        raise _wrong(where, name, Text(f"needs `markings` out of {', '.join(Tlp.__members__)}", "の `markings` が不正です"))
    if entry["reader"] not in set(Standing):
        raise _wrong(where, name, Text(f"needs a `reader` out of {', '.join(Standing)}", "の `reader` が不正です"))
    return Rule(
        id=name,
        reader=Standing(str(entry["reader"])),
        allow=entry["verdict"] == "allow",
        reason=Text(str(entry["en"]), str(entry["ja"])),
        markings=frozenset(Tlp[str(one)] for one in markings),
        exercise=exercise if isinstance(exercise, bool) else None,
    )


def _wrong(where: str, rule: str, what: Text) -> Problem:
    return Problem(
        where,
        Text(f"rule {rule!r} {what.en}.", f"ルール {rule!r} {what.ja}。"),
        Text("Compare it with share/rules/default.yaml.", "share/rules/default.yaml と見比べてください。"),
    )
