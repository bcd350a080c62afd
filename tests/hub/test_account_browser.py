"""The account pages in a real browser: a passkey from its making to its use, and nothing that axe calls serious."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from hinomi.hub.accounts import actions
from hinomi.hub.accounts.models import Account

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PAGES = (
    "/account/security/",
    "/account/2fa/webauthn/add/",
    "/account/2fa/webauthn/",
    "/account/2fa/totp/activate/",
    "/account/password/set/",
    "/account/sessions/",
    "/account/tokens/",
    "/account/people/",
    "/upload/",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium: install the package chromium")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright keeps an event loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def operator() -> Account:
    return actions.first_operator()


def come_in(browser: Browser, base: str, operator: Account, **look: object) -> Page:
    """A new browser window in which the operator is signed in by a link."""
    page = browser.new_context(**look).new_page()  # type: ignore[arg-type]  # passed through
    page.goto(actions.sign_in_link(operator, base=base))
    page.locator("main form button").click()
    page.wait_for_load_state()
    return page


@pytest.fixture
def base(live_server: object) -> str:
    """Browsers offer passkeys on http for the name localhost only, not for an address."""
    settings.ALLOWED_HOSTS.append("localhost")
    return str(live_server).replace("127.0.0.1", "localhost")


def test_a_passkey_is_made_and_then_signs_in_alone(chromium: Browser, base: str, operator: Account) -> None:
    page = come_in(chromium, base, operator)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(base + "/account/2fa/webauthn/add/")
    page.locator("#id_name").fill("My computer")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/recovery-codes/")
    page.goto(base + "/account/security/")
    assert "My computer" in page.locator("main").inner_text()
    page.locator("main form[action='/account/logout/'] button").click()
    page.wait_for_load_state()
    page.goto(base + "/account/login/")
    page.locator("#passkey_login").click()
    page.wait_for_url(base + "/")


@pytest.mark.parametrize("look", [{}, {"locale": "ja-JP", "color_scheme": "dark", "viewport": {"width": 390, "height": 844}}])
def test_axe_finds_nothing_serious_and_no_page_breaks_its_own_rules(
    chromium: Browser, base: str, operator: Account, look: dict[str, object]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = come_in(chromium, base, operator, bypass_csp=True, **look)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    for path in PAGES:
        assert page.goto(base + path).status == 200  # type: ignore[union-attr]  # a page that loaded has an answer
        found = Axe().run(page).response["violations"]
        serious = [one["id"] + ": " + one["nodes"][0]["html"] for one in found if one["impact"] in ("serious", "critical")]
        assert not serious, (path, serious)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{path} is {width} px too wide"
    assert not complaints
