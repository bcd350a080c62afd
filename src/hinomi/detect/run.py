"""Run detectors: one look at one window, isolated, signed, with its evidence and the organisations concerned."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, partial

import ibis.expr.types as ir
import pyarrow as pa

from hinomi.detect.detector import Detector, Look, NotApplicable, Value
from hinomi.detect.digest import Digest
from hinomi.detect.evidence import Row, samples
from hinomi.detect.telescope import Network, networks, registered
from hinomi.lake.engine import Engine
from hinomi.registry import plugins
from hinomi.schema import address
from hinomi.schema.findings import Finding, Outcome, Window
from hinomi.schema.lookups import LOOKUPS
from hinomi.schema.words import SubjectKind, Text, Verdict

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING = Text("", "")
UNSHOWN = Text("The packets behind it could not be fetched: {why}", "根拠となるパケットを取得できませんでした: {why}")


def detectors() -> Mapping[str, Detector]:
    """Every detector by name."""
    return plugins("hinomi.detect.detectors", Detector)


def windows(detector: Detector, span: Window) -> Iterator[Window]:
    """The detector's windows that touch a span: tumbling, aligned to UTC, so that everyone cuts time alike."""
    start = EPOCH + (span.start - EPOCH) // detector.window * detector.window
    while start < span.end:
        yield Window(start, start + detector.window)
        start += detector.window


def looks(
    chosen: Mapping[str, Detector],
    engine: Engine,
    window: Window,
    lookups: Mapping[str, pa.Table],
    *,
    params: Mapping[str, Value] | None = None,
    exercise: bool = False,
    before: Callable[[str], object] = str,
) -> Iterator[Outcome]:
    """One look of each detector at one window: found, clean, not applicable, or failed and why.

    What they count alike is counted once, and the evidence of all findings is fetched together, so the outcomes come at the
    end; `before` is told the name of each detector when its look begins.
    """
    known, longest = _complete(lookups), max((one.history for one in chosen.values()), default=timedelta(0))
    everyone, outcomes = Look(window, {}, known, longest), []
    with ExitStack() as stack:
        shared = Shared(engine, everyone, stack)
        for name, detector in chosen.items():
            before(name)
            one = Look(window, detector.params | dict(params or {}), known, detector.history)
            outcomes.append(_attempted(Outcome(name, window, Verdict.CLEAN), partial(_judged, detector, shared, one)))
    signed = [_signed(outcome, chosen[outcome.detector], everyone, exercise) for outcome in outcomes]
    yield from _opened(signed, engine, everyone)


def look(
    name: str,
    detector: Detector,
    engine: Engine,
    window: Window,
    lookups: Mapping[str, pa.Table],
    params: Mapping[str, Value] | None = None,
    exercise: bool = False,
) -> Outcome:
    """One look of one detector at one window."""
    (outcome,) = looks({name: detector}, engine, window, lookups, params=params, exercise=exercise)
    return outcome


class Shared:
    """What the looks at one window share: tables, digests, and whether the telescope saw anything, or everything.

    Each is asked of the engine when a look needs it first, so that all looks see the same rows; digests are kept while the
    stack lasts.
    """

    def __init__(self, engine: Engine, everyone: Look, stack: ExitStack) -> None:
        self.engine, self._everyone, self._stack = engine, everyone, stack
        self.events, self.digest = cache(engine.table), cache(self._digest)
        self.lookup = cache(lambda name: engine.lookup(name, everyone.lookups[name]))

    def tables(self, detector: Detector, one: Look) -> dict[str, ir.Table]:
        """Everything that a detector asks for, by name."""
        tables = {kind: self.events(kind, _seen(one)) for kind in detector.kinds}
        tables |= {name: self.lookup(name) for name in detector.lookups}
        return tables | {name: self.digest(name) for name in detector.digests}

    def _digest(self, name: str) -> ir.Table:
        digest = plugins("hinomi.detect.digests", Digest)[name]
        counted = digest.query(self.events(digest.kind, _seen(self._everyone)), self._everyone)
        return self._stack.enter_context(self.engine.kept(name, counted))

    @cached_property
    def silent(self) -> bool:
        """Is there a telescope that saw no packet in the whole window?"""
        telescope, packets = registered(self._everyone), self.events("packet", self._everyone.window)
        return telescope is not None and not self._is_any(packets.filter(telescope.sees(packets)))

    @cached_property
    def alone(self) -> bool:
        """Is there a telescope that saw every packet? Files say so by their bounds."""
        telescope, packets = registered(self._everyone), self.events("packet", _seen(self._everyone))
        return telescope is not None and not self._is_any(packets.filter(~telescope.sees(packets)))

    def _is_any(self, rows: ir.Table) -> bool:
        return self.engine.run(rows.select("time").limit(1)).num_rows > 0


