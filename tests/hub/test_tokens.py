"""Tokens: shown once, honoured while they live, and not a moment (well, two seconds) longer."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from hinomi.hub.accounts import actions
from hinomi.hub.accounts.forms import HUB
from hinomi.hub.accounts.models import Account, Token
from hinomi.hub.accounts.readers import NOBODY, reader_of
from hinomi.hub.accounts.scopes import Scope
from hinomi.hub.accounts.tokens import authenticate, bearer_of, caller, memory
from hinomi.members.models import Organisation
from hinomi.schema.problems import WrongUse
from hinomi.schema.release import Reader
from hinomi.schema.words import Role
from tests.hub.conftest import SignedIn


def basic(secret: str) -> str:
    return "Basic " + base64.b64encode(f"anything:{secret}".encode()).decode()


def test_a_token_reads_for_its_organisation(power: Organisation) -> None:
    secret = actions.make_token("feed", organisation="power")
    assert authenticate(f"Bearer {secret}") == Reader(organisation="power")
    assert authenticate(basic(secret)) == Reader(organisation="power")


def test_a_token_of_the_hub_reads_everything(db: None) -> None:
    reader = authenticate(f"Bearer {actions.make_token('dashboard', organisation=None)}")
    assert reader is not None
    assert reader.operator


def test_the_secret_is_not_kept(power: Organisation) -> None:
    secret = actions.make_token("feed", organisation="power")
    kept = Token.objects.get()
    assert secret not in str(vars(kept))
    assert secret.startswith("hin_")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer hin_",
        "Bearer hin_wrong",
        "bearer x",
        "Basic",
        "Basic !!!",
        "Basic aGlu",
        "Digest x",
        "Bearer \x00",
        "Bearer " + "hin_" * 5000,
    ],
)
def test_anything_else_opens_nothing(db: None, header: str | None) -> None:
    assert authenticate(header) is None


def test_a_revoked_token_dies_within_two_seconds_in_every_process(power: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = actions.make_token("feed", organisation="power")
    assert authenticate(f"Bearer {secret}") is not None
    actions.revoke_token(Token.objects.get().pk)
    later = __import__("time").monotonic() + 2.1
    monkeypatch.setattr("hinomi.hub.accounts.tokens.time.monotonic", lambda: later)
    assert authenticate(f"Bearer {secret}") is None


def test_an_expired_token_is_dead(power: Organisation) -> None:
    secret = actions.make_token("feed", organisation="power")
    Token.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert authenticate(f"Bearer {secret}") is None


def test_the_token_of_a_person_who_is_shut_out_is_dead(member: Account) -> None:
    _, secret = actions.issue_token("script", account=member, role=Role.MEMBER, organisation="power")
    actions.let_in(member, active=False)
    assert authenticate(f"Bearer {secret}") is None


def test_a_sensor_may_hand_in_and_read_nothing(power: Organisation) -> None:
    _, secret = actions.issue_token("sensor", account=None, role=Role.MEMBER, organisation="power", scopes=[Scope.OBSERVE])
    assert authenticate(f"Bearer {secret}") is None
    bearer = bearer_of(f"Bearer {secret}")
    assert bearer is not None
    assert bearer.scopes == {Scope.OBSERVE}


def test_taxii_tells_a_sensor_from_a_stranger(power: Organisation) -> None:
    _, secret = actions.issue_token("sensor", account=None, role=Role.MEMBER, organisation="power", scopes=[Scope.OBSERVE])
    with pytest.raises(PermissionDenied):
        caller(f"Bearer {secret}")
    assert caller("Bearer hin_wrong") is None


def test_the_last_use_is_kept_to_the_day(power: Organisation) -> None:
    secret = actions.make_token("feed", organisation="power")
    authenticate(f"Bearer {secret}")
    assert Token.objects.get().last_used == timezone.now().date()


def test_a_member_without_an_organisation_is_nobody_and_not_the_hub(member: Account) -> None:
    member.organisation = None
    assert reader_of(member) == Reader(organisation=NOBODY)


def test_an_organisation_that_is_not_there_gets_no_token(db: None) -> None:
    with pytest.raises(WrongUse, match="no organisation has this id"):
        actions.make_token("feed", organisation="nowhere")
    with pytest.raises(WrongUse, match="no such token"):
        actions.revoke_token(12)


def test_a_member_makes_a_token_that_reads_as_the_member_does(browser: SignedIn, member: Account, water: Organisation) -> None:
    form = {"name": "script", "scopes": ["read"], "days": "30", "organisation": "water"}
    page = browser(member).post("/account/tokens/", form)
    secret = page.context["fresh"]
    assert authenticate(f"Bearer {secret}") == Reader(organisation="power")
    assert secret.encode() in page.content
    assert secret.encode() not in browser(member).get("/account/tokens/").content


@pytest.mark.parametrize("scope", ["write", "observe"])
def test_a_member_is_neither_offered_nor_given_more_than_reading(browser: SignedIn, member: Account, scope: str) -> None:
    page = browser(member).get("/account/tokens/")
    assert [value for value, _word in page.context["form"].fields["scopes"].choices] == ["read"]
    answer = browser(member).post("/account/tokens/", {"name": "sensor", "scopes": ["read", scope], "days": "30"})
    assert "scopes" in answer.context["form"].errors
    with pytest.raises(WrongUse, match="not yours to pass on"):
        actions.issue_token("sensor", account=member, role=Role.MEMBER, organisation="power", scopes=[Scope(scope)])
    assert not Token.objects.exists()


def test_what_a_member_once_gave_itself_feeds_the_lake_no_more(stranger: Client, browser: SignedIn, member: Account) -> None:
    made, secret = actions.issue_token("script", account=member, role=Role.MEMBER, organisation="power")
    Token.objects.filter(pk=made.pk).update(scopes=["read", "observe", "write"])
    bearer = bearer_of(f"Bearer {secret}")
    assert bearer is not None
    assert bearer.scopes == {Scope.READ}
    assert stranger.post("/api/v1/captures", headers={"authorization": f"Bearer {secret}"}).status_code == 403
    page = browser(member).get("/account/tokens/", headers={"accept-language": "en"}).content.decode()
    assert "hand in captures" not in page


def test_an_operator_makes_a_token_for_a_sensor_of_a_member(browser: SignedIn, operator: Account, water: Organisation) -> None:
    form = {"name": "sensor", "scopes": ["observe"], "days": "30", "organisation": "water"}
    bearer = bearer_of("Bearer " + browser(operator).post("/account/tokens/", form).context["fresh"])
    assert bearer is not None
    assert bearer.scopes == {Scope.OBSERVE}


@pytest.mark.parametrize("silent", [{}, {"organisation": ""}, {"organisation": "nowhere"}])
def test_an_operators_token_reads_everything_only_when_that_is_said(
    browser: SignedIn, operator: Account, silent: dict[str, str]
) -> None:
    form = {"name": "weather", "scopes": ["read"], "days": "30"}
    client = browser(operator)
    assert "organisation" in client.post("/account/tokens/", form | silent).context["form"].errors
    assert not Token.objects.exists()
    secret = client.post("/account/tokens/", form | {"organisation": HUB}).context["fresh"]
    assert authenticate(f"Bearer {secret}") == Reader(organisation="", operator=True)


def test_an_operator_makes_a_token_for_an_organisation(browser: SignedIn, operator: Account, water: Organisation) -> None:
    form = {"name": "feed", "scopes": ["read"], "days": "30", "organisation": "water"}
    secret = browser(operator).post("/account/tokens/", form).context["fresh"]
    assert authenticate(f"Bearer {secret}") == Reader(organisation="water")


def test_a_member_revokes_its_own_tokens_only(browser: SignedIn, member: Account, water: Organisation) -> None:
    actions.make_token("theirs", organisation="water")
    mine, _ = actions.issue_token("mine", account=member, role=Role.MEMBER, organisation="power")
    client: Client = browser(member)
    theirs = Token.objects.get(name="theirs")
    assert client.post(f"/account/tokens/{theirs.pk}/revoke/").status_code == 403
    assert client.post(f"/account/tokens/{mine.pk}/revoke/").status_code == 302
    assert [Token.objects.get(pk=one.pk).revoked is None for one in (theirs, mine)] == [True, False]


def test_many_wrong_secrets_do_not_fill_the_memory(db: None) -> None:
    for number in range(5000):
        memory.put(str(number), None)
    assert len(memory._known) <= 4096
