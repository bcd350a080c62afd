"""Coming in: one-time links, passwords with a limit, a second step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client
from django.utils import timezone

from hinomi.hub.accounts import actions
from hinomi.hub.accounts.models import Account, SignInLink
from hinomi.schema.problems import Problem, WrongUse
from hinomi.schema.words import Role


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def digits_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_there_is_an_operator_from_the_start_and_it_has_no_password(db: None) -> None:
    operator = actions.first_operator()
    assert operator.role == Role.OPERATOR
    assert not operator.has_usable_password()
    assert actions.first_operator() == operator


def test_a_link_signs_in_once(stranger: Client, operator: Account) -> None:
    path = path_of(actions.sign_in_link(operator))
    assert stranger.post(path).status_code == 302
    assert signed_in(stranger)
    second = Client(headers={"host": "127.0.0.1"})
    assert second.post(path).status_code == 410
    assert not signed_in(second)


def test_a_mail_scanner_that_opens_the_link_does_not_use_it_up(stranger: Client, operator: Account) -> None:
    path = path_of(actions.sign_in_link(operator))
    for _ in range(3):
        opened = stranger.get(path)
        assert opened.status_code == 200
        assert not signed_in(stranger)
    assert stranger.post(path).status_code == 302
    assert signed_in(stranger)


def test_the_first_sign_in_leads_to_account_security(stranger: Client, operator: Account) -> None:
    answer = stranger.post(path_of(actions.sign_in_link(operator)))
    assert answer.headers["Location"] == "/account/security/"


def test_the_secret_of_a_link_is_not_kept(operator: Account) -> None:
    link = actions.sign_in_link(operator)
    kept = SignInLink.objects.get()
    assert len(kept.digest) == 64
    assert kept.digest not in link


def test_a_newer_link_kills_the_older(stranger: Client, operator: Account) -> None:
    older = path_of(actions.sign_in_link(operator))
    actions.sign_in_link(operator)
    assert stranger.get(older).status_code == 410


def test_an_expired_link_is_dead(stranger: Client, operator: Account) -> None:
    path = path_of(actions.sign_in_link(operator))
    SignInLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert stranger.post(path).status_code == 410
    assert not signed_in(stranger)


@pytest.mark.parametrize(
    "change", [lambda path: path[:-2] + "x/", lambda path: path.replace(":", ";"), lambda _: "/account/link/a/"]
)
def test_a_link_that_was_touched_is_dead(stranger: Client, operator: Account, change: object) -> None:
    path = path_of(actions.sign_in_link(operator))
    assert callable(change)
    assert stranger.post(change(path)).status_code == 410


def test_of_two_who_press_at_once_one_comes_in(operator: Account) -> None:
    actions.sign_in_link(operator)
    link = SignInLink.objects.get()
    assert [actions.use_link(link), actions.use_link(link)] == [True, False]


def test_a_link_for_somebody_shut_out_is_dead(stranger: Client, member: Account) -> None:
    path = path_of(actions.sign_in_link(member))
    Account.objects.filter(pk=member.pk).update(is_active=False)
    assert stranger.post(path).status_code == 410
    with pytest.raises(Problem, match="no active account"):
        actions.sign_in_link("member")


def test_a_link_does_not_go_round_the_second_step(stranger: Client, operator: Account) -> None:
    secret = generate_totp_secret()
    TOTP.activate(operator, secret)
    answer = stranger.post(path_of(actions.sign_in_link(operator)))
    assert answer.headers["Location"].startswith("/account/2fa/authenticate/")
    assert not signed_in(stranger)
    stranger.post("/account/2fa/authenticate/", {"code": digits_now(secret)})
    assert signed_in(stranger)


def test_whoever_lost_the_second_step_is_helped_by_an_operator(stranger: Client, operator: Account) -> None:
    TOTP.activate(operator, generate_totp_secret())
    actions.forget_second_factor(operator)
    stranger.post(path_of(actions.sign_in_link(operator)))
    assert signed_in(stranger)


def test_a_password_works_where_one_was_set_and_is_kept_as_argon2(stranger: Client, member: Account) -> None:
    member.set_password("a long and winding road")
    member.save()
    assert member.password.startswith("argon2")
    stranger.post("/account/login/", {"login": "member", "password": "a long and winding road"})
    assert signed_in(stranger)


def test_guessing_passwords_is_slowed_down(stranger: Client, member: Account) -> None:
    member.set_password("a long and winding road")
    member.save()
    for _ in range(6):
        stranger.post("/account/login/", {"login": "member", "password": "guess"})
    answer = stranger.post("/account/login/", {"login": "member", "password": "a long and winding road"})
    assert not signed_in(stranger)
    assert answer.status_code in (200, 429)


def test_a_name_that_nobody_has_and_a_wrong_password_answer_alike(stranger: Client, member: Account) -> None:
    wrong = stranger.post("/account/login/", {"login": "member", "password": "guess"})
    nobody = stranger.post("/account/login/", {"login": "nobody", "password": "guess"})
    assert wrong.status_code == nobody.status_code == 200
    assert wrong.context["form"].errors == nobody.context["form"].errors


@pytest.mark.parametrize("path", ["/account/signup/", "/account/password/reset/", "/account/email/"])
def test_nobody_registers_and_no_mail_resets_anything(stranger: Client, path: str) -> None:
    assert stranger.get(path).status_code == 403


def test_a_member_without_an_organisation_is_not_made(db: None) -> None:
    with pytest.raises(WrongUse, match="needs an organisation"):
        actions.add_account("somebody", Role.MEMBER)
