"""A hub with a town's month of history behind a real server, and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.hub.pages import messages, town

CHROMIUM = os.environ.get("HINOMI_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
)
ABROAD = (("133.11.0.1", "mirai"), ("8.8.8.8", "masscan"), ("1.1.1.1", "zmap"), ("193.0.0.1", ""), ("200.160.2.3", ""))
ARTIFACTS = Path(__file__).parents[1] / ".artifacts"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a browser test, and is skipped, counted, where there is no Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db)  # the town is committed once; what a test changes is rolled back
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="no Chromium: apt-get install chromium, or set HINOMI_CHROMIUM"))


@dataclass(frozen=True)
class Tab:
    """One page in one browser window, with what it complained of."""

    page: Any
    said: list[str]
    asked: list[str]


Open = Callable[..., Tab]


@pytest.fixture(scope="session", autouse=True)
def _japanese() -> None:
    """Catalogues are compiled when the package is installed; here they may be newer."""
    messages.compile_()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread; no coroutine touches the database


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def hub(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of a hub in which the town has lived for two weeks; made once, because a browser is slow enough."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from pytest_django.live_server_helper import LiveServer

    from hinomi.casebook import actions

    settings.ALLOWED_HOSTS = ["*"]
    with django_db_blocker.unblock():
        assert "test" in str(connection.settings_dict["NAME"]) or "memory" in str(connection.settings_dict["NAME"]), (
            "not a test database"
        )
        town.register()
        found = actions.record(list(town.outcomes(until=datetime.now(UTC))))
        actions.propose(found.findings)
        lake = _telescope()
        server = LiveServer("127.0.0.1")
        yield str(server.url)
        server.stop()
        shutil.rmtree(lake)
        call_command("flush", verbosity=0, interactive=False)


def _telescope() -> Path:
    """An hour of a telescope in the lake of this installation, for the atlas; gives the folder to remove afterwards."""
    from hinomi.pipeline import opened_lake
    from hinomi.schema.segments import Segment
    from hinomi.testing import traffic

    scans = [traffic.scan(source, 23, 100 * rank, tool=tool) for rank, (source, tool) in enumerate(ABROAD, start=1)]
    hour = traffic.together(traffic.background(3_000), *scans)
    with opened_lake() as lake:
        list(lake.append([Segment("atlas", "packet", traffic.DARK.sensor, hour.to_batches)]))
        return lake.root


@pytest.fixture(scope="module")
def key(hub: str) -> str:
    """The session of a signed-in operator."""
    from django.conf import settings
    from django.contrib.sessions.backends.db import SessionStore

    from hinomi.hub.accounts.models import Account

    person = Account.objects.create(username="hana", role="operator")
    session = SessionStore()
    session["_auth_user_id"] = str(person.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)


@pytest.fixture(scope="module")
def windows(hub: str, key: str, chromium: Any) -> Iterator[Callable[..., Any]]:
    """Browser windows by their look, each with the operator's session; opened once."""
    from django.conf import settings

    opened: dict[tuple[str, str, bool], Any] = {}

    def window(language: str, theme: str, script: bool) -> Any:
        if (language, theme, script) not in opened:
            context = chromium.new_context(
                color_scheme=theme,
                locale={"en": "en-GB", "ja": "ja-JP"}[language],
                java_script_enabled=script,
                reduced_motion="reduce",
            )
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": hub}])
            opened[language, theme, script] = context
        return opened[language, theme, script]

    yield window
    for context in opened.values():
        context.close()


@pytest.fixture
def open_page(hub: str, windows: Callable[..., Any]) -> Iterator[Open]:
    """Open an address of the hub: `open_page("/", width=390, language="ja", theme="dark", script=False)`."""
    tabs: list[Any] = []

    def opened(path: str, *, width: int = 1280, language: str = "en", theme: str = "light", script: bool = True) -> Tab:
        page = windows(language, theme, script).new_page()
        tabs.append(page)
        page.set_viewport_size({"width": width, "height": 900})
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
        page.goto(hub + path, wait_until="load")
        return Tab(page, said, asked)

    yield opened
    for tab in tabs:
        tab.close()


@pytest.fixture(scope="module")
def places(hub: str) -> dict[str, str]:
    """Every page by name, with an address at which there is something to see."""
    from hinomi.casebook.models import Case, Finding

    finding = Finding.objects.filter(detector="member-in-darknet").order_by("-severity", "-window_start")[0]
    case = Case.objects.order_by("-findings", "id")[0]
    return {
        "weather": "/",
        "atlas": "/atlas/?wait=1",
        "findings": "/findings/?span=7d",
        "finding": f"/findings/{finding.pk}/",
        "cases": "/cases/",
        "case": f"/cases/{case.pk}/",
        "new case": f"/cases/new/?finding={finding.pk}",
        "mine": f"/mine/?q={finding.subject_value}",
        "members": "/members/",
        "member": "/members/kagami-bank/",
        "import": "/members/import/",
        "upload": "/upload/",
        "health": "/health/",
        "glossary": "/glossary/",
        "security": "/account/security/",
        "tokens": "/account/tokens/",
        "people": "/account/people/",
        "again": "/account/2fa/totp/activate/",
        "nothing": "/nowhere/",
    }
