"""What every object has: an id made of what it is, times, creator, language and marking (§3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid5

from hinomi.schema.findings import NAMESPACE
from hinomi.schema.scope import Tlp

Object = dict[str, Any]
EXERCISE = "exercise"  # the label of everything that was only played


def identify(kind: str, *name: str) -> str:
    """The id of something that Hinomi makes: the same name gives the same id on every hub."""
    return f"{kind}--{uuid5(NAMESPACE, '|'.join((kind, *name)))}"


HUB = identify("identity", "hub")


def stamp(moment: datetime) -> str:
    """A time as STIX writes `created` and `modified`: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def audience_of(owner: str, tlp: Tlp, exercise: bool) -> str:
    """The key of those who may read; "" for exercise objects, which nobody's key matches.

    What is for all members is read by everyone who may read at all; anything narrower depends on whose it is too.
    """
    if exercise:
        return ""
    return tlp.label if tlp.for_all_members else f"{tlp.label}:{owner}"


class Told(NamedTuple):
    """An object with its words in English, whose it is, and the same words in Japanese."""

    object: Object
    owner: str = ""
    tlp: Tlp = Tlp.CLEAR
    ja: Mapping[str, str] = {}


@dataclass(frozen=True)
class Envelope:
    """Whose objects these are, how they are marked and since when they are known."""

    owner: str
    tlp: Tlp
    created: datetime
    exercise: bool = False

    def wrap(self, kind: str, name: tuple[str, ...], ja: Mapping[str, str] | None = None, /, **properties: Any) -> Told:
        """A domain or relationship object; `modified` is `created` until the store finds that something changed."""
        return self.sealed(identify(kind, *name), ja, **properties)

    def sealed(self, id_: str, ja: Mapping[str, str] | None = None, /, **properties: Any) -> Told:
        """The same for an object whose id is known already."""
        made: Object = {
            "type": id_.partition("--")[0],
            "spec_version": "2.1",
            "id": id_,
            "created_by_ref": HUB,
            "created": stamp(self.created),
            "modified": stamp(self.created),
        }
        if self.exercise:
            properties["labels"] = [*properties.get("labels", ()), EXERCISE]
        if ja:
            made["lang"] = "en"
        made |= {key: value for key, value in properties.items() if value not in (None, [], "")}
        made["object_marking_refs"] = [self.tlp.marking]
        return Told(made, self.owner, self.tlp, ja or {})
