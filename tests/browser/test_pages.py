"""Every page as people meet it: readable by everybody, at every width, in both languages, with and without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Open

WIDTHS = (320, 390, 1280, 2560)


def _axe(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("en", "dark"), ("ja", "light"), ("ja", "dark")])
def test_axe_finds_nothing_serious(open_page: Open, places: dict[str, str], language: str, theme: str) -> None:
    faults = {name: _axe(open_page(path, language=language, theme=theme).page) for name, path in places.items()}
    assert {name: found for name, found in faults.items() if found} == {}


def test_no_page_complains_or_asks_anybody_else(open_page: Open, places: dict[str, str], hub: str) -> None:
    for name, path in places.items():
        tab = open_page(path)
        assert tab.said == [], name
        assert set(tab.asked) == {hub.removeprefix("http://")}, name


def test_nothing_is_wider_than_the_screen(open_page: Open, places: dict[str, str]) -> None:
    wide = {}
    for name, path in places.items():
        for language in ("en", "ja"):
            page = open_page(path, language=language).page
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                more = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if more > 0:
                    wide[name, language, width] = more
    assert wide == {}


def test_everything_can_be_read_without_scripts(open_page: Open, places: dict[str, str]) -> None:
    for name, path in places.items():
        page = open_page(path, script=False).page
        assert page.locator("h1").count() == 1, name
        assert page.locator("h1").inner_text().rstrip().endswith("?") or name == "security", name
    table = open_page(places["findings"], script=False).page.locator("tbody tr")
    assert table.count() > 10


def test_language_and_theme_are_chosen_with_one_press_and_stay(open_page: Open, hub: str) -> None:
    page = open_page("/cases/", theme="light", language="ja").page
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator('button[name="theme"]').click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.goto(f"{hub}/members/")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.context.clear_cookies(name="django_language")
    page.context.clear_cookies(name="hinomi-theme")


def test_rows_are_walked_by_keyboard(open_page: Open, places: dict[str, str]) -> None:
    page = open_page(places["findings"]).page
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.href")
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.href")
    assert first
    assert second
    assert first != second
    page.keyboard.press("Enter")
    page.wait_for_url(second)


def test_the_first_stop_of_the_keyboard_leads_past_the_navigation(open_page: Open) -> None:
    page = open_page("/").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_choice_of_columns_is_remembered(open_page: Open, places: dict[str, str]) -> None:
    page = open_page(places["findings"]).page
    page.locator("details.choose summary").click()
    page.get_by_label("Confidence").uncheck()
    page.reload()
    assert page.locator("th", has_text="Confidence").is_hidden()
    assert page.locator("th", has_text="Subject").is_visible()


def test_a_case_is_moved_and_says_beforehand_what_happens(open_page: Open, places: dict[str, str]) -> None:
    page = open_page(places["case"]).page
    confirm = page.get_by_role("button", name="Confirm")
    said = page.locator(f"#{confirm.get_attribute('aria-describedby')}").inner_text()
    assert "TAXII" in said
    confirm.click()
    assert "confirmed" in page.locator(".message").inner_text()
