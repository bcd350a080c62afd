"""Is it me? Blocks are looked up as beginnings of text, exactly as far as the block reaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from django.test import Client
from django.utils.translation import override

from hinomi.casebook import actions, queries
from hinomi.casebook.audience import HUB
from hinomi.casebook.queries import FindingLine
from hinomi.casebook.queries.blocks import beginnings
from hinomi.hub.accounts.models import Account
from hinomi.hub.pages.mine import _piece, advice
from hinomi.members.models import Network
from hinomi.schema.address import pack
from hinomi.schema.words import Severity, Text
from tests.casebook.stories import finding, look
from tests.hub.conftest import SignedIn


@pytest.mark.parametrize(
    "block", ["198.51.100.7/32", "198.51.100.0/26", "198.51.100.0/24", "198.51.96.0/20", "198.48.0.0/12", "10.0.0.0/8"]
)
def test_every_address_of_a_block_begins_as_said(block: str) -> None:
    network = ip_network(block)
    starts = list(beginnings(network))
    assert len(starts) <= 128
    for address in (network[0], network[-1], network[network.num_addresses // 2]):
        assert any(str(address) == start if whole else str(address).startswith(start) for start, whole in starts)
    outside = ip_address(int(network[-1]) + 1)
    if network.prefixlen in (8, 24, 32):
        assert not any(str(outside) == start if whole else str(outside).startswith(start) for start, whole in starts)


@pytest.mark.parametrize("block", ["2001:db8::/32", "2001:db8:0:7::/64", "2001:db8::1/128", "2400::/16"])
def test_ipv6_blocks_begin_as_rfc_5952_writes_them(block: str) -> None:
    network = ip_network(block, strict=False)
    (start, whole), *more = beginnings(network)
    assert not more
    assert str(network[0]) == start if whole else str(network[5 % network.num_addresses]).startswith(start)


def test_an_operator_asks_about_a_network_and_is_told_what_to_do(looked: None, operator: Account, browser: SignedIn) -> None:
    hub: Client = browser(operator)
    page = hub.get("/mine/?q=198.51.100.0/24").content.decode()
    assert "Yes: 198.51.100.0/24 was seen" in page
    assert "What to do first" in page
    assert hub.get("/mine/?q=192.0.2.250&format=json").json()["verdict"] == "clean"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("relation", "device", "provider"), [("external", True, False), ("victim", False, True), ("spoofed", False, False)]
)
def test_only_who_does_it_is_told_to_look_for_a_device(relation: str, device: bool, provider: bool) -> None:
    told = finding(detector="member-in-darknet", measures={"relation": relation})
    actions.record([replace(look(told, detector="member-in-darknet"), window=told.window)])
    with override("en"):
        said = " ".join(advice(queries.about(*told.subject, HUB)))
    assert ("Find the device" in said) is device
    assert ("call your provider" in said) is provider


def test_nonsense_is_answered_with_an_example(operator: Account, browser: SignedIn) -> None:
    hub = browser(operator)
    assert "Write 203.0.113.5" in hub.get("/mine/?q=<b>nonsense").content.decode()
    assert "too wide" in hub.get("/mine/?q=0.0.0.0/0").content.decode()


def test_who_held_the_network_before_is_not_the_one_that_was_seen() -> None:
    moved = datetime(2026, 6, 1, tzinfo=UTC)
    first, last = pack("198.51.100.0"), pack("198.51.100.255")
    before = Network(cidr="198.51.100.0/24", first=first, last=last, valid_from=moved - timedelta(days=30), valid_until=moved)
    since = Network(cidr="198.51.100.0/24", first=first, last=last, valid_from=moved)
    seen = FindingLine(
        *("finding--1", "member-in-darknet", "address", "198.51.100.7"),
        *(moved, moved + timedelta(days=1), moved + timedelta(hours=2), moved + timedelta(hours=3)),
        *(Severity.HIGH, 90, Text("seen", "観測"), False),
    )
    assert [_piece(one, [seen]).heat for one in (before, since)] == [0, 1 + Severity.HIGH]
