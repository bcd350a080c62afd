"""Who came in, who may, who was shut out: each act leaves its line in the one audit log, and no secret in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client

from hinomi.hub.accounts import actions
from hinomi.hub.accounts.models import Account
from hinomi.hub.register import take_in_file
from hinomi.members.models import Organisation
from hinomi.schema.words import Role
from hinomi.share import audit
from hinomi.share.models import Entry
from tests.hub.conftest import SignedIn
from tests.hub.test_sign_in import digits_now, path_of

pytestmark = pytest.mark.usefixtures("own_log")
SECRET = "correct horse battery staple"


def log() -> list[dict[str, Any]]:
    """The lines of the audit log, all of them whole."""
    audit.carry()
    assert audit.verify() == []
    return [orjson.loads(one.entry) for one in Entry.objects.exclude(act="released").order_by("number")]


def told(*acts: str) -> list[tuple[str, str, str]]:
    return [(one["act"], one["account"], one["about"]) for one in log() if not acts or one["act"] in acts]


def test_signing_in_and_failing_to(operator: Account, stranger: Client) -> None:
    operator.set_password(SECRET)
    operator.save()
    for name, password in (("operator", "wrong " + SECRET), (SECRET, SECRET), ("operator", SECRET)):
        stranger.post("/account/login/", {"login": name, "password": password})
    stranger.post("/account/logout/")
    assert told() == [
        ("sign-in-failed", "operator", ""),
        ("sign-in-failed", "unknown", ""),  # somebody typed a password where the name goes
        ("signed-in", "operator", "operator"),
        ("signed-out", "operator", "operator"),
    ]
    lines = log()
    assert {one["details"]["address"] for one in lines[:3]} == {"127.0.0.1"}
    assert SECRET not in str(lines)


def test_a_one_time_link(operator: Account, stranger: Client) -> None:
    link = actions.sign_in_link(operator)
    for _ in range(2):
        stranger.post(path_of(link))
    assert told() == [
        ("link-made", "command line", "operator"),
        ("signed-in", "operator", "operator"),
        ("sign-in-failed", "unknown", ""),  # it was used up
    ]
    assert log()[1]["details"]["how"] == "link"
    assert link.rsplit("/", 2)[-2] not in str(log())


def test_an_operator_adds_shuts_and_opens_an_account(operator: Account, stranger: Client) -> None:
    come_in(stranger, operator)
    stranger.post("/account/people/", {"name": "ken", "role": "analyst"})
    ken = Account.objects.get(username="ken")
    for act in ("shut", "open", "forget", "link"):
        stranger.post(f"/account/people/{ken.pk}/{act}/")
    made = [one for one in told() if one[2] == "ken"]
    assert made == [
        ("account-made", "operator", "ken"),
        ("link-made", "operator", "ken"),
        ("account-shut", "operator", "ken"),
        ("account-opened", "operator", "ken"),
        ("second-factors-forgotten", "operator", "ken"),
        ("link-made", "operator", "ken"),
    ]


def test_a_token_made_and_revoked(operator: Account) -> None:
    token, secret = actions.issue_token("probe", account=operator, role=Role.OPERATOR, organisation=None)
    for _ in range(2):
        actions.revoke_token(token, actor="operator")
    assert told() == [
        ("token-made", "operator", f"token {token.pk}"),
        ("token-revoked", "operator", f"token {token.pk}"),
    ]
    assert secret[4:12] not in str(log())


def test_a_second_factor_comes_and_goes(operator: Account, stranger: Client, django_capture_on_commit_callbacks: Any) -> None:
    come_in(stranger, operator)
    secret = stranger.get("/account/2fa/totp/activate/").context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        stranger.post("/account/2fa/totp/activate/", {"code": digits_now(secret)})
        stranger.post("/account/2fa/totp/deactivate/")
    kinds = [(one["act"], one["details"]["kind"]) for one in log() if one["act"].startswith("second-factor")]
    assert ("second-factor-added", "totp") in kinds
    assert ("second-factor-removed", "totp") in kinds
    assert secret not in str(log())


def test_a_register_that_was_taken_in(db: None, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text("organisation,sector,country,prefix,dark,valid_from,valid_until\nMinato,port,JP,192.0.2.0/24,,,\n")
    take_in_file(file)
    (line,) = log()
    assert (line["act"], line["about"], line["details"]["networks"]) == ("register-imported", "members.csv", 1)


def test_whom_to_call_and_who_left(browser: SignedIn, operator: Account, analyst: Account, power: Organisation) -> None:
    page, hub = f"/members/{power.pk}/", browser(operator)
    typed = {"kind": "abuse", "name": "当直", "email": "soc@power.example", "phone": "", "language": "ja"}
    assert browser(analyst).post(page + "contacts/", typed).status_code == 403
    hub.post(page + "contacts/", typed | {"email": "nowhere"})
    assert not power.contacts.exists()
    hub.post(page + "contacts/", typed)
    contact = power.contacts.get()
    assert "soc@power.example" in hub.get(page).content.decode()
    assert "contacts/" not in browser(analyst).get(page).content.decode()
    hub.post(f"{page}contacts/{contact.pk}/drop/")
    hub.post(page + "leave/")
    power.refresh_from_db()
    assert power.left is not None
    assert not power.contacts.exists()
    assert told("contact-added", "contact-dropped", "member-left") == [
        ("contact-added", "operator", power.pk),
        ("contact-dropped", "operator", power.pk),
        ("member-left", "operator", power.pk),
    ]


def come_in(client: Client, account: Account) -> None:
    """Sign in by a link: the person has then just shown who it is."""
    client.post(path_of(actions.sign_in_link(account)))
