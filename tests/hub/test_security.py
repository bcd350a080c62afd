"""What the hub tells browsers, and whom it does not answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client

from hinomi.hub.accounts import actions
from hinomi.hub.accounts.models import Account
from hinomi.hub.brake import REFUSALS, Brake, client_of
from tests.hub.conftest import HOST, SignedIn

PRINT = """
import json
from django.conf import settings
names = ("DEBUG", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_NAME", "SECURE_HSTS_SECONDS",
         "CSRF_TRUSTED_ORIGINS", "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", "SECURE_PROXY_SSL_HEADER")
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def settings_with(home: Path, **environment: str) -> dict[str, object]:
    """The settings of a fresh process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HINOMI")}
    given = kept | {"HINOMI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "hinomi.hub.settings"} | environment
    done = subprocess.run([sys.executable, "-c", PRINT], env=given, capture_output=True, text=True, check=True)
    said: dict[str, object] = json.loads(done.stdout)
    return said


def test_over_https_cookies_are_secure_and_browsers_are_told_to_stay(tmp_path: Path) -> None:
    said = settings_with(tmp_path, HINOMI_PUBLIC_URL="https://hub.example.jp", HINOMI_PROXIES="1")
    assert said["SESSION_COOKIE_SECURE"] is said["CSRF_COOKIE_SECURE"] is True
    assert str(said["SESSION_COOKIE_NAME"]).startswith("__Host-")
    assert said["SECURE_HSTS_SECONDS"]
    assert "hub.example.jp" in said["ALLOWED_HOSTS"]  # type: ignore[operator]  # read from JSON
    assert said["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"] is False


def test_on_this_machine_it_works_without_https_and_still_is_no_debug_server(tmp_path: Path) -> None:
    said = settings_with(tmp_path, DJANGO_DEBUG="1", DEBUG="1")
    assert said["DEBUG"] is False
    assert said["SESSION_COOKIE_SECURE"] is False
    assert said["SECURE_HSTS_SECONDS"] == 0
    assert said["SECURE_PROXY_SSL_HEADER"] is None


def test_a_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(stranger: Client) -> None:
    answer = stranger.get("/account/login/")
    policy = {part.split()[0]: part.split()[1:] for part in answer.headers["Content-Security-Policy"].split(";")}
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]


def test_the_other_headers_are_there(stranger: Client) -> None:
    headers = stranger.get("/account/login/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]


def test_the_session_cookie_is_not_for_scripts_or_other_sites(stranger: Client, operator: Account) -> None:
    stranger.post("/" + actions.sign_in_link(operator).split("/", 3)[3])
    cookie = stranger.cookies["hinomi-session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_another_host_name_is_not_answered(db: None) -> None:
    assert Client(headers={"host": "evil.example"}).get("/account/login/").status_code == 400


@pytest.mark.parametrize("path", ["/account/tokens/", "/account/people/", "/upload/", "/api/v1/captures", "/account/logout/"])
def test_a_write_from_another_site_is_refused(operator: Account, path: str) -> None:
    client = Client(enforce_csrf_checks=True, headers=HOST)
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(path, {"name": "x"}).status_code == 403


def test_a_body_that_is_too_large_is_refused(browser: SignedIn, operator: Account) -> None:
    assert browser(operator).post("/account/people/", {"name": "x" * 2_000_000}).status_code in (400, 413)


@dataclass
class Programs:
    """Programs behind one brake: the token "right" is right, a session opens `/api/`, and what is not sent was closed."""

    closed: int = 0

    def __post_init__(self) -> None:
        self.brake = Brake(self._answer)

    def _answer(self, environ: dict[str, str], start: Callable[..., object]) -> Programs:
        knows = environ.get("HTTP_AUTHORIZATION") == "Bearer right" or "HTTP_COOKIE" in environ
        start("200 OK" if knows else "401 Unauthorized", [("Content-Type", "text/plain")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        return iter((b"an answer",))

    def close(self) -> None:
        self.closed += 1

    def ask(self, path: str = "/taxii2/", token: str = "", address: str = "192.0.2.1", **environ: str) -> tuple[int, str]:
        said: list[tuple[str, dict[str, str]]] = []
        asked = {"PATH_INFO": path, "REMOTE_ADDR": address, **environ}
        asked |= {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        self.body = self.brake(asked, lambda status, headers: said.append((status, dict(headers))))
        ((status, headers),) = said
        return int(status[:3]), headers["Content-Type"]


@pytest.fixture
def programs() -> Programs:
    return Programs()


def test_whoever_keeps_guessing_tokens_has_to_wait_though_each_guess_is_another(programs: Programs) -> None:
    said = [programs.ask(token=f"guess{number}")[0] for number in range(REFUSALS + 5)]
    assert said == [401] * REFUSALS + [429] * 5
    assert programs.closed == 5
    assert programs.ask(token="guess", address="192.0.2.2")[0] == 401


def test_a_right_token_and_a_session_are_never_refused_wherever_they_come_from(programs: Programs) -> None:
    for number in range(REFUSALS * 2):
        programs.ask(token=f"guess{number}")
    assert programs.ask(token="right")[0] == 200
    assert programs.ask("/api/v1/me", token="right")[0] == 200
    assert programs.ask("/api/v1/me", HTTP_COOKIE="hinomi-session=x")[0] == 200
    assert programs.ask(token="guess")[0] == 429


def test_who_sends_no_token_guesses_none(programs: Programs) -> None:
    assert {programs.ask()[0] for _ in range(REFUSALS * 2)} == {401}
    assert programs.ask(token="guess")[0] == 401


def test_who_has_to_wait_is_told_so_in_the_words_of_the_interface(programs: Programs) -> None:
    for number in range(REFUSALS):
        programs.ask(token=f"guess{number}")
    assert programs.ask("/taxii2/hub/", token="guess") == (429, "application/taxii+json;version=2.1")
    assert json.loads(b"".join(programs.body))["http_status"] == "429"
    assert programs.ask("/api/v1/me", token="guess") == (429, "application/problem+json")
    assert json.loads(b"".join(programs.body))["status"] == 429
    programs.ask("/api/v1/me", token="guess", REQUEST_METHOD="HEAD")
    assert list(programs.body) == []


def test_a_client_cannot_name_itself_where_there_is_no_proxy(settings: object) -> None:
    ask = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "198.51.100.9"}
    assert client_of(ask) == "192.0.2.1"
    settings.HINOMI = settings.HINOMI | {"proxies": 1}  # type: ignore[attr-defined]  # pytest-django's wrapper
    assert client_of(ask) == "198.51.100.9"
