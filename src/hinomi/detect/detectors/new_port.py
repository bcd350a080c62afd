"""A port that nobody asked for before, and now many do with the same kind of packet: the precursor of an outbreak.

A port is new while the lake's history holds at most a tenth as many sources for it as today, or as the 24 hours in which it
first showed where those began the evening before: on a large telescope every port is touched now and then by somebody who
scans all of them. Unrelated sources from several networks whose packets
are alike run the same program (after Dark-TRACER; Takahashi et al., IEEE Access 2022).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from hinomi.detect import units
from hinomi.detect.allowed import without_allowed
from hinomi.detect.detector import OWN, Detector, Look, NotApplicable, Parameter, Row, Tables, Trouble
from hinomi.detect.digests.asked import seen
from hinomi.detect.measured import SEEN, Measured, Recount
from hinomi.detect.packets import PROBES, TCP, UDP, after, block16, is_datagram, is_syn, one_of, signs
from hinomi.detect.telescope import required
from hinomi.schema.findings import Evidence, Finding, Indicator, Measure, Subject
from hinomi.schema.protocols import port_name
from hinomi.schema.words import TOOLS, IndicatorType, Severity, SubjectKind, Text

HISTORY = timedelta(days=7)
PORT = ("proto", "port")
HOUR = 3_600_000_000
DAY = 24 * HOUR
EVERY = -1


def fingerprint(packets: ir.Table) -> ir.StringValue:
    """What the packets of one program have in common: the tool's sign, else window, options and length."""
    parts = [packets[name].fill_null(0).cast("string") for name in ("window", "options", "length")]
    shape = ibis.literal("w").concat(parts[0], ibis.literal(" o"), parts[1], ibis.literal(" l"), parts[2])
    return ibis.cases(*((sign.fill_null(False), tool) for tool, sign in signs(packets).items()), else_=shape)


def query(tables: Tables, look: Look) -> ir.Table:
    """One row per new port and fingerprint that enough sources share; the port -1 says when the lake's history begins."""
    start, packets = look.window.start, tables["packet"]
    syn, udp = PROBES.index("syn"), PROBES.index("udp")
    counted = seen(tables["asked"], look).filter(_.dark & one_of(_.kind, (syn, udp)))
    counted = counted.mutate(proto=ibis.ifelse(_.kind == syn, TCP, UDP).cast("int32"))
    pairs = counted.group_by(*PORT, "src").agg(first=_.first.min(), last=_.last.max())
    pairs = without_allowed(pairs.mutate(began=after(_.first, start)), tables, look)
    history = pairs.agg(first=_.first.min(), last=_.last.max(), begin=_.began.min())
    new = _new(pairs.cross_join(history.select(ripe=_.begin + look.count("quiet") * HOUR)), look)
    # From the evening before at the earliest, which an engine sees in the bounds of files.
    eve = ibis.literal(start - timedelta(days=1), "timestamp('UTC', 6)")
    asked = packets.filter((packets.time >= eve) & required(look).sees(packets) & (is_syn(packets) | is_datagram(packets)))
    asked = asked.mutate(port=_.dport, at=after(_.time, start))
    theirs = asked.inner_join(new, PORT).filter(_.at >= _.since)
    each = theirs.group_by(*PORT, "past", "now", "src", fingerprint=fingerprint(theirs)).agg(
        packets=_.count(), first=_.time.min(), last=_.time.max()
    )
    alike = (
        without_allowed(each, tables, look)
        .group_by(*PORT, "past", "now", "fingerprint")
        .agg(
            sources=_.count(),
            networks=block16(_.src).nunique(),
            packets=_.packets.sum(),
            first=_.first.min(),
            last=_.last.max(),
        )
    )
    alike = alike.filter((_.sources >= look.count("sources")) & (_.networks >= look.count("networks")))
    nothing = {name: ibis.literal(0, "int64") for name in ("past", "now", "sources", "networks", "packets")}
    numbers = {name: ibis.literal(EVERY, "int32") for name in PORT}
    begin = history.mutate(fingerprint=ibis.literal(""), **nothing, **numbers)
    return alike.union(begin.select(*alike.columns))


