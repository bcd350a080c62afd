"""Slow down whoever keeps coming with wrong tokens: after so many refusals in a minute, 429 until it has passed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from django.conf import settings

from hinomi.share.taxii import resources
from hinomi.share.taxii.media import TAXII

Environ = dict[str, Any]
Start = Callable[..., Any]
REFUSALS = 30  # per address, minute and process; a program with a right token is never refused
MINUTE = 60.0
ROOM = 10_000
TITLE, REMEDY = "Too Many Requests", "There were too many wrong tokens from this address; try again in a minute."
# Where programs come in, with what they read there: an error message resource of TAXII (§3.6.1), RFC 9457 elsewhere.
GUARDED: dict[str, tuple[str, bytes]] = {
    resources.DISCOVERY: (TAXII, resources.error(429, TITLE, REMEDY)),
    "/api/": (
        "application/problem+json",
        orjson.dumps({"type": "about:blank", "title": TITLE, "status": 429, "detail": REMEDY}),
    ),
}


class Brake:
    """WSGI middleware that counts the 401 of the interfaces for programs, by client address.

    A token is looked at first, whoever sends it, and only one that is wrong hears 429 in the place of 401: behind one
    address there may be a sensor that works and another whose token has expired. Who sends no token guesses none.
    """

    def __init__(self, application: Callable[[Environ, Start], Iterable[bytes]]) -> None:
        self._application = application
        self._refused: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        reply = next((reply for prefix, reply in GUARDED.items() if environ.get("PATH_INFO", "").startswith(prefix)), None)
        if reply is None or not environ.get("HTTP_AUTHORIZATION"):
            return self._application(environ, start)
        said: list[tuple[Any, ...]] = []
        body = self._application(environ, lambda *told: said.append(told))
        if said[-1][0].startswith("401") and self._count(client_of(environ)) > REFUSALS:
            close(body)
            media, words = reply
            start(f"429 {TITLE}", [("Content-Type", media), ("Content-Length", str(len(words))), ("Retry-After", "60")])
            return [] if environ.get("REQUEST_METHOD") == "HEAD" else [words]
        start(*said[-1])
        return body

    def _count(self, client: str) -> int:
        """Count a refusal; how many there have been within a minute of the first."""
        now = time.monotonic()
        with self._lock:
            if len(self._refused) >= ROOM:
                self._refused.clear()
            since, count = self._refused.get(client, (now, 0))
            self._refused[client] = since, count = (now, 1) if now - since >= MINUTE else (since, count + 1)
        return count


def close(body: Iterable[bytes]) -> None:
    """Let go of an answer that is not sent (PEP 3333)."""
    if hasattr(body, "close"):
        body.close()


def client_of(environ: Environ) -> str:
    """The client's address; behind `proxies` reverse proxies, the one that the outermost of them saw."""
    proxies = int(settings.HINOMI["proxies"])
    named = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    return named[-proxies] if proxies and len(named) >= proxies else str(environ.get("REMOTE_ADDR", ""))
