"""Opening a case by hand: on the page, over the API, by the hub's own people alone, each time with a line in the audit log."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from hinomi.casebook.models import Case
from hinomi.hub.accounts import actions
from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.scopes import Scope
from hinomi.members.models import Organisation
from hinomi.schema.words import Role
from tests.hub.conftest import SignedIn
from tests.hub.test_acts import log
from tests.hub.test_api import Program

pytestmark = pytest.mark.usefixtures("own_log")
FORM = {
    "form": "3f0c",
    "title": "Phishing against banks",
    "severity": "high",
    "tlp": "TLP:AMBER",
    "sectors": ["finance"],
    "indicators": "hxxps://evil[.]example/login\n203.0.113.5",
}
API: dict[str, Any] = FORM | {"indicators": ["evil[.]example"]}


def opened() -> list[tuple[str, str, str]]:
    return [(one["account"], one["about"], one["details"]["tlp"]) for one in log() if one["act"] == "case-opened"]


def test_the_form_says_who_will_read_it_and_opens_one_case(analyst: Account, browser: SignedIn) -> None:
    hub: Client = browser(analyst)
    page = hub.get("/cases/new/").content.decode()
    assert "every member of the hub" in page
    for _twice in range(2):
        answer = hub.post("/cases/new/", FORM)
        (case,) = Case.objects.all()
        assert answer.headers["location"] == f"/cases/{case.pk}/"
    assert (case.severity, case.sectors, [one["type"] for one in case.indicators]) == (3, ["finance"], ["url", "ipv4"])
    assert opened() == [(analyst.username, case.pk, "TLP:AMBER")]
    assert "Phishing against banks" in hub.get(f"/cases/{case.pk}/").content.decode()


def test_a_wrong_line_is_named_and_nothing_that_was_typed_is_lost(analyst: Account, browser: SignedIn) -> None:
    page = browser(analyst).post("/cases/new/?lang=ja", FORM | {"indicators": "203.0.113.5\nnonsense"}).content.decode()
    assert "2: nonsense" in page
    assert "どの種類のインジケータにも" in page
    assert "Phishing against banks" in page
    assert not Case.objects.exists()


def test_a_member_opens_none(power: Organisation, browser: SignedIn) -> None:
    person = Account.objects.create(username="mia", role=Role.MEMBER.value, organisation=power)
    client = browser(person)
    assert client.get("/cases/new/").status_code == 403
    assert client.post("/cases/new/", FORM).status_code == 403
    assert client.post("/api/v1/cases", API, content_type="application/json").status_code == 403
    assert "case-new" not in client.get("/cases/").content.decode()
    assert Program(actions.make_token("p", organisation="power", scopes=[Scope.WRITE])).post("/cases", API).status_code == 403
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_a_program_of_the_hub_opens_one_and_hears_what_is_wrong() -> None:
    assert Program(actions.make_token("r", organisation=None)).post("/cases", API).status_code == 403
    hub = Program(actions.make_token("w", organisation=None, scopes=[Scope.READ, Scope.WRITE]))
    answer = hub.post("/cases", API)
    assert answer.status_code == 201
    assert answer.json()["indicators"] == [{"type": "domain", "value": "evil.example"}]
    assert hub.post("/cases", API).json()["id"] == answer.json()["id"]
    assert len(opened()) == 1
    wrong = hub.post("/cases", API | {"indicators": ["nonsense"], "form": "b"})
    assert (wrong.status_code, "nonsense" in wrong.json()["detail"]) == (422, True)


@pytest.mark.django_db
def test_a_case_is_taken_handed_over_and_laid_down(analyst: Account, operator: Account, browser: SignedIn) -> None:
    hub = browser(analyst)
    hub.post("/cases/new/", FORM)
    case = Case.objects.get()
    path = f"/cases/{case.pk}/"
    assert "nobody" in hub.get(path).content.decode()
    for to in (analyst.username, analyst.username, operator.username, ""):
        hub.post(f"{path}assign/", {"to": to})
    texts = [one["text"]["en"] for one in hub.get(f"{path}?format=json").json()["events"]]
    assert texts[1:] == ["taken", f"given to {operator.username}", "laid down: nobody holds it"]
    about = [(one["account"], one["details"]["to"]) for one in log() if one["act"] == "case-assigned"]
    assert about == [(analyst.username, one) for one in (analyst.username, operator.username, "")]
    assert "Opened by" in hub.get(path).content.decode()


def test_nobody_outside_the_hub_can_hold_a_case_or_learn_who_does(
    analyst: Account, power: Organisation, browser: SignedIn
) -> None:
    person = Account.objects.create(username="mia", role=Role.MEMBER.value, organisation=power)
    made = Program(actions.make_token("w", organisation=None, scopes=list(Scope)))
    case = made.post("/cases", API | {"tlp": "TLP:GREEN"}).json()["id"]
    assert made.post(f"/cases/{case}/assignee", {"person": "mia"}).status_code == 422
    assert made.post(f"/cases/{case}/assignee", {"person": analyst.username}).json()["assignee"] == analyst.username
    member = browser(person)
    assert member.post(f"/cases/{case}/assign/", {"to": "mia"}).status_code == 403
    page = member.get(f"/cases/{case}/").content.decode()
    assert analyst.username not in page
    assert "Look closer" in page, "whoever may read a case is told what helps"
    assert "as they are kept" not in page
    told = member.get(f"/api/v1/cases/{case}").json()
    assert told["assignee"] == ""
    assert [one["kind"] for one in told["timeline"]] == ["opened"]


def confirmed(analyst: Account, browser: SignedIn) -> tuple[Client, str]:
    """A case that the hub alone can read, confirmed on its page."""
    hub = browser(analyst)
    hub.post("/cases/new/", FORM)
    case = Case.objects.get().pk
    hub.post(f"/cases/{case}/move/", {"to": "confirmed"})
    return hub, case


def test_a_marking_says_who_could_read_it_holds_at_once_and_is_logged(
    analyst: Account, power: Organisation, browser: SignedIn
) -> None:
    hub, case = confirmed(analyst, browser)
    member = browser(Account.objects.create(username="mia", role=Role.MEMBER.value, organisation=power))
    assert member.get(f"/cases/{case}/").status_code == 404
    page = hub.get(f"/cases/{case}/").content.decode()
    assert page.count('name="tlp" value="TLP:') == 5
    assert page.count("Every member of the hub can read it over TAXII.") == 2, "with two of the markings"
    hub.post(f"/cases/{case}/mark/", {"tlp": "TLP:GREEN"})
    assert member.get(f"/cases/{case}/").status_code == 200
    assert member.get(f"/cases/{case}/mark/").status_code == 403
    assert member.post(f"/cases/{case}/mark/", {"tlp": "TLP:CLEAR"}).status_code == 403
    assert "Choose among TLP:CLEAR" in hub.post(f"/cases/{case}/mark/", {"tlp": "TLP:PINK"}, follow=True).content.decode()
    hub.post(f"/cases/{case}/mark/", {"tlp": "TLP:GREEN"})
    hub.post(f"/cases/{case}/mark/", {"tlp": "TLP:RED"})
    assert member.get(f"/cases/{case}/").status_code == 404
    said = [(one["act"], one["details"].get("to")) for one in log() if one["about"] == case]
    moves = [("case-opened", None), ("case-moved", "confirmed"), ("case-marked", "TLP:GREEN"), ("case-marked", "TLP:RED")]
    assert said == moves


def test_programs_mark_and_annotate_cases_with_the_same_lines_in_the_log(analyst: Account, browser: SignedIn) -> None:
    _hub, case = confirmed(analyst, browser)
    api = Program(actions.make_token("w", organisation=None, scopes=list(Scope)))
    assert api.post(f"/cases/{case}/marking", {"tlp": "green"}).json()["tlp"] == "TLP:GREEN"
    assert api.post(f"/cases/{case}/marking", {"tlp": "TLP:PINK"}).status_code == 422
    assert api.post(f"/cases/{case}/notes", {"text": "asked the owner"}).status_code == 200
    assert [one["act"] for one in log() if one["about"] == case][-2:] == ["case-marked", "case-noted"]
