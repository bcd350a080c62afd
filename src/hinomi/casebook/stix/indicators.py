"""An indicator's pattern (§9), and how long such a value is worth looking for."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

from hinomi.schema.findings import Indicator
from hinomi.schema.words import IndicatorType as Type

# How long a value keeps meaning what it meant. Own choice, short on purpose: addresses change hands within days, and a
# stale block entry hurts someone else. Each new sighting moves the end.
LIFE: dict[Type, timedelta] = {
    **dict.fromkeys((Type.IPV4, Type.IPV6, Type.CIDR), timedelta(days=7)),
    **dict.fromkeys((Type.DOMAIN, Type.URL, Type.EMAIL, Type.PORT), timedelta(days=30)),
    **dict.fromkeys((Type.MD5, Type.SHA1, Type.SHA256, Type.SHA512), timedelta(days=365)),
}
_HASHES = {Type.MD5: "MD5", Type.SHA1: "'SHA-1'", Type.SHA256: "'SHA-256'", Type.SHA512: "'SHA-512'"}
_PATHS = {
    Type.DOMAIN: "domain-name:value",
    Type.URL: "url:value",
    Type.EMAIL: "email-addr:value",
    Type.FILENAME: "file:name",
    Type.REGISTRY_KEY: "windows-registry-key:key",
    Type.MUTEX: "mutex:name",
} | {type_: f"file:hashes.{name}" for type_, name in _HASHES.items()}


def pattern(indicator: Indicator) -> str | None:
    """The pattern that finds an indicator's value; None when STIX has no path for its type."""
    type_, value = indicator
    if type_ in (Type.IPV4, Type.IPV6, Type.CIDR):
        return f"[ipv{ip_network(value, strict=False).version}-addr:value = '{value}']"
    if type_ is Type.PORT:
        protocol, port = port_of(value)
        return f"[network-traffic:dst_port = {port} AND network-traffic:protocols[*] = '{protocol}']"
    if type_ is Type.ASN:
        return f"[autonomous-system:number = {int(value.upper().removeprefix('AS'))}]"
    path = _PATHS.get(type_)
    if path is None:
        return None
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"[{path} = '{quoted}']"


def port_of(value: str) -> tuple[str, int]:
    """Protocol and port of "tcp/23"; a bare number is TCP."""
    protocol, _, port = value.rpartition("/")
    return protocol or "tcp", int(port)


def life(type_: Type) -> timedelta:
    return LIFE.get(type_, timedelta(days=90))
