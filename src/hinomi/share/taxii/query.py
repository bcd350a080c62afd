"""TAXII 2.1 §3.4 and §5: what a client asks for in the query string, checked before anything is looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl

PAGE = 100  # objects on a page when the client does not say
LARGEST_PAGE = 1_000
LONGEST_QUERY = 8_192  # characters
MOST_VALUES = 32  # of one filter
TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
WORDS = frozenset(("first", "last", "all"))
FILTERS = ("id", "type", "version", "spec_version")
IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,249}--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
TYPE = re.compile(r"[a-z0-9][a-z0-9-]{0,249}", re.ASCII)


class QueryError(ValueError):
    """The query cannot be answered as asked; the message goes to the client (400)."""


@dataclass(frozen=True)
class Query:
    """One request for objects, in the words of the specification."""

    limit: int = PAGE
    next: str = ""
    added_after: int | None = None  # microseconds since 1970
    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    spec_versions: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """The filters as one text, whatever the order they came in; a cursor is bound to it."""
        return repr((self.added_after, self.ids, self.types, self.versions, self.spec_versions))

    @property
    def filters(self) -> Query:
        """The same question without where its page begins."""
        return replace(self, next="", added_after=None)

    def about(self, identifier: str, every_version: bool) -> Query:
        """The same question about one object."""
        return replace(self, ids=(identifier,), versions=("all",) if every_version else self.versions)


def parse(text: str, filters: tuple[str, ...] = FILTERS) -> Query:
    """A query string; QueryError says which parameter is wrong and how it is written."""
    if len(text) > LONGEST_QUERY:
        raise QueryError(f"the query is longer than {LONGEST_QUERY} characters")
    if not text:
        return Query()
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=32, errors="strict")
    except ValueError:
        raise QueryError("the query string is not UTF-8, or has more than 32 parameters") from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise QueryError("a parameter is given twice; separate its values with commas")
    return _query(dict(pairs), filters)


def _query(given: dict[str, str], filters: tuple[str, ...]) -> Query:
    for name, value in given.items():
        if "\0" in value:
            raise QueryError("a parameter holds a NUL")
        if name.startswith("match[") and name[6:-1] not in filters:
            raise QueryError(
                f"this resource has no filter {name[:40]!r}; it has {', '.join(f'match[{one}]' for one in filters)}"
            )
    return Query(
        limit=_limit(given["limit"]) if "limit" in given else PAGE,
        next=given.get("next", ""),
        added_after=_moment(given["added_after"], "added_after") if "added_after" in given else None,
        ids=_values(given, "id", IDENTIFIER, "a STIX identifier (type--UUID)"),
        types=_values(given, "type", TYPE, "a STIX object type"),
        versions=_versions(given),
        spec_versions=_values(given, "spec_version", re.compile(r"\d\.\d", re.ASCII), "a STIX version such as 2.1"),
    )


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) > 0):
        raise QueryError("limit must be a whole number from 1 to 999999999")
    return min(int(text), LARGEST_PAGE)


def _values(given: dict[str, str], name: str, shape: re.Pattern[str], what: str) -> tuple[str, ...]:
    if f"match[{name}]" not in given:
        return ()
    values = given[f"match[{name}]"].split(",")
    if len(values) > MOST_VALUES:
        raise QueryError(f"match[{name}] has more than {MOST_VALUES} values; ask in parts")
    for value in values:
        if not shape.fullmatch(value):
            raise QueryError(f"match[{name}]: {value[:80]!r} is not {what}")
    return tuple(sorted(set(values)))


def _versions(given: dict[str, str]) -> tuple[str, ...]:
    """The words and moments of match[version]; a moment is spelled with the digits that objects may have it in."""
    values = given["match[version]"].split(",") if "match[version]" in given else []
    if len(values) > MOST_VALUES:
        raise QueryError(f"match[version] has more than {MOST_VALUES} values; ask in parts")
    found = {value for value in values if value in WORDS}
    for value in set(values) - found:
        found.update(_spellings(value))
    return tuple(sorted(found))


def _spellings(value: str) -> set[str]:
    """`2020-01-01T00:00:00.5Z` as objects may write it: with no, three, six or just the needed digits."""
    _moment(value, "match[version]")
    whole, _, fraction = value[:-1].partition(".")
    digits = fraction.rstrip("0")
    return {f"{whole}.{digits.ljust(width, '0')}Z" for width in {len(digits), 3, 6} if width >= max(len(digits), 1)} | (
        set() if digits else {f"{whole}Z"}
    )


def _moment(text: str, name: str) -> int:
    """Microseconds since 1970 of a TAXII timestamp, finer digits cut off."""
    match = TIMESTAMP.fullmatch(text)
    try:
        whole = datetime.fromisoformat(match[1]).replace(tzinfo=UTC) if match else None
    except ValueError:
        whole = None
    if match is None or whole is None:
        raise QueryError(f"{name}: {text[:40]!r} is not a timestamp such as 2026-11-22T08:30:00.000000Z")
    return int(whole.timestamp()) * 1_000_000 + int((match[2] or "").ljust(6, "0")[:6])
