"""Slow down whoever keeps coming with wrong tokens: after so many refusals in a minute, 429 until it has passed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

Environ = dict[str, Any]
Start = Callable[..., Any]
REFUSALS = 30  # per address, minute and process; a program with a right token is never refused
MINUTE = 60.0
ROOM = 10_000
GUARDED = ("/taxii2/", "/api/")
REPLY = b'{"title": "too many wrong tokens; try again in a minute", "http_status": "429", "status": 429}'


class Brake:
    """WSGI middleware that counts the 401 of the interfaces for programs, by client address."""

    def __init__(self, application: Callable[[Environ, Start], Iterable[bytes]]) -> None:
        self._application = application
        self._refused: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(GUARDED):
            return self._application(environ, start)
        client = client_of(environ)
        since, count = self._refused.get(client, (0.0, 0))
        if count >= REFUSALS and time.monotonic() - since < MINUTE:
            start("429 Too Many Requests", [("Content-Type", "application/problem+json"), ("Retry-After", "60")])
            return [REPLY]

        def watch(status: str, *rest: Any) -> Any:
            if status.startswith("401"):
                self._count(client)
            return start(status, *rest)

        return self._application(environ, watch)

    def _count(self, client: str) -> None:
        now = time.monotonic()
        with self._lock:
            if len(self._refused) >= ROOM:
                self._refused.clear()
            since, count = self._refused.get(client, (now, 0))
            self._refused[client] = (now, 1) if now - since >= MINUTE else (since, count + 1)


def client_of(environ: Environ) -> str:
    """The client's address; behind `proxies` reverse proxies, the one that the outermost of them saw."""
    proxies = int(settings.HINOMI["proxies"])
    named = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    return named[-proxies] if proxies and len(named) >= proxies else str(environ.get("REMOTE_ADDR", ""))
