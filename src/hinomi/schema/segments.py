"""What crosses from observe to the lake: a `Segment` of input, and the lake's `Receipt` for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyarrow as pa

SIZE: Final = 8  # hex digits of a size in an id


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
    growth: Growth | None = None


@dataclass(frozen=True)
class Growth:
    """How a piece tells that it is an older, shorter one that has grown, as the last piece of a growing file does.

    Ids of pieces that can grow begin with `mark`, which is made of their first bytes, and their size.
    """

    mark: str
    size: int
    until: Callable[[int], str]  # the id that the first so many bytes would have as a piece of their own
    after: Callable[[int], Segment]  # what follows them, as a segment of its own

    def sized(self, identity: str) -> int:
        """The size of a piece with the same mark, by its id."""
        return int(identity[len(self.mark) :][:SIZE], 16)


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
