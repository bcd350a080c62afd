"""A program that is refused reads problem details, whoever refused it; a person who sends too much is told what takes it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from hinomi.hub.accounts.models import Account
from tests.hub.conftest import HOST, SignedIn


def is_told(answer: Any, status: int) -> None:
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert answer.json()["title"]
    assert int(answer.headers["Content-Length"]) == len(answer.content)


@pytest.fixture
def hub(browser: SignedIn, operator: Account) -> Client:
    return browser(operator)


def test_an_address_or_a_method_that_is_not_there(hub: Client, stranger: Client) -> None:
    is_told(hub.get("/api/v1/nothing"), 404)
    is_told(hub.get("/api/"), 404)
    is_told(stranger.get("/api/v2/findings"), 404)
    answer = hub.put("/api/v1/findings")
    is_told(answer, 405)
    assert answer.headers["Allow"] == "GET"


def test_what_cannot_be_read_or_is_too_much(hub: Client) -> None:
    is_told(hub.post("/api/v1/captures", b"--", content_type="multipart/form-data"), 400)
    is_told(hub.post("/api/v1/cases", "{", content_type="application/json"), 400)
    is_told(hub.post("/api/v1/cases", {"title": "x" * 2_000_000}, content_type="application/json"), 413)
    is_told(hub.get("/api/v1/me", headers={"host": "evil.example"}), 400)


def test_a_write_from_another_site(operator: Account) -> None:
    client = Client(enforce_csrf_checks=True, headers=HOST)
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    is_told(client.post("/api/v1/cases", {"title": "t"}, content_type="application/json"), 403)


def test_a_failure_of_the_hub(hub: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("hinomi.hub.api.hub.belonging", fails)
    hub.raise_request_exception = False
    answer = hub.get("/api/v1/members")
    is_told(answer, 500)
    assert b"a fault of ours" not in answer.content


def test_pages_go_on_speaking_to_people(hub: Client) -> None:
    assert hub.get("/nothing/").headers["Content-Type"].startswith("text/html")


def test_a_register_that_is_too_long_for_a_page_is_shown_the_way_that_takes_it(hub: Client) -> None:
    answer = hub.post("/members/import/", {"register": "x" * 2_000_000})
    assert answer.status_code == 413
    assert "hinomi members import" in answer.content.decode()
