"""A member's address seen in a darknet: infected, attacking others, forged, or under attack (DAEDALUS).

Nobody has business with a dark address. A probe that comes from a registered network means an infected or misconfigured
machine there (Inoue et al., DAEDALUS, VizSec 2012); a packet from a prefix that its owner does not use means that the
source is forged; an answer means that the member is under a flood with forged sources. Dark addresses stay with the hub:
what leaves names only the /16.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from hinomi.detect import units
from hinomi.detect.detector import OWN, Detector, Look, Parameter, Row, Tables, Trouble, cited
from hinomi.detect.evidence import masked
from hinomi.detect.measured import REACHED, SEEN, TOOL, Measured
from hinomi.detect.packets import ACK, ICMP, ICMP6, NO_PORT, RST, SYN, after, has_flags, is_syn, one_of, probe, signs
from hinomi.detect.ranges import inside
from hinomi.detect.telescope import covers, networks, required
from hinomi.schema import address
from hinomi.schema.findings import Evidence, Finding, Indicator, Measure, Subject, Window
from hinomi.schema.protocols import port_name
from hinomi.schema.words import TOOLS, Severity, SubjectKind, Text

NEAR = 600 * 1_000_000  # the ten minutes in which stray datagrams are counted, in microseconds
ANSWERS = (0, 3, 4, 5, 11, 12, 14, 16, 18)  # ICMP types that answer something (RFC 792)


OWNER = ("src", "organisation", "dark")


def sort_of(packets: ir.Table) -> ir.StringValue:
    """What a dark packet says of its source: "syn", "datagram" (any other probe), "answer", or "other"."""
    answer = (
        has_flags(packets, SYN | ACK, SYN | ACK)
        | has_flags(packets, RST, RST)
        | ((packets.proto == ICMP) & one_of(packets.icmp_type, ANSWERS))
        | ((packets.proto == ICMP6) & (packets.icmp_type < 128))
    )
    return ibis.cases((is_syn(packets), "syn"), (answer, "answer"), (probe(packets).notnull(), "datagram"), else_="other")


def reigns(sources: ir.Table, lines: ir.Table, window: Window) -> ir.Table:
    """Who held each source when, in spans of the window (`since` to `until`) that never overlap.

    Where networks are nested, or one follows another, the narrowest that is valid at the time counts. `begun` is when its
    owner's part of the window begins: with the window, unless somebody else held the address earlier in it.
    """
    start, end = (ibis.literal(at, "timestamp('UTC', 6)") for at in window)
    held = sources.join(lines, [sources.src >= lines.first, sources.src <= lines.last]).select(
        *(*OWNER, "first", "last"),
        valid_from=ibis.greatest(_.valid_from, start),
        valid_until=ibis.least(_.valid_until.fill_null(end), end),
    )
    held = held.filter(_.valid_from < _.valid_until)
    edges = held.select("src", since="valid_from").union(held.select("src", since="valid_until"), distinct=True)
    spans = edges.mutate(until=_.since.lead().over(ibis.window(group_by="src", order_by="since")))
    over = spans.inner_join(held, "src").filter((_.since >= _.valid_from) & (_.since < _.valid_until))
    # Of prefixes that hold the same address the one that begins last is the narrowest.
    width = [ibis.desc("first"), "last", "organisation", "dark"]
    ranked = over.mutate(rank=ibis.row_number().over(ibis.window(group_by=["src", "since"], order_by=width)))
    nearest = ranked.filter(_.rank == 0).select(*OWNER, "since", "until")
    first, own = (_.since.min().over(ibis.window(group_by=key)) for key in (["src"], [*OWNER]))
    return nearest.mutate(begun=ibis.ifelse(own == first, start, own))


def bursts(datagrams: ir.Table, start: datetime) -> ir.Table:
    """Per owner of a source: the most datagrams, and the most dark addresses reached, within any ten minutes (`NEAR`)."""
    timed = datagrams.select(*OWNER, "dst", at=after(datagrams.time, start))
    near = ibis.range_window(preceding=NEAR, following=0, group_by=OWNER, order_by="at")
    sent = timed.mutate(n=_.count().over(near)).group_by(*OWNER).agg(burst=_.n.max())
    # An address counts from each datagram until ten minutes later, or until the next to it, which counts in its place.
    again = timed.at.lead().over(ibis.window(group_by=[*OWNER, "dst"], order_by="at"))
    gone = ibis.least(again.fill_null(timed.at + NEAR + 1), timed.at + NEAR + 1)
    steps = timed.select(*OWNER, "at", step=ibis.literal(1, "int64")).union(
        timed.select(*OWNER, at=gone, step=ibis.literal(-1, "int64"))
    )
    net = steps.group_by(*OWNER, "at").agg(step=_.step.sum())
    sofar = ibis.cumulative_window(group_by=OWNER, order_by="at")
    reached = net.mutate(n=_.step.sum().over(sofar)).group_by(*OWNER).agg(reached=_.n.max())
    return sent.inner_join(reached, OWNER)


def query(tables: Tables, look: Look) -> ir.Table:
    """Dark packets from registered networks, counted per source, owner, sort, port and receiver.

    Sources are matched with networks first, being few; only their packets are then held against validity in time.
    """
    packets = tables["packet"]
    seen = packets.filter(required(look).sees(packets))
    held = reigns(inside(seen.select("src"), tables["networks"]), tables["networks"], look.window)
    # Asked first whether the source is anyone's, which is cheap, so that no engine holds every packet against every network.
    theirs = (
        seen.semi_join(held.select("src").distinct(), "src")
        .inner_join(held, "src")
        .filter((_.time >= _.since) & (_.time < _.until))
        .drop("since", "until")
    )
    marks = {tool: sign.fill_null(False).cast("int64") for tool, sign in signs(theirs).items()}
    named = theirs.mutate(sort=sort_of(theirs), **marks)
    named = named.mutate(port=(named.sort == "answer").ifelse(NO_PORT, named.dport.fill_null(NO_PORT)))
    named = named.mutate(receiver=ibis.cases(*((covers(named, one), one.organisation) for one in networks(look) if one.dark)))
    counted = named.group_by(*OWNER, "begun", "sort", "proto", "port", "receiver").agg(
        packets=_.count(),
        low=_.dst.min(),
        high=_.dst.max(),
        since=_.time.min(),
        until=_.time.max(),
        **{tool: _[tool].sum() for tool in marks},
    )
    told = counted.inner_join(named.group_by(*OWNER).agg(targets=_.dst.nunique()), OWNER)
    most = bursts(named.filter(_.sort == "datagram"), look.window.start)
    columns = {"burst": _.burst.fill_null(0), "reached": _.reached.fill_null(0)}
    return told.left_join(most, OWNER).select(*told.columns, **columns)


def judge(rows: pa.Table, look: Look) -> Iterator[Finding]:
    """One finding per member address and owner: the worst that its packets say while the address was theirs."""
    order = [(name, "ascending") for name in (*OWNER, "since", "sort", "proto", "port", "receiver", "low")]
    names = {one.organisation: one.name for one in networks(look)}
    for _owner, group in groupby(rows.sort_by(order).to_pylist(), key=lambda row: [row[name] for name in OWNER]):
        relation, told = _related(list(group), look)
        if relation:
            yield _finding(relation, told, names[told[0]["organisation"]], look)


def _related(group: Sequence[Row], look: Look) -> tuple[str, Sequence[Row]]:
    """What the packets of a member address say of it, and the rows that say so; "" when it is not worth telling."""
    probes = [row for row in group if row["sort"] in ("syn", "datagram")]
    answers = [row for row in group if row["sort"] == "answer"]
    if group[0]["dark"]:
        return "spoofed", group
    if _is_attack(probes, look):
        outside = any(row["receiver"] != row["organisation"] for row in probes)
        return "external" if outside else "internal", probes
    return ("victim" if _count(answers) >= look.count("answers") else ""), answers


def _is_attack(probes: Sequence[Row], look: Look) -> bool:
    """One SYN is enough to be told; datagrams only when several come within ten minutes, since one may have gone astray."""
    most, widest = (max((row[name] for row in probes), default=0) for name in ("burst", "reached"))
    return any(row["sort"] == "syn" for row in probes) or most >= look.count("datagrams") or widest >= look.count("targets")


def _count(rows: Sequence[Row]) -> int:
    return sum(row["packets"] for row in rows)


def _level(relation: str, rows: Sequence[Row], look: Look) -> tuple[Severity, str]:
    """How loud to say it: an alert when there is no doubt, an advisory otherwise."""
    packets = _count(rows)
    if relation == "spoofed":
        return Severity.INFO, "advisory"
    if relation == "victim":
        return (Severity.MEDIUM, "alert") if packets >= look.count("flood") else (Severity.LOW, "advisory")
    syns = any(row["sort"] == "syn" for row in rows)
    enough = packets >= look.count("alert") or not syns
    return (Severity.HIGH, "alert") if enough else (Severity.LOW, "advisory")


def _finding(relation: str, rows: Sequence[Row], who: Text, look: Look) -> Finding:
    src, organisation, packets = rows[0]["src"], rows[0]["organisation"], _count(rows)
    severity, level = _level(relation, rows, look)
    named, ports = address.text(src), _ports(rows)
    measures: dict[str, Measure] = {
        "relation": relation,
        "level": level,
        "packets": packets,
        "targets": rows[0]["targets"],
        "ports": ", ".join(ports[:8]) + (" …" if len(ports) > 8 else ""),
        "tool": _tool(rows),
        "seen_in": ", ".join(sorted({masked(row[end]) for row in rows for end in ("low", "high")})[:4]),
        "also_internal": relation == "external" and any(row["receiver"] == organisation for row in rows),
        "threshold_alert": look.count("flood" if relation == "victim" else "alert"),
        "threshold_datagrams": look.count("datagrams"),
        "threshold_targets": look.count("targets"),
    }
    return Finding(
        subject=Subject(SubjectKind.ADDRESS, named),
        # Who took over an address within the day has a finding of their own, whose part of the day begins then.
        window=Window(rows[0]["begun"], look.window.end),
        severity=severity,
        confidence={"internal": 80, "external": 90, "spoofed": 70, "victim": 85}[relation] - (0 if level == "alert" else 20),
        title=_title(relation, named, who, measures),
        measures=measures,
        evidence=Evidence("packet", {"src": src}),
        indicators=(Indicator.of(src),),
        attack=ATTACK[relation],
        organisations=(organisation,),
        first=min(row["since"] for row in rows),
        last=max(row["until"] for row in rows),
    )


def _title(relation: str, src: str, who: Text, measures: Mapping[str, Measure]) -> Text:
    """The title with the organisation's name as each language writes it."""
    filled = {"src": src, "packets": measures["packets"], "ports": measures["ports"] or "-"}
    return TITLES[relation].fill(who=who, **filled)


