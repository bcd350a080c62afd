"""What an indicator's pattern looks for, as single comparisons that a table can hold. No database.

A pattern is a tree; the table holds its leaves. So a hit in the table is a candidate: whoever acts on it reads the whole
pattern (`AND`, `FOLLOWEDBY`, negation) before. Negated comparisons and open ranges are no leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from hinomi.schema.address import packed
from hinomi.schema.words import IndicatorType

_TYPES = {
    "domain-name:value": IndicatorType.DOMAIN,
    "url:value": IndicatorType.URL,
    "email-addr:value": IndicatorType.EMAIL,
    "file:name": IndicatorType.FILENAME,
    "file:hashes.MD5": IndicatorType.MD5,
    "file:hashes.SHA-1": IndicatorType.SHA1,
    "file:hashes.SHA-256": IndicatorType.SHA256,
    "file:hashes.SHA-512": IndicatorType.SHA512,
    "windows-registry-key:key": IndicatorType.REGISTRY_KEY,
    "mutex:name": IndicatorType.MUTEX,
    "autonomous-system:number": IndicatorType.ASN,
    "network-traffic:dst_port": IndicatorType.PORT,
}
_FOLDED = {IndicatorType.DOMAIN, IndicatorType.EMAIL, IndicatorType.MD5} | {
    type_ for type_ in IndicatorType if type_.value.startswith("sha")
}
_EQUAL = ("=", "IN", "ISSUBSET")


@dataclass(frozen=True)
class Match:
    """One value that a pattern looks for: exact, or for addresses the range from first to last."""

    type: str
    path: str
    value: str
    first: bytes | None = None
    last: bytes | None = None


def matches(pattern: str) -> list[Match]:
    """The comparisons of a pattern, each once, in order; stix2patterns' ParseException when it is not one."""
    from stix2patterns.v21.pattern import Pattern  # late: its parser's tables take a fifth of a second

    found: dict[Match, None] = {}
    for kind, comparisons in Pattern(pattern).inspect().comparisons.items():
        for steps, operator, literal in comparisons:
            if operator in _EQUAL:
                path = f"{kind}:{_dotted(steps)}"
                for value in _values(literal):
                    found[_match(kind, path, value)] = None
    return list(found)


def _match(kind: str, path: str, value: str) -> Match:
    if path in ("ipv4-addr:value", "ipv6-addr:value"):
        return _address(path, value)
    type_ = _TYPES.get(path)
    if type_ in _FOLDED:
        value = value.casefold()
    return Match(type_.value if type_ else kind[:16], path[:128], value)


def _address(path: str, value: str) -> Match:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return Match(path[:4], path, value)
    type_ = f"ipv{network.version}" if network.num_addresses == 1 else IndicatorType.CIDR.value
    plain = str(network.network_address) if network.num_addresses == 1 else str(network)
    return Match(type_, path, plain, packed(network.network_address), packed(network.broadcast_address))


def _dotted(steps: list[object]) -> str:
    written = ""
    for step in steps:
        if isinstance(step, str):
            written += f".{step}" if written else step
        else:
            written += f"[{step}]" if isinstance(step, int) else "[*]"
    return written


def _values(literal: str) -> list[str]:
    """The values of a literal or of a set of them: 'a', 5, ('a', 'b')."""
    if not literal.startswith("("):
        return [_value(literal)]
    values, current, quoted, escaped = [], "", False, False
    for letter in literal[1:-1]:
        if letter == "," and not quoted:
            values.append(_value(current))
            current = ""
            continue
        quoted ^= letter == "'" and not escaped
        escaped = letter == "\\" and not escaped
        current += letter
    return [*values, _value(current)]


def _value(literal: str) -> str:
    plain = literal.strip()
    if plain.startswith("'"):
        return plain[1:-1].replace("\\'", "'").replace("\\\\", "\\")
    return plain
