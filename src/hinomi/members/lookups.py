"""Whose address is it, and when: the register as detectors and pages read it."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from hinomi.members.models import Network
from hinomi.schema import address as addresses
from hinomi.schema.findings import Window

if TYPE_CHECKING:  # Arrow is heavy, and pages that ask for one owner do not need it
    import pyarrow as pa


def networks(window: Window | None = None, *, exercise: bool = False) -> pa.Table:
    """The networks valid at some time in the window (None: ever), as `LOOKUPS["networks"]`, in address order."""
    import pyarrow as pa

    from hinomi.schema.lookups import LOOKUPS

    held = _held(exercise)
    if window is not None:
        held = held.filter(valid_from__lt=window.end).filter(Q(valid_until=None) | Q(valid_until__gt=window.start))
    rows = held.order_by("first", "last", "valid_from").values_list(
        *("first", "last", "organisation_id", "organisation__sector", "organisation__country", "dark"),
        *("valid_from", "valid_until", "organisation__name", "organisation__name_ja"),
    )
    schema = LOOKUPS["networks"]
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def owner(address: str, at: datetime, *, exercise: bool = False) -> Network | None:
    """The network that an address belonged to at a time: of all that hold it, the most specific one."""
    held = _held(exercise).filter(valid_from__lte=at).filter(Q(valid_until=None) | Q(valid_until__gt=at))
    packed = addresses.pack(address)
    around = held.filter(first__in=_firsts(address), first__lte=packed, last__gte=packed)
    return around.select_related("organisation").order_by("-first", "last").first()


def _held(exercise: bool) -> QuerySet[Network]:
    return Network.objects.filter(organisation__exercise=exercise)


def _firsts(address: str) -> list[bytes]:
    """The first address of every prefix around an address: so the look-up is 33 (or 129) exact steps in the index."""
    one = ip_address(address)
    return sorted(
        {addresses.packed(ip_network((one, bits), strict=False).network_address) for bits in range(one.max_prefixlen + 1)}
    )
