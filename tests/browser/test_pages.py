"""Every page as people meet it: readable by everybody, at every width, in both languages, with and without scripts."""

from __future__ import annotations

import gzip
from itertools import pairwise
from typing import Any

import pytest

from tests.browser.conftest import Open

WIDTHS = (320, 390, 1280, 2560)
SMALLEST = 24  # CSS pixels: WCAG 2.2, success criterion 2.5.8
FINGER = 44  # CSS pixels, of what is pressed on a telephone: success criterion 2.5.5
LIGHT = 100_000  # bytes of the first page with all it loads, compressed
SHIFT = 0.02  # of the layout while a page loads; web.dev calls 0.1 good


def _axe(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']} ({one['impact']}): {one['help']}: {one['nodes'][0]['html'][:160]}" for one in found]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("en", "dark"), ("ja", "light"), ("ja", "dark")])
def test_axe_finds_nothing(open_page: Open, places: dict[str, str], language: str, theme: str) -> None:
    faults = {name: _axe(open_page(path, language=language, theme=theme).page) for name, path in places.items()}
    assert [(name, one) for name, found in faults.items() for one in found] == []


def test_no_page_complains_or_asks_anybody_else(open_page: Open, places: dict[str, str], hub: str) -> None:
    for name, path in places.items():
        tab = open_page(path)
        assert name == "nothing" or tab.said == [], name
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


def test_every_target_is_large_enough_for_a_finger(open_page: Open, places: dict[str, str]) -> None:
    """Links inside sentences are exempt, and so are the cells of heat strips: the form below asks the same."""
    small = """least => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary")]
        .filter((one) => one.getClientRects().length && !one.closest("[hidden], svg, .skip"))
        .filter((one) => !(one.tagName === "A" && getComputedStyle(one).display === "inline"))
        .filter((one) => { const box = one.getBoundingClientRect(); return box.width < least || box.height < least; })
        .map((one) => one.outerHTML.slice(0, 120))"""
    found = {name: open_page(path, width=390).page.evaluate(small, SMALLEST) for name, path in places.items()}
    assert {name: these for name, these in found.items() if these} == {}


def test_what_is_pressed_on_a_telephone_is_as_high_as_a_finger(open_page: Open, places: dict[str, str]) -> None:
    """Boxes and rounds are pressed by their labels; the minutes of the atlas are a ruler, moved by keys and buttons as well."""
    low = """least => [...document.querySelectorAll("button, .button, .spans a, .nav a, select, summary, .check, .tools .chip, "
        + "input:not([type=hidden], [type=checkbox], [type=radio], [type=range])")]
        .filter((one) => one.getClientRects().length && !one.closest("[hidden]"))
        .filter((one) => one.getBoundingClientRect().height < least - .5)
        .map((one) => one.getBoundingClientRect().height + " " + one.outerHTML.slice(0, 120))"""
    found = {name: open_page(path, width=390).page.evaluate(low, FINGER) for name, path in places.items()}
    assert {name: these for name, these in found.items() if these} == {}


def test_nothing_on_a_telephone_is_read_by_scrolling_sideways(open_page: Open, places: dict[str, str]) -> None:
    wide = """[...document.querySelectorAll(".table")].filter((one) => one.scrollWidth > one.clientWidth + 1).length"""
    assert {name: count for name, path in places.items() if (count := open_page(path, width=390).page.evaluate(wide))} == {}


def test_the_last_sentence_of_the_sky_stands_above_the_roofs(open_page: Open, places: dict[str, str]) -> None:
    gap = """() => { const of = (one) => document.querySelector(one).getBoundingClientRect();
        return of(".sky").bottom - of(".sentences").bottom; }"""
    for width in (1280, 2560):
        assert open_page(places["weather"], width=width).page.evaluate(gap) >= 56, width


def test_headings_go_down_one_step_at_a_time(open_page: Open, places: dict[str, str]) -> None:
    for name, path in places.items():
        levels = open_page(path).page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map((one) => +one.tagName[1])")
        assert levels[0] == 1, name
        assert levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels)), (name, levels)


SHIFTED = """() => new Promise((tell) => new PerformanceObserver((list) =>
    tell(list.getEntries().reduce((sum, one) => sum + one.value, 0))).observe({ type: "layout-shift", buffered: true })
    || setTimeout(() => tell(0), 300))"""


def test_nothing_jumps_while_a_page_loads(open_page: Open, places: dict[str, str]) -> None:
    for name in ("weather", "atlas", "findings", "case", "mine"):
        for width in (390, 1280):
            assert open_page(places[name], width=width).page.evaluate(SHIFTED) <= SHIFT, (name, width)


