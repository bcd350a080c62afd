"""What is known of an address or a block: whose it is, and which findings have a subject inside it.

Subjects are text, so a block is looked up as the ranges of text that its addresses begin with, each a step in the index,
and what came too much is left out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from ipaddress import IPv4Network, IPv6Network, ip_address
from operator import or_

from django.db.models import Q

from hinomi.casebook.models import Finding
from hinomi.hub.pages.shelf import Row, rows
from hinomi.members.models import Network
from hinomi.schema.address import packed

Block = IPv4Network | IPv6Network
WIDEST = {4: 8, 6: 16}
MOST = 200


def findings(block: Block, exercise: bool, organisation: str | None) -> list[Row]:
    """The newest findings about addresses of a block, for everybody or for one organisation."""
    inside = reduce(or_, (_range(start, whole) for start, whole in beginnings(block)))
    found = Finding.objects.filter(inside, exercise=exercise, subject_kind="address")
    if organisation is not None:
        found = found.filter(concerned__organisation=organisation)
    newest = rows(found.order_by("-window_start", "-id")[:MOST])
    return [one for one in newest if ip_address(one.subject) in block]


def _range(start: str, whole: bool) -> Q:
    return (
        Q(subject_value=start) if whole else Q(subject_value__gte=start, subject_value__lt=start[:-1] + chr(ord(start[-1]) + 1))
    )


def beginnings(block: Block) -> Iterator[tuple[str, bool]]:
    """What the text of the addresses in a block begins with; True when it is the whole address."""
    if isinstance(block, IPv6Network):
        # RFC 5952 shortens runs of zeros, so only the groups before the first zero are sure to be written.
        groups = [f"{int(group, 16):x}" for group in block.network_address.exploded.split(":")][: block.prefixlen // 16]
        sure = groups[: groups.index("0")] if "0" in groups else groups
        yield (
            (str(block.network_address), True)
            if block.prefixlen == 128
            else ("".join(f"{group}:" for group in sure) or "2", False)
        )
        return
    octets = max(1, -(-block.prefixlen // 8))
    for part in block.subnets(new_prefix=octets * 8):
        text = ".".join(str(part.network_address).split(".")[:octets])
        yield (text, True) if octets == 4 else (f"{text}.", False)


def holders(block: Block, exercise: bool) -> list[Network]:
    """The members' networks that overlap a block."""
    first, last = packed(block.network_address), packed(block.broadcast_address)
    held = Network.objects.filter(first__lte=last, last__gte=first, organisation__exercise=exercise)
    return list(held.select_related("organisation"))


def covers(network: Network, block: Block) -> bool:
    """Whether the whole block is inside the network."""
    return bool(network.first <= packed(block.network_address) and packed(block.broadcast_address) <= network.last)


def networks_of(organisation: str) -> Sequence[Network]:
    """The networks that an organisation holds now."""
    return list(Network.objects.filter(organisation=organisation, valid_until=None).select_related("organisation"))