def _ports(rows: Sequence[Row]) -> list[str]:
    """Ports probed, the most frequent first; none for answers, whose destination port is the forger's."""
    counted: dict[str, int] = {}
    for row in rows:
        if row["sort"] != "answer" and row["port"] != NO_PORT:
            name = port_name(row["proto"], row["port"])
            counted[name] = counted.get(name, 0) + row["packets"]
    return sorted(counted, key=lambda name: (-counted[name], name))


def _tool(rows: Sequence[Row]) -> str:
    """The tool whose sign all SYNs bear, when there are at least three."""
    syns = [row for row in rows if row["sort"] == "syn"]
    agreeing: Callable[[str], bool] = lambda tool: sum(row[tool] for row in syns) == _count(syns)  # noqa: E731 - reads as a question
    return next((tool for tool in TOOLS if _count(syns) >= 3 and agreeing(tool)), "")


TITLES = {
    "internal": Text(
        "{src} of {who} probes its own darknet: {packets:,} {packets:packet|packets} to {ports}",
        "{who}の {src} が自組織のダークネットへ {packets:,} パケットを送信（{ports}）",
    ),
    "external": Text(
        "{src} of {who} attacks outward: {packets:,} {packets:packet|packets} to {ports} in a darknet",
        "{who}の {src} が外部を攻撃: ダークネットで {packets:,} パケットを観測（{ports}）",
    ),
    "spoofed": Text(
        "{src} of {who} is unused, yet {packets:,} {packets:packet names it as its|packets name it as their} source: "
        "forged, or sent by the sensor itself",
        "{who}の未使用アドレス {src} が送信元になっています（{packets:,} パケット）。詐称、またはセンサ自身の通信です",
    ),
    "victim": Text(
        "{src} of {who} answers forged packets ({packets:,} seen): it is probably under a flood",
        "{who}の {src} からの応答を {packets:,} パケット観測: DoS攻撃を受けている可能性",
    ),
}
# T1584.005: a machine that a botnet took; T1595.001: it scans; T1498.001: a flood.

