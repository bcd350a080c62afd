"""Pages that stay true while they are open, and pages that are there before their numbers are."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime

from hinomi.home import home
from tests.browser.conftest import Open
from tests.hub.pages import town

SOON = 31_000  # milliseconds: a little more than the weather waits


def found_meanwhile() -> None:
    """A detector says something grave of a new subject today."""
    from hinomi.casebook import actions
    from hinomi.schema.findings import Subject
    from hinomi.schema.words import Severity, SubjectKind, Text

    today = [one for one in town.outcomes(until=datetime.now(UTC)) if one.detector == "port-surge" and one.findings][-1]
    grave = replace(
        today.findings[0],
        subject=Subject(SubjectKind.PORT, "tcp/4444"),
        severity=Severity.CRITICAL,
        title=Text("Port tcp/4444 burns", "ポート tcp/4444 が炎上"),
        first=None,
        last=None,
    )
    actions.record([replace(today, findings=(*today.findings, grave))])


def test_the_weather_shows_what_was_found_meanwhile_without_a_reload(open_page: Open) -> None:
    page = open_page("/").page
    page.clock.install()
    page.reload(wait_until="load")
    page.evaluate("window.untouched = true")
    assert page.get_by_text("Port tcp/4444 burns").count() == 0
    found_meanwhile()
    page.clock.fast_forward(SOON)
    page.get_by_text("Port tcp/4444 burns").first.wait_for()
    assert page.evaluate("window.untouched") is True


def test_nobody_who_is_at_work_is_disturbed(open_page: Open) -> None:
    page = open_page("/").page
    page.clock.install()
    page.reload(wait_until="load")
    link = page.locator("main a").first
    link.focus()
    found_meanwhile()
    with page.expect_response(lambda answer: answer.status == 200 and answer.url.endswith("/")):
        page.clock.fast_forward(SOON)
    assert link.evaluate("one => one === document.activeElement")


def test_the_atlas_is_there_before_its_numbers_and_then_with_them(open_page: Open) -> None:
    shutil.rmtree(home().pictures / "atlas", ignore_errors=True)
    tab = open_page("/atlas/")
    tab.page.locator("figure.atlas canvas").wait_for(state="attached")
    tab.page.wait_for_load_state()
    assert "wait" not in tab.page.url
    assert tab.said == []


def test_without_scripts_the_atlas_offers_a_way(open_page: Open) -> None:
    shutil.rmtree(home().pictures / "atlas", ignore_errors=True)
    page = open_page("/atlas/", script=False).page
    page.get_by_role("link", name="Show").click()
    assert "packets in the hour" in page.locator(".answer").inner_text()
