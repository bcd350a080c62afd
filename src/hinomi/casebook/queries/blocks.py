"""Which findings have a subject inside a block of addresses.

Subjects are text, so a block is looked up as the ranges of text that its addresses begin with, each a step in the index,
and what came too much is left out afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from ipaddress import IPv6Network, ip_address
from operator import or_

from django.db.models import Q

from hinomi.casebook.audience import concerning
from hinomi.casebook.models import Finding
from hinomi.casebook.queries.findings import FindingLine, lines
from hinomi.members.queries import Block
from hinomi.schema.release import Reader
from hinomi.schema.words import SubjectKind

MOST = 200


def inside(
    block: Block, reader: Reader, *, exercise: bool = False, since: datetime | None = None, limit: int = MOST
) -> list[FindingLine]:
    """The newest findings about addresses of a block."""
    begun = reduce(or_, (_range(start, whole) for start, whole in beginnings(block)))
    found = Finding.objects.filter(concerning(reader), begun, exercise=exercise, subject_kind=SubjectKind.ADDRESS)
    if since is not None:
        found = found.filter(window_end__gt=since)
    newest = lines(found.order_by("-window_start", "-id")[:limit])
    return [one for one in newest if ip_address(one.subject) in block]


def _range(start: str, whole: bool) -> Q:
    if whole:
        return Q(subject_value=start)
    return Q(subject_value__gte=start, subject_value__lt=start[:-1] + chr(ord(start[-1]) + 1))


def beginnings(block: Block) -> Iterator[tuple[str, bool]]:
    """What the text of the addresses in a block begins with; True when it is the whole address."""
    if isinstance(block, IPv6Network):
        # RFC 5952 shortens runs of zeros, so only the groups before the first zero are sure to be written.
        groups = [f"{int(group, 16):x}" for group in block.network_address.exploded.split(":")][: block.prefixlen // 16]
        sure = groups[: groups.index("0")] if "0" in groups else groups
        if block.prefixlen == 128:
            yield str(block.network_address), True
        else:
            yield "".join(f"{group}:" for group in sure) or "2", False
        return
    octets = max(1, -(-block.prefixlen // 8))
    for part in block.subnets(new_prefix=octets * 8):
        text = ".".join(str(part.network_address).split(".")[:octets])
        yield (text, True) if octets == 4 else (f"{text}.", False)
