"""The same address answers people and programs: a sentence first, then JSON, CSV, SVG and PNG of the same thing."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.utils.translation import override

from hinomi.hub.accounts.models import Account
from hinomi.hub.charts.picture import PALETTE
from hinomi.hub.pages.topics import TOPICS
from hinomi.hub.pages.weather import Reading, sky_of, usual
from hinomi.schema.words import Severity
from tests.hub.conftest import SignedIn, told
from tests.hub.pages import messages

SPAN = "?from=2026-11-01T00:00Z&until=2026-11-23T00:00Z"


@pytest.fixture
def hub(looked: None, operator: Account, browser: SignedIn) -> Client:
    return browser(operator)


def test_json_has_the_question_and_the_answer(hub: Client) -> None:
    answer = hub.get("/", headers={"accept": "application/json"}).json()
    assert answer["question"] == "What is burning now, and is it unusual?"
    assert answer["sky"] in ("calm", "unsettled", "burning", "unknown")
    assert [dial["looked"] for dial in answer["dials"]] == [True, True, True, False, False]


def test_the_language_of_the_url_wins(hub: Client) -> None:
    assert "検知器は何を見たか" in hub.get(f"/findings/{SPAN}&lang=ja").content.decode()


def test_csv_is_a_table_and_never_a_formula(hub: Client) -> None:
    response = hub.get(f"/findings/{SPAN}&format=csv")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert len(rows) > 50
    assert rows[0].keys() >= {"id", "detector", "subject", "severity"}
    assert not any(value.startswith(("=", "+", "@")) for row in rows for value in row.values())


def test_pictures_leave_with_colours_and_without_scripts(hub: Client) -> None:
    drawn = hub.get(f"/findings/{SPAN}&format=svg").content.decode()
    assert "var(--" not in drawn
    assert "<script" not in drawn
    assert hub.get(f"/findings/{SPAN}&format=png").content.startswith(b"\x89PNG")


def test_a_format_that_is_not_there_is_not_found(hub: Client) -> None:
    assert hub.get("/findings/?format=xls").status_code == 404


def test_pages_of_findings_neither_repeat_nor_lose(hub: Client) -> None:
    for order in ("", "&sort=time"):
        seen: list[str] = []
        cursor = ""
        while True:
            answer = told(hub.get(f"/findings/{SPAN}{order}&cursor={cursor}&format=json"))
            seen += [one["id"] for one in answer["findings"]]
            cursor = answer["next"]
            if not cursor:
                break
        from hinomi.casebook.models import Finding

        assert len(seen) == len(set(seen)) == Finding.objects.count()


def test_the_gravest_come_first_unasked(hub: Client) -> None:
    severities = [one["severity"] for one in told(hub.get(f"/findings/{SPAN}&format=json"))["findings"]]
    assert severities == sorted(severities, reverse=True)


def test_a_cursor_that_somebody_made_up_begins_anew(hub: Client) -> None:
    first = told(hub.get(f"/findings/{SPAN}&format=json"))["findings"]
    assert told(hub.get(f"/findings/{SPAN}&cursor=bm9uc2Vuc2U&format=json"))["findings"] == first


def test_not_looked_is_not_nothing_found(hub: Client) -> None:
    before = hub.get("/findings/?from=2020-01-01T00:00Z&until=2020-01-02T00:00Z").content.decode()
    assert 'class="unlooked"' in before
    assert 'class="nothing"' not in before
    clean = hub.get(f"/findings/{SPAN}&subject=192.0.2.250").content.decode()
    assert 'class="nothing"' in clean


@pytest.mark.parametrize("path", ["/", "/findings/", "/cases/", "/mine/?q=192.0.2.1"])
def test_an_empty_hub_says_what_to_do_next_to_those_who_may(browser: SignedIn, analyst: Account, path: str) -> None:
    assert 'href="/upload/">Read a capture' in browser(analyst).get(path).content.decode()


def test_a_hub_that_has_not_looked_does_not_say_that_nothing_called_for_a_case(browser: SignedIn, analyst: Account) -> None:
    answer = told(browser(analyst).get("/cases/?format=json"))["answer"]
    assert answer == "There is no case, and nothing has been looked at yet."


def test_a_member_is_not_sent_where_it_may_not_go(browser: SignedIn, member: Account) -> None:
    page = browser(member).get("/").content.decode()
    assert "/upload/" not in page
    assert "Add members" not in page


def test_what_is_usual_is_one_figure_where_both_ends_are_the_same() -> None:
    topic = TOPICS[0]
    with override("en"):
        assert Reading(topic, 0, (0.0, 0.0), 8, ()).said == "Within what is usual (0)."
        assert Reading(topic, 9, (1.0, 4.0), 8, ()).said == "More than usual (1\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}4)."


def test_a_dial_of_a_span_that_nobody_looked_at_has_no_needle_at_zero(hub: Client) -> None:
    before = told(hub.get("/?from=2020-01-01T00:00Z&until=2020-01-02T00:00Z&format=json"))
    assert [(dial["count"], dial["looked"]) for dial in before["dials"]] == [(None, False)] * 5


def test_years_in_which_nobody_looked_say_nothing_of_what_is_usual(looked: None) -> None:
    from datetime import timedelta

    from hinomi.casebook import actions
    from hinomi.casebook.audience import HUB
    from hinomi.hub.pages.scope import Scope
    from hinomi.hub.pages.weather import read
    from hinomi.schema.findings import Window
    from tests.hub.pages import town

    actions.record(list(town.outcomes(days=0, until=town.NOW - timedelta(days=2000))))
    today = town.NOW.replace(hour=0)
    later = Window(today + timedelta(days=300), today + timedelta(days=301))
    actions.record(list(town.outcomes(days=0, until=later.start)))
    scope = Scope(later, "1d", "", HUB, "", (), later.end, False, ())
    scans = read(scope)[0]
    assert scans.count is not None
    assert (scans.known, scans.usual) == (0, None)


def test_usual_needs_enough_to_say(hub: Client) -> None:
    assert usual([1, 2, 3]) is None
    low, high = usual([10, 10, 10, 10, 100]) or (0, 0)
    assert low == 10
    assert 10 < high < 100


def test_nobody_looking_is_an_unknown_sky() -> None:
    assert sky_of([], [], looked=False) == "unknown"
    assert sky_of([], [], looked=True) == "calm"
    assert sky_of([], [Severity.HIGH], looked=True) == "unsettled"
    assert sky_of([], [Severity.CRITICAL], looked=True) == "burning"


def test_exported_colours_are_those_of_the_style_sheet() -> None:
    import re

    tokens = (messages.HUB / "static/hub/css/tokens.css").read_text()
    light = dict(re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]+)", tokens))
    assert PALETTE.items() <= light.items()


def test_the_button_of_the_other_language_wins_over_the_address_it_was_pressed_at(hub: Client) -> None:
    pressed = hub.post("/look/", {"language": "en", "next": "/findings/?span=7d&lang=ja&severity=high"})
    assert pressed.headers["location"] == "/findings/?span=7d&severity=high"
    assert hub.post("/look/", {"theme": "dark", "next": "/?lang=ja"}).headers["location"] == "/?lang=ja"


def test_a_case_with_more_findings_than_are_shown_says_so(hub: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from hinomi.casebook.models import Case
    from hinomi.hub.pages import case

    large = Case.objects.order_by("-findings")[0]
    said = f"1 of {large.findings} findings are shown, the oldest first."
    assert large.findings > 1
    assert said not in hub.get(f"/cases/{large.pk}/").content.decode()
    monkeypatch.setattr(case, "MOST_FINDINGS", 1)
    assert said in hub.get(f"/cases/{large.pk}/").content.decode()
