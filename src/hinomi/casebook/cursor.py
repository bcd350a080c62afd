"""The cursor of keyset paging: where the last page ended, as opaque text."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text

Place = tuple[datetime, str]


def write(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place[0].isoformat()}|{place[1]}".encode()).decode().rstrip("=")


def read(after: str) -> Place | None:
    """The place that a cursor names; None for "", the beginning. A cursor that is not one of ours is a `WrongUse`."""
    if not after:
        return None
    try:
        moment, _, id_ = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode().partition("|")
        return datetime.fromisoformat(moment).astimezone(UTC), id_
    except ValueError:
        what = Text("this is not a cursor of ours.", "このカーソルは使えません。")
        remedy = Text("Take the one that came with the last page.", "前のページに付いていた値を使ってください。")
        raise WrongUse("after", what, remedy) from None