def _new(pairs: ir.Table, look: Look) -> ir.Table:
    """The new ports among (port, source) pairs: since when their sources are counted, how many there are, and were before.

    The day is judged by itself first. What begins in an evening may be told in neither day then: so a port is new, too, in
    the day in which it first is by any 24 hours. Until `ripe`, in the first hours of the lake, all is of old.
    """
    least, stray = look.count("sources"), ibis.literal(look.number("stray"), "float64")
    # Most ports can be told to be old by two numbers; only of the others every source is put in order.
    recent = (_.began >= ibis.greatest(_.ripe, -DAY)).cast("int64")
    heard = pairs.group_by(*PORT).agg(recent=recent.sum(), old=(1 - recent).sum())
    likely = heard.filter((_.recent >= least) & (_.old <= _.recent.cast("float64") * stray))
    ordered = pairs.semi_join(likely, PORT).mutate(ripened=(_.began >= _.ripe).cast("int64"))
    within = _.ripened.sum().over(ibis.range_window(preceding=DAY, following=0, group_by=PORT, order_by="began"))
    sofar = _.began.count().over(ibis.range_window(following=0, group_by=PORT, order_by="began"))
    ordered = ordered.mutate(within=within, sofar=sofar)
    plain = (_.within >= least) & (_.sofar - _.within <= _.within.cast("float64") * stray)
    today = (_.began >= ibis.greatest(_.ripe, 0)).cast("int64")
    ports = ordered.group_by(*PORT).agg(
        ripe=_.ripe.max(), plain=_.began.min(where=plain), now=today.sum(), past=(1 - today).sum()
    )
    ports = ports.mutate(alone=(_.now >= least) & (_.past <= _.now.cast("float64") * stray))
    ports = ports.filter(_.alone | (_.plain >= 0))
    ports = ports.mutate(since=ibis.ifelse(_.alone, ibis.greatest(_.ripe, 0), ibis.greatest(_.ripe, _.plain - DAY)))
    counted = ordered.select(*PORT, "began").inner_join(ports.select(*PORT, "since"), PORT)
    late = (_.began >= _.since).cast("int64")
    return counted.group_by(*PORT).agg(since=_.since.max(), past=(1 - late).sum(), now=late.sum())


def judge(rows: pa.Table, look: Look) -> Iterator[Finding]:
    """One finding per new port, by the fingerprint that most sources share."""
    order = [("proto", "ascending"), ("port", "ascending"), ("sources", "descending"), ("fingerprint", "ascending")]
    lines = rows.sort_by(order).to_pylist()
    _require_history(next(row for row in lines if row["port"] == EVERY), look)
    for port, group in groupby(lines, key=lambda row: (row["proto"], row["port"])):
        if port[1] != EVERY:
            yield _finding(list(group), look)


def _require_history(seen: Row, look: Look) -> None:
    """What was asked for in the first hours of a lake cannot be called new."""
    if seen["first"] is not None and seen["first"] + timedelta(hours=look.count("quiet")) > seen["last"]:
        raise NotApplicable(YOUNG.fill(hours=look.count("quiet")))


def _finding(alike: Sequence[Row], look: Look) -> Finding:
    main = alike[0]
    name = port_name(main["proto"], main["port"])
    measures: dict[str, Measure] = {
        "sources": main["sources"],
        "networks": main["networks"],
        "packets": main["packets"],
        "fingerprint": main["fingerprint"],
        "fingerprints": len(alike),
        "sources_all": main["now"],
        "sources_before": main["past"],
        "threshold_sources": look.count("sources"),
        "threshold_networks": look.count("networks"),
        "threshold_stray": look.number("stray"),
    }
    return Finding(
        subject=Subject(SubjectKind.PORT, name),
        window=look.window,
        severity=Severity.HIGH if main["sources"] >= look.count("outbreak") else Severity.MEDIUM,
        confidence=85 if main["past"] == 0 else 70,
        title=TITLE.fill(port=name, **{key: measures[key] for key in ("sources", "networks", "fingerprint")}),
        measures=measures,
        evidence=Evidence("packet", {"proto": main["proto"], "dport": main["port"]}),
        indicators=(Indicator(IndicatorType.PORT, name),),
        attack=("T1595.001", "T1210"),
        first=main["first"],
        last=main["last"],
    )


