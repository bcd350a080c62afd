"""A fresh hub, the real server: the printed link signs in, an app is set up, a token is made, programs come in with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from tests.acceptance.serving import Serving, serving, wait_until
from tests.acceptance.tower import Tower

TAXII = {"Accept": "application/taxii+json;version=2.1"}
HIDDEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Browser:
    """A person's browser: keeps cookies, sends the hidden field of the form it has just seen."""

    base: str
    session: requests.Session = field(default_factory=requests.Session)
    page: str = ""

    def open(self, path: str) -> requests.Response:
        answer = self.session.get(path if path.startswith("http") else self.base + path, timeout=30)
        self.page = answer.text
        return answer

    def press(self, path: str, **fields: str) -> requests.Response:
        token = HIDDEN.search(self.page)
        assert token is not None, self.page
        where = path if path.startswith("http") else self.base + path
        sent = fields | {"csrfmiddlewaretoken": token[1]}
        answer = self.session.post(where, data=sent, headers={"Referer": where}, timeout=30)
        self.page = answer.text
        return answer

    @property
    def signed_in(self) -> bool:
        return self.session.get(self.base + "/account/security/", timeout=30).url == self.base + "/account/security/"


def digits(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


@pytest.fixture(scope="module")
def tower(tmp_path_factory: pytest.TempPathFactory) -> Tower:
    return Tower(tmp_path_factory.mktemp("hub") / "home")


@pytest.fixture(scope="module")
def hub(tower: Tower) -> Iterator[Serving]:
    with serving(tower, tower.home.parent / "log") as hub:
        yield hub
    assert not (tower.home / "hub.pid").exists(), "by which the doctor would miss it"


@pytest.fixture(scope="module")
def operator(hub: Serving) -> Browser:
    """The operator, come in by the link that was printed."""
    browser = Browser(hub.base)
    browser.open(hub.link)
    browser.press(hub.link)
    return browser


def test_the_link_leads_to_account_security_and_works_once(hub: Serving, operator: Browser) -> None:
    assert operator.signed_in
    second = Browser(hub.base)
    assert second.open(hub.link).status_code == 410
    assert not second.signed_in


def test_without_a_link_there_is_no_way_in(hub: Serving) -> None:
    stranger = Browser(hub.base)
    for password in ("", "operator", "admin", "hinomi"):
        stranger.open("/account/login/")
        stranger.press("/account/login/", login="operator", password=password)
    assert not stranger.signed_in


def test_an_app_is_set_up_and_asked_for_from_then_on(hub: Serving, operator: Browser, tower: Tower) -> None:
    operator.open("/account/2fa/totp/activate/")
    secret = re.search(r'value="([A-Z2-7]{16,})"', operator.page)
    assert secret is not None
    operator.press("/account/2fa/totp/activate/", code=digits(secret[1]))
    assert "recovery" in operator.page.lower()
    link = tower("sign-in").out.strip()
    other = Browser(hub.base)
    other.open(link)
    other.press(link)
    assert not other.signed_in
    assert "/account/2fa/authenticate/" in other.open("/account/2fa/authenticate/").url


def test_programs_come_in_with_a_right_token_and_no_other(hub: Serving, tower: Tower) -> None:
    secret = tower("token", "new", "dashboard", "--hub").out.strip()
    right, wrong = {"Authorization": f"Bearer {secret}"}, {"Authorization": f"Bearer {secret}x"}
    for path, headers in (("/api/v1/me", {}), ("/taxii2/", TAXII)):
        assert requests.get(hub.base + path, headers=headers | right, timeout=30).status_code == 200
        assert requests.get(hub.base + path, headers=headers | wrong, timeout=30).status_code == 401
        assert requests.get(hub.base + path, headers=headers, timeout=30).status_code == 401
        assert requests.get(hub.base + path, headers=headers, auth=("me", secret), timeout=30).status_code == 200


def test_a_token_that_is_revoked_is_dead_in_a_moment(hub: Serving, tower: Tower) -> None:
    secret = tower("token", "new", "short", "--hub").out.strip()
    headers = {"Authorization": f"Bearer {secret}"}
    assert requests.get(hub.base + "/api/v1/me", headers=headers, timeout=30).status_code == 200
    listed = tower("token", "list").out
    number = max(int(found) for found in re.findall(r"^\W*(\d+)\W", listed, re.MULTILINE))
    tower("token", "revoke", str(number))
    assert wait_until(lambda: requests.get(hub.base + "/api/v1/me", headers=headers, timeout=30).status_code == 401, seconds=10)


def test_everything_a_page_needs_comes_from_the_hub(hub: Serving, operator: Browser) -> None:
    page = operator.open("/account/security/").text
    assets = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert assets
    assert not re.findall(r'(?:src|href|action)="https?://', page)
    for asset in assets:
        answer = requests.get(hub.base + asset, timeout=30)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_the_worker_is_alive_and_the_doctor_says_so(tower: Tower) -> None:
    checks = {one["check"]: one for one in tower("doctor", "--json").records}
    assert checks["worker"]["ok"]
    assert checks["secret"]["ok"]


def test_a_port_in_use_is_told_before_any_work(hub: Serving, tower: Tower) -> None:
    said = tower("run", HINOMI_PORT=str(hub.port))
    assert said.status == 3
    assert str(hub.port) in said.err
    assert "--port" in said.err
