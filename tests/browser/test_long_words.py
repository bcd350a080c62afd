"""One long word in one row takes no column away from the other rows, and nothing off the screen."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Open

URL = "https://login.example.invalid/" + "a1b2c3d4e5" * 14
TITLES = (URL, "港湾業務システムの利用者を狙った標的型メールの添付ファイルから開始された不正アクセスについて" * 4)


@pytest.fixture
def cases(hub: str, places: dict[str, str]) -> list[str]:
    """A case for each title, with a long indicator, description and note."""
    from hinomi.casebook import actions
    from hinomi.casebook.draft import written

    made = []
    for title in TITLES:
        draft = written(
            title=title[:200], severity="high", description=f"{URL}\n{URL}", indicators=URL, form=title[:40], tlp="TLP:GREEN"
        )
        made.append(actions.open_case(draft, actor="hana").id)
        actions.note(made[-1], f"{URL}\nSecond line.", actor="hana")
    return made


@pytest.mark.parametrize("width", [390, 1280, 2560])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_long_title_leaves_the_other_columns_in_sight(open_page: Open, cases: list[str], width: int, language: str) -> None:
    page: Any = open_page("/cases/", width=width, language=language).page
    table = page.locator(".table")
    assert table.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    for title in page.locator("th.title").all():
        assert title.bounding_box()["width"] >= 200, "wide enough to be read"
    for case in cases:
        page.goto(page.url.partition("/cases/")[0] + f"/cases/{case}/")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0
        outside = """() => [...document.querySelectorAll('main *')].filter((one) => one.scrollWidth > one.clientWidth + 1
            && getComputedStyle(one).display !== 'inline' && getComputedStyle(one).overflowX === 'visible')
            .filter((one) => !one.closest('svg')).map((one) => one.outerHTML.slice(0, 90))"""
        assert page.evaluate(outside) == []
