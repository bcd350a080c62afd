"""Allow this: told before, asked once, bounded in time, taken back, written down; by page, API and command line alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from typer.testing import CliRunner

from hinomi.casebook import actions, allowing, queries
from hinomi.casebook.allowing import Forbidden, Wish
from hinomi.casebook.audience import HUB
from hinomi.casebook.models import Allowance, Case, Finding
from hinomi.hub.accounts.actions import issue_token
from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.scopes import Scope
from hinomi.members.models import Network, Organisation
from hinomi.schema import address
from hinomi.schema.findings import Window
from hinomi.schema.problems import Problem, WrongUse
from hinomi.schema.release import Reader
from hinomi.schema.words import Role, Severity
from hinomi.share import audit
from hinomi.share.models import Entry
from tests.casebook.stories import DAY, finding, infected, look
from tests.hub.conftest import HOST, SignedIn

pytestmark = pytest.mark.usefixtures("own_log")
SUBJECT = "198.51.100.7"
NOW = DAY + timedelta(hours=12)
UNTIL = DAY + timedelta(days=10)


def wish(**changed: Any) -> Wish:
    told = {"subject": SUBJECT, "until": UNTIL, "reason": "our own survey", "reader": HUB, "actor": "hana"}
    return Wish(**(told | changed))


def said(act: str) -> list[dict[str, Any]]:
    """The lines of the audit log about an act."""
    audit.carry()
    return [orjson.loads(one.entry) for one in Entry.objects.filter(act=act).order_by("number")]


@pytest.mark.django_db
def test_what_is_allowed_is_kept_as_info_with_the_reason_and_opens_no_case() -> None:
    allowing.allow(wish(), now=NOW)
    recorded = actions.record([look(finding(at=20, severity=Severity.HIGH), at=20)])
    (kept,) = recorded.findings
    assert (kept.severity, kept.measures["known"]) == (Severity.INFO, "hub: our own survey")
    assert actions.propose(recorded.findings) == ()
    assert Finding.objects.get().severity == Severity.INFO


@pytest.mark.django_db
@pytest.mark.parametrize("at", [-30, 24 * 11], ids=["before", "after"])
def test_a_look_outside_its_validity_is_not_silenced(at: int) -> None:
    allowing.allow(wish(), now=NOW)
    recorded = actions.record([look(finding(at=at, severity=Severity.HIGH), at=at)])
    assert recorded.findings[0].severity is Severity.HIGH
    assert allowing.lookup(Window(DAY + timedelta(hours=at), DAY + timedelta(hours=at + 1))).num_rows == 0


@pytest.mark.django_db
def test_detectors_get_it_among_what_is_known_to_be_harmless() -> None:
    allowing.allow(wish(subject="198.51.100.0/24"), now=NOW)
    (row,) = allowing.lookup(Window(DAY, DAY + timedelta(days=1))).to_pylist()
    block = address.prefix("198.51.100.0/24")
    assert row == {"first": block.first, "last": block.last, "list": "hub", "reason": "our own survey"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("subject", "remedy"),
    [
        ("fe80::1%eth0", "Write it without"),
        ("fe80::%1/64", "Write it without"),
        ("::ffff:198.51.100.7", r"Write 198\.51\.100\.7"),
        ("::ffff:198.51.100.0/120", r"Write 198\.51\.100\.0/24"),
        ("::/32", "Leave out"),  # all of IPv4, as the lake writes addresses
        ("::fffe:0:0/95", "Leave out"),
    ],
)
def test_what_never_matches_or_hides_all_of_ipv4_is_refused_with_what_to_write(subject: str, remedy: str) -> None:
    with pytest.raises(WrongUse, match=remedy):
        allowing.allow(wish(subject=subject), now=NOW)
    assert not Allowance.objects.exists()


@pytest.mark.django_db
def test_an_exercise_is_not_touched_by_what_the_hub_allows() -> None:
    allowing.allow(wish(), now=NOW)
    played = finding(at=20, severity=Severity.HIGH, exercise=True)
    assert actions.record([look(played, at=20)], exercise=True).findings[0].severity is Severity.HIGH


@pytest.mark.django_db
def test_twice_is_one_entry_with_the_last_word() -> None:
    first = allowing.allow(wish(), now=NOW)
    again = allowing.allow(wish(reason="a partner's survey", until=UNTIL + timedelta(days=1)), now=NOW + timedelta(hours=1))
    assert again.pk == first.pk
    assert Allowance.objects.values_list("reason", "valid_from", "valid_until").get() == (
        "a partner's survey",
        NOW,
        UNTIL + timedelta(days=1),
    )


@pytest.mark.django_db
def test_taken_back_it_counts_for_no_window_and_stays_as_a_record() -> None:
    made = allowing.allow(wish(), now=NOW)
    for _ in range(2):
        allowing.withdraw(made.pk, reader=HUB, actor="ken", now=NOW + timedelta(hours=1))
    assert allowing.lookup(Window(DAY, UNTIL)).num_rows == 0
    assert allowing.allowed_now("address", SUBJECT, now=NOW + timedelta(minutes=1)) is None
    assert (Allowance.objects.get().withdrawn_by, Allowance.objects.count()) == ("ken", 1)
    with pytest.raises(Problem, match="no such allowance"):
        allowing.withdraw(made.pk + 1, reader=HUB, actor="ken")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"subject": "10.0.0.0/8"}, "too much"),
        ({"subject": "2001:db8::/31"}, "too much"),
        ({"subject": "tcp/23"}, "only an address"),
        ({"reason": "  "}, "reason"),
        ({"until": NOW}, "366 days"),
        ({"until": NOW + timedelta(days=400)}, "366 days"),
    ],
    ids=str,
)
def test_what_cannot_be_allowed_says_why(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(WrongUse, match=why):
        allowing.allow(wish(**changed), now=NOW)
    assert not Allowance.objects.exists()


@pytest.mark.django_db
def test_a_member_could_allow_only_what_is_in_its_own_networks(power: Organisation) -> None:
    block = address.prefix("198.51.100.0/25")
    Network.objects.create(organisation=power, cidr="198.51.100.0/25", first=block.first, last=block.last, valid_from=DAY)
    made = allowing.allow(wish(reader=Reader("power")), now=NOW)
    assert made.organisation == "power"
    with pytest.raises(Forbidden, match="not in your networks"):
        allowing.allow(wish(subject="198.51.100.200", reader=Reader("power")), now=NOW)
    with pytest.raises(Problem, match="no such allowance"):
        allowing.withdraw(made.pk, reader=Reader("water"), actor="someone")


@pytest.mark.django_db
def test_what_would_be_silent_is_told_before(power: Organisation) -> None:
    recorded = actions.record(
        [look(finding(at=1), at=1), look(infected(SUBJECT, "power", at=2), detector="member-in-darknet", at=2)]
    )
    actions.propose(recorded.findings)
    would = queries.preview(SUBJECT, HUB, now=NOW)
    assert (would.findings, would.detectors) == (2, {"member-in-darknet": 1, "backscatter": 1})
    assert would.cases == Case.objects.count()
    assert queries.preview("198.51.0.0/16", HUB, now=NOW).findings == 2
    assert queries.preview(SUBJECT, HUB, now=NOW + timedelta(days=60)).findings == 0


@pytest.fixture
def seen(db: None) -> str:
    """The id of a finding about the subject, of today."""
    hours = (datetime.now(UTC) - DAY) // timedelta(hours=1)
    (kept,) = actions.record([look(finding(at=hours, severity=Severity.HIGH), at=hours)]).findings
    return kept.id


def test_on_the_page_it_is_told_asked_once_done_and_taken_back(seen: str, analyst: Account, browser: SignedIn) -> None:
    client, page = browser(analyst), f"/findings/{seen}/"
    shown = client.get(page).content.decode()
    assert "1 finding would have been silent" in shown
    until = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    client.post(f"{page}allow/", {"until": until, "reason": "our own survey"})
    made = Allowance.objects.get()
    assert made.finding == seen
    assert f"{made.valid_until - timedelta(seconds=1):%Y-%m-%d}" == until, "a day means to its end"
    shown = client.get(page).content.decode()
    assert "Allowed since" in shown
    assert '<span class="chip">allowed</span>' in client.get("/findings/").content.decode()
    assert Finding.objects.get().severity == Severity.HIGH, "what was said before stays"
    listed = client.get("/allowances/")
    assert "1 address or network" in listed.content.decode()
    assert client.get("/allowances/?format=json").json()["allowances"][0]["reason"] == "our own survey"
    client.post(f"/allowances/{made.pk}/withdraw/")
    assert "taken back" in client.get("/allowances/").content.decode()
    assert "Allowed since" not in client.get(page).content.decode()
    assert [one["account"] for one in said("allowed")] == ["analyst"]
    assert [one["about"] for one in said("allowance-withdrawn")] == ["198.51.100.7/32"]


def test_without_a_reason_nothing_happens_and_it_is_said(seen: str, analyst: Account, browser: SignedIn) -> None:
    answer = browser(analyst).post(f"/findings/{seen}/allow/", {"until": "2099-01-01", "reason": ""}, follow=True)
    assert "reason" in answer.content.decode()
    assert not Allowance.objects.exists()


def test_a_member_is_not_offered_it_and_may_not(seen: str, member: Account, browser: SignedIn) -> None:
    client = browser(member)
    assert client.post(f"/findings/{seen}/allow/", {"until": "2026-12-31", "reason": "me"}).status_code == 403
    secret = issue_token("member", account=None, role=Role.MEMBER, organisation="power", scopes=list(Scope))[1]
    body = {"subject": SUBJECT, "until": "2026-12-31", "reason": "me"}
    program = Client(headers=HOST | {"authorization": f"Bearer {secret}"})
    assert program.post("/api/v1/allowances", body, content_type="application/json").status_code == 403
    assert not Allowance.objects.exists()


def test_a_member_learns_that_it_is_allowed_and_not_by_whom(member: Account, browser: SignedIn) -> None:
    hours = (datetime.now(UTC) - DAY) // timedelta(hours=1)
    (kept,) = actions.record([look(infected(SUBJECT, "power", at=hours), detector="member-in-darknet", at=hours)]).findings
    allowing.allow(wish(until=datetime.now(UTC) + timedelta(days=1)))
    shown = browser(member).get(f"/findings/{kept.id}/").content.decode()
    assert "our own survey" in shown
    assert "hana" not in shown


def test_a_program_of_the_hub_does_the_same(seen: str) -> None:
    secret = issue_token("robot", account=None, role=Role.OPERATOR, organisation=None, scopes=list(Scope))[1]
    program = Client(headers=HOST | {"authorization": f"Bearer {secret}"})
    would = program.get("/api/v1/allowances/preview", {"subject": SUBJECT}).json()
    assert (would["findings"], would["detectors"]) == (1, {"backscatter": 1})
    until = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    body = {"subject": SUBJECT, "until": until, "reason": "our own survey"}
    made = program.post("/api/v1/allowances", body, content_type="application/json")
    assert made.status_code == 201
    assert program.get("/api/v1/allowances").json() == [made.json()]
    assert program.delete(f"/api/v1/allowances/{made.json()['id']}").json()["withdrawn"]


def test_the_command_line_does_the_same(seen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from hinomi.cli import allowing as command
    from hinomi.cli.app import app

    monkeypatch.setattr(command, "opened", lambda: None)
    until = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    run = CliRunner().invoke
    done = run(app, ["allow", SUBJECT, "--until", until, "--reason", "our own survey", "--json"])
    assert done.exit_code == 0, done.output
    made = Allowance.objects.get()
    assert "198.51.100.7" in run(app, ["allow", "--list"]).output
    assert run(app, ["allow", "--withdraw", str(made.pk)]).exit_code == 0
    assert not allowing.valid(Window(made.valid_from, made.valid_until)).exists()
    assert [one["account"] for one in said("allowed")] == ["command line"]
