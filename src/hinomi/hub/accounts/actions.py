"""Every change to who may come in: people, one-time links, tokens. Pages, API and command line call these."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from hinomi.hub.accounts.models import Account, SignInLink, Token
from hinomi.hub.accounts.scopes import PASSED_ON, Scope
from hinomi.members.models import Organisation
from hinomi.schema.problems import Problem, WrongUse
from hinomi.schema.words import CONSOLE, Role, Text
from hinomi.share.acts import Act, note

PREFIX = "hin_"  # so that secret scanners recognise a leaked one
_signer = TimestampSigner(salt="hinomi.sign-in")


def digest(secret: str) -> str:
    """What is kept of a secret. It is 256 random bits, so a plain SHA-256 cannot be searched for."""
    return sha256(secret.encode()).hexdigest()


def add_account(name: str, role: Role, organisation: str | None = None, *, actor: str = CONSOLE) -> Account:
    """A new person, without a password; they come in by a one-time link."""
    if role is Role.MEMBER and organisation is None:
        what = Text("a member needs an organisation.", "会員アカウントには所属組織が必要です。")
        raise WrongUse(
            name, what, Text("Name one that `hinomi members list` shows.", "hinomi members list に出る組織を指定してください。")
        )
    account = Account(username=name, role=role.value, organisation=_organisation(organisation))
    account.set_unusable_password()
    account.full_clean(exclude=("password",))
    with transaction.atomic():
        account.save()
        note(Act.ACCOUNT_MADE, actor, name, role=role.value, organisation=organisation)
    return account


def first_operator() -> Account:
    """The account that every installation begins with; it has no password, only links and what its owner adds."""
    account, made = Account.objects.get_or_create(username="operator", defaults={"role": Role.OPERATOR.value})
    if made:
        account.set_unusable_password()
        account.save(update_fields=["password"])
        note(Act.ACCOUNT_MADE, CONSOLE, account.username, role=account.role)
    return account


def sign_in_link(account: Account | str, base: str | None = None, *, actor: str = CONSOLE) -> str:
    """A URL that signs this account in once; it dies with use, after `link_minutes`, or when a newer one is made."""
    person = account if isinstance(account, Account) else _account(account)
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    with transaction.atomic():
        person.links.filter(used=None).delete()
        person.links.create(digest=digest(secret), expires=now + timedelta(minutes=int(settings.HINOMI["link_minutes"])))
        note(Act.LINK_MADE, actor, person.username)
    return (base or settings.PUBLIC_URL).rstrip("/") + reverse("sign-in-link", args=[_signer.sign(secret)])


def find_link(signed: str) -> SignInLink | None:
    """The living link behind a URL, unused; looking at it does not use it up (mail scanners look)."""
    try:
        secret = _signer.unsign(signed, max_age=timedelta(minutes=int(settings.HINOMI["link_minutes"])))
    except BadSignature:
        return None
    living = SignInLink.objects.select_related("account").filter(used=None, expires__gt=timezone.now())
    return living.filter(digest=digest(secret), account__is_active=True).first()


def use_link(link: SignInLink) -> bool:
    """Use it up; of two who try at once, one hears True."""
    return SignInLink.objects.filter(pk=link.pk, used=None).update(used=timezone.now()) == 1


def forget_second_factor(account: Account | str, *, actor: str = CONSOLE) -> None:
    """For somebody who lost telephone and keys: take the second step away and end what is signed in."""
    person = account if isinstance(account, Account) else _account(account)
    with transaction.atomic():
        Authenticator.objects.filter(user=person).delete()
        _sign_out(person)
        note(Act.FACTORS_FORGOTTEN, actor, person.username)


def let_in(account: Account, active: bool, *, actor: str = CONSOLE) -> None:
    """Shut somebody out at once, sessions and tokens included, or let them in again."""
    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(is_active=active)
        if not active:
            account.links.all().delete()
            _sign_out(account)
        note(Act.ACCOUNT_OPENED if active else Act.ACCOUNT_SHUT, actor, account.username)


def issue_token(
    name: str,
    *,
    account: Account | None,
    role: Role,
    organisation: str | None,
    scopes: Iterable[Scope] = (Scope.READ,),
    days: int | None = 365,
) -> tuple[Token, str]:
    """A new token and its secret, which is not kept; WrongUse for more than its maker may do."""
    if role is Role.MEMBER and organisation is None:
        what = Text("a member's token needs an organisation.", "会員用のトークンには組織が必要です。")
        raise WrongUse(name, what, Text("Name the organisation.", "組織を指定してください。"))
    scopes = list(scopes)
    beyond = [scope for scope in scopes if account is not None and scope not in PASSED_ON[Role(account.role)]]
    if beyond:
        what = Text("this is not yours to pass on to a program.", "これをプログラムに許可する権限がありません。")
        raise WrongUse(beyond[0], what, Text("Ask an operator for such a token.", "運用者にトークンの発行を依頼してください。"))
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = Token.objects.create(
            digest=digest(secret),
            hint=secret[:8],
            name=name,
            role=role.value,
            account=account,
            organisation=_organisation(organisation),
            scopes=[scope.value for scope in scopes],
            expires=None if days is None else timezone.now() + timedelta(days=days),
        )
        said = {"name": name, "role": role.value, "organisation": organisation, "scopes": " ".join(token.scopes), "days": days}
        note(Act.TOKEN_MADE, account.username if account else CONSOLE, f"token {token.pk}", **said)
    return token, secret


def make_token(name: str, *, organisation: str | None, scopes: Iterable[Scope] = (Scope.READ,), days: int = 365) -> str:
    """The secret of a new token for an organisation, or, where it is said to be None, for the hub's own people."""
    role = Role.OPERATOR if organisation is None else Role.MEMBER
    return issue_token(name, account=None, role=role, organisation=organisation, scopes=scopes, days=days)[1]


def revoke_token(token: Token | int, *, actor: str = CONSOLE) -> None:
    """End a token; within two seconds no process honours it any more."""
    pk = token if isinstance(token, int) else token.pk
    if not Token.objects.filter(pk=pk).exists():
        what = Text("there is no such token.", "そのようなトークンはありません。")
        raise WrongUse(f"token {pk}", what, Text("`hinomi token list` shows them.", "hinomi token list で確認できます。"))
    with transaction.atomic():
        if Token.objects.filter(pk=pk, revoked=None).update(revoked=timezone.now()):
            note(Act.TOKEN_REVOKED, actor, f"token {pk}")


def forget_expired() -> int:
    """Drop dead links; tokens stay, as a record of what was given out."""
    return SignInLink.objects.filter(expires__lt=timezone.now() - timedelta(days=1)).delete()[0]


def _sign_out(account: Account) -> None:
    for session in UserSession.objects.filter(user=account):
        session.end()


def _account(name: str) -> Account:
    try:
        return Account.objects.get(username=name, is_active=True)
    except Account.DoesNotExist:
        what = Text("there is no active account of this name.", "この名前の有効なアカウントはありません。")
        raise Problem(name, what, Text("`operator` always exists.", "operator は常にあります。")) from None


def _organisation(organisation: str | None) -> Organisation | None:
    if organisation is None:
        return None
    try:
        return Organisation.objects.get(pk=organisation)
    except Organisation.DoesNotExist:
        what = Text("no organisation has this id.", "このIDの組織はありません。")
        raise WrongUse(
            organisation, what, Text("`hinomi members list` shows them.", "hinomi members list で確認できます。")
        ) from None
