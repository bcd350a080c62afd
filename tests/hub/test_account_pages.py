"""The pages about one's own account and about the people of the hub."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils.translation import override

from hinomi.hub.accounts import actions
from hinomi.hub.accounts.browsers import browser as browser_of
from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.passkeys import RenameForm
from hinomi.hub.accounts.scopes import Scope
from hinomi.members.models import Organisation
from hinomi.schema.words import Role
from tests.hub.conftest import SignedIn
from tests.hub.test_sign_in import digits_now, path_of, signed_in


def test_a_fresh_account_is_told_that_it_is_not_safe_yet(browser: SignedIn, operator: Account) -> None:
    page = browser(operator).get("/account/security/").content.decode()
    assert "Not yet." in page
    assert "Add a passkey" in page


def test_the_same_page_in_japanese(browser: SignedIn, operator: Account) -> None:
    page = browser(operator).get("/account/security/", headers={"accept-language": "ja"}).content.decode()
    assert 'lang="ja"' in page
    assert "このアカウントは安全ですか？" in page
    assert "パスキーを追加" in page


@pytest.mark.parametrize(
    ("agent", "name"),
    [("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0", "Firefox · Windows"), ("", "パスキー")],
)
def test_a_new_passkey_is_named_after_its_browser(browser: SignedIn, operator: Account, agent: str, name: str) -> None:
    page = browser(operator).get("/account/2fa/webauthn/add/", headers={"user-agent": agent, "accept-language": "ja"})
    assert page.context["form"]["name"].value() == name


def test_setting_up_an_app_asks_for_a_right_code(browser: SignedIn, operator: Account) -> None:
    client = browser(operator)
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    assert client.post("/account/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()
    assert client.post("/account/2fa/totp/activate/", {"code": digits_now(secret)}).status_code == 302
    assert Authenticator.objects.filter(user=operator, type="totp").exists()
    assert "Not yet." not in client.get("/account/security/").content.decode()


def test_making_a_token_asks_again_who_it_is_once_there_is_something_to_ask_with(browser: SignedIn, operator: Account) -> None:
    TOTP.activate(operator, generate_totp_secret())
    answer = browser(operator).post("/account/tokens/", {"name": "x", "scopes": ["read"], "days": "1"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer.headers["Location"]
    assert not operator.tokens.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/account/2fa/totp/activate/",
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
        "/account/password/set/",
        "/account/logout/",
        "/account/tokens/",
        "/account/people/",
        "/upload/",
    ],
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_page_of_the_account_opens_and_has_nothing_inline(
    browser: SignedIn, operator: Account, path: str, language: str
) -> None:
    answer = browser(operator).get(path, headers={"accept-language": language})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'lang="{language}"' in page
    assert " style=" not in page
    assert "onclick=" not in page
    scripts = [part.partition(">")[0] for part in page.split("<script")[1:]]
    assert all(" src=" in script or "application/json" in script for script in scripts), scripts


def test_an_operator_adds_a_person_who_comes_in_by_the_link(
    browser: SignedIn, operator: Account, stranger: Client, power: Organisation
) -> None:
    form = {"name": "hanako", "role": "member", "organisation": "power"}
    link = browser(operator).post("/account/people/", form).context["link"]
    stranger.post(path_of(link))
    assert signed_in(stranger)
    hanako = Account.objects.get(username="hanako")
    assert (hanako.role, hanako.organisation_id, hanako.has_usable_password()) == (Role.MEMBER, "power", False)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "", "role": "member", "organisation": "power"}, "name"),
        ({"name": "a b", "role": "member", "organisation": "power"}, "name"),
        ({"name": "operator", "role": "operator"}, "name"),
        ({"name": "hanako", "role": "member"}, "organisation"),
        ({"name": "hanako", "role": "king"}, "role"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    browser: SignedIn, operator: Account, power: Organisation, form: dict[str, str], field: str
) -> None:
    answer = browser(operator).post("/account/people/", form)
    assert field in answer.context["form"].errors
    assert Account.objects.count() == 1


def test_whoever_is_shut_out_is_out_at_once(browser: SignedIn, operator: Account, member: Account) -> None:
    theirs, mine = browser(member), browser(operator)
    assert theirs.get("/account/security/").status_code == 200
    mine.post(f"/account/people/{member.pk}/shut/")
    assert theirs.get("/account/security/").status_code == 302
    mine.post(f"/account/people/{member.pk}/open/")
    member.refresh_from_db()
    assert member.is_active


def test_an_act_that_is_not_there_does_nothing_to_anybody(browser: SignedIn, operator: Account, member: Account) -> None:
    assert browser(operator).post(f"/account/people/{member.pk}/bogus/").status_code == 404
    member.refresh_from_db()
    assert member.is_active


def test_after_setting_or_changing_a_password_one_is_back_at_the_security_of_the_account(
    browser: SignedIn, operator: Account
) -> None:
    client, first, second = browser(operator), "correct horse battery", "staple horse battery"
    answer = client.post("/account/password/set/", {"password1": first, "password2": first})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/security/")
    answer = client.post("/account/password/change/", {"oldpassword": first, "password1": second, "password2": second})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/security/")


def test_an_operator_cannot_shut_itself_out(browser: SignedIn, operator: Account) -> None:
    browser(operator).post(f"/account/people/{operator.pk}/shut/")
    operator.refresh_from_db()
    assert operator.is_active


def test_signing_out_everywhere_else_leaves_this_browser_in(operator: Account, stranger: Client) -> None:
    other = Client(headers={"host": "127.0.0.1"})
    for client in (other, stranger):
        client.post(path_of(actions.sign_in_link(operator)))
        client.get("/account/security/")
    assert stranger.post("/account/sessions/").headers["Location"] == "/account/security/"
    assert stranger.get("/account/security/").status_code == 200
    assert other.get("/account/security/").status_code == 302


def test_what_a_token_may_do_is_said_in_words(browser: SignedIn, operator: Account) -> None:
    actions.issue_token("bridge", account=operator, role=Role.OPERATOR, organisation=None, scopes=[Scope.READ, Scope.OBSERVE])
    page = browser(operator).get("/account/tokens/", headers={"accept-language": "ja"}).content.decode()
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "検知と事案の閲覧（REST、TAXII）<br>キャプチャの取り込み（センサ用）" in table


def test_what_is_done_to_a_person_is_said_beforehand(browser: SignedIn, operator: Account) -> None:
    page = browser(operator).get("/account/people/").content.decode()
    assert "signs the person out everywhere" in page
    assert "Ends sessions, links and tokens at once" in page


def test_nobody_signs_in_for_an_organisation_of_an_exercise(browser: SignedIn, operator: Account) -> None:
    bank = {"name": "Wakaba Bank", "sector": "finance", "country": "JP", "joined": datetime(2026, 1, 1, tzinfo=UTC)}
    Organisation.objects.create(id="exercise-bank", exercise=True, **bank)
    assert "Wakaba Bank" not in browser(operator).get("/account/people/").content.decode()


def test_a_key_is_renamed_in_japanese() -> None:
    with override("ja"):
        assert str(RenameForm.base_fields["name"].label) == "名前"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
            "Chrome · Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Mobile/15E148 Safari/604.1", "Safari · iOS"),
        ("curl/8.14.1", "curl/8.14.1"),
    ],
)
def test_a_session_is_named_as_its_owner_would_name_it(sent: str, said: str) -> None:
    assert browser_of(sent) == said
