"""Run detectors: one look at one window, isolated, signed, with its evidence and the organisations concerned."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from hinomi.detect.detector import Detector, Look, NotApplicable, Value
from hinomi.detect.evidence import sampled
from hinomi.detect.telescope import Network, networks
from hinomi.lake.engine import Engine
from hinomi.registry import plugins
from hinomi.schema import address
from hinomi.schema.findings import Finding, Outcome, Window
from hinomi.schema.lookups import LOOKUPS
from hinomi.schema.words import SubjectKind, Text, Verdict

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING = Text("", "")


def detectors() -> Mapping[str, Detector]:
    """Every detector by name."""
    return plugins("hinomi.detect.detectors", Detector)


def windows(detector: Detector, span: Window) -> Iterator[Window]:
    """The detector's windows that touch a span: tumbling, aligned to UTC, so that everyone cuts time alike."""
    start = EPOCH + (span.start - EPOCH) // detector.window * detector.window
    while start < span.end:
        yield Window(start, start + detector.window)
        start += detector.window


def look(
    name: str,
    detector: Detector,
    engine: Engine,
    window: Window,
    lookups: Mapping[str, pa.Table],
    params: Mapping[str, Value] | None = None,
    exercise: bool = False,
) -> Outcome:
    """One look of one detector at one window: found, clean, not applicable, or failed and why."""
    one = Look(window, detector.params | dict(params or {}), _complete(lookups), detector.history)
    began = time.perf_counter()
    try:
        told, rows = _judged(detector, engine, one)
        lines = [line for line in networks(one) if not line.dark]
        findings = tuple(replace(_concerning(finding, lines), detector=name, exercise=exercise) for finding in told[0])
        findings = tuple(sampled(findings, engine, one))
    except NotApplicable as answer:
        return Outcome(name, window, Verdict.NOT_APPLICABLE, reason=answer.reason, seconds=time.perf_counter() - began)
    except Exception as error:  # noqa: BLE001 - the bulkhead: one failing detector must not stop the others, and must say so
        return Outcome(name, window, Verdict.FAILED, reason=_why(error), seconds=time.perf_counter() - began)
    verdict = Verdict.FOUND if findings else Verdict.CLEAN
    return Outcome(name, window, verdict, findings, told[1], rows, time.perf_counter() - began)


def _judged(detector: Detector, engine: Engine, one: Look) -> tuple[tuple[list[Finding], Text], int]:
    seen = Window(one.window.start - detector.history, one.window.end)
    tables = {kind: engine.table(kind, seen) for kind in detector.kinds}
    tables |= {name: engine.lookup(name, one.lookups[name]) for name in detector.lookups}
    rows = engine.run(detector.query(tables, one))
    return _apart(detector.judge(rows, one)), rows.num_rows


def _apart(told: Iterable[Finding | Text]) -> tuple[list[Finding], Text]:
    """Findings in order of subject, and the remarks on the look as one text."""
    findings: list[Finding] = []
    remarks: list[Text] = []
    for one in told:
        if isinstance(one, Finding):
            findings.append(one)
        else:
            remarks.append(one)
    joined = Text(" ".join(one.en for one in remarks), " ".join(one.ja for one in remarks)) if remarks else NOTHING
    return sorted(findings, key=lambda finding: finding.subject), joined


def _complete(lookups: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Every lookup of the catalogue; what was not handed in is empty."""
    return {name: lookups.get(name, schema.empty_table()) for name, schema in LOOKUPS.items()}


def _concerning(finding: Finding, lines: Iterable[Network]) -> Finding:
    """The finding with the organisation whose network its subject is in, at that time; what the detector said stays."""
    if finding.organisations or finding.subject.kind != SubjectKind.ADDRESS:
        return finding
    at = finding.first or finding.window.start
    owner = owner_of(address.pack(finding.subject.value), at, lines)
    return replace(finding, organisations=(owner,)) if owner else finding


def owner_of(subject: bytes, at: datetime, lines: Iterable[Network]) -> str:
    """The organisation of the narrowest network that held the address at that time, or ""."""
    return next((line.organisation for line in lines if line.holds(subject, at)), "")


def _why(error: Exception) -> Text:
    what = f"{type(error).__name__}: {error}"
    return Text(f"The detector failed: {what}", f"検知処理が失敗しました: {what}")


def span_of(first: datetime, last: datetime) -> Window:
    """The half-open span that holds both times."""
    return Window(first, last + timedelta(microseconds=1))