ATTACK = {
    "internal": ("T1046", "T1584.005"),
    "external": ("T1584.005", "T1595.001"),
    "spoofed": (),
    "victim": ("T1498.001",),
}
RELATIONS = {
    "internal": Text("inward", "内部へ"),
    "external": Text("outward", "外部へ"),
    "spoofed": Text("forged source", "詐称された送信元"),
    "victim": Text("victim", "被害者"),
}
LEVELS = {"advisory": Text("advisory", "注意"), "alert": Text("alert", "警報")}

DETECTOR = Detector(
    title=Text("Members seen in a darknet", "ダークネットで観測された会員"),
    about=Text(
        "Tells a member that its address was seen where nobody has business: infected, forged, or under attack.",
        "会員のアドレスがダークネットで観測されたこと（感染・詐称・被害）を知らせます。",
    ),
    topic="infections",
    kinds=("packet",),
    window=timedelta(days=1),
    lookups=("networks",),
    parameters=(
        Parameter("alert", 10, units.PACKETS, Text("SYNs that make an alert of an advisory", "注意から警報に上げるSYN数"), OWN),
        Parameter(
            "datagrams", 3, units.PACKETS, Text("UDP or ICMP packets within ten minutes", "10分間のUDP・ICMPパケット数"), OWN
        ),
        Parameter("targets", 2, units.ADDRESSES, Text("or dark addresses within ten minutes", "または10分間の宛先数"), OWN),
        Parameter("answers", 3, units.PACKETS, Text("answers that make a notice of a flood", "被害の通知に必要な応答数"), OWN),
        Parameter(
            "flood",
            25,
            units.PACKETS,
            Text("answers that make an alert of it", "被害の警報とする応答数"),
            cited("corsaro3@9e899da, 25 packets"),
        ),
    ),
    attack=("T1046", "T1584.005", "T1595.001", "T1498.001"),
    limits=(
        Text(
            "A forged source inside a used prefix looks like an infected machine.",
            "使用中のアドレスが詐称された場合、感染と区別できません。",
        ),
        Text(
            "Behind address translation the address is that of the gateway.", "NAT配下では、アドレスはゲートウェイのものです。"
        ),
        Text("Only networks registered for that time are matched.", "その時点で登録されたネットワークだけを照合します。"),
    ),
    measures=(
        Measured("relation", units.NAME, Text("relation", "関係"), words=RELATIONS),
        Measured("level", units.NAME, Text("level", "警報の段階"), words=LEVELS),
        SEEN,
        REACHED,
        Measured("ports", units.NAME, Text("ports", "ポート")),
        TOOL,
        Measured("seen_in", units.NAME, Text("seen in", "観測場所")),
        Measured("also_internal", units.YES_OR_NO, Text("also seen inside", "内部でも観測")),
    ),
    troubles=(
        Trouble(suffers=False, helps=("isolate-and-clean",), relations=("internal", "external")),
        Trouble(suffers=True, helps=("withstand-denial-of-service",), relations=("victim",)),
        Trouble(suffers=True, helps=("stop-spoofing",), relations=("spoofed",)),
    ),
    query=query,
    judge=judge,
)
