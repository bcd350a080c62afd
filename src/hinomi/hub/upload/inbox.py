"""The upload handler that writes straight into the inbox: never in memory, never under a name that somebody sent."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest, HttpResponse

from hinomi.home import home

PART = ".part"
TOO_LARGE = "hinomi.too_large"
NO_ROOM = "hinomi.no_room"
FORM = 64 * 1024  # what the form around the file may take


class Arrived(UploadedFile):  # type: ignore[type-arg]  # generic in its stubs only
    """A file in the inbox, complete and on disk; `sent_as` is the name that the browser gave, for showing only.

    Unless somebody uses it, it is gone when its request has been answered.
    """

    def __init__(self, path: Path, sent_as: str, size: int) -> None:
        super().__init__(None, name=path.name, size=size)
        self.path = path
        self.sent_as = sent_as
        self.used = False

    def close(self) -> None:
        """Nothing is open any more; Django closes what a request brought."""


def emptied(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: once a request is answered, however, nothing of it that nobody uses is left in the inbox."""

    def answered(request: HttpRequest) -> HttpResponse:
        try:
            return answer(request)
        finally:
            for handler in request.upload_handlers:
                if isinstance(handler, Inbox):
                    handler.leave()

    return answered


def too_large(request: HttpRequest) -> bool:
    """Whether a file was refused for its size: by the length announced beforehand, or by counting while it came."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return TOO_LARGE in request.META or (announced.isdigit() and int(announced) > limit() + FORM)


def limit() -> int:
    return int(settings.HINOMI["upload_limit"]) * 1024 * 1024


class Inbox(FileUploadHandler):
    """Streams one file of the upload page or API to `inbox/`; files sent to any other address are not read."""

    chunk_size = 256 * 1024

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.arrived: list[Arrived] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        match = self.request.resolver_match if self.request else None
        if match is None or match.url_name not in ("upload", "captures"):
            raise SkipFile
        folder = home().inbox
        self.part = folder / f"{uuid4().hex}{PART}"
        self.received = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.stream: IO[bytes] = self.part.open("xb")
        except OSError as error:
            self._stop(NO_ROOM, error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002 -- the signature is Django's
        self.received += len(raw_data)
        if self.received > limit():
            self._stop(TOO_LARGE)
        try:
            self.stream.write(raw_data)
        except OSError as error:
            self._stop(NO_ROOM, error)

    def file_complete(self, file_size: int) -> Arrived:
        path = self.part.with_suffix("")
        try:
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.stream.close()
            self.part.rename(path)
        except OSError as error:
            self._stop(NO_ROOM, error)
        self.arrived.append(Arrived(path, self.file_name or "", file_size))
        return self.arrived[-1]

    def upload_interrupted(self) -> None:
        if hasattr(self, "stream"):
            self._forget()

    def leave(self) -> None:
        """Keep nothing of what was not used: a second file, one that broke off, those of a request that was refused late."""
        self.upload_interrupted()
        for one in self.arrived:
            if not one.used:
                one.path.unlink(missing_ok=True)

    def _stop(self, why: str, error: OSError | None = None) -> NoReturn:
        """Keep nothing, note why, and read no further; the view answers, for nobody above would understand an exception."""
        assert self.request is not None
        self.request.META[why] = error.strerror if error else "yes"
        self._forget()
        raise StopUpload(connection_reset=False)

    def _forget(self) -> None:
        with suppress(OSError, AttributeError):  # a full disk may refuse the last bytes even now
            self.stream.close()
        with suppress(OSError):
            self.part.unlink()
