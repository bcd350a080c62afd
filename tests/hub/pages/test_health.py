"""“Is everything looking?”: no, in part, or yes, whichever is true, and the first reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from hinomi.hub.check import Check, State
from hinomi.hub.pages.health import Eye, _answer
from hinomi.schema.words import Text

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def check(state: State) -> Check:
    return Check("disk", state, Text(f"the disk is {state}", "ディスク"))


def eye(verdict: str) -> Eye:
    return Eye("scan", Text("Scans", "スキャン"), verdict, Text("", ""), None, None, 0, 0.0, 0)


@pytest.mark.parametrize(
    ("checks", "eyes", "age", "begins"),
    [
        (["good", "bad"], ["failed"], 0.1, "No: 1 check is bad. the disk is bad"),
        (["good"], ["clean", "failed"], 0.1, "No: 1 detector could not look (Scans)"),
        (["good"], ["found"], None, "The installation is well, but nothing"),
        (["good"], ["found"], 90, "No: nothing has come in for"),
        (["good"], ["found", "not-applicable", "never"], 0.1, "In part: 2 detectors have nothing to look at"),
        (["good", "warning"], ["found"], 0.1, "Yes, but see to this: the disk is warning"),
        (["good"], ["found", "clean"], 0.1, "Yes. The newest look ends"),
    ],
)
def test_the_answer_is_the_worst_that_is_true(checks: list[State], eyes: list[str], age: float | None, begins: str) -> None:
    newest = None if age is None else NOW - timedelta(days=age)
    with override("en"):
        assert _answer([*map(check, checks)], [*map(eye, eyes)], newest, NOW).startswith(begins)


def test_an_exercise_may_have_its_day_long_ago() -> None:
    with override("en"):
        told = _answer([check("good")], [eye("found")], NOW - timedelta(days=90), NOW, played=True)
    assert told == "Yes. The newest look ends 90 days ago."
