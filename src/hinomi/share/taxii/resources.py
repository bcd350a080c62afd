"""The resources of TAXII 2.1 that say what there is: discovery (§4.1), API root (§4.2), collections (§5.1), errors (§3.6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid5

import orjson

from hinomi.schema.findings import NAMESPACE
from hinomi.share.taxii.media import STIX, TAXII

DISCOVERY = "/taxii2/"
ROOT = "hub"
COLLECTION = str(uuid5(NAMESPACE, "taxii collection: what you may know"))  # the same on every hub and for ever
ALIAS = "cases"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

discovery = orjson.dumps(
    {
        "title": "Hinomi",
        "description": "What this hub may tell your organisation: cases, indicators and how to answer them. "
        "このハブが貴組織に共有できる事案・インジケータ・対策です。",
        "default": f"{DISCOVERY}{ROOT}/",
        "api_roots": [f"{DISCOVERY}{ROOT}/"],
    }
)
api_root = orjson.dumps({"title": "Hinomi hub", "versions": [TAXII], "max_content_length": 1})  # nothing can be sent yet
_collection = {
    "id": COLLECTION,
    "title": "What your organisation may know 貴組織が閲覧できる情報",
    "description": "Every object that its marking and the rules of the hub let your organisation read; others do not show.",
    "alias": ALIAS,
    "can_read": True,
    "can_write": False,
    "media_types": [STIX],
}
collection = orjson.dumps(_collection)
collections = orjson.dumps({"collections": [_collection]})
EMPTY = b"{}"  # a list without members is left out (§2)


def moment(seq: int) -> str:
    """When an object was added, as a TAXII timestamp; its place in the order is that time in microseconds."""
    return (EPOCH + timedelta(microseconds=seq)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def envelope(name: str, entries: list[bytes], following: str | None) -> bytes:
    """A page of `objects` or `versions`: entries are JSON already and stay byte for byte; `following` is the cursor."""
    if not entries:
        return EMPTY
    more = b'"more":true,"next":%s' % orjson.dumps(following) if following else b'"more":false'
    return b'{%s,"%s":[%s]}' % (more, name.encode(), b",".join(entries))


def manifest_entry(identifier: str, version: str, seq: int) -> bytes:
    """One manifest record (§5.6.1)."""
    return orjson.dumps({"id": identifier, "date_added": moment(seq), "version": version, "media_type": STIX})


def error(status: int, title: str, description: str) -> bytes:
    """An error message resource (§3.6.1)."""
    return orjson.dumps({"title": title, "description": description, "http_status": str(status)})
