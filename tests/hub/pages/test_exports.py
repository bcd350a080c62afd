"""The number that is told is the number that is listed, and what is handed over is all of it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from hinomi.casebook import actions
from hinomi.casebook.models import Case, Finding
from hinomi.hub.accounts.models import Account
from hinomi.hub.pages import table
from hinomi.hub.pages.table import cell
from hinomi.schema.findings import Outcome
from hinomi.schema.words import Severity, Text
from tests.hub.conftest import SignedIn, told
from tests.hub.pages import town

MONTH = "from=2026-11-01T00:00Z&until=2026-12-01T00:00Z"
DAY = "from=2026-11-22T00:00Z&until=2026-11-23T00:00Z"
HOURS = "from=2026-11-22T03:00Z&until=2026-11-22T07:30Z"


@pytest.fixture
def hub(db: None, operator: Account, browser: SignedIn) -> Client:
    """The town, whose scanner tools are harmless: two in three of what they are seen doing is "info"."""
    town.register()
    recorded = actions.record([_harmless(one) for one in town.outcomes()], now=town.NOW)
    actions.propose(recorded.findings, now=town.NOW)
    return browser(operator)


def _harmless(look: Outcome) -> Outcome:
    if look.detector != "scanner-tool":
        return look
    findings = (replace(one, severity=Severity.INFO) if at % 3 else one for at, one in enumerate(look.findings))
    return replace(look, findings=tuple(findings))


def data(hub: Client, path: str) -> dict[str, Any]:
    """What a page says to programs."""
    said: dict[str, Any] = told(hub.get(f"{path}&format=json"))
    return said


def rows(hub: Client, path: str) -> list[dict[str, str]]:
    """The table of a page, as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(hub.get(f"{path}&format=csv").getvalue().decode("utf-8-sig"))))


FILTERS = ("", "&severity=high", "&detector=scanner-tool", "&topic=infections", "&topic=scans&severity=medium", "&sort=time")
SCOPES = ("&sector=finance", "&scope=kagami-bank", "&subject=tcp/23")


@pytest.mark.parametrize("span", [MONTH, DAY, HOURS])
def test_the_answer_counts_what_is_listed(hub: Client, span: str) -> None:
    for asked in FILTERS + SCOPES * (span == MONTH):
        said = data(hub, f"/findings/?{span}{asked}")
        listed = rows(hub, f"/findings/?{span}{asked}")
        assert said["total"] == len(listed) == len(said["findings"]), asked
        assert said["answer"].startswith(f"{len(listed):,} " if listed else "None of "), asked


def test_the_answer_says_that_it_is_about_what_was_asked_for(hub: Client) -> None:
    whole, high = (data(hub, f"/findings/?{MONTH}{asked}") for asked in ("", "&severity=high"))
    assert 0 < high["total"] < whole["total"]
    assert high["answer"].startswith(f"{high['total']} of {whole['total']:,} findings over 30 days match what was asked for;")
    none = data(hub, f"/findings/?{MONTH}&subject=192.0.2.250")
    assert none["answer"] == f"None of {whole['total']:,} findings over 30 days matches what was asked for."


def test_a_detector_that_did_not_look_is_not_one_that_found_nothing(hub: Client) -> None:
    page = hub.get(f"/findings/?{MONTH}&detector=nope")
    assert "The chosen detectors have not looked at this span (30 days)." in page.content.decode()
    assert 'class="unlooked"' in page.content.decode()
    assert (
        data(hub, f"/findings/?{MONTH}&detector=nope")["answer"]
        == "The chosen detectors have not looked at this span (30 days)."
    )


def test_a_dial_says_how_many_rows_its_link_opens(hub: Client) -> None:
    for asked in (DAY, MONTH, f"{MONTH}&sector=finance", f"{MONTH}&scope=kagami-bank"):
        page = hub.get(f"/?{asked}").content.decode()
        dials = {one["topic"]: one["count"] for one in data(hub, f"/?{asked}")["dials"] if one["looked"]}
        links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('class="big" href="')[1:]]
        assert any(dials.values())
        for topic, count in dials.items():
            (link,) = (one for one in links if f"topic={topic}" in one)
            assert len(rows(hub, link)) == count, link


def test_the_strips_show_what_was_asked_for_and_lead_to_as_many_rows(hub: Client) -> None:
    for asked in ("&severity=medium", "&subject=tcp/23", "&severity=medium&sector=finance"):
        response = hub.get(f"/findings/?{MONTH}{asked}")
        for strip in response.context["strips"]:
            assert len(rows(hub, f"/findings/?{MONTH}{asked}&detector={strip.detector}")) == strip.sum
    assert "Z&sector=finance&severity=medium" in response.content.decode().replace("&amp;", "&"), "and so do their cells"


def test_csv_and_json_have_every_row_and_not_one_page(hub: Client) -> None:
    everything = set(Finding.objects.values_list("id", flat=True))
    assert len(everything) > 50
    assert {one["id"] for one in rows(hub, f"/findings/?{MONTH}")} == everything
    said = data(hub, f"/findings/?{MONTH}")
    assert {one["id"] for one in said["findings"]} == everything
    assert said["next"] is None


def test_an_export_that_is_cut_says_where_and_how_to_go_on(hub: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST", 40)
    monkeypatch.setattr(table, "TURN", 20)
    said = data(hub, f"/findings/?{MONTH}")
    assert len(said["findings"]) == 40
    rest = data(hub, f"/findings/?{MONTH}&cursor={said['next']}")
    assert not {one["id"] for one in said["findings"]} & {one["id"] for one in rest["findings"]}
    *_kept, last = rows(hub, f"/findings/?{MONTH}")
    assert last["id"] == f"Cut here after 40 rows; the rest is at the same address with cursor={said['next']}"


def test_the_table_of_cases_has_every_case_and_words_instead_of_source(hub: Client) -> None:
    case = Case.objects.order_by("id")[0]
    for number in range(60):
        case.pk = f"incident--{number}"
        case.save(force_insert=True)
    listed = rows(hub, "/cases/?lang=ja")
    assert len(listed) == Case.objects.count() > 50
    assert next(one for one in listed if one["id"] == case.pk)["title"] == case.title_ja
    assert not any("{" in value for one in listed for value in one.values())
    assert len(data(hub, "/cases/?lang=ja")["cases"]) == len(listed)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        (["=1+1", "b"], "'=1+1 b"),
        (("-2", 3), "'-2 3"),
        (Text("@x", "@y"), "'@x"),
        ({"en": "+x", "ja": "y"}, "'+x"),
        ({"a": 1}, '{"a":1}'),
        (-2, -2),
        (None, None),
        ([{"en": "one", "ja": "一"}], "one"),
    ],
)
def test_no_cell_runs_in_a_spreadsheet_and_none_is_source(value: object, written: object) -> None:
    assert cell(value, "en") == written
