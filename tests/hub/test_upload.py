"""Handing in a capture: streamed to the inbox under a name of our own, limited, refused for strangers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hinomi.hub.accounts import actions
from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.scopes import Scope
from hinomi.hub.schedule import queue
from hinomi.hub.schedule.models import Job, State
from hinomi.hub.upload.inbox import Inbox
from hinomi.members.models import Organisation
from hinomi.schema.words import Role
from tests.hub.conftest import SignedIn

pytestmark = pytest.mark.usefixtures("inbox")

JSON = {"accept": "application/json"}


def capture(content: bytes = b"not really a capture", name: str = "day.pcap") -> dict[str, object]:
    return {"capture": SimpleUploadedFile(name, content), "sensor": "tower"}


def test_a_capture_is_kept_and_its_reading_queued(browser: SignedIn, analyst: Account, inbox: Path) -> None:
    content = bytes(range(256)) * 4096
    answer = browser(analyst).post("/upload/", capture(content))
    job = Job.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/jobs/{job.pk}/")
    (kept,) = inbox.iterdir()
    assert kept.read_bytes() == content
    assert job.arguments == {"path": str(kept), "sent_as": "day.pcap", "sensor": "tower"}
    assert job.account == analyst


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\boot.ini", "a\x00b", "火の見.pcap", "x" * 300 + ".pcap"])
def test_the_name_that_was_sent_is_never_a_path(browser: SignedIn, analyst: Account, inbox: Path, name: str) -> None:
    browser(analyst).post("/upload/", capture(name=name))
    assert all(file.parent == inbox and len(file.name) == 32 for file in inbox.iterdir())
    assert not (inbox.parent / "etc").exists()


def test_a_file_that_is_too_large_is_refused_while_it_comes(
    browser: SignedIn, analyst: Account, inbox: Path, settings: object
) -> None:
    settings.HINOMI = settings.HINOMI | {"upload_limit": 1}  # type: ignore[attr-defined]  # pytest-django's wrapper
    answer = browser(analyst).post("/upload/", capture(bytes(1024 * 1024 + 1)), headers=JSON)
    assert answer.status_code == 413
    assert "1.0\xa0MB" in answer.json()["title"]
    assert list(inbox.iterdir()) == []
    assert not Job.objects.exists()


def test_without_a_file_the_form_says_so(browser: SignedIn, analyst: Account) -> None:
    assert browser(analyst).post("/upload/", {"sensor": "tower"}, headers=JSON).status_code == 422


def test_a_strangers_file_is_not_even_read(stranger: Client, inbox: Path) -> None:
    assert stranger.post("/upload/", capture()).status_code == 302
    assert list(inbox.iterdir()) == []


def test_a_member_hands_in_nothing(browser: SignedIn, member: Account, inbox: Path) -> None:
    assert browser(member).post("/upload/", capture()).status_code == 403
    assert list(inbox.iterdir()) == []


def test_a_file_sent_to_another_address_is_not_kept(browser: SignedIn, operator: Account, inbox: Path) -> None:
    browser(operator).post("/account/tokens/", capture(), headers=JSON)
    assert list(inbox.iterdir()) == []


def test_a_sensor_hands_in_with_its_token_and_follows_its_own_jobs_only(
    stranger: Client, power: Organisation, inbox: Path
) -> None:
    _, secret = actions.issue_token("sensor", account=None, role=Role.MEMBER, organisation="power", scopes=[Scope.OBSERVE])
    headers = {"authorization": f"Bearer {secret}"}
    answer = stranger.post("/api/v1/captures", capture(), headers=headers)
    assert answer.status_code == 202
    assert len(list(inbox.iterdir())) == 1
    assert stranger.get(answer.headers["Location"], headers=headers).json()["name"] == "day.pcap"
    other = queue.add("capture", {"path": "/none", "sent_as": "theirs.pcap"})
    assert stranger.get(f"/api/v1/jobs/{other.pk}", headers=headers).status_code == 404


BOUNDARY = "the-edge"
PART = '--{0}\r\nContent-Disposition: form-data; name="capture"; filename="{1}.pcap"\r\n{2}\r\nnot really a capture\r\n'


def parts(*names: str, last: str = "", length: int | None = None) -> dict[str, Any]:
    """Several files in one request, written by hand: with a line more in the last one's head, or cut off."""
    body = "".join(PART.format(BOUNDARY, name, last if name == names[-1] else "") for name in names) + f"--{BOUNDARY}--\r\n"
    return {"data": body.encode()[:length], "content_type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.mark.parametrize("path", ["/upload/", "/api/v1/captures"])
def test_of_two_files_in_one_request_only_the_one_that_is_read_stays(
    browser: SignedIn, analyst: Account, inbox: Path, path: str
) -> None:
    browser(analyst).post(path, **parts("one", "two"), headers=JSON)
    (kept,) = inbox.iterdir()
    assert (Job.objects.get().arguments["path"], Job.objects.get().arguments["sent_as"]) == (str(kept), "two.pcap")


@pytest.mark.parametrize("path", ["/upload/", "/api/v1/captures"])
@pytest.mark.parametrize(
    "broken",
    [
        parts("one", "two", last="Content-Transfer-Encoding: base64\r\n"),  # what follows is not base64
        parts("one", "two", length=-30),
        parts("one", length=-30),
        {"data": {f"field{number}": "x" for number in range(300)} | capture()},
    ],
    ids=["part", "second", "only", "fields"],
)
def test_nothing_stays_of_a_request_that_is_broken(
    browser: SignedIn, analyst: Account, inbox: Path, path: str, broken: dict[str, object]
) -> None:
    client = browser(analyst)
    answer = client.post(path, **broken, headers=JSON)
    assert len(list(inbox.iterdir())) == Job.objects.count() == int(answer.status_code == 202)
    assert not list(inbox.glob("*.part"))


def test_nothing_stays_of_a_request_that_is_refused_late(
    browser: SignedIn, analyst: Account, inbox: Path, settings: object
) -> None:
    client = browser(analyst)
    assert client.post("/upload/", capture() | {"sensor": "to\x1bwer"}, headers=JSON).status_code == 422
    assert client.post("/api/v1/captures", capture() | {"sensor": "to\x1bwer"}).status_code == 422
    strict = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    strict.force_login(analyst, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert strict.post("/upload/", capture()).status_code == 403
    settings.HINOMI = settings.HINOMI | {"upload_limit": 1}  # type: ignore[attr-defined]  # pytest-django's wrapper
    second = {"second": SimpleUploadedFile("more.pcap", bytes(1024 * 1024 + 1))}
    assert client.post("/api/v1/captures", capture() | second).status_code == 413
    assert list(inbox.iterdir()) == []
    assert not Job.objects.exists()


def test_a_token_that_only_reads_hands_in_nothing(stranger: Client, power: Organisation, inbox: Path) -> None:
    secret = actions.make_token("feed", organisation="power")
    assert stranger.post("/api/v1/captures", capture(), headers={"authorization": f"Bearer {secret}"}).status_code == 403
    assert list(inbox.iterdir()) == []


def test_how_far_a_job_is_can_be_read_as_json(browser: SignedIn, analyst: Account) -> None:
    job = queue.add("capture", {"path": "/none", "sent_as": "day.pcap"}, analyst)
    said = browser(analyst).get(f"/jobs/{job.pk}/", headers=JSON).json()
    assert set(said) == {"id", "kind", "state", "name", "created", "finished", "progress", "result", "problem"}
    assert (said["state"], said["name"]) == (State.WAITING, "day.pcap")


class Full:
    """A disk with no room left."""

    def write(self, _: bytes) -> int:
        raise OSError(28, "No space left on device")

    def close(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_told_and_nothing_half_written_stays(
    browser: SignedIn, analyst: Account, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Inbox.new_file

    def full(self: Inbox, *args: object, **kwargs: object) -> None:
        real(self, *args, **kwargs)
        self.stream.close()
        self.stream = Full()  # type: ignore[assignment]  # all of a stream that the inbox uses

    monkeypatch.setattr(Inbox, "new_file", full)
    answer = browser(analyst).post("/upload/", capture(), headers=JSON)
    assert answer.status_code == 507
    assert "No space left on device" in answer.json()["title"]
    assert list(inbox.iterdir()) == []
    assert not Job.objects.exists()


def test_an_inbox_that_cannot_be_written_is_told(browser: SignedIn, analyst: Account, inbox: Path) -> None:
    inbox.rmdir()
    inbox.write_text("in the way")
    try:
        answer = browser(analyst).post("/upload/", capture(), headers=JSON)
    finally:
        inbox.unlink()
        inbox.mkdir()
    assert answer.status_code == 507
