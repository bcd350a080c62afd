"""The small vocabulary of the hub's stories: an organisation, people in their roles, a browser that is signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from django.test import Client

from hinomi.home import Home, home
from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.tokens import memory
from hinomi.members.models import Organisation
from hinomi.schema.words import Role
from hinomi.share import acts, gate
from hinomi.share.ledger import Ledger

HOST = {"host": "127.0.0.1"}
SignedIn = Callable[[Account], Client]


def told(answer: Any) -> Any:
    """What a page says to programs, whether it is sent at once or in pieces."""
    return orjson.loads(answer.getvalue())


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Limits and token answers of one story do not reach into the next."""
    memory.clear()
    yield
    memory.clear()


@pytest.fixture
def own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit log of this story alone."""
    log = Ledger(tmp_path)
    monkeypatch.setattr(Home, "audit", property(lambda _home: tmp_path))
    for door in (acts, gate):
        monkeypatch.setattr(door, "ledger", lambda: log)


@pytest.fixture
def power(db: None) -> Organisation:
    """A member of the hub."""
    joined = datetime(2026, 1, 1, tzinfo=UTC)
    return Organisation.objects.create(id="power", name="Power", sector="electricity", country="JP", joined=joined)


@pytest.fixture
def water(db: None) -> Organisation:
    """Another member, whose affairs are none of the first one's."""
    joined = datetime(2026, 1, 1, tzinfo=UTC)
    return Organisation.objects.create(id="water", name="Water", sector="water", country="JP", joined=joined)


def _account(name: str, role: Role, organisation: Organisation | None = None) -> Account:
    account = Account(username=name, role=role.value, organisation=organisation)
    account.set_unusable_password()
    account.save()
    return account


@pytest.fixture
def operator(db: None) -> Account:
    return _account("operator", Role.OPERATOR)


@pytest.fixture
def analyst(db: None) -> Account:
    return _account("analyst", Role.ANALYST)


@pytest.fixture
def member(power: Organisation) -> Account:
    return _account("member", Role.MEMBER, power)


@pytest.fixture
def stranger(db: None) -> Client:
    """A browser that nobody has signed in with."""
    cache.clear()
    return Client(headers=HOST)


@pytest.fixture
def browser(db: None) -> SignedIn:
    """A browser in which this account is signed in."""

    def signed_in(account: Account) -> Client:
        client = Client(headers=HOST)
        client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


@pytest.fixture
def inbox() -> Iterator[Path]:
    """The folder that uploads come to, empty afterwards."""
    folder = home().inbox
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    for file in folder.iterdir():
        file.unlink()
