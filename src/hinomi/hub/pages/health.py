"""Is everything looking?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hinomi.casebook import queries
from hinomi.hub.check import Check
from hinomi.hub.health import examine
from hinomi.hub.pages.catalogue import detectors
from hinomi.hub.pages.page import Page, shown
from hinomi.hub.pages.scope import scope_of
from hinomi.hub.pages.words import lasting, say
from hinomi.schema.words import Text


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
        answer=_answer(checks, eyes, scope.newest),
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


def _answer(checks: list[Check], eyes: list[Eye], newest: datetime | None) -> str:
    bad = [check for check in checks if check.state == "bad"]
    blind = [eye for eye in eyes if eye.verdict == "failed"]
    if bad:
        return ngettext("No: %(count)d check is bad. %(first)s", "No: %(count)d checks are bad. %(first)s", len(bad)) % {
            "count": len(bad),
            "first": say(bad[0].message),
        }
    if blind:
        words = {"count": len(blind), "first": say(blind[0].title)}
        return (
            ngettext(
                "No: %(count)d detector could not look (%(first)s).",
                "No: %(count)d detectors could not look (%(first)s among them).",
                len(blind),
            )
            % words
        )
    if newest is None:
        return _("The installation is well, but nothing has been observed yet.")
    return _("Yes. The newest look ends %(ago)s ago.") % {"ago": lasting(max(datetime.now(UTC) - newest, datetime.resolution))}
