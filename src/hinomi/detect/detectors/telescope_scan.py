"""Sources that scan: one port over many addresses, many ports of one address, or both.

On a registered telescope an event is (source, destination port, kind of probe), as in Merit's `darknet-events`; its
time-out and thresholds follow from the telescope's size (Durumeric et al., "An Internet-Wide View of Internet-Wide
Scanning", USENIX Security 2014, made independent of the size). Packets to other addresses are judged by the rule for
live networks: only probes that nobody answered count (bro-simple-scan, Slips, Maltrail).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from hinomi.detect import units
from hinomi.detect.allowed import Allowed
from hinomi.detect.detector import OWN, Detector, Look, NotApplicable, Parameter, Row, Tables, Trouble, cited
from hinomi.detect.digests.asked import STEP
from hinomi.detect.measured import KNOWN, LASTED, REACHED, SEEN, TELESCOPE, Measured, assumption, rate
from hinomi.detect.packets import ICMP, NO_PORT, PROBE_WORDS, PROBES, TCP, UDP, after, is_ipv4, one_of
from hinomi.detect.shape import SHAPES, density, shape_of
from hinomi.detect.sweeps import Clock, counted, heard, knocks, probes, sweeps, unanswered, watched
from hinomi.detect.telescope import UNSIZED, Telescope, registered
from hinomi.schema import address
from hinomi.schema.findings import Evidence, Finding, Indicator, Measure, Subject
from hinomi.schema.protocols import port_name, protocol_name
from hinomi.schema.words import Severity, SubjectKind, Text

HISTORY = timedelta(hours=2)
LOOSE = (PROBES.index("udp"), PROBES.index("echo"))  # kinds of probe that honest hosts, too, often leave unanswered


class Bounds(NamedTuple):
    """What a telescope of one size makes of the thresholds."""

    idle: float
    wide: int
    few: int
    large: int


def bounds(telescope: Telescope, look: Look) -> Bounds:
    """Thresholds for this telescope: a whole-Internet scan reaches each of its addresses, so they are shares of its size."""
    share = look.number("aggressive_share") * telescope.size
    wide = min(look.count("wide_targets"), max(look.count("live_targets"), ceil(share)))
    idle = telescope.idle(look.number("missed"), look.number("slowest"))
    return Bounds(idle, wide, min(look.count("few_targets"), wide), max(wide, ceil(share)))


def query(tables: Tables, look: Look) -> ir.Table:
    """One row per event and per source that tried many ports of one target."""
    packets, telescope = tables["packet"], registered(look)
    if telescope is None:
        return _live(heard(packets), look)
    if look.alone and not telescope.size:
        raise NotApplicable(UNSIZED)
    if look.alone:
        return _dark(tables, telescope, look)
    live = _live(heard(packets.filter(~telescope.sees(packets))), look)
    return _dark(tables, telescope, look).union(live) if telescope.size else live


def _dark(tables: Tables, telescope: Telescope, look: Look) -> ir.Table:
    """Events on the telescope in the window; what lies before it is history for live networks only."""
    packets, limit, start = tables["packet"], bounds(telescope, look), look.window.start

    def now() -> ir.Table:
        again = packets.view()
        seen = again.filter(telescope.sees(again) & (again.time >= ibis.literal(start, "timestamp('UTC', 6)")))
        return probes(seen, telescope.numbered(seen.dst))

    micros = ibis.greatest(after(_.last, start) - after(_.first, start), 1_000_000)
    least = ibis.literal(look.number("slowest") / telescope.scale / 1e6, "float64")  # packets seen per microsecond
    scaled = is_ipv4(_.src)  # of IPv6 no telescope is a known share
    fast = scaled & (_.packets.cast("float64") / micros.cast("float64") >= least)
    wide = ibis.ifelse(scaled, limit.wide, look.count("wide_targets"))
    if limit.idle < STEP:  # a larger telescope: the digest's slots may hold such a silence
        seen = watched(now, Clock.of(start, look.window.end, limit.idle))
    else:
        seen = counted(now, Clock(start, limit.idle, STEP), tables["asked"].filter(_.dark & (_.slot >= 0)))
    swept = sweeps(seen, limit.few, worth=(_.packets >= wide) | fast)
    swept = swept.filter((_.targets >= limit.few) & ((_.targets >= wide) | fast))
    patient = Clock.of(start, look.window.end, look.number("vertical_idle"))
    return _together(swept, knocks(seen, look.count("vertical_ports"), patient), dark=True)


def _live(told: ir.Table, look: Look) -> ir.Table:
    asked, start = unanswered(told), look.window.start - HISTORY
    seen = watched(lambda: asked, Clock.of(start, look.window.end, look.number("live_idle")))
    loose = ibis.ifelse(one_of(_.kind, LOOSE), look.count("live_datagrams"), 0)
    least = ibis.greatest(loose, look.count("live_targets"))
    now = _.last >= ibis.literal(look.window.start, "timestamp('UTC', 6)")
    swept = sweeps(seen, look.count("live_targets"), worth=(_.packets >= least) & now).filter(_.targets >= least)
    tried = knocks(seen, look.count("live_ports"), seen.clock).filter(_.ports >= ibis.greatest(loose, look.count("live_ports")))
    return _together(swept, tried, dark=False).filter(now)


def _together(swept: ir.Table, knocked: ir.Table, dark: bool) -> ir.Table:
    columns = ("src", "kind", "port", "ports", "packets", "targets", "span", "first", "last", "shape", "dark")
    one = swept.mutate(shape=ibis.literal("sweep"), dark=ibis.literal(dark), port=_.port.cast("int64"))
    many = knocked.mutate(shape=ibis.literal("knock"), dark=ibis.literal(dark), port=ibis.literal(NO_PORT, "int64"))
    return one.select(*columns).union(many.select(*columns))


def judge(rows: pa.Table, look: Look) -> Iterator[Finding | Text]:
    """One finding per source, the loudest first; what the cap leaves out is counted in the remark."""
    most, sources = look.count("most"), rows.group_by("src").aggregate([("packets", "sum")])
    loudest = sources.sort_by([("packets_sum", "descending"), ("src", "ascending")])["src"].slice(0, most)
    if sources.num_rows > most:
        yield REST.fill(rest=sources.num_rows - most, most=most)
    order = [("src", "ascending"), ("shape", "descending"), ("targets", "descending"), ("kind", "ascending")]
    told = rows.filter(pc.is_in(rows["src"], loudest)).sort_by([*order, ("port", "ascending"), ("first", "ascending")])
    telescope, allowed = registered(look), Allowed.of(look)
    if telescope and not telescope.size:
        yield UNSIZED
    for _src, group in groupby(told.to_pylist(), key=lambda row: row["src"]):
        yield _finding(list(group), telescope, allowed, look)


def _finding(group: Sequence[Row], telescope: Telescope | None, allowed: Allowed, look: Look) -> Finding:
    shape, main = shape_of(group), max(group, key=lambda row: (row["targets"] * row["ports"], row["packets"]))
    src, first, last = main["src"], min(row["first"] for row in group), max(row["last"] for row in group)
    measures = _measures(group, shape, telescope if main["dark"] else None, look)
    reason = allowed.reason(src)
    if reason:
        measures["known"] = reason
    severity = Severity.INFO if reason or (main["dark"] and not measures["aggressive"]) else Severity.LOW
    filled = {"src": address.text(src), "targets": measures["targets"], "ports": measures["ports"]}
    where: dict[str, Measure | bytes] = {"src": src}
    if shape == "horizontal" and main["port"] != NO_PORT:
        where["dport"] = main["port"]
    return Finding(
        subject=Subject(SubjectKind.ADDRESS, address.text(src)),
        window=look.window,
        severity=severity,
        confidence=_confidence(main, telescope, look),
        title=TITLES[shape].fill(port=_named(main), kind=PROBES[main["kind"]], **filled),
        measures=measures,
        evidence=Evidence("packet", where),
        indicators=(Indicator.of(src),),
        attack=("T1595.001",) if shape == "horizontal" else ("T1595.001", "T1046"),
        first=first,
        last=last,
    )


def _measures(group: Sequence[Row], shape: str, telescope: Telescope | None, look: Look) -> dict[str, Measure]:
    swept = [row for row in group if row["shape"] == "sweep"]
    counted = swept or group
    widest = max(counted, key=lambda row: (row["targets"], row["packets"]))
    packets, ports = sum(row["packets"] for row in counted), {row["port"] for row in swept}
    seconds = _seconds(min(row["first"] for row in counted), max(row["last"] for row in counted))
    measures: dict[str, Measure] = {
        "shape": shape,
        "kind": PROBES[widest["kind"]],
        "packets": packets,
        "targets": widest["targets"],
        "ports": max(len(ports), max(row["ports"] for row in group)),
        "events": len(group),
        "seconds": round(seconds, 3),
        "contiguous": round(density(widest), 3),
        "aggressive": False,
    }
    compared = _compared(group, widest, telescope, look)
    return (
        measures
        | (_scaled(measures, packets, seconds, telescope, look, address.is_ipv4(widest["src"])) if telescope else LIVE)
        | compared
    )


def _scaled(
    measures: Mapping[str, Measure], packets: int, seconds: float, telescope: Telescope, look: Look, is_scaled: bool
) -> dict[str, Measure]:
    """The numbers of a telescope: what its size makes of the thresholds, and the rate if targets were drawn uniformly."""
    limit, targets = bounds(telescope, look), measures["targets"]
    assert isinstance(targets, int)
    idle = look.number("vertical_idle") if measures["shape"] == "vertical" else limit.idle
    if not is_scaled:
        return {"idle_seconds": round(idle, 1)}
    return {
        "aggressive": targets >= limit.large,
        "share_of_telescope": round(targets / telescope.size, 6),
        "estimated_pps": round(packets * telescope.scale / max(seconds, 1), 1),
        "assumption": ASSUMPTION.en,
        "telescope_size": telescope.size,
        "idle_seconds": round(idle, 1),
    }


LIVE: Final[dict[str, Measure]] = {"rule": "live: unanswered probes"}


def _compared(group: Sequence[Row], widest: Row, telescope: Telescope | None, look: Look) -> dict[str, Measure]:
    """The thresholds that counted here: of targets where a port was swept, of ports where many of one target were tried."""
    shapes = {row["shape"] for row in group}
    targets: dict[str, Measure]
    if telescope:
        limit, ports = bounds(telescope, look), look.count("vertical_ports")
        targets = {
            "threshold_targets": limit.wide,
            "threshold_few_targets": limit.few,
            "threshold_pps": look.number("slowest"),
            "threshold_aggressive": limit.large,
        }
        if not address.is_ipv4(widest["src"]):
            targets = {"threshold_targets": look.count("wide_targets")}
    else:
        loose = look.count("live_datagrams") if widest["kind"] in LOOSE else 0
        targets = {"threshold_targets": max(loose, look.count("live_targets"))}
        ports = max(loose, look.count("live_ports"))
    return (targets if "sweep" in shapes else {}) | ({"threshold_ports": ports} if "knock" in shapes else {})


def _seconds(first: datetime, last: datetime) -> float:
    return (last - first).total_seconds()


def _confidence(row: Row, telescope: Telescope | None, look: Look) -> int:
    if row["shape"] == "knock":
        return 90 if row["dark"] else 80
    if telescope and row["dark"]:
        return 95 if not address.is_ipv4(row["src"]) or row["targets"] >= bounds(telescope, look).wide else 75
    return 85 if row["targets"] >= 2 * look.count("live_targets") else 65


def _named(row: Row) -> str:
    protocol = {"syn": TCP, "stealth": TCP, "udp": UDP, "echo": ICMP}[PROBES[row["kind"]]]
    return protocol_name(protocol) if row["port"] == NO_PORT else port_name(protocol, row["port"])


REST = Text(
    "{rest:,} further {rest:source|sources} scanned; the {most:,} loudest are told.",
    "このほか{rest:,}件の送信元がスキャンを行いました（上位{most:,}件を表示）。",
)
TITLES = {
    "horizontal": Text(
        "{src} swept {port} over {targets:,} addresses", "{src} が {port} を {targets:,} アドレスに対してスキャン"
    ),
    "vertical": Text(
        "{src} tried {ports:,} ports of {targets:,} {targets:address|addresses}",
        "{src} が {targets:,} アドレスの {ports:,} ポートをスキャン",
    ),
    "strobe": Text(
        "{src} swept {ports:,} ports over {targets:,} addresses",
        "{src} が {ports:,} 種のポートを {targets:,} アドレスに対してスキャン",
    ),
    "block": Text(
        "{src} tried {ports:,} ports on each of up to {targets:,} {targets:address|addresses}",
        "{src} が最大 {targets:,} アドレスに対して {ports:,} ポートをスキャン",
    ),
}
ASSUMPTION = Text("targets drawn uniformly from IPv4", "宛先がIPv4全体から一様に選ばれている")
RULE = {"live: unanswered probes": Text("live network: probes that nobody answered", "実ネットワーク：応答のなかった探索")}

DETECTOR = Detector(
    title=Text("Scans", "スキャン"),
    about=Text(
        "Who looks for what: sweeps of one port, strobes of a few, vertical scans of one address, and blocks.",
        "水平スキャン・少数ポートスキャン・垂直スキャン・ブロックスキャンを行う送信元を見つけます。",
    ),
    topic="scans",
    kinds=("packet",),
    window=timedelta(days=1),
    history=HISTORY,
    lookups=("networks", "allowed"),
    digests=("asked",),
    parameters=(
        Parameter(
            "wide_targets",
            100,
            units.ADDRESSES,
            Text("dark addresses that make a scan", "スキャンとみなす宛先数"),
            cited("Durumeric 2014 §3"),
        ),
        Parameter(
            "few_targets",
            10,
            units.ADDRESSES,
            Text("dark addresses that make a scan when the rate is high", "高レート時にスキャンとみなす宛先数"),
            cited("Merit darknet-events@74f9f7d, README"),
        ),
        Parameter(
            "slowest",
            1000.0,
            units.PACKETS_PER_SECOND,
            Text(
                "Internet-wide rate that counts as high, and that the time-out must not cut", "高レートとみなす推定送信レート"
            ),
            cited("Durumeric 2014, scaled to a /16"),
        ),
        Parameter(
            "missed",
            0.001,
            units.PROBABILITY,
            Text("chance that the time-out cuts such a scan", "タイムアウトによる分断の許容確率"),
            OWN,
        ),
        Parameter(
            "aggressive_share",
            0.1,
            units.RATIO,
            Text("share of the telescope that makes a scan aggressive", "大規模スキャンとみなす観測網の割合"),
            cited("arXiv 2305.07193, definition 1"),
        ),
        Parameter(
            "vertical_ports",
            10,
            units.PORTS,
            Text("ports of one dark address", "同一宛先のポート数"),
            cited("Maltrail@8adace1, PORT_SCANNING_THRESHOLD"),
        ),
        Parameter(
            "vertical_idle",
            1800,
            units.SECONDS,
            Text("silence that ends a vertical scan of a dark address", "垂直スキャン終了とみなす無通信時間"),
            Text("own choice, as on live networks: nmap -T0 waits 300 s", "独自の設定（実網と同じ。nmap -T0 の間隔は300秒）"),
        ),
        Parameter(
            "live_targets",
            5,
            units.ADDRESSES,
            Text("live addresses that did not answer on one port", "実網で無応答だった宛先数"),
            cited("bro-simple-scan@3e7802f, test suite; Slips uses 6 in an hour"),
        ),
        Parameter(
            "live_ports",
            5,
            units.PORTS,
            Text("ports of one live address that did not answer", "実網の同一宛先で無応答だったポート数"),
            cited("bro-simple-scan@3e7802f, test suite"),
        ),
        Parameter(
            "live_datagrams",
            10,
            units.ADDRESSES_OR_PORTS,
            Text("the same for UDP and ping, which are often left unanswered", "UDP・pingの場合の宛先数・ポート数"),
            cited("Maltrail@8adace1, UDP 10"),
        ),
        Parameter(
            "live_idle", 1800, units.SECONDS, Text("silence that ends a live scan", "実網のスキャン終了とみなす無通信時間"), OWN
        ),
        Parameter(
            "most",
            500,
            units.FINDINGS,
            Text("sources told per look, the loudest first", "1回の検知で報告する送信元の上限"),
            OWN,
        ),
    ),
    attack=("T1595.001", "T1046"),
    limits=(
        Text("An event is cut at the ends of the day (UTC).", "スキャンイベントは1日（UTC）の境界で分割されます。"),
        Text(
            "ACK scans are not seen: a bare ACK is normal traffic.",
            "ACKスキャンは検知しません（ACK単独のパケットは通常通信に多いため）。",
        ),
        Text("Rates are not estimated for IPv6 telescopes.", "IPv6の観測網では送信レートを推定しません。"),
        Text(
            "On a live network a scan whose every probe is answered looks like ordinary use.",
            "実網では、すべてに応答があったスキャンは通常利用と区別できません。",
        ),
    ),
    measures=(
        Measured("shape", units.NAME, Text("shape", "形"), words=SHAPES),
        Measured("kind", units.NAME, Text("kind of probe", "探索の種類"), words=PROBE_WORDS),
        SEEN,
        REACHED,
        Measured("ports", units.PORTS, Text("ports", "ポート")),
        Measured("events", units.EVENTS, Text("scan events", "スキャンイベント数")),
        LASTED,
        Measured("contiguous", units.SHARE, Text("share of neighbouring targets", "連続した宛先の割合")),
        Measured("aggressive", units.YES_OR_NO, Text("reaches much of the telescope", "大規模なスキャン")),
        Measured("share_of_telescope", units.SHARE, Text("share of the telescope", "観測アドレス数に占める割合")),
        rate(scaled_from="packets"),
        assumption(ASSUMPTION),
        TELESCOPE,
        Measured("idle_seconds", units.SECONDS, Text("seconds of silence that end it", "終了とみなす無通信秒数")),
        Measured("rule", units.NAME, Text("rule", "規則"), words=RULE),
        KNOWN,
    ),
    troubles=(Trouble(suffers=False, helps=("limit-scanners",)),),
    query=query,
    judge=judge,
)
