"""The small vocabulary of the casebook's tests: findings and looks as one would tell them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hinomi.detect.run import detectors, signed_by
from hinomi.schema.findings import Evidence, Finding, Indicator, Measure, Outcome, Subject, Window
from hinomi.schema.words import IndicatorType, Severity, SubjectKind, Text, Verdict

DAY = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def window(hours: float = 0, *, length: timedelta = HOUR) -> Window:
    start = DAY + hours * HOUR
    return Window(start, start + length)


def finding(
    value: str = "198.51.100.7",
    *,
    kind: SubjectKind = SubjectKind.ADDRESS,
    detector: str = "backscatter",
    at: float = 0,
    severity: Severity = Severity.MEDIUM,
    organisations: tuple[str, ...] = (),
    indicators: tuple[Indicator, ...] | None = None,
    attack: tuple[str, ...] = ("T1498",),
    measures: Mapping[str, Measure] | None = None,
    exercise: bool = False,
    confidence: int = 80,
) -> Finding:
    """One finding, signed as a run would; its indicator is its subject's address unless others are given."""
    if indicators is None:
        indicators = (Indicator(IndicatorType.IPV4, value),) if kind is SubjectKind.ADDRESS else ()
    made = Finding(
        subject=Subject(kind, value),
        window=window(at),
        severity=severity,
        confidence=confidence,
        title=Text(f"{detector} sees {value}", f"{detector} が {value} を検知"),
        measures={"packets": 1200, "threshold_packets": 25} | dict(measures or {}),
        evidence=Evidence("packet", {"src": bytes(10) + b"\xff\xff\xc6\x33\x64\x07"}, ({"dport": 23, "ttl": 64},)),
        indicators=indicators,
        attack=attack,
        organisations=organisations,
        first=window(at).start + timedelta(minutes=3),
        last=window(at).start + timedelta(minutes=50),
        detector=detector,
        exercise=exercise,
    )
    known = detectors().get(detector)
    return signed_by(detector, known, made) if known else made


def worm(at: float = 0, *, exercise: bool = False) -> Finding:
    """A new port that many sources search with one fingerprint."""
    return finding(
        "tcp/5555",
        kind=SubjectKind.PORT,
        detector="new-port",
        at=at,
        severity=Severity.HIGH,
        attack=("T1595", "T1210"),
        indicators=(Indicator(IndicatorType.PORT, "tcp/5555"), Indicator(IndicatorType.IPV4, "203.0.113.9")),
        exercise=exercise,
    )


def infected(value: str = "198.51.100.77", organisation: str = "minato", at: float = 0, *, exercise: bool = False) -> Finding:
    """A member's address that scans the darknet."""
    return finding(
        value,
        detector="member-in-darknet",
        at=at,
        severity=Severity.HIGH,
        organisations=(organisation,),
        attack=("T1584.005", "T1595"),
        indicators=(Indicator(IndicatorType.IPV4, value), Indicator(IndicatorType.PORT, "tcp/23")),
        exercise=exercise,
    )


def scanner(value: str, *, at: float = 0, severity: Severity = Severity.LOW, tool: str = "") -> Finding:
    """A stranger who scans."""
    return finding(
        value,
        detector="telescope-scan",
        at=at,
        severity=severity,
        attack=("T1595.001",),
        measures={"tool": tool} if tool else {},
    )


def look(*findings: Finding, detector: str = "backscatter", at: float = 0, verdict: Verdict | None = None) -> Outcome:
    """How a detector's look at one hour ended."""
    ended = verdict or (Verdict.FOUND if findings else Verdict.CLEAN)
    reason = Text("disk full", "ディスクに空きがありません") if ended is Verdict.FAILED else Text("", "")
    return Outcome(detector, window(at), ended, findings, reason, rows=1000, seconds=0.1)
