"""Cyber-observables with the deterministic ids of the standard (§2.9): everybody who sees the same thing says the same id."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid5

import orjson

from hinomi.casebook.stix.envelope import Object
from hinomi.schema.scope import Tlp
from hinomi.schema.words import IndicatorType

NAMESPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
_KINDS = {
    IndicatorType.DOMAIN: "domain-name",
    IndicatorType.URL: "url",
    IndicatorType.EMAIL: "email-addr",
    IndicatorType.MUTEX: "mutex",
}
# "ID Contributing Properties" of each type, §6
_CONTRIBUTING = {
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "domain-name": ("value",),
    "url": ("value",),
    "email-addr": ("value",),
    "mutex": ("name",),
    "network-traffic": ("start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols"),
}
OBSERVABLES = frozenset(_CONTRIBUTING)


def observable(kind: str, tlp: Tlp, **properties: Any) -> Object:
    """One observable; its id comes from its contributing properties as canonical JSON (RFC 8785)."""
    named = {key: properties[key] for key in _CONTRIBUTING[kind] if key in properties}
    # Sorted keys and no spaces are RFC 8785 for what stands here: ASCII keys, strings, integers and lists of them.
    canonical = orjson.dumps(named, option=orjson.OPT_SORT_KEYS).decode()
    id_ = f"{kind}--{uuid5(NAMESPACE, canonical)}"
    return {"type": kind, "spec_version": "2.1", "id": id_, **properties, "object_marking_refs": [tlp.marking]}


def address(value: str, tlp: Tlp) -> Object:
    """An address or a prefix."""
    version = ip_network(value, strict=False).version
    return observable(f"ipv{version}-addr", tlp, value=value)


def value_of(type_: IndicatorType, value: str, tlp: Tlp) -> Object | None:
    """The observable that an indicator's value is, when there is a type for it."""
    if type_ in (IndicatorType.IPV4, IndicatorType.IPV6, IndicatorType.CIDR):
        return address(value, tlp)
    kind = _KINDS.get(type_)
    if kind is None:
        return None
    return observable(kind, tlp, **{"name" if kind == "mutex" else "value": value})


def traffic(source: Object, protocol: str, port: int | None, tlp: Tlp) -> Object:
    """Traffic from an address to a port. Its destination is left out: a known darknet address is a burnt one."""
    properties: dict[str, Any] = {"src_ref": source["id"]}
    if port is not None:
        properties["dst_port"] = port
    layer = source["type"].removesuffix("-addr")
    return observable("network-traffic", tlp, **properties, protocols=[layer, protocol])
