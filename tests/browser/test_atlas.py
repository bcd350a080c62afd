"""The atlas moves, stops when it is told to, shows any minute, leaves out what one does not want to see."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import ABROAD, Open

DRAWN = """() => new Promise((done) => {
    const canvas = document.querySelector(".globe canvas");
    const look = () => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((one) => one)
        ? done(true) : requestAnimationFrame(look);
    look();
})"""


def _atlas(open_page: Open) -> Any:
    page = open_page("/atlas/?wait=1").page
    page.locator("[data-from] li").first.wait_for()
    return page


def test_who_asked_for_stillness_sees_one_minute_and_every_arc_of_it(open_page: Open) -> None:
    page = _atlas(open_page)
    assert page.locator("[data-play]").get_attribute("aria-pressed") == "true"
    assert page.evaluate(DRAWN)
    clock = page.locator("[data-clock]").inner_text()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.locator("[data-clock]").inner_text() == clock


def test_play_goes_on_from_minute_to_minute(open_page: Open) -> None:
    from playwright.sync_api import expect

    page = _atlas(open_page)
    clock = page.locator("[data-clock]").inner_text()
    page.locator("[data-play]").click()
    expect(page.locator("[data-clock]")).not_to_have_text(clock)
    assert page.evaluate(DRAWN)


def test_any_minute_of_the_hour_can_be_seen(open_page: Open) -> None:
    page = _atlas(open_page)
    page.locator(".minutes input").fill("42")
    assert page.locator("[data-clock]").inner_text().endswith(":42")
    assert page.locator("[data-from] li").count() > 0


def test_a_kind_that_is_left_out_is_not_counted(open_page: Open) -> None:
    page = _atlas(open_page)
    whole = int(page.locator("[data-sum]").inner_text().replace(",", ""))
    button = page.locator('[data-kind="scan"] button')
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    assert int(page.locator("[data-sum]").inner_text().replace(",", "")) < whole


def test_the_map_that_leaves_the_page_has_its_land(open_page: Open) -> None:
    page = _atlas(open_page)
    answer = page.request.get(page.url.partition("?")[0] + "?format=svg&picture=map")
    assert answer.status == 200
    drawn = answer.text()
    assert drawn.count("<circle") == len(ABROAD)
    assert len(drawn) > 50_000
    assert "var(" not in drawn
