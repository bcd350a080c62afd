"""A fresh hub, the real server: the printed link signs in, an app is set up, a token is made, programs come in with it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from tests.acceptance.tower import HINOMI, Tower

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


@dataclass(frozen=True)
class Running:
    """A hub that serves: where, and the link it printed."""

    base: str
    link: str
    tower: Tower


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def digits(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    tower = Tower(tmp_path_factory.mktemp("hub") / "home")
    port = free_port()
    log = (tower.home.parent / "log").open("w+")
    environment = tower.environment | {"HINOMI_PORT": str(port)}
    process = subprocess.Popen([HINOMI, "run"], env=environment, stdout=log, stderr=subprocess.STDOUT, text=True)
    base = f"http://127.0.0.1:{port}"
    try:
        link = _wait(process, Path(log.name))
        yield Running(base, link, tower)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, Path(log.name).read_text()
        assert "Traceback" not in Path(log.name).read_text()
        assert not (tower.home / "hub.pid").exists(), "by which the doctor would miss it"
    finally:
        if process.poll() is None:
            process.kill()
        log.close()


def _wait(process: subprocess.Popen[str], log: Path) -> str:
    """The link, which is printed when it can be opened."""
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        link = re.search(r"http://\S+/account/link/\S+", log.read_text().replace("\n", ""))
        if link:
            return re.sub(r"\s", "", link[0])
        time.sleep(0.1)
    pytest.fail(f"the hub did not start: {log.read_text()}")


@pytest.fixture(scope="module")
def operator(hub: Running) -> Browser:
    """The operator, come in by the link that was printed."""
    browser = Browser(hub.base)
    browser.open(hub.link)
    browser.press(hub.link)
    return browser


def test_the_link_leads_to_account_security_and_works_once(hub: Running, operator: Browser) -> None:
    assert operator.signed_in
    second = Browser(hub.base)
    assert second.open(hub.link).status_code == 410
    assert not second.signed_in


def test_without_a_link_there_is_no_way_in(hub: Running) -> None:
    stranger = Browser(hub.base)
    for password in ("", "operator", "admin", "hinomi"):
        stranger.open("/account/login/")
        stranger.press("/account/login/", login="operator", password=password)
    assert not stranger.signed_in


def test_an_app_is_set_up_and_asked_for_from_then_on(hub: Running, operator: Browser) -> None:
    operator.open("/account/2fa/totp/activate/")
    secret = re.search(r'value="([A-Z2-7]{16,})"', operator.page)
    assert secret is not None
    operator.press("/account/2fa/totp/activate/", code=digits(secret[1]))
    assert "recovery" in operator.page.lower()
    link = hub.tower("sign-in", HINOMI_PORT=hub.base.rpartition(":")[2]).out.strip()
    other = Browser(hub.base)
    other.open(link)
    other.press(link)
    assert not other.signed_in
    assert "/account/2fa/authenticate/" in other.open("/account/2fa/authenticate/").url


def test_programs_come_in_with_a_right_token_and_no_other(hub: Running) -> None:
    secret = hub.tower("token", "new", "dashboard").out.strip()
    right, wrong = {"Authorization": f"Bearer {secret}"}, {"Authorization": f"Bearer {secret}x"}
    for path, headers in (("/api/v1/me", {}), ("/taxii2/", TAXII)):
        assert requests.get(hub.base + path, headers=headers | right, timeout=30).status_code == 200
        assert requests.get(hub.base + path, headers=headers | wrong, timeout=30).status_code == 401
        assert requests.get(hub.base + path, headers=headers, timeout=30).status_code == 401
        assert requests.get(hub.base + path, headers=headers, auth=("me", secret), timeout=30).status_code == 200


def test_a_token_that_is_revoked_is_dead_in_a_moment(hub: Running) -> None:
    secret = hub.tower("token", "new", "short").out.strip()
    headers = {"Authorization": f"Bearer {secret}"}
    assert requests.get(hub.base + "/api/v1/me", headers=headers, timeout=30).status_code == 200
    listed = hub.tower("token", "list").out
    number = max(int(found) for found in re.findall(r"^\W*(\d+)\W", listed, re.MULTILINE))
    hub.tower("token", "revoke", str(number))
    end = time.monotonic() + 10
    while requests.get(hub.base + "/api/v1/me", headers=headers, timeout=30).status_code == 200:
        assert time.monotonic() < end, "still honoured after ten seconds"
        time.sleep(0.2)


def test_everything_a_page_needs_comes_from_the_hub(hub: Running, operator: Browser) -> None:
    page = operator.open("/account/security/").text
    assets = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert assets
    assert not re.findall(r'(?:src|href|action)="https?://', page)
    for asset in assets:
        answer = requests.get(hub.base + asset, timeout=30)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_the_worker_is_alive_and_the_doctor_says_so(hub: Running) -> None:
    checks = {one["check"]: one for one in hub.tower("doctor", "--json").records}
    assert checks["worker"]["ok"]
    assert checks["secret"]["ok"]


def test_a_port_in_use_is_told_before_any_work(hub: Running) -> None:
    port = hub.base.rpartition(":")[2]
    said = hub.tower("run", HINOMI_PORT=port)
    assert said.status == 3
    assert port in said.err
    assert "--port" in said.err
