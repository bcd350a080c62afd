"""What a page says, and how it is handed over: as HTML, JSON, CSV, SVG or PNG from the same address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, wraps
from hashlib import sha256
from typing import Any, cast, overload
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

from hinomi import __version__
from hinomi.casebook import cursor
from hinomi.casebook.models import Case
from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.charts.picture import Picture
from hinomi.hub.pages.table import Listing, Piece, csv_of, csv_parts, json_of, written
from hinomi.schema.problems import WrongUse
from hinomi.share.gate import Caller, errand_of, release_document


@dataclass(frozen=True)
class Page:
    """One page: its question, the sentence that answers it, the data behind, the rows of its table, its pictures.

    `data` is what JSON gives; `rows` is what CSV gives, or `listing` for both where the page shows only the beginning of a
    table; `context` is only for the template. `cases` are those that it tells of: JSON and CSV of them leave for a member as
    a release.
    """

    template: str
    question: str
    answer: str
    data: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]] = ()
    listing: Listing | None = None
    pictures: Mapping[str, Picture | Callable[[], Picture]] = field(default_factory=dict)  # drawn when asked for, or already
    context: Mapping[str, Any] = field(default_factory=dict)
    cases: Sequence[Case] = ()


View = Callable[..., "Page | HttpResponse"]
Stamp = Callable[[HttpRequest], str]


@overload
def shown(view: View, /) -> Callable[..., HttpResponseBase]: ...


@overload
def shown(*, stamp: Stamp) -> Callable[[View], Callable[..., HttpResponseBase]]: ...


def shown(view: View | None = None, /, *, stamp: Stamp | None = None) -> Any:
    """A view that gives back a `Page`, as a view that answers in the format and language the reader asked for.

    With `stamp`, which says cheaply what the page shows, a browser that has it already hears 304 and nothing is read.
    """
    if view is None:
        return partial(_answering, stamp=stamp)
    return _answering(view, stamp=None)


def _answering(view: View, *, stamp: Stamp | None) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
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


def _tagged(response: HttpResponseBase, tag: str) -> HttpResponseBase:
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


def _handed(request: HttpRequest, page: Page) -> HttpResponseBase:
    kind = wanted(request)
    response: HttpResponseBase
    if kind == "html":
        response = render(request, page.template, {"page": page, **page.context})
    elif kind == "json":
        said = {"question": page.question, "answer": page.answer, **page.data}
        told = json_of(said, page.listing) if page.listing else [Piece(written(said), page.cases)]
        response = _sent(_handed_over(request, page, told), "application/json")
    elif kind == "csv":
        table = csv_parts(page.listing) if page.listing else [Piece(csv_of(page.rows), page.cases)]
        response = _sent(_handed_over(request, page, table), "text/csv; charset=utf-8", f"{_stem(request)}.csv")
    elif kind in ("svg", "png"):
        response = _drawn(request, page, kind)
    else:
        raise Http404(f"this page has no format {kind!r}; it has html, json, csv, svg and png")
    patch_vary_headers(response, ("Accept", "Cookie", "Accept-Language", "HX-Request"))
    return response


def _handed_over(request: HttpRequest, page: Page, pieces: Iterable[Piece]) -> bytes | Iterator[bytes]:
    """What goes away as a file: a listing to the hub's own people piece by piece, all else whole or, where refused, not at all.

    What tells of cases goes to everybody else as one release, logged first: the line's SHA-256 is that of the file.
    """
    reader = reader_of(person(request))
    if reader.operator and page.listing:
        return (piece.content for piece in pieces)
    told = list(pieces)
    content, cases = b"".join(piece.content for piece in told), [case for piece in told for case in piece.cases]
    if reader.operator or not cases:
        return content
    errand = errand_of(Caller(reader, person(request).get_username()), "page", request.get_full_path()[:500])
    return release_document(errand, cases, content).items[0].content


def _drawn(request: HttpRequest, page: Page, kind: str) -> HttpResponseBase:
    name = request.GET.get("picture") or next(iter(page.pictures), "")
    if name not in page.pictures:
        raise Http404(f"this page has no picture {name!r}; it has {', '.join(page.pictures) or 'none'}")
    known = page.pictures[name]
    drawn = known if isinstance(known, Picture) else known()
    content, media = (drawn.svg(), "image/svg+xml") if kind == "svg" else (drawn.png(), "image/png")
    return _sent(content, media, f"{_stem(request)}-{name}.{kind}")


def _stem(request: HttpRequest) -> str:
    return "hinomi" + request.path.rstrip("/").replace("/", "-")


def _sent(content: bytes | Iterator[bytes], media: str, name: str = "") -> HttpResponseBase:
    """An answer to show, or with a name a file to keep; what comes in pieces is sent in pieces."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"} if name else {}
    sent = HttpResponse if isinstance(content, bytes) else StreamingHttpResponse
    return sent(content, content_type=media, headers=headers)
