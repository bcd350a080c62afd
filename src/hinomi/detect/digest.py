"""What a digest is: the events of one kind counted once, for every detector that would count them alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis.expr.types as ir

from hinomi.detect.detector import Look
from hinomi.schema.words import Text


@dataclass(frozen=True)
class Digest:
    """A digest: which kind of event it counts, and how.

    `query(events, look)` builds one Ibis expression over all events of the window and of the longest history among the
    detectors of the run. It is pure, knows no parameters of detectors, and loses nothing that a detector compares exactly.
    """

    about: Text
    kind: str
    query: Callable[[ir.Table, Look], ir.Table]