def _attempted(outcome: Outcome, attempt: Callable[[Outcome], Outcome]) -> Outcome:
    """What an attempt makes of an outcome, or that it does not apply, or that it failed and why; with the time it took."""
    began = time.perf_counter()
    try:
        outcome = attempt(outcome)
    except NotApplicable as answer:
        outcome = replace(outcome, verdict=Verdict.NOT_APPLICABLE, reason=answer.reason)
    except Exception as error:  # noqa: BLE001 - the bulkhead: one failing detector must not stop the others, and must say so
        outcome = replace(outcome, verdict=Verdict.FAILED, findings=(), reason=_why(error))
    return replace(outcome, seconds=outcome.seconds + time.perf_counter() - began)


def _judged(detector: Detector, shared: Shared, one: Look, outcome: Outcome) -> Outcome:
    if "packet" in detector.kinds:  # only of packets is it asked who saw them
        one = replace(one, silent=shared.silent, alone=shared.alone)
    rows = shared.engine.run(detector.query(shared.tables(detector, one), one))
    findings, remarks = _apart(detector.judge(rows, one))
    verdict = Verdict.FOUND if findings else Verdict.CLEAN
    return replace(outcome, verdict=verdict, findings=tuple(findings), reason=remarks, rows=rows.num_rows)


def _seen(look: Look) -> Window:
    return Window(look.window.start - look.history, look.window.end)


def _signed(outcome: Outcome, detector: Detector, everyone: Look, exercise: bool) -> Outcome:
    """The outcome with what the detector's declaration, the register and the run know of its findings."""
    lines = [line for line in networks(everyone) if not line.dark]
    signed = (signed_by(outcome.detector, detector, _concerning(one, lines)) for one in outcome.findings)
    return replace(outcome, findings=tuple(replace(one, exercise=exercise) for one in signed))


def signed_by(name: str, detector: Detector, finding: Finding) -> Finding:
    """The finding with its detector's name, and what that declares: whether the subject suffers, and what helps."""
    trouble = detector.trouble(finding.measures)
    return replace(finding, detector=name, suffers=trouble.suffers, helps=trouble.helps)


def _opened(signed: Sequence[Outcome], engine: Engine, everyone: Look) -> Iterator[Outcome]:
    """The outcomes with the packets behind their findings; what was found stands, too, where those cannot be had."""
    rows: Mapping[str, tuple[Row, ...]] = {}
    missing = NOTHING
    try:
        rows = samples([finding for one in signed for finding in one.findings], engine, everyone)
    except Exception as error:  # noqa: BLE001 - the bulkhead: what was found must be told
        missing = UNSHOWN.fill(why=f"{type(error).__name__}: {error}")
    for outcome in signed:
        found = (replace(one, evidence=replace(one.evidence, rows=rows.get(one.id, ()))) for one in outcome.findings)
        remarks = _joined([outcome.reason, missing] if outcome.findings else [outcome.reason])
        yield replace(outcome, findings=tuple(found), reason=remarks)


def _apart(told: Iterable[Finding | Text]) -> tuple[list[Finding], Text]:
    """Findings in order of subject, and the remarks on the look as one text."""
    findings: list[Finding] = []
    remarks: list[Text] = []
    for one in told:
        if isinstance(one, Finding):
            findings.append(one)
        else:
            remarks.append(one)
    return sorted(findings, key=lambda finding: finding.subject), _joined(remarks)


def _joined(remarks: Iterable[Text]) -> Text:
    said = [one for one in remarks if one != NOTHING]
    return Text(" ".join(one.en for one in said), " ".join(one.ja for one in said))


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