TITLE = Text(
    "{port} is new: {sources:,} sources in {networks:,} networks ask for it with like packets ({fingerprint})",
    "新しいポート {port}: {networks:,} ネットワークの {sources:,} 送信元が同じ特徴（{fingerprint}）でアクセス",
)
YOUNG = Text(
    "The lake looks back less than {hours} hours, so that every port would be new.",
    "蓄積が{hours}時間に満たないため、新しいポートかどうか判定できません。",
)

DETECTOR = Detector(
    title=Text("New port", "新しいポート"),
    about=Text(
        "Finds a port that nobody asked for before and that many unrelated sources now ask for alike: a new worm's first sign.",
        "これまでアクセスのなかったポートに、多数の送信元が同じ特徴でアクセスし始めたことを見つけます（新しいワームの前兆）。",
    ),
    topic="scans",
    kinds=("packet",),
    window=timedelta(days=1),
    history=HISTORY,
    lookups=("networks", "allowed"),
    digests=("asked",),
    parameters=(
        Parameter(
            "sources",
            20,
            units.SOURCES,
            Text("sources that share a fingerprint", "同じ特徴を持つ送信元数"),
            OWN,
        ),
        Parameter(
            "networks",
            5,
            units.NETWORKS,
            Text("networks that they come from", "送信元のネットワーク数（/16）"),
            OWN,
        ),
        Parameter(
            "stray",
            0.1,
            units.RATIO,
            Text("sources before, per source now", "以前の送信元数の許容割合"),
            Text("own choice: full-range scanners touch every port", "独自の設定（全ポートを調べるスキャナがあるため）"),
        ),
        Parameter("quiet", 6, units.HOURS, Text("history that must lie before", "判定に必要な蓄積時間"), OWN),
        Parameter("outbreak", 100, units.SOURCES, Text("sources that make it high", "深刻度「高」とする送信元数"), OWN),
    ),
    attack=("T1595.001", "T1210"),
    limits=(
        Text(
            "A port that appears in the first six hours of the lake is not judged.",
            "蓄積開始から6時間以内に現れたポートは判定しません。",
        ),
        Text("History reaches back seven days.", "過去の参照は7日間です。"),
        Text(
            "An outbreak over midnight (UTC) is told once, on the day in which 24 hours first hold enough sources.",
            "深夜0時（UTC）をまたぐ場合は、24時間の送信元数が初めて条件に達した日に一度だけ報告します。",
        ),
        Text(
            "A new exploit on a port that is always busy is not seen here; see port surge.",
            "普段から多いポートは対象外です（ポートの急増を参照）。",
        ),
    ),
    measures=(
        Measured("sources", units.SOURCES, Text("sources", "送信元数"), recount=Recount("src", probes=True)),
        Measured("networks", units.NETWORKS, Text("networks of the sources", "送信元のネットワーク数")),
        SEEN,
        Measured("fingerprint", units.NAME, Text("fingerprint", "指紋"), words=TOOLS),
        Measured("fingerprints", units.FINGERPRINTS, Text("fingerprints", "指紋の数")),
        Measured("sources_all", units.SOURCES, Text("sources in all", "全送信元数")),
        Measured("sources_before", units.SOURCES, Text("sources before", "以前の送信元数")),
    ),
    troubles=(Trouble(suffers=False, helps=("close-the-port",)),),
    query=query,
    judge=judge,
)