def test_nothing_jumps_where_a_page_comes_piece_by_piece(open_page: Open, places: dict[str, str]) -> None:
    page = open_page(places["weather"], width=1280).page
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 5, "downloadThroughput": 6_000, "uploadThroughput": 100_000}  # bytes a second
    line.send("Network.emulateNetworkConditions", slow)
    page.goto(f"{page.url}{'&' if '?' in page.url else '?'}span=7d", timeout=90_000)  # not the one that the browser still has
    assert page.evaluate(SHIFTED) <= SHIFT


def test_the_first_page_is_light(open_page: Open) -> None:
    page = open_page("/").page
    loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    assert len(loaded) >= 5
    assert sum(len(gzip.compress(page.request.get(one).body())) for one in [page.url, *loaded]) <= LIGHT


def test_everything_can_be_read_without_scripts(open_page: Open, places: dict[str, str]) -> None:
    for name, path in places.items():
        page = open_page(path, script=False).page
        assert page.locator("h1").count() == 1, name
        assert page.locator("h1").inner_text().rstrip().endswith("?"), name
    table = open_page(places["findings"], script=False).page.locator("tbody tr")
    assert table.count() > 10
    assert open_page(places["atlas"], script=False).page.locator(".minutes path").count() > 1


def test_paper_says_of_which_time_and_cuts_nothing_off(open_page: Open, places: dict[str, str]) -> None:
    for name, path in places.items():
        page = open_page(path, width=720).page  # A4 less its margins
        page.emulate_media(media="print")
        assert page.locator("header.top").is_hidden(), name
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    page = open_page(places["weather"]).page
    page.emulate_media(media="print")
    assert page.locator(".scope time").first.is_visible()


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


def test_the_present_page_is_in_sight_on_a_telephone(open_page: Open, places: dict[str, str]) -> None:
    box = open_page(places["health"], width=390).page.locator(".nav [aria-current]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


@pytest.mark.parametrize(("language", "width"), [("en", 360), ("ja", 360), ("en", 390), ("ja", 390)])
def test_the_head_of_a_telephone_is_one_line(open_page: Open, places: dict[str, str], language: str, width: int) -> None:
    page = open_page(places["health"], width=width, language=language).page
    page.locator(".tools .chip").evaluate("(one) => { one.textContent = 'hanako.yamada.operator' }")
    brand, tools = page.locator(".brand").bounding_box(), page.locator(".tools").bounding_box()
    assert tools["y"] < brand["y"] + brand["height"] / 2
    assert tools["x"] >= brand["x"] + brand["width"]


def test_the_choice_of_columns_is_remembered(open_page: Open, places: dict[str, str]) -> None:
    page = open_page(places["findings"]).page
    page.locator("details.choose summary").click()
    page.get_by_label("Confidence").uncheck()
    page.reload()
    assert page.locator("th", has_text="Confidence").is_hidden()
    assert page.locator("th", has_text="Subject").is_visible()


def test_any_span_of_time_can_be_asked_for(open_page: Open, places: dict[str, str]) -> None:
    page = open_page(places["findings"]).page
    page.locator("details.narrow summary").click()
    page.get_by_label("From (UTC)").fill("2026-01-01T00:00")
    page.get_by_label("Until (UTC)").fill("2026-01-02T00:00")
    page.locator("details.narrow button").click()
    assert "from=2026-01-01T00%3A00" in page.url
    assert "2026-01-01 00:00" in page.locator("nav.scope > p").inner_text()


def test_a_term_of_art_leads_to_what_it_means(open_page: Open, places: dict[str, str]) -> None:
    page = open_page(places["case"], language="ja").page
    page.locator("a.tlp").first.click()
    assert page.url.endswith("/glossary/#tlp")
    assert "共有範囲" in page.locator(":target").inner_text()


def test_a_case_is_moved_and_says_beforehand_what_happens(open_page: Open, places: dict[str, str]) -> None:
    page = open_page(places["case"]).page
    confirm = page.get_by_role("button", name="Confirm")
    said = page.locator(f"#{confirm.get_attribute('aria-describedby')}").inner_text()
    assert "TAXII" in said
    confirm.click()
    assert "confirmed" in page.locator(".message").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_operations_of_the_api_are_listed_in_the_theme_of_the_hub(open_page: Open, hub: str, theme: str) -> None:
    tab = open_page("/api/v1/docs", theme=theme, language="ja")
    tab.page.wait_for_selector(".opblock")
    assert ("dark-mode" in (tab.page.get_attribute("html", "class") or "")) is (theme == "dark")
    assert tab.said == []
    assert set(tab.asked) == {hub.removeprefix("http://")}
