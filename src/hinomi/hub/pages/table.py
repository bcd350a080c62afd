"""The rows behind a page, handed over whole: CSV for spreadsheets, JSON for programs, read and sent piece by piece."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from django.utils import translation
from django.utils.translation import gettext as _

from hinomi.hub.pages.words import number
from hinomi.schema.words import Text

if TYPE_CHECKING:
    from hinomi.casebook.models import Case

MOST, TURN = 100_000, 1_000  # rows of one export, and of one question to the database
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_INDENT_2
Row = Mapping[str, Any]


class Turn(NamedTuple):
    """What follows a cursor: some rows, the next cursor ("" at the end), and the cases that the rows tell of."""

    items: Sequence[Any]
    after: str
    cases: Sequence[Case] = ()


class Piece(NamedTuple):
    """A part of what is handed over, and the cases that it tells of."""

    content: bytes
    cases: Sequence[Case] = ()


@dataclass(frozen=True)
class Listing:
    """A table that a page shows the beginning of: `turn(cursor, rows)` gives what follows.

    `name` is where its rows stand in JSON, `row` makes a row of CSV of one, and `begin` is the cursor that was asked for.
    """

    name: str
    turn: Callable[[str, int], Turn]
    row: Callable[[Any], Row]
    begin: str = ""

    def turns(self) -> Iterator[Turn]:
        """The rows in pieces, each with the cursor at which they are cut: "" but for the last of too many."""
        after, given = self.begin, 0
        while True:
            turn = self.turn(after, TURN)
            after, given = turn.after, given + len(turn.items)
            is_cut = given >= MOST
            yield turn if is_cut else turn._replace(after="")
            if is_cut or not after:
                return


def written(value: object) -> bytes:
    """JSON with stable keys: times in RFC 3339 UTC, texts in both languages."""
    return orjson.dumps(value, default=_plain, option=OPTIONS)


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return value._asdict()
    if isinstance(value, str):  # lazy translations' results, enumerations of words
        return str(value)
    if isinstance(value, int):
        return int(value)
    if hasattr(value, "_asdict"):
        return value._asdict()
    if isinstance(value, tuple):
        return list(value)
    return str(value)


def json_of(said: Row, listing: Listing) -> Iterator[Piece]:
    """One JSON object: what the page says, then every row, then `next`, where it was cut."""
    yield Piece(written(said)[:-2] + b",\n  " + written(listing.name) + b": [")
    comma, cut = b"", ""
    for items, cut, cases in listing.turns():  # noqa: B007 -- the last cut is said after the rows
        yield Piece(b"".join((comma if at == 0 else b",") + written(item) for at, item in enumerate(items)), cases)
        comma = b"," if items else comma
    yield Piece(b'],\n  "next": ' + written(cut or None) + b"\n}")


def csv_of(rows: Sequence[Row]) -> bytes:
    """RFC 4180 with a byte-order mark, so that spreadsheets read Japanese; nothing that starts like a formula stays one."""
    return b"\xef\xbb\xbf" + _lines(rows, _language(), head=True)


def csv_parts(listing: Listing) -> Iterator[Piece]:
    """The same of a whole listing; where it is cut, the last line says so."""
    language, given = _language(), 0  # of who asks: what is sent later may run outside of the request
    yield Piece(b"\xef\xbb\xbf")
    for items, cut, cases in listing.turns():
        yield Piece(_lines([listing.row(item) for item in items], language, head=not given), cases)
        given += len(items)
        if cut:
            with translation.override(language):
                words = {"count": number(given), "cursor": cut}
                said = _("Cut here after %(count)s rows; the rest is at the same address with cursor=%(cursor)s") % words
            yield Piece(_lines([{"": said}], language, head=False))


def _language() -> str:
    return translation.get_language() or "en"


def _lines(rows: Sequence[Row], language: str, *, head: bool) -> bytes:
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        if head:
            writer.writeheader()
        writer.writerows({key: cell(value, language) for key, value in row.items()} for row in rows)
    return out.getvalue().encode()


def cell(value: object, language: str) -> object:
    """A value as a spreadsheet gets it: in words, and never as something that runs there (OWASP "CSV injection")."""
    if value is None or isinstance(value, (int, float)):
        return value
    said = _said(value, language)
    return f"'{said}" if said[:1] in ("=", "+", "-", "@", "\t", "\r") else said


def _said(value: object, language: str) -> str:
    if isinstance(value, Text):
        value = value._asdict()
    if isinstance(value, Mapping):
        return str(value[language]) if value.keys() == {"en", "ja"} else orjson.dumps(dict(value), default=_plain).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return " ".join(_said(one, language) for one in value)
    return str(value)
