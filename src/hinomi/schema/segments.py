"""What crosses from observe to the lake: a `Segment` of input, and the lake's `Receipt` for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyarrow as pa


@dataclass(frozen=True)
class Segment:
    """One piece of input, a whole number of records, with an id made of its content.

    The id is known before anything is decoded, so that a piece which the lake already holds costs one hash. `decode`
    yields batches of the kind's full Arrow schema, with `sensor` and `segment` filled in; it may be called once.
    """

    id: str
    kind: str
    sensor: str
    decode: Callable[[], Iterable[pa.RecordBatch]]


PAUSE: Final = Segment("", "", "", tuple)  # in a stream of segments: nothing comes for now, so make durable what did


@dataclass(frozen=True)
class Receipt:
    """The lake's word that a segment is durable; a resent segment is acknowledged as `duplicate` with no rows added."""

    segment: str
    kind: str
    rows: int
    first: datetime | None
    last: datetime | None
    duplicate: bool = False
