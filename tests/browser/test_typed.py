"""What somebody typed is still there after the session ended, after a refusal and in the other language; saved, it is gone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings

from tests.browser.conftest import Open

TEXT = "Called the provider at 03:10.\nThey block it at the border."


def kept(tab: Any) -> str:
    """Everything that the tab remembers."""
    return str(tab.evaluate("JSON.stringify(sessionStorage)"))


@pytest.fixture
def tab(open_page: Open, places: dict[str, str], hub: str) -> Any:
    """The page of a case in a window of its own, whose session may end."""
    shared = open_page(places["case"]).page
    window = shared.context.browser.new_context(locale="en-GB")
    window.add_cookies([one for one in shared.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME])
    page = window.new_page()
    page.goto(hub + places["case"])
    yield page
    window.close()


def test_a_note_outlives_its_session(tab: Any, hub: str, places: dict[str, str], key: str) -> None:
    tab.fill("[name=text]", TEXT)
    tab.check("[name=readers][value=case]")
    tab.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    tab.click("text=Write")
    assert "nothing was saved" in tab.inner_text(".message.warning")
    tab.fill("[name=password]", "a long and quiet password")
    assert "quiet" not in kept(tab)
    tab.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": hub}])
    tab.goto(hub + places["case"])
    assert tab.input_value("[name=text]") == TEXT
    assert tab.is_checked("[name=readers][value=case]")
    assert "is here again" in tab.inner_text("form[data-kept] >> xpath=preceding-sibling::*[1]")
    tab.click("text=Write")
    assert "The note is part of the case." in tab.inner_text(".message.success")
    assert tab.input_value("[name=text]") == ""
    assert "03:10" not in kept(tab)


def test_another_language_empties_no_form(tab: Any, hub: str) -> None:
    tab.goto(f"{hub}/cases/new/")
    tab.fill("[name=title]", "Phishing")
    tab.select_option("[name=severity]", "critical")
    tab.check("[name=sectors] >> nth=2")
    tab.check("[name=tlp][value='TLP:GREEN']")
    tab.fill("[name=indicators]", "nonsense")
    for refused in (False, True):
        if refused:
            tab.click("button.go")
            assert tab.query_selector("#wrong")
        tab.click("form.look button[name=language]")
        assert tab.input_value("[name=title]") == "Phishing"
        assert tab.input_value("[name=severity]") == "critical"
        assert tab.is_checked("[name=sectors] >> nth=2")
        assert tab.is_checked("[name=tlp][value='TLP:GREEN']")
        assert not tab.is_checked("[name=tlp][value='TLP:RED']")
    tab.click("[data-leave]")
    tab.goto(f"{hub}/cases/new/")
    assert tab.input_value("[name=title]") == ""


def test_another_person_in_the_same_tab_gets_nothing_of_it(tab: Any) -> None:
    tab.fill("[name=text]", TEXT)
    tab.route("**/cases/**", lambda route: route.fulfill(response=(answer := route.fetch()), body=of_another(answer.text())))
    tab.reload()
    assert tab.evaluate("document.body.dataset.person") == "another"
    assert tab.input_value("[name=text]") == ""


def of_another(page: str) -> str:
    """The same page as somebody else gets it."""
    return re.sub(r'data-person="\d+"', 'data-person="another"', page)


def test_signing_out_forgets_it(tab: Any, hub: str) -> None:
    tab.fill("[name=text]", TEXT)
    assert "03:10" in kept(tab)
    tab.goto(f"{hub}/account/security/")
    tab.click("text=Sign out >> nth=-1")
    assert "03:10" not in kept(tab)
