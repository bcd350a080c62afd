"""Is everything looking?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hinomi.casebook import queries
from hinomi.hub.check import Check
from hinomi.hub.health import examine
from hinomi.hub.pages.catalogue import detectors
from hinomi.hub.pages.page import Page, shown
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.words import counted, lasting, say
from hinomi.schema.words import Text

LATE = timedelta(days=2)  # a telescope is never silent for so long


@dataclass(frozen=True)
class Eye:
    """The last look of one detector."""

    name: str
    title: Text
    verdict: str
    reason: Text
    start: datetime | None
    end: datetime | None
    rows: int
    seconds: float
    failed: int


@shown
def health(request: HttpRequest) -> Page:
    """Every check of the installation, and the last look of every detector."""
    scope = scope_of(request)
    checks = list(examine())
    eyes = [_eye(name, scope.marked) for name in detectors()]
    return Page(
        template="pages/health.html",
        question=_("Is everything looking?"),
        answer=_answer(checks, eyes, scope.newest, datetime.now(UTC), played=scope.marked),
        data={"checks": checks, "detectors": eyes, "newest": scope.newest},
        rows=[
            {
                "detector": eye.name,
                "verdict": eye.verdict,
                "window_start": eye.start,
                "window_end": eye.end,
                "reason": eye.reason,
            }
            for eye in eyes
        ],
        context={"scope": scope, "checks": checks, "eyes": eyes},
    )


def _eye(name: str, exercise: bool) -> Eye:
    last, failed = queries.last_look(name, exercise=exercise)
    title = detectors()[name].title
    if last is None:
        return Eye(name, title, "never", Text("", ""), None, None, 0, 0.0, failed)
    return Eye(name, title, last.verdict, last.reason, last.window.start, last.window.end, last.rows, last.seconds, failed)


def _answer(
    checks: Sequence[Check], eyes: Sequence[Eye], newest: datetime | None, now: datetime, *, played: bool = False
) -> str:
    """No, in part, or yes, and the first reason: what is worst is said first. What is played may have its day long ago."""
    told = {state: [check for check in checks if check.state == state] for state in ("bad", "warning")}
    blind = [eye for eye in eyes if eye.verdict == "failed"]
    deaf = [eye for eye in eyes if eye.verdict in ("never", "not-applicable")]
    if bad := told["bad"]:
        first = say(bad[0].message)
        return counted(
            "No: %(count)s check is bad. %(first)s", "No: %(count)s checks are bad. %(first)s", len(bad), first=first
        )
    if blind:
        return counted(
            "No: %(count)s detector could not look (%(first)s).",
            "No: %(count)s detectors could not look (%(first)s among them).",
            len(blind),
            first=say(blind[0].title),
        )
    if newest is None:
        return _("The installation is well, but nothing has been observed yet.")
    ago = lasting(max(now - newest, datetime.resolution))
    if now - newest > LATE and not played:
        return _("No: nothing has come in for %(ago)s. Are the sensors running?") % {"ago": ago}
    if deaf:
        return counted(
            "In part: %(count)s detector has nothing to look at (%(first)s).",
            "In part: %(count)s detectors have nothing to look at (%(first)s among them).",
            len(deaf),
            first=say(deaf[0].title),
        )
    if warned := told["warning"]:
        return _("Yes, but see to this: %(first)s") % {"first": say(warned[0].message)}
    return _("Yes. The newest look ends %(ago)s ago.") % {"ago": ago}
