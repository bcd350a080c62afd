"""What cannot be a text is refused wherever it comes in: address, question, form, body, file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from hinomi.casebook.draft import written
from hinomi.casebook.models import Case, CaseEvent
from hinomi.hub import casework
from hinomi.hub.accounts.models import Account, Token
from hinomi.members.models import Organisation
from hinomi.members.register import read
from hinomi.schema.problems import WrongUse
from hinomi.schema.prose import line, prose
from hinomi.schema.words import CaseStatus
from tests.hub.conftest import SignedIn

NUL, ESCAPE, TURNED, HALF = "a\x00b", "a\x1b[2Jb", "a\u202eb", "a\ud800b"


@pytest.fixture
def hub(browser: SignedIn, operator: Account) -> Client:
    return browser(operator)


@pytest.fixture
def case(operator: Account) -> str:
    return casework.open_case(written(title="Something burns", severity="high"), actor="operator").id


def sent(client: Client, path: str, body: Any) -> Any:
    return client.post(f"/api/v1{path}", body, content_type="application/json")


@pytest.mark.parametrize(
    "path",
    [
        *("/findings/%00/", "/?scope=%00", "/findings/?detector=%00", "/cases/new/?finding=%00", "/cases/%00/", "/?%00=x"),
        *("/members/%00/", "/cases/?cursor=%00", "/account/link/%00/", "/atlas/?hour=%00"),
    ],
)
def test_nul_in_an_address_or_a_question_is_no_request(hub: Client, path: str) -> None:
    assert hub.get(path).status_code == 400


@pytest.mark.parametrize("path", ["/findings/%00", "/cases/%00/bundle", "/cases/%00", "/findings?detector=%00", "/nothing?%00"])
def test_a_program_hears_the_same_in_its_own_words(hub: Client, path: str) -> None:
    answer = hub.get(f"/api/v1{path}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")


def test_nul_in_a_cookie_is_no_session(stranger: Client) -> None:
    answer = stranger.get("/", headers={"cookie": 'hinomi-session="\\000' + "a" * 31 + '"'})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/cases/new/", {"title": NUL}),
        ("/cases/{case}/note/", {"text": NUL}),
        ("/members/import/", {"register": NUL}),
        ("/account/tokens/", {"name": NUL, "scopes": ["read"], "days": "1"}),
        ("/account/people/", {"name": NUL, "role": "analyst"}),
        ("/upload/", {"sensor": NUL}),
        ("/cases/new/", {NUL: "x"}),
    ],
)
def test_nul_in_a_form_is_no_form(hub: Client, case: str, path: str, form: dict[str, Any]) -> None:
    assert hub.post(path.format(case=case), form).status_code == 400
    assert (Case.objects.count(), Account.objects.count(), Token.objects.count()) == (1, 1, 0)


@pytest.mark.parametrize("title", [NUL, ESCAPE, TURNED, HALF, "a\nb", "a\x85b"])
def test_a_title_is_one_line_of_letters(hub: Client, title: str) -> None:
    answer = sent(hub, "/cases", {"title": title})
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"severity": HALF}, {"sectors": [HALF]}, {"findings": [NUL]}, {"indicators": [HALF]}, {"form": NUL}, {"tlp": ESCAPE}],
)
def test_neither_is_any_other_word_of_a_case(hub: Client, wrong: dict[str, Any]) -> None:
    answer = sent(hub, "/cases", {"title": "t", **wrong})
    assert answer.status_code in (400, 422)
    assert answer.json()["status"] == answer.status_code
    assert not Case.objects.exists()


def test_a_note_and_a_reason_have_lines_and_tabs_and_nothing_else_unseen(hub: Client, case: str) -> None:
    assert sent(hub, f"/cases/{case}/notes", {"text": "first\r\n\tsecond"}).status_code == 200
    assert CaseEvent.objects.filter(text_en="first\r\n\tsecond").exists()
    for text in (NUL, ESCAPE, HALF):
        assert sent(hub, f"/cases/{case}/notes", {"text": text}).status_code in (400, 422)
        assert sent(hub, f"/cases/{case}/status", {"status": "confirmed", "reason": text}).status_code in (400, 422)
        wish = {"subject": "198.51.100.7", "until": "2026-12-31", "reason": text}
        assert sent(hub, "/allowances", wish).status_code in (400, 422)


def test_forms_hold_the_same(hub: Client, case: str) -> None:
    assert hub.post("/cases/new/", {"title": TURNED, "severity": "high"}).status_code == 200
    hub.post(f"/cases/{case}/note/", {"text": ESCAPE})
    assert hub.post("/account/tokens/", {"name": TURNED, "scopes": ["read"], "days": "1"}).context["form"].errors["name"]
    assert (Case.objects.count(), Token.objects.count()) == (1, 0)
    assert not CaseEvent.objects.filter(text_en__contains="\x1b").exists()


@pytest.mark.parametrize("body", ["hello", ["title"], 7, None, True])
def test_a_case_is_opened_by_an_object_and_by_nothing_that_happens_to_have_a_title(hub: Client, body: object) -> None:
    assert sent(hub, "/cases", json.dumps(body)).status_code == 422
    assert not Case.objects.exists()


def test_the_command_line_holds_the_same_and_a_register_names_the_line(power: Organisation, case: str) -> None:
    for title in (ESCAPE, TURNED, HALF):
        with pytest.raises(WrongUse, match="nobody sees"):
            written(title=title, severity="high")
    with pytest.raises(WrongUse, match=r"U\+001B"):
        casework.move(case, CaseStatus.CONFIRMED, actor="operator", reason=ESCAPE)
    rows, faults = read(f"organisation,sector,country,prefix\nPo{TURNED},electricity,JP,203.0.113.0/24\n".encode(), "register")
    assert (rows, [fault.line for fault in faults]) == ([], [2])


def test_what_is_a_text_stays_as_it_is() -> None:
    for text in ("火の見櫓 🔥", "naïve", "العربية", ""):
        assert line(text, "title") == prose(text, "text") == text
    assert prose("\u202eone\n\ttwo", "text") == "\u202eone\n\ttwo"  # in prose a direction may be turned: it is nobody's name
