"""A note is for the hub only, unless the writer says otherwise: who will read it stands beside the form, and holds."""

from __future__ import annotations

import pytest
from django.test import Client

from hinomi.casebook.models import Case, StixObject
from hinomi.cli.cases import _line
from hinomi.hub.accounts import actions
from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.scopes import Scope
from tests.hub.conftest import SignedIn
from tests.hub.test_acts import log
from tests.hub.test_api import Program
from tests.hub.test_casework import FORM

pytestmark = pytest.mark.usefixtures("own_log")
INSIDE, ALONG = "The owner is slow; call the minister.", "Port 23 is blocked upstream."


@pytest.fixture
def hub(analyst: Account, browser: SignedIn) -> Client:
    return browser(analyst)


@pytest.fixture
def case(hub: Client) -> str:
    """A case that the hub alone can read."""
    hub.post("/cases/new/", FORM)
    return Case.objects.get().pk


def published(case: str) -> str:
    """Everything that a STIX or TAXII reader can be handed of the case."""
    return "".join(bytes(one).decode() for one in StixObject.objects.values_list("content", flat=True))


@pytest.mark.parametrize("chosen", [{}, {"readers": "hub"}, {"readers": "everybody, please"}])
def test_a_note_stays_in_the_hub_however_widely_the_case_is_marked(
    hub: Client, case: str, member: Account, browser: SignedIn, chosen: dict[str, str]
) -> None:
    path = f"/cases/{case}/"
    hub.post(f"{path}note/", {"text": INSIDE} | chosen)
    hub.post(f"{path}mark/", {"tlp": "TLP:CLEAR"})
    hub.post(f"{path}note/", {"text": INSIDE + "!"} | chosen)
    theirs = browser(member)
    pages = (path, f"{path}?format=json", f"{path}?format=csv", f"/api/v1/cases/{case}", f"/api/v1/cases/{case}/bundle")
    for page in pages:
        answer = theirs.get(page)
        assert answer.status_code == 200
        assert INSIDE not in answer.content.decode()
    assert INSIDE not in published(case)
    own = hub.get(path).content.decode()
    assert own.count(INSIDE) == 4, "in the story and in the lane, each note"
    assert INSIDE in str(hub.get(f"/api/v1/cases/{case}").json()["timeline"])


def test_a_note_with_the_case_is_read_by_whoever_reads_the_case(
    hub: Client, case: str, member: Account, browser: SignedIn
) -> None:
    path = f"/cases/{case}/"
    hub.post(f"{path}mark/", {"tlp": "TLP:GREEN"})
    hub.post(f"{path}note/", {"text": ALONG, "readers": "case"})
    assert ALONG in browser(member).get(path).content.decode()
    assert ALONG in published(case)


def test_beside_the_form_stands_who_will_read_it_and_the_narrow_choice_is_made_already(hub: Client, case: str) -> None:
    form = hub.get(f"/cases/{case}/").content.decode().partition(f'action="/cases/{case}/note/"')[2].partition("</form>")[0]
    assert 'name="readers" value="hub" checked' in form
    assert 'name="readers" value="case">' in form
    assert "Only the hub&#x27;s operators can read it over TAXII." in form
    hub.post(f"/cases/{case}/mark/", {"tlp": "TLP:GREEN"})
    assert (
        "Every member of the hub can read it over TAXII."
        in hub.get(f"/cases/{case}/").content.decode().partition(f'action="/cases/{case}/note/"')[2].partition("</form>")[0]
    )


def test_the_marking_form_says_how_many_notes_go_along(hub: Client, case: str) -> None:
    said = "They then read the 2 notes that were written with the case, too."
    for text, readers in ((ALONG, "case"), (ALONG + "!", "case"), (INSIDE, "hub")):
        hub.post(f"/cases/{case}/note/", {"text": text, "readers": readers})
    assert hub.get(f"/cases/{case}/").content.decode().count(said) == 2, "with CLEAR and GREEN, which let more people in"
    hub.post(f"/cases/{case}/mark/", {"tlp": "TLP:CLEAR"})
    assert said not in hub.get(f"/cases/{case}/").content.decode()


def test_notes_are_set_like_notes_and_say_for_whom_they_are(hub: Client, case: str) -> None:
    hub.post(f"/cases/{case}/note/", {"text": INSIDE})
    hub.post(f"/cases/{case}/note/", {"text": ALONG, "readers": "case"})
    story = hub.get(f"/cases/{case}/").content.decode().partition('<ol class="story">')[2].partition("</ol>")[0]
    opened, inside, along = story.split("</li>")[:3]
    assert 'class="strong"' in opened
    assert 'class="strong"' not in inside + along
    assert "for the hub only" in inside
    assert "for the hub only" not in along


def test_programs_choose_alike_and_the_log_says_what_was_chosen(hub: Client, case: str, member: Account) -> None:
    api = Program(actions.make_token("w", organisation=None, scopes=list(Scope)))
    api.post(f"/cases/{case}/marking", {"tlp": "green"})
    assert api.post(f"/cases/{case}/notes", {"text": INSIDE}).status_code == 200
    assert api.post(f"/cases/{case}/notes", {"text": ALONG, "readers": "case"}).status_code == 200
    assert api.post(f"/cases/{case}/notes", {"text": ALONG, "readers": "members"}).status_code == 422
    theirs = Program(actions.make_token("r", organisation=member.organisation_id))
    told = str(theirs.get(f"/cases/{case}").json()["timeline"])
    assert (INSIDE in told, ALONG in told) == (False, True)
    assert [one["details"]["to"] for one in log() if one["act"] == "case-noted"] == ["hub", "case"]


def test_a_note_is_taken_whole_or_refused_and_never_cut(hub: Client, case: str) -> None:
    path = f"/cases/{case}/note/"
    lines = "\r\n".join(["a line of nineteen."] * 200)  # 3,999 characters as the browser counts, more as it sends them
    assert "The note is written" in hub.post(path, {"text": lines}, follow=True).content.decode()
    assert hub.get(f"/api/v1/cases/{case}").json()["timeline"][-1]["what"]["en"] == lines.replace("\r\n", "\n")
    refused = hub.post(path, {"text": "x" * 4001}, follow=True).content.decode()
    assert "A note has at most 4,000 characters; this one has 4,001." in refused
    assert len(hub.get(f"/api/v1/cases/{case}").json()["timeline"]) == 2


def test_a_description_is_as_long_as_the_browser_says(hub: Client) -> None:
    lines = "\r\n".join(["nineteen characters"] * 500)
    hub.post("/cases/new/", FORM | {"description": lines, "form": "b"})
    assert Case.objects.get(title_en=FORM["title"]).description == lines.replace("\r\n", "\n")


def test_the_command_line_says_which_notes_are_for_the_hub_only() -> None:
    line = {"what": {"en": INSIDE, "ja": INSIDE}}
    assert _line(line | {"kind": "jotted"}).endswith(f") {INSIDE}")
    assert _line(line | {"kind": "noted"}) == INSIDE
