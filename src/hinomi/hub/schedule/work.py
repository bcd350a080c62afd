"""`Work`: what a kind of job is, and `Task`, one job as its work sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hinomi.schema.words import Text

Result = Mapping[str, Any]
Say = Callable[[Mapping[str, Any]], None]
BETWEEN = 0.4  # seconds between two notes of progress: what an eye can follow, and no more writes than that


def written(moment: datetime | None) -> str | None:
    """A moment as JSON has it everywhere in Hinomi: RFC 3339, UTC, with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


@dataclass
class Task:
    """One job under way: its arguments, and how it tells how far it is."""

    arguments: Mapping[str, Any]
    say: Say
    step: int = 1
    steps: int = 1
    _said: float = field(default=0.0, repr=False)

    def enter(self, step: int, steps: int, what: Text) -> None:
        """Begin a step of so many; told at once."""
        self.step, self.steps, self._said = step, steps, 0.0
        self.report(what, None)

    def report(self, what: Text, share: float | None) -> None:
        """Tell what is being done and which share of the step is done; the signature of `pipeline.Report`."""
        now = time.monotonic()
        if now - self._said >= BETWEEN:
            self._said = now
            self.say({"what": what._asdict(), "share": share, "step": self.step, "steps": self.steps})


@dataclass(frozen=True)
class Work:
    """One kind of job: `run` must be safe to run again from the start, because a killed worker leaves it half-done."""

    title: Text
    run: Callable[[Task], Result]
    every: timedelta | None = None
    attempts: int = 5
