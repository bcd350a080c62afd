"""What a page says, and how it is handed over: as HTML, JSON, CSV, SVG or PNG from the same address."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial, wraps
from hashlib import sha256
from typing import Any, cast, overload
from urllib.parse import quote

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

from hinomi import __version__
from hinomi.casebook import cursor
from hinomi.casebook.models import Case
from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.charts.picture import Picture
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text
from hinomi.share.gate import Caller, errand_of, release_document


@dataclass(frozen=True)
class Page:
    """One page: its question, the sentence that answers it, the data behind, the rows of its table, its pictures.

    `data` is what JSON gives; `rows` is what CSV gives; `context` is only for the template. `cases` are those that it tells
    of: JSON and CSV of them leave for a member as a release.
    """

    template: str
    question: str
    answer: str
    data: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]] = ()
    pictures: Mapping[str, Picture | Callable[[], Picture]] = field(default_factory=dict)  # drawn when asked for, or already
    context: Mapping[str, Any] = field(default_factory=dict)
    cases: Sequence[Case] = ()


View = Callable[..., "Page | HttpResponse"]
Stamp = Callable[[HttpRequest], str]


@overload
def shown(view: View, /) -> Callable[..., HttpResponse]: ...


@overload
def shown(*, stamp: Stamp) -> Callable[[View], Callable[..., HttpResponse]]: ...


def shown(view: View | None = None, /, *, stamp: Stamp | None = None) -> Any:
    """A view that gives back a `Page`, as a view that answers in the format and language the reader asked for.

    With `stamp`, which says cheaply what the page shows, a browser that has it already hears 304 and nothing is read.
    """
    if view is None:
        return partial(_answering, stamp=stamp)
    return _answering(view, stamp=None)


def _answering(view: View, *, stamp: Stamp | None) -> Callable[..., HttpResponse]:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = request.GET.get("lang")
        if language in ("en", "ja"):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        tag = _tag(request, stamp(request)) if stamp and wanted(request) == "html" else ""
        if tag and request.headers.get("If-None-Match") == tag:
            return _tagged(HttpResponseNotModified(), tag)
        page = view(request, *args, **kwargs)
        return _tagged(page if isinstance(page, HttpResponse) else _handed(request, page), tag)

    return answered


def _tag(request: HttpRequest, stamp: str) -> str:
    """The stamp together with all else that a page of ours depends on; "" when there is no stamp."""
    secrets = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    cookies = sorted(item for item in request.COOKIES.items() if item[0] not in secrets)  # theme, messages
    asks = (stamp, request.get_full_path(), person(request).pk, translation.get_language(), cookies, __version__)
    return f'W/"{sha256(repr(asks).encode()).hexdigest()[:32]}"' if stamp else ""


def _tagged(response: HttpResponse, tag: str) -> HttpResponse:
    if tag:
        response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


def person(request: HttpRequest) -> Account:
    """Who asks; `permission` lets nobody in who has not signed in."""
    return cast(Account, request.user)


def after(request: HttpRequest) -> str:
    """The cursor in the URL; one that somebody changed begins the list anew."""
    asked = request.GET.get("cursor", "")
    try:
        cursor.read(asked)
    except WrongUse:
        return ""
    return asked


def wanted(request: HttpRequest) -> str:
    """The format asked for: `?format=` first, then the Accept header; a browser gets HTML."""
    if "format" in request.GET:
        return request.GET["format"]
    accept = request.headers.get("Accept", "")
    return "json" if "application/json" in accept and "text/html" not in accept else "html"


def _handed(request: HttpRequest, page: Page) -> HttpResponse:
    kind = wanted(request)
    if kind == "html":
        response = render(request, page.template, {"page": page, **page.context})
    elif kind == "json":
        content = written({"question": page.question, "answer": page.answer, **page.data})
        response = HttpResponse(_released(request, page.cases, content), content_type="application/json")
    elif kind == "csv":
        content = _released(request, page.cases, _csv(page.rows))
        response = _file(content, "text/csv; charset=utf-8", f"{_stem(request)}.csv")
    elif kind in ("svg", "png"):
        response = _drawn(request, page, kind)
    else:
        raise Http404(f"this page has no format {kind!r}; it has html, json, csv, svg and png")
    patch_vary_headers(response, ("Accept", "Cookie", "Accept-Language", "HX-Request"))
    return response


def _released(request: HttpRequest, cases: Sequence[Case], content: bytes) -> bytes:
    """What of cases goes away as a file: to the hub's own people as it is, to everybody else as a release, logged first."""
    if not cases or (reader := reader_of(person(request))).operator:
        return content
    errand = errand_of(Caller(reader, person(request).get_username()), "page", request.get_full_path()[:500])
    return release_document(errand, cases, content).items[0].content


def written(value: object) -> bytes:
    """JSON with stable keys: times in RFC 3339 UTC, texts in both languages."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_INDENT_2)


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


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """RFC 4180 with a byte-order mark, so that spreadsheets read Japanese; nothing that starts like a formula stays one."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if isinstance(value, Text):
        value = value.ja if translation.get_language() == "ja" else value.en
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return " ".join(str(one) for one in value)
    # OWASP "CSV injection": a cell of foreign text must not run in a spreadsheet.
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _drawn(request: HttpRequest, page: Page, kind: str) -> HttpResponse:
    name = request.GET.get("picture") or next(iter(page.pictures), "")
    if name not in page.pictures:
        raise Http404(f"this page has no picture {name!r}; it has {', '.join(page.pictures) or 'none'}")
    known = page.pictures[name]
    drawn = known if isinstance(known, Picture) else known()
    content, media = (drawn.svg(), "image/svg+xml") if kind == "svg" else (drawn.png(), "image/png")
    return _file(content, media, f"{_stem(request)}-{name}.{kind}")


def _stem(request: HttpRequest) -> str:
    return "hinomi" + request.path.rstrip("/").replace("/", "-")


def _file(content: bytes, media: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=media, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
