"""A port that is suddenly asked for more: ChangeFinder on packets and on unique hosts per ten minutes, either of them.

Setting and threshold are NICT's (Dark-TRACER@1babe59). ChangeFinder also answers to falls, and while it warms up to
noise; so an alarm counts only where the port is at least doubled, stands out of its own spread (median + 6 MAD), and
twenty hosts ask for it: below that a single new scanner is a "surge".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _
from numpy.typing import NDArray

from hinomi.detect import changefinder, units
from hinomi.detect.allowed import without_allowed
from hinomi.detect.detector import Detector, Look, Parameter, Tables, Trouble, cited
from hinomi.detect.digests.asked import STEP as SLOT
from hinomi.detect.digests.asked import seen
from hinomi.detect.measured import SEEN, Measured, Recount
from hinomi.detect.packets import PROBES, TCP, UDP, one_of
from hinomi.detect.telescope import required
from hinomi.schema.findings import Evidence, Finding, Indicator, Measure, Subject
from hinomi.schema.protocols import port_name
from hinomi.schema.words import IndicatorType, Severity, SubjectKind, Text

STEP = 600  # seconds per point
HISTORY = timedelta(days=2)
EVERY = -1  # the "port" of the rows that count everything, so that silence of the sensor is not taken for silence of a port


def query(tables: Tables, look: Look) -> ir.Table:
    """Packets and unique hosts per ten minutes of every port that enough hosts asked for, and of all ports together."""
    required(look)
    syn, udp = PROBES.index("syn"), PROBES.index("udp")
    asked = seen(tables["asked"], look).filter(_.dark & one_of(_.kind, (syn, udp)))
    point = (_.slot / (STEP // SLOT)).floor().cast("int64")
    proto = ibis.ifelse(_.kind == syn, TCP, UDP).cast("int32")
    numbered = asked.select("src", "port", "packets", "first", "last", proto=proto, slot=point)
    # Counted by source first: allowed sources are then looked for, and hosts counted, among rows that are few.
    heard = numbered.group_by("proto", "port", "slot", "src").agg(n=_.packets.sum(), first=_.first.min(), last=_.last.max())
    counted = (
        without_allowed(heard, tables, look)
        .group_by("proto", "port", "slot")
        .agg(packets=_.n.sum(), hosts=_.count(), first=_.first.min(), last=_.last.max())
    )
    now = ibis.ifelse(_.slot >= 0, _.hosts, 0).max().over(ibis.window(group_by=["proto", "port"]))
    busy = counted.mutate(most=now).filter(_.most >= look.count("hosts")).drop("most")
    every = counted.group_by("slot").agg(packets=_.packets.sum(), first=_.first.min(), last=_.last.max())
    every = every.mutate(proto=ibis.literal(EVERY, "int32"), port=ibis.literal(EVERY, "int32"), hosts=ibis.literal(0, "int64"))
    return busy.union(every.select(*busy.columns))


@dataclass(frozen=True)
class Series:
    """The ports as rows, the ten-minute points in which the sensor saw anything as columns."""

    ports: list[tuple[int, int]]
    slots: NDArray[np.int64]
    packets: NDArray[np.float64]
    hosts: NDArray[np.float64]
    ends: Mapping[tuple[int, int, int], tuple[datetime, datetime]]


def series(rows: pa.Table) -> Series:
    """Rows as matrices; a port without packets in a point in which others have some has none, which is a count of zero."""
    lines = rows.to_pylist()
    slots = np.array(sorted({row["slot"] for row in lines if row["port"] == EVERY}), np.int64)
    ports = sorted({(row["proto"], row["port"]) for row in lines if row["port"] != EVERY})
    column = {at: number for number, at in enumerate(slots.tolist())}
    line = {port: number for number, port in enumerate(ports)}
    packets, hosts = np.zeros((len(ports), slots.size)), np.zeros((len(ports), slots.size))
    for row in lines:
        if row["port"] != EVERY:
            at = line[row["proto"], row["port"]], column[row["slot"]]
            packets[at], hosts[at] = row["packets"], row["hosts"]
    ends = {(row["proto"], row["port"], row["slot"]): (row["first"], row["last"]) for row in lines}
    return Series(ports, slots, packets, hosts, ends)


def judge(rows: pa.Table, look: Look) -> Iterator[Finding]:
    """One finding per port with an alarm in the window."""
    seen = series(rows)
    if not seen.ports:
        return
    scored = {name: _scores(values, look) for name, values in (("packets", seen.packets), ("hosts", seen.hosts))}
    enough = seen.hosts >= look.count("hosts")
    alarms = {
        name: _open(scored[name] > look.number("threshold"), _rises(values, look)) & enough & (seen.slots >= 0)
        for name, values in (("packets", seen.packets), ("hosts", seen.hosts))
    }
    crowded = (alarms["packets"] | alarms["hosts"]) & _rises(seen.hosts, look)
    for number in np.flatnonzero((alarms["packets"] | alarms["hosts"]).any(axis=1)):
        yield _finding(int(number), seen, scored, alarms, bool(crowded[number].any()), look)


def _scores(values: NDArray[np.float64], look: Look) -> NDArray[np.float64]:
    scored = changefinder.scores(values, look.number("discount"), look.count("smooth"), look.count("smooth_again"))
    scored[:, : look.count("ignore")] = np.nan
    return scored


def _rises(values: NDArray[np.float64], look: Look) -> NDArray[np.bool_]:
    """Is the point above what the port did before, by factor and by spread? Only earlier points are looked at."""
    out = np.zeros(values.shape, bool)
    for at in range(1, values.shape[1]):
        before = values[:, :at]
        middle = np.median(before, axis=1)
        spread = 1.4826 * np.median(abs(before - middle[:, None]), axis=1)  # MAD of a normal sample is σ/1.4826
        least = np.maximum(look.number("rise") * middle, middle + look.number("spread") * spread)
        out[:, at] = values[:, at] >= np.maximum(least, 1)
    return out


def _open(alarmed: NDArray[np.bool_], risen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """An alarm stays open while the port stays risen: the model follows exponential growth, and is silent when many ask."""
    out, held = np.zeros(alarmed.shape, bool), np.zeros(len(alarmed), bool)
    for at in range(alarmed.shape[1]):
        held = risen[:, at] & (held | alarmed[:, at])
        out[:, at] = held
    return out


def _finding(
    number: int, seen: Series, scored: Mapping[str, Any], alarms: Mapping[str, Any], by_hosts: bool, look: Look
) -> Finding:
    """More hosts than before are a surge worth a look; more packets from as many hosts are one loud scanner."""
    proto, port = seen.ports[number]
    columns = np.flatnonzero(alarms["packets"][number] | alarms["hosts"][number])
    peak = columns[np.argmax(seen.hosts[number, columns])]
    usual = float(np.median(seen.hosts[number, : columns[0]])) if columns[0] else 0.0
    ends = [seen.ends[proto, port, int(seen.slots[column])] for column in columns]
    name = port_name(proto, port)
    measures: dict[str, Measure] = {
        "alarms_hosts": int(alarms["hosts"][number].sum()),
        "alarms_packets": int(alarms["packets"][number].sum()),
        "score_hosts": _highest(scored["hosts"][number, columns]),
        "score_packets": _highest(scored["packets"][number, columns]),
        "hosts": int(seen.hosts[number, peak]),
        "hosts_usual": round(usual, 1),
        "packets": int(seen.packets[number, peak]),
        "points": int(seen.slots.size),
        "threshold_score": look.number("threshold"),
        "threshold_hosts": look.count("hosts"),
        "threshold_rise": look.number("rise"),
    }
    return Finding(
        subject=Subject(SubjectKind.PORT, name),
        window=look.window,
        severity=Severity.MEDIUM if by_hosts else Severity.LOW,
        confidence=80 if by_hosts and alarms["hosts"][number].any() else 65,
        title=(HOSTS if by_hosts else PACKETS).fill(
            port=name, hosts=measures["hosts"], usual=f"{usual:.0f}", packets=measures["packets"]
        ),
        measures=measures,
        evidence=Evidence("packet", {"proto": proto, "dport": port}),
        indicators=(Indicator(IndicatorType.PORT, name),),
        attack=("T1595.001",),
        first=min(first for first, _last in ends),
        last=max(last for _first, last in ends),
    )


def _highest(values: NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return round(float(known.max()), 3) if known.size else None


HOSTS = Text(
    "{port} surges: {hosts:,} hosts in ten minutes, {usual} usually",
    "{port} へのアクセスが急増: 10分間に {hosts:,} ホスト（通常 {usual}）",
)
PACKETS = Text(
    "{port} surges in packets: {packets:,} in ten minutes from {hosts:,} hosts, which are not more than usual",
    "{port} へのパケットが急増: 10分間に {packets:,} 件（{hosts:,} ホスト、ホスト数は通常どおり）",
)
NOTEBOOK = cited("Dark-TRACER@1babe59, notebook")

DETECTOR = Detector(
    title=Text("Port surge", "ポートの急増"),
    about=Text(
        "Finds ports that suddenly more hosts, or more packets, ask for: an early sign of a worm or a new exploit.",
        "アクセスが急増したポートを見つけます（ワームや新しい攻撃コードの早期の兆候）。",
    ),
    topic="scans",
    kinds=("packet",),
    window=timedelta(days=1),
    history=HISTORY,
    lookups=("networks", "allowed"),
    digests=("asked",),
    parameters=(
        Parameter("discount", 0.005, units.PER_POINT, Text("how fast the model forgets", "忘却率"), NOTEBOOK),
        Parameter("smooth", 10, units.POINTS, Text("first smoothing", "1段目の平滑化幅"), NOTEBOOK),
        Parameter("smooth_again", 5, units.POINTS, Text("second smoothing", "2段目の平滑化幅"), NOTEBOOK),
        Parameter("threshold", 3.0, units.SCORE, Text("score of an alarm", "警報とするスコア"), NOTEBOOK),
        Parameter(
            "ignore", 15, units.POINTS, Text("points at the start that are not scored", "開始直後に評価しない点数"), NOTEBOOK
        ),
        Parameter(
            "hosts",
            20,
            units.HOSTS,
            Text("fewest hosts in the point", "警報に必要な最小ホスト数"),
            Text("own choice: one scanner is no surge", "独自の設定（スキャナ1台は急増ではない）"),
        ),
        Parameter(
            "rise",
            2.0,
            units.RATIO,
            Text("least rise over the median before", "それまでの中央値に対する倍率"),
            Text("own choice: falls are no surge", "独自の設定（減少は急増ではない）"),
        ),
        Parameter(
            "spread",
            6.0,
            units.MADS,
            Text("least distance from the median before", "それまでの中央値からの距離"),
            Text("own choice, k = 6", "独自の設定（k = 6）"),
        ),
    ),
    attack=("T1595.001",),
    limits=(
        Text(
            "The model warms up for about 200 points (1.4 days); before that small changes are missed.",
            "モデルの安定には約200点（1.4日）かかり、それまでは小さな変化を見逃します。",
        ),
        Text("Slow growth over days is followed by the model and raises nothing.", "数日かけたゆるやかな増加は検知しません。"),
        Text(
            "Ten minutes in which the sensor saw nothing at all are left out.", "センサが何も観測しなかった10分間は除外します。"
        ),
    ),
    measures=(
        Measured("alarms_hosts", units.ALARMS, Text("alarms by hosts", "ホスト数による警報")),
        Measured("alarms_packets", units.ALARMS, Text("alarms by packets", "パケット数による警報")),
        Measured("score_hosts", units.SCORE, Text("score of hosts", "ホスト数のスコア")),
        Measured("score_packets", units.SCORE, Text("score of packets", "パケット数のスコア")),
        Measured(
            "hosts", units.HOSTS, Text("unique hosts", "ユニークホスト数"), recount=Recount("src", each=STEP, probes=True)
        ),
        Measured("hosts_usual", units.HOSTS, Text("usual unique hosts", "普段のユニークホスト数")),
        SEEN,
        Measured("points", units.POINTS, Text("points of history", "履歴の点数")),
    ),
    troubles=(Trouble(suffers=False, helps=("close-the-port",)),),
    query=query,
    judge=judge,
)
