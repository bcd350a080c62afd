"""One page of a collection as one SQL statement, which reads only index entries of what the reader may see.

The walk goes along `seq`, the order of addition, inside each audience key and merges them; it never skips rows one by one.
A version is visible when its own audience and that of its current version are open to the reader: narrowing an object
later takes back what was wider before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from hinomi.casebook.models import StixObject
from hinomi.share.policy import Audiences
from hinomi.share.taxii.query import WORDS, Query

TABLE = StixObject._meta.db_table
COLUMNS = "o.seq, o.id, o.version, o.tlp, o.owner, o.exercise, o.content"
LAST = ("last",)
# STIX 2.1 §3.3: without `modified` there are no versions, and an object that two organisations refer to has a row for each.
UNVERSIONED = (
    "'artifact', 'autonomous-system', 'directory', 'domain-name', 'email-addr', 'email-message', 'file', 'ipv4-addr', "
    "'ipv6-addr', 'mac-addr', 'marking-definition', 'mutex', 'network-traffic', 'process', 'software', 'url', "
    "'user-account', 'windows-registry-key', 'x509-certificate'"
)
# Of several current rows of one object, the hub's own word comes before what was received, then the newest.
BETTER = (
    "(d.received < o.received OR (d.received = o.received AND "
    "(d.version > o.version OR (d.version = o.version AND d.seq + 0 > o.seq))))"
)
AFTER = "\0"  # stands for the place that the page begins after; no parameter holds a NUL (`query.parse`)


@dataclass
class Clause:
    """A piece of SQL with its parameters, which grow together."""

    sql: str = ""
    parameters: list[str | int] = field(default_factory=list)

    def add(self, sql: str, *parameters: str | int) -> Clause:
        self.sql += sql
        self.parameters.extend(parameters)
        return self

    def after(self, place: int) -> list[str | int]:
        """The parameters for a page after this place."""
        return [place if one == AFTER else one for one in self.parameters]


@lru_cache(maxsize=1_024)
def page(audiences: Audiences, query: Query, count: int) -> Clause:
    """The statement for `count` objects after the place given to `Clause.after`, in the order of addition."""
    if not (audiences.everything or audiences.keys) or (query.spec_versions and "2.1" not in query.spec_versions):
        return _nothing()
    found = Clause(f"SELECT {COLUMNS} FROM {TABLE} o WHERE ")  # noqa: S608 -- constants
    if query.ids:
        found.add(f"o.id IN ({_marks(query.ids)}) AND o.seq > %s", *query.ids, AFTER)
        _narrow(found, audiences, query)
    else:
        _walk(found, audiences, query, count)
    return found.add(" ORDER BY o.seq LIMIT %s", count)


def sight(audiences: Audiences, identifier: str) -> Clause:
    """The statement that says whether the reader sees any version of an object."""
    found = Clause(f"SELECT 1 FROM {TABLE} o WHERE o.id = %s", [identifier])  # noqa: S608 -- constants
    if not (audiences.everything or audiences.keys):
        return _nothing()
    _narrow(found, audiences, Query(versions=("all",)))
    return found.add(" LIMIT 1")


def _nothing() -> Clause:
    return Clause(f"SELECT {COLUMNS} FROM {TABLE} o WHERE 1 = 0")  # noqa: S608 -- constants


def _walk(found: Clause, audiences: Audiences, query: Query, count: int) -> None:
    """The places of the page: the first `count` of each stretch, of which the outer query takes the first."""
    found.add("o.seq IN (")
    for number, view in enumerate(_views(audiences, query)):
        found.add(" UNION ALL " if number else "").add(f"SELECT seq FROM (SELECT o.seq FROM {TABLE} o WHERE ")  # noqa: S608 -- constants
        found.add(view.sql, *view.parameters)
        _versions(found, audiences, query)
        found.add(f" ORDER BY o.seq LIMIT %s) AS part{number}", count)
    found.add(")")


def _views(audiences: Audiences, query: Query) -> Iterator[Clause]:
    """The stretches of an index that the page is merged from, each in the order of addition: by key, type and state."""
    keys = (None,) if audiences.everything else sorted(audiences.keys)
    if query.versions and not WORDS.intersection(query.versions):
        yield from (_of_moment(*one, query) for one in product(query.versions, keys))
        return
    states = ("TRUE",) if (query.versions or LAST) == LAST else ("TRUE", "FALSE")
    for key, kind, state in product(keys, query.types or (None,), states):
        view = Clause("o.exercise = FALSE") if key is None else Clause("o.audience = %s", [key])
        if kind is not None:
            view.add(" AND o.type = %s", kind)
        yield view.add(f' AND o."current" = {state} AND o.seq > %s', AFTER)


def _of_moment(moment: str, key: str | None, query: Query) -> Clause:
    """The objects of one moment: found by it, since almost no moment is anybody's (measured: 130 ms by walking, 0.3 so)."""
    view = Clause("o.version = %s", [moment])
    if key is None:
        view.add(" AND NOT o.exercise AND o.seq + 0 > %s", AFTER)  # written so that SQLite keeps to the index of versions
    else:
        view.add(" AND o.audience = %s AND o.seq > %s", key, AFTER)
    return view.add(f" AND o.type IN ({_marks(query.types)})", *query.types) if query.types else view


def _narrow(found: Clause, audiences: Audiences, query: Query) -> None:
    _audience(found, audiences, "o")
    if query.types:
        found.add(f" AND o.type IN ({_marks(query.types)})", *query.types)
    if (query.versions or LAST) == LAST:
        found.add(' AND o."current"')
    _versions(found, audiences, query)


def _audience(found: Clause, audiences: Audiences, row: str) -> None:
    found.add(f" AND NOT {row}.exercise")
    if not audiences.everything:
        found.add(f" AND {row}.audience IN ({_marks(audiences.keys)})", *sorted(audiences.keys))


def _versions(found: Clause, audiences: Audiences, query: Query) -> None:
    """match[version] (§5.3, §5.4), default `last`; the words may be mixed with moments."""
    wanted = query.versions or LAST
    moments = [] if "all" in wanted else [one for one in wanted if one not in ("first", "last")]
    found.add(" AND (1 = 0")
    if moments or "all" in wanted:
        found.add(f" OR (o.version IN ({_marks(moments)})" if moments else " OR (1 = 1", *moments)
        _other(found, audiences, False, f"(d.version = o.version OR o.type IN ({UNVERSIONED})) AND d.seq + 0 > o.seq")
        found.add(")")
    if "last" in wanted:
        found.add(f' OR (o."current" AND ((NOT o.received AND o.type NOT IN ({UNVERSIONED})) OR (1 = 1')
        _other(found, audiences, False, f'd."current" AND {BETTER}')
        found.add(")))")
    if "first" in wanted:
        found.add(" OR (1 = 1")
        _other(found, audiences, False, "(d.version < o.version OR (d.version = o.version AND d.seq + 0 < o.seq))")
        found.add(")")
    found.add(")")
    if wanted != LAST:
        _other(found, audiences, True, 'd."current" AND d.owner = o.owner AND d.received = o.received')


def _other(found: Clause, audiences: Audiences, exists: bool, which: str) -> None:
    """There is (not) another visible row of the same object, found by its id: `NOT` and `+ 0` keep SQLite off other indexes."""
    found.add(f" AND {'' if exists else 'NOT '}EXISTS (SELECT 1 FROM {TABLE} d WHERE d.id = o.id AND {which}")  # noqa: S608 -- constants
    _audience(found, audiences, "d")
    found.add(")")


def _marks(values: Collection[str]) -> str:
    return ", ".join(["%s"] * len(values))
