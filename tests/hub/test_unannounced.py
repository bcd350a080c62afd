"""Bodies without a length, as `curl -T` and HTTP/2 send them: read like any other, and not one byte more."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from hinomi.hub.accounts import actions
from hinomi.hub.accounts.scopes import Scope
from hinomi.hub.schedule.models import Job
from hinomi.hub.wsgi import application
from hinomi.schema.words import Role
from tests.hub.test_upload import BOUNDARY, parts

FORM = f"multipart/form-data; boundary={BOUNDARY}"


class Pieces(io.BytesIO):
    """An input that gives what has come so far, and never all that it is asked for."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(min(size or 0, 7_000))
        self.taken += len(piece)
        return piece


@dataclass
class Streamer:
    """A program that streams, with every right."""

    secret: str

    def post(self, path: str, body: bytes, media: str = "application/json") -> tuple[int, dict[str, Any]]:
        environ = RequestFactory(headers={"host": "127.0.0.1", "authorization": f"Bearer {self.secret}"})._base_environ()
        self.input = Pieces(body)
        environ |= {"REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_TYPE": media, "HTTP_TRANSFER_ENCODING": "chunked"}
        environ |= {"wsgi.input": self.input, "wsgi.input_terminated": True}
        said: list[str] = []
        answer = application(environ, lambda status, *_: said.append(status))
        told = b"".join(answer)
        answer.close()  # type: ignore[attr-defined]  # an answer of Django
        return int(said[0][:3]), json.loads(told)


@pytest.fixture
def streamer(db: None) -> Iterator[Streamer]:
    """Asked as a server asks; only the connection that the story shares with the hub is not closed in between."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield Streamer(actions.issue_token("hub", account=None, role=Role.OPERATOR, organisation=None, scopes=list(Scope))[1])
    for signal in signals:
        signal.connect(close_old_connections)


def test_a_capture_that_is_streamed_is_kept_whole(streamer: Streamer, inbox: Path) -> None:
    status, _job = streamer.post("/api/v1/captures", parts("day")["data"], FORM)
    assert status == 202
    assert Path(Job.objects.get().arguments["path"]).read_bytes() == b"not really a capture"


def test_a_case_that_is_streamed_is_opened(streamer: Streamer) -> None:
    status, case = streamer.post("/api/v1/cases", json.dumps({"title": "t", "description": "d" * 9_999}).encode())
    assert (status, case["description"]) == (201, "d" * 9_999)


def test_nothing_is_nothing(streamer: Streamer) -> None:
    assert streamer.post("/api/v1/cases", b"")[0] == 422


def test_what_is_too_long_is_refused_and_not_read_to_its_end(streamer: Streamer) -> None:
    status, _told = streamer.post("/api/v1/cases", b'{"title": "t"}' + b" " * 5_000_000)
    assert status == 413
    assert streamer.input.taken <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE


@pytest.mark.parametrize("count", [1, 4])
def test_neither_is_a_capture_that_is_too_long_kept(
    streamer: Streamer, inbox: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(settings, "HINOMI", settings.HINOMI | {"upload_limit": 1})
    data = parts(*map(str, range(count)))["data"]
    body = data.replace(b"not really a capture", bytes(1_200_000 if count == 1 else 900_000))
    status, told = streamer.post("/api/v1/captures", body, FORM)
    assert (status, "upload_limit" in told["title"]) == (413, True)
    assert streamer.input.taken <= 1024 * 1024 + 64 * 1024
    assert list(inbox.iterdir()) == []
