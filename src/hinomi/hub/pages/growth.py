"""How a finding's measure ran through time: a named query over the lake, as its detector declares it, its answer kept on disk.

Only measures that are counts of packets, or of the addresses in them, can be told again from the lake; for the others there
is no curve, and it is said why.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from hinomi.detect.measured import Measured, Recount
from hinomi.home import home, put
from hinomi.hub.pages.catalogue import detectors
from hinomi.schema.address import pack
from hinomi.schema.events import EVENTS
from hinomi.schema.findings import Finding, Window

if TYPE_CHECKING:
    import ibis.expr.types as ir

STEPS = (1, 10, 60, 600, 3600)  # seconds; the finest that keeps a curve readable
MOST = 150
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Growth:
    """A measure in slots of `step` seconds from `start` on, and the threshold it is compared with."""

    measure: str
    threshold: float
    start: datetime
    step: int
    values: tuple[float, ...]


def measure_of(finding: Finding) -> Measured | None:
    """The measure whose curve can be drawn: the first that the lake can tell again and that has a threshold."""
    declared = detectors().get(finding.detector)
    if declared is None or span_of(finding) is None or not finding.evidence.where:
        return None
    numbers = {name for name, value in finding.measures.items() if isinstance(value, int | float)}
    return next((one for one in declared.measures if one.recount and {one.name, one.threshold} <= numbers), None)


def span_of(finding: Finding) -> Window | None:
    """From its first packet to its last, both inside; None when a finding does not tell."""
    if finding.first is None or finding.last is None:
        return None
    return Window(finding.first, finding.last + INSTANT)


def kept(finding: Finding) -> Growth | None:
    """The curve that was drawn before; a finding that says something else now has another."""
    try:
        told = orjson.loads(_file(finding).read_bytes())
    except FileNotFoundError:
        return None
    return Growth(
        told["measure"], told["threshold"], datetime.fromisoformat(told["start"]), told["step"], tuple(told["values"])
    )


def grown(finding: Finding, exercise: str) -> Growth | None:
    """The curve from the lake, kept for the next reader; None when there is nothing to draw or nothing left of it."""
    known, measure, span = kept(finding), measure_of(finding), span_of(finding)
    if known or measure is None or measure.recount is None or span is None:
        return known
    from hinomi.lake.engine import open_engine
    from hinomi.pipeline import opened_lake

    told = measure.recount
    step = told.each or next((one for one in STEPS if (span.end - span.start).total_seconds() / one <= MOST), STEPS[-1])
    start = span.start - timedelta(seconds=span.start.timestamp() % step)
    with opened_lake(exercise) as lake, open_engine("duckdb", lake) as engine:
        packets = _among(engine.table(finding.evidence.kind, span), finding, told)
        rows = engine.run(_query(packets, told, start, step)).to_pylist()
    if not rows:
        return None
    count = -(-(span.end - start) // timedelta(seconds=step))
    values = _folded(_values(rows, told, count))
    made = Growth(measure.name, float(finding.measures[measure.threshold] or 0), start, step * -(-count // len(values)), values)
    put(_file(finding), orjson.dumps(vars(made)))
    return made


def _among(packets: ir.Table, finding: Finding, told: Recount) -> ir.Table:
    """The packets that the finding rests on."""
    import ibis

    from hinomi.detect.packets import is_datagram, is_syn

    schema = EVENTS[finding.evidence.kind].arrow
    for column, value in finding.evidence.where.items():
        kind = str(schema.field(column).type)
        literal = ibis.literal(pack(str(value)), "binary") if kind.startswith("fixed_size_binary") else value
        packets = packets.filter(packets[column] == literal)
    return packets.filter(is_syn(packets) | is_datagram(packets)) if told.probes else packets


def _query(packets: ir.Table, told: Recount, start: datetime, step: int) -> ir.Table:
    """Rows of slot and count: packets; or addresses, each in every slot or only in the first that saw it."""
    from hinomi.detect.packets import slot

    if told.what == "packets":
        keyed = packets.select(slot=slot(packets.time, start, step))
        return keyed.group_by("slot").agg(count=keyed.count())
    keyed = packets.select(slot=slot(packets.time, start, step), address=packets[told.what])
    if told.each:
        return keyed.group_by("slot").agg(count=keyed.address.nunique())
    first = keyed.group_by("address").agg(slot=keyed.slot.min())
    return first.group_by("slot").agg(count=first.count())


def _values(rows: list[dict[str, Any]], told: Recount, count: int) -> list[float]:
    by = Counter({row["slot"]: row["count"] for row in rows})
    if told.each:
        return [float(by[slot]) for slot in range(count)]
    total, values = 0, []
    for slot in range(count):
        total += by[slot]
        values.append(float(total))
    return values


def _folded(values: list[float]) -> tuple[float, ...]:
    """At most `MOST` values: of neighbours the largest, so that what crossed the threshold still does."""
    width = -(-len(values) // MOST)
    return tuple(max(values[at : at + width]) for at in range(0, len(values), width))


def _file(finding: Finding) -> Path:
    said = repr((finding.id, finding.first, finding.last, sorted(finding.measures.items())))
    return home().pictures / "growth" / f"{sha256(said.encode()).hexdigest()[:32]}.json"
