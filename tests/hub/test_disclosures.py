"""What a member takes away of a case, over the API or as a file of a page, is a release: in the log before it is answered."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson
import pytest
from django.test import Client

from hinomi.casebook import actions as casebook
from hinomi.hub.accounts.models import Account
from hinomi.hub.pages import table
from hinomi.members.models import Organisation
from hinomi.schema.scope import Tlp
from hinomi.share import audit, gate
from hinomi.share.models import Entry
from tests.hub.conftest import SignedIn
from tests.hub.test_api import Program, found, hub, power_program, seen, water_program

__all__ = ["hub", "power_program", "water_program"]  # fixtures

pytestmark = pytest.mark.usefixtures("own_log")


def disclosed() -> list[dict[str, Any]]:
    """The lines of the audit log that say what left."""
    audit.carry()
    assert audit.verify() == []
    return [orjson.loads(one.entry) for one in Entry.objects.filter(act="released").order_by("number")]


@pytest.fixture
def green(power: Organisation) -> str:
    """A case of Power's that every member may read."""
    (made,) = seen(found(1, ("power",)))
    casebook.mark(made, Tlp.GREEN, actor="operator")
    return made


def test_a_whole_case_of_another_organisation_leaves_its_line(green: str, water_program: Program) -> None:
    answer = water_program.get(f"/cases/{green}")
    (line,) = disclosed()
    assert (line["reader"], line["operator"], line["channel"]) == ("water", False, "rest")
    assert line["account"].startswith("token ")
    assert (line["query"], line["cases"], line["count"]) == (f"/api/v1/cases/{green}", [green], 1)
    assert line["rules"] == ["community"]
    assert line["sha256"] == sha256(answer.content).hexdigest()


def test_a_list_names_the_cases_that_it_told_of(green: str, power_program: Program, water_program: Program) -> None:
    (own,) = seen(found(9, ("power",)))
    theirs = power_program.get("/cases", limit=5)
    others = water_program.get("/cases")
    first, second = disclosed()
    assert (set(first["cases"]), first["rules"]) == ({own, green}, ["own-organisation"])
    assert (second["cases"], second["rules"]) == ([green], ["community"])
    assert first["query"] == "/api/v1/cases?limit=5"
    assert [line["sha256"] for line in (first, second)] == [sha256(one.content).hexdigest() for one in (theirs, others)]


def test_what_tells_of_no_case_and_what_stays_in_the_house_leave_no_line(
    green: str, hub: Program, water_program: Program, operator: Account, browser: SignedIn
) -> None:
    assert hub.get(f"/cases/{green}").status_code == hub.get("/cases").status_code == 200
    assert browser(operator).get(f"/cases/{green}/?format=json").status_code == 200
    assert water_program.get("/cases", least="critical").json() == {"items": [], "next": None}
    assert water_program.get("/cases/incident--none").status_code == 404
    assert disclosed() == []


def test_an_answer_to_a_member_and_to_the_hub_are_written_alike(green: str, hub: Program, power_program: Program) -> None:
    told, held = power_program.get("/cases"), hub.get("/cases")
    assert (told.content, told.headers["Content-Type"]) == (held.content, "application/json")
    whole, known = power_program.get(f"/cases/{green}").json(), hub.get(f"/cases/{green}").json()
    assert list(whole) == list(known)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_page_as_a_file_leaves_its_line_and_as_a_page_none(green: str, member: Account, browser: SignedIn, form: str) -> None:
    client = browser(member)
    paths = (f"/cases/{green}/", "/cases/")
    assert all(client.get(path).status_code == 200 for path in paths)
    assert disclosed() == []
    files = [client.get(f"{path}?format={form}") for path in paths]
    lines = disclosed()
    assert [(line["channel"], line["account"], line["cases"]) for line in lines] == [("page", "member", [green])] * 2
    assert [line["sha256"] for line in lines] == [sha256(one.content).hexdigest() for one in files]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_file_that_is_read_in_turns_is_one_disclosure(
    green: str, member: Account, browser: SignedIn, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "TURN", 1)
    (own,) = seen(found(9, ("power",)))
    file = browser(member).get(f"/cases/?format={form}")
    (line,) = disclosed()
    assert (set(line["cases"]), line["count"]) == ({green, own}, 2)
    assert line["sha256"] == sha256(file.content).hexdigest()


def test_nothing_is_answered_that_could_not_be_written_down(
    green: str, water_program: Program, member: Account, browser: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def append(self, entry: bytes) -> str:
            raise OSError("No space left on device")

    monkeypatch.setattr(gate, "ledger", Full)
    signed_in: Client = browser(member)
    for address in (f"/cases/{green}", "/cases"):
        answer = water_program.get(address)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    with pytest.raises(OSError, match="No space"):
        signed_in.get(f"/cases/{green}/?format=csv")
