"""Run detectors: one look at one window, isolated, signed, with its evidence and the organisations concerned."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import NamedTuple

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


class Due(NamedTuple):
    """A look that is to be taken: which detector at which window, with which lookups."""

    name: str
    detector: Detector
    window: Window
    lookups: Mapping[str, pa.Table]


def looks(engine: Engine, due: Iterable[Due], exercise: bool = False) -> Generator[Outcome]:
    """Take looks, in their order, one on each of the engine's lanes at a time: while one thinks, another one reads."""
    lanes = engine.lanes()
    free: SimpleQueue[Engine] = SimpleQueue()
    for lane in lanes:
        free.put(lane)

    def taken(one: Due) -> Outcome:
        lane = free.get()
        try:
            return look(one.name, one.detector, lane, one.window, one.lookups, exercise=exercise)
        finally:
            free.put(lane)

    under_way: deque[Future[Outcome]] = deque()
    with ThreadPoolExecutor(len(lanes), thread_name_prefix="look") as pool:
        try:
            for one in due:
                under_way.append(pool.submit(taken, one))
                if len(under_way) > len(lanes):  # lookups of later windows are not made before their turn comes
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()


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
