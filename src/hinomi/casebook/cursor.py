"""The cursor of keyset paging: where the last page ended, as opaque text."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import NamedTuple

from hinomi.schema.problems import WrongUse
from hinomi.schema.prose import line
from hinomi.schema.words import Text


class Place(NamedTuple):
    """The last row of a page: its time and id, and its severity where a list is ordered by that first."""

    at: datetime
    id: str
    severity: int = 0


def write(place: Place) -> str:
    """A place as text that nobody needs to understand."""
    told = f"{place.severity}|{place.at.isoformat()}|{place.id}"
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read(after: str) -> Place | None:
    """The place that a cursor names; None for "", the beginning. A cursor that is not one of ours is a `WrongUse`."""
    if not after:
        return None
    try:
        severity, at, id_ = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode().split("|", 2)
        return Place(datetime.fromisoformat(at).astimezone(UTC), line(id_, "after"), int(severity))
    except (ValueError, OverflowError, WrongUse):
        what = Text("this is not a cursor of ours.", "このカーソルは使えません。")
        remedy = Text("Take the one that came with the last page.", "前のページに付いていた値を使ってください。")
        raise WrongUse("after", what, remedy) from None
