"""A body whose length nobody announced (`Transfer-Encoding: chunked`, HTTP/2) is read all the same, and no longer than others.

Django reads as many bytes as `Content-Length` says, and without it none: what a sensor streams would be empty. The server
ends the input where the body ends (`wsgi.input_terminated`), so the longest length that is taken can stand in its place.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig

from hinomi.hub.upload.inbox import FORM, TOO_LARGE, limit

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
BODIES = ("POST", "PUT", "PATCH", "DELETE")
PIECE = 256 * 1024


class Body(io.RawIOBase):
    """The bytes that come, counted; with the last that is taken it is one too many."""

    def __init__(self, environ: Environ) -> None:
        super().__init__()
        self._environ, self._read = environ, environ["wsgi.input"].read
        self._files = str(environ.get("CONTENT_TYPE", "")).lower().startswith("multipart/")
        self.most = limit() + FORM if self._files else int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        self._left = self.most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._read(min(len(buffer), self._left)) if self._left else b""
        self._left -= len(piece)
        if not self._left:
            self._refuse()
        buffer[: len(piece)] = piece
        return len(piece)

    def _refuse(self) -> None:
        """What comes with files is told by the view, like a length announced; anything else would be read cut off."""
        if not self._files:
            raise RequestDataTooBig("the body is longer than is taken here")
        self._environ[TOO_LARGE] = "yes"


def read(application: Application) -> Application:
    """The application, which also reads what comes without a length."""

    def reading(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        is_open = "CONTENT_LENGTH" not in environ and environ.get("wsgi.input_terminated")
        if is_open and environ["REQUEST_METHOD"] in BODIES:
            body = Body(environ)
            environ["CONTENT_LENGTH"], environ["wsgi.input"] = str(body.most), io.BufferedReader(body, PIECE)
        return application(environ, start)

    return reading
