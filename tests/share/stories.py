"""The small vocabulary of share's tests: members, indicators of theirs, and a client that asks the TAXII server."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson
from django.core.exceptions import PermissionDenied

from hinomi.casebook.store import keep
from hinomi.members.actions import register
from hinomi.schema.release import Reader
from hinomi.schema.scope import Tlp
from hinomi.share.gate import Caller
from hinomi.share.taxii.app import application
from hinomi.share.taxii.media import TAXII
from hinomi.share.taxii.page import visits

COLLECTION = "/taxii2/hub/collections/cases/"
CREATED = "2026-11-20T00:00:00.000Z"


def member(name: str, *, exercise: bool = False) -> str:
    """A new member; its id."""
    return register(name, "finance", "JP", exercise=exercise).id


def indicator(
    owner: str,
    tlp: Tlp | None = None,
    *,
    id: str = "",  # noqa: A002 -- STIX's word
    modified: str = CREATED,
    exercise: bool = False,
    name: str = "scan of tcp/23",
) -> str:
    """Keep an indicator of this owner; its id."""
    thing = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": id or f"indicator--{uuid4()}",
        "created": CREATED,
        "modified": modified,
        "name": name,
        "pattern": "[ipv4-addr:value = '240.0.0.1']",
        "pattern_type": "stix",
        "valid_from": CREATED,
    }
    if tlp is not None:
        thing["object_marking_refs"] = [tlp.marking]
    keep([orjson.dumps(thing)], owner=owner, exercise=exercise)
    return str(thing["id"])


def address(owner: str, tlp: Tlp, value: str = "240.0.0.1") -> str:
    """Keep an address (an object without versions) for this owner's audience; its id."""
    thing = {
        "type": "ipv4-addr",
        "spec_version": "2.1",
        "id": "ipv4-addr--efcd5e80-570d-4131-b213-62cb18eaa6a8",
        "value": value,
        "object_marking_refs": [tlp.marking],
    }
    keep([orjson.dumps(thing)], owner=owner)
    return str(thing["id"])


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.json.get("objects", ())]


def authenticate(header: str | None) -> Caller | None:
    """`Bearer minato` reads as minato, `Bearer operator` as the hub; `Bearer sensor` is known and may not read."""
    kind, _, name = (header or "").partition(" ")
    if name == "sensor":
        raise PermissionDenied
    if kind != "Bearer" or not name:
        return None
    return Caller(Reader("", operator=True) if name == "operator" else Reader(name), account=f"token of {name}")


@dataclass
class Client:
    """Asks the TAXII application in this process, as one organisation."""

    name: str
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, path: str = "objects/", query: str = "", method: str = "GET", **headers: str) -> Answer:
        visits.forget()
        said: list[Any] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path if path.startswith("/") else COLLECTION + path,
            "QUERY_STRING": query,
            "HTTP_ACCEPT": TAXII,
            "HTTP_AUTHORIZATION": f"Bearer {self.name}",
            **headers,
        }
        body = b"".join(application(authenticate)(environ, lambda status, headers: said.extend((status, headers))))
        return Answer(int(said[0][:3]), dict(said[1]), body)

    def walk(self, query: str = "limit=2", path: str = "objects/") -> list[str]:
        """Every id, page by page."""
        found: list[str] = []
        following = ""
        while True:
            page = self(path, query + following)
            assert page.status == 200, page.body
            found += page.ids
            if not page.json.get("more"):
                return found
            following = f"&next={page.json['next']}"
