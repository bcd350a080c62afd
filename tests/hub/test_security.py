"""What the hub tells browsers, and whom it does not answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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


def test_whoever_keeps_guessing_tokens_has_to_wait() -> None:
    said: list[str] = []
    brake = Brake(lambda environ, start: [start(environ["answer"], [])] and [b""])
    ask = {"PATH_INFO": "/taxii2/", "REMOTE_ADDR": "192.0.2.1", "answer": "401 Unauthorized"}
    for _ in range(REFUSALS + 1):
        brake(ask, lambda status, *_: said.append(status))
    assert said[:REFUSALS] == ["401 Unauthorized"] * REFUSALS
    assert said[REFUSALS].startswith("429")
    brake(ask | {"REMOTE_ADDR": "192.0.2.2", "answer": "200 OK"}, lambda status, *_: said.append(status))
    assert said[-1] == "200 OK"


def test_right_tokens_are_never_slowed_down() -> None:
    said: list[str] = []
    brake = Brake(lambda environ, start: [start("200 OK", [])] and [b""])
    for _ in range(REFUSALS * 3):
        brake({"PATH_INFO": "/api/v1/me", "REMOTE_ADDR": "192.0.2.1"}, lambda status, *_: said.append(status))
    assert set(said) == {"200 OK"}


def test_a_client_cannot_name_itself_where_there_is_no_proxy(settings: object) -> None:
    ask = {"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "198.51.100.9"}
    assert client_of(ask) == "192.0.2.1"
    settings.HINOMI = settings.HINOMI | {"proxies": 1}  # type: ignore[attr-defined]  # pytest-django's wrapper
    assert client_of(ask) == "198.51.100.9"
