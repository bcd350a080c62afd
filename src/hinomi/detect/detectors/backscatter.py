"""Victims of floods with forged sources, seen by what they send back to the telescope (backscatter).

The rules are those of corsaro3's RSDoS plugin (9e899da, `corsaro_dos.c`): which packets count, who the victim is, a 60-s
window that slides by 10 s, at least 30 packets in a minute, 25 packets and 60 s in all, and an attack is over when an
aligned interval passes without a packet. Rates are extrapolated as Moore, Voelker and Savage did (USENIX Security 2001),
and the assumption behind that, uniformly forged sources, is tested.
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
from hinomi.detect.detector import Detector, Look, Parameter, Row, Tables, Trouble, cited
from hinomi.detect.measured import LASTED, SEEN, TELESCOPE, Measured, Recount, assumption, rate
from hinomi.detect.packets import ACK, ICMP, RST, SYN, TCP, after, block16, block24, has_flags, one_of, slot
from hinomi.detect.telescope import Network, Telescope, networks, required
from hinomi.schema import address
from hinomi.schema.findings import Evidence, Finding, Indicator, Measure, Subject
from hinomi.schema.protocols import PROTOCOLS, port_name
from hinomi.schema.words import Severity, SubjectKind, Text

QUOTING = (3, 4, 5, 11, 12)  # ICMP errors that quote the packet they answer (RFC 792)
REPLIES = (0, 14, 16, 18)  # answers to an echo, timestamp, information or mask request
VECTOR = ("victim", "proto")
SLOT, SLOTS = 10, 6  # corsaro's rate window: 60 s that slide by 10 s
CERTAIN, DOUBTED = 90, 60  # confidence, own choice: doubted where it could be something else
FEWEST = 10  # packets, and packets²/cells, from which the χ² distribution holds (Koehler and Larntz, JASA 1980)


def answers(packets: ir.Table, telescope: Telescope) -> ir.Table:
    """The backscatter among packets: victim, protocol, both ports, and whether a quoted source differs from the receiver.

    Nobody floods an unused address: what comes from one is the sensor's own answer, or forged.
    """
    synack, reset = has_flags(packets, SYN | ACK, SYN | ACK), has_flags(packets, RST, RST)
    icmp = (packets.proto == ICMP) & one_of(packets.icmp_type, (*QUOTING, *REPLIES))
    quoted = (packets.proto == ICMP) & one_of(packets.icmp_type, QUOTING) & packets.inner_dst.notnull()
    dark = quoted.ifelse(telescope.sees(packets, "inner_dst"), telescope.sees(packets, "src")).fill_null(False)
    return packets.filter(telescope.sees(packets) & (synack | reset | icmp) & ~dark).select(
        "time",
        "dst",
        "length",
        victim=quoted.ifelse(packets.inner_dst, packets.src),
        proto=quoted.ifelse(packets.inner_proto, packets.proto),
        attacker_port=ibis.cases((quoted, packets.inner_sport), (icmp, packets.icmp_code), else_=packets.dport),
        target_port=ibis.cases((quoted, packets.inner_dport), (icmp, packets.icmp_type), else_=packets.sport),
        quoted=quoted.fill_null(False).cast("int64"),
        mismatch=(quoted & (packets.inner_src != packets.dst)).fill_null(False).cast("int64"),
        synack=synack.fill_null(False).cast("int64"),
        reset=(reset & ~synack).fill_null(False).cast("int64"),
    )


def vectors(seen: ir.Table, look: Look) -> ir.Table:
    """The attacks among backscatter, one row per victim, protocol and run of intervals, by corsaro's thresholds."""
    start, per = look.window.start, look.count("interval") // SLOT
    numbered = seen.mutate(slot=slot(_.time, start, SLOT))
    slots = numbered.group_by(*VECTOR, "slot").agg(n=_.count(), first=_.time.min(), last=_.time.max())
    slots = slots.filter(_.n.sum().over(ibis.window(group_by=VECTOR)) >= look.count("packets"))
    slots = slots.mutate(interval=(_.slot / per).floor().cast("int64"))
    row = ibis.window(group_by=VECTOR, order_by="slot")
    slots = slots.mutate(cut=(_.interval - _.interval.lag().over(row) > 1).fill_null(False).cast("int64"))
    slots = slots.mutate(run=_.cut.sum().over(ibis.cumulative_window(group_by=VECTOR, order_by="slot")))
    minute = ibis.range_window(preceding=SLOTS - 1, following=0, group_by=[*VECTOR, "run"], order_by="slot")
    slots = slots.mutate(ppm=_.n.sum().over(minute))
    runs = slots.group_by(*VECTOR, "run").agg(
        packets=_.n.sum(), ppm=_.ppm.max(), first=_.first.min(), last=_.last.max(), begin=_.slot.min(), end=_.slot.max()
    )
    long = after(_.last, start) - after(_.first, start) >= look.count("seconds") * 1_000_000
    return runs.filter((_.packets >= look.count("packets")) & (_.ppm >= look.count("ppm")) & long)


def query(tables: Tables, look: Look) -> ir.Table:
    """One row per attack, with what it hit and whom it pretended to be."""
    seen = answers(tables["packet"], required(look))
    attacks = vectors(seen, look)
    numbered = seen.mutate(slot=slot(_.time, look.window.start, SLOT))
    matched = [numbered.victim == attacks.victim, numbered.proto == attacks.proto]
    inside = numbered.join(attacks, [*matched, numbered.slot >= attacks.begin, numbered.slot <= attacks.end], rname="{name}_of")
    key = [*VECTOR, "run", "ppm", "first", "last"]
    counted = inside.group_by(key).agg(
        packets=_.count(),
        bytes=_.length.sum(),
        sources16=block16(_.dst).nunique(),
        sources=_.dst.nunique(),
        attacker_ports=_.attacker_port.nunique(),
        target_ports=_.target_port.nunique(),
        target_port=_.target_port.min(),
        mismatches=_.mismatch.sum(),
        quotes=_.quoted.sum(),
        synacks=_.synack.sum(),
        resets=_.reset.sum(),
    )
    cells = inside.group_by(*VECTOR, "run", cell=block24(_.dst)).agg(n=_.count())
    spread = cells.group_by(*VECTOR, "run").agg(squares=(_.n * _.n).sum())
    return counted.inner_join(spread, [*VECTOR, "run"]).select(*counted.columns, "squares")


def judge(rows: pa.Table, look: Look) -> Iterator[Finding]:
    """One finding per victim, by its strongest attack; a member's network makes it high."""
    if not rows.num_rows:
        return
    telescope, members = required(look), [one for one in networks(look) if not one.dark]
    ranked = rows.sort_by([("victim", "ascending"), ("ppm", "descending"), ("proto", "ascending"), ("run", "ascending")])
    for _victim, group in groupby(ranked.to_pylist(), key=lambda row: row["victim"]):
        yield _finding(list(group), telescope, members, look)


def _finding(attacks: Sequence[Row], telescope: Telescope, members: Sequence[Network], look: Look) -> Finding:
    main, first = attacks[0], min(row["first"] for row in attacks)
    victim = address.text(main["victim"])
    member = any(one.holds(main["victim"], first) for one in members)
    measures = _measures(attacks, telescope, look)
    return Finding(
        subject=Subject(SubjectKind.ADDRESS, victim),
        window=look.window,
        severity=Severity.HIGH if member else Severity.LOW,
        confidence=DOUBTED if measures["confounder"] else CERTAIN,
        title=_title(victim, main, telescope),
        measures=measures,
        evidence=Evidence("packet", {"inner_dst" if main["quotes"] == main["packets"] else "src": main["victim"]}),
        indicators=(Indicator.of(main["victim"]),),
        attack=("T1498.001", "T1499.001") if main["proto"] == TCP else ("T1498.001",),
        first=first,
        last=max(row["last"] for row in attacks),
    )


def _measures(attacks: Sequence[Row], telescope: Telescope, look: Look) -> dict[str, Measure]:
    main = attacks[0]
    is_scaled = address.is_ipv4(main["victim"])  # whose answers fell on dark IPv4 addresses, of which there is a known share
    p = uniformity(main["packets"], main["squares"], telescope.blocks) if is_scaled else None
    scaled: dict[str, Measure] = (
        {
            "estimated_pps": round(main["ppm"] / 60 * telescope.scale, 1),
            "assumption": ASSUMPTION.en,
            "uniform_p": None if p is None else round(p, 6),
            "telescope_size": telescope.size,
        }
        if is_scaled
        else {}
    )
    return {
        "attacks": len(attacks),
        "proto": main["proto"],
        "target_port": main["target_port"],
        "target_ports": main["target_ports"],
        "attacker_ports": main["attacker_ports"],
        "packets": sum(row["packets"] for row in attacks),
        "bytes": sum(row["bytes"] or 0 for row in attacks),
        "seconds": round((main["last"] - main["first"]).total_seconds(), 3),
        "max_ppm": main["ppm"],
        **scaled,
        "spoofed_16s": main["sources16"],
        "spoofed_addresses": main["sources"],
        "mismatches": sum(row["mismatches"] for row in attacks),
        "confounder": confounder(main, p, look),
        "threshold_ppm": look.count("ppm"),
        "threshold_packets": look.count("packets"),
        "threshold_seconds": look.count("seconds"),
    }


def uniformity(packets: int, squares: int, cells: int) -> float | None:
    """Chance of a spread over the /24s as uneven as this if forged sources are uniform (χ²); None when too few packets.

    The χ² distribution holds for at least three cells of equal chance when n and n²/k reach `FEWEST`.
    """
    from scipy.special import chdtrc  # scipy.stats takes more than a second to import

    if cells < 3 or packets < FEWEST or packets * packets < FEWEST * cells:
        return None
    return float(chdtrc(cells - 1, max(0.0, squares * cells / packets - packets)))


def confounder(row: Row, p: float | None, look: Look) -> str:
    """What else this could be; such findings are labelled, not dropped."""
    few = row["packets"] >= look.number("each") * row["sources"]
    if row["synacks"] == row["packets"] and few:
        return "reflection"  # somebody forges our addresses to have servers answer us
    if row["resets"] == row["packets"] and row["target_ports"] >= look.count("storm"):
        return "reset-storm"  # a middlebox that resets connections of many ports
    if row["mismatches"]:
        return "quoted-source-mismatch"
    return "not-uniform" if p is not None and p < look.number("uneven") else ""


def _target(row: Row) -> str | Text:
    if row["proto"] == ICMP:
        return PROTOCOLS[ICMP]
    if row["target_ports"] == 1:
        return port_name(row["proto"], row["target_port"])
    return PORTS.fill(name=PROTOCOLS.get(row["proto"], f"ip{row['proto']}"), ports=row["target_ports"])


def _title(victim: str, main: Row, telescope: Telescope) -> Text:
    """The rate as it is estimated from the share of IPv4 that the telescope is; of IPv6 as it was seen."""
    if address.is_ipv4(main["victim"]):
        return TITLE.fill(victim=victim, target=_target(main), pps=_about(main["ppm"] / 60 * telescope.scale))
    return UNSCALED.fill(victim=victim, target=_target(main), ppm=main["ppm"])


def _about(rate: float) -> str:
    """An estimate in words: two digits, since a count of some dozens carries no more."""
    return f"{float(f'{rate:.2g}'):,.0f}"


TITLE = Text(
    "{victim} is flooded on {target}, about {pps} packets/s from forged sources",
    "{victim} の {target} への送信元詐称DoS攻撃（推定 {pps} パケット/秒）",
)
UNSCALED = Text(
    "{victim} is flooded on {target} from forged sources; up to {ppm:,} answers a minute were seen",
    "{victim} の {target} への送信元詐称DoS攻撃（毎分最大 {ppm:,} 件の応答を観測）",
)
PORTS = Text("{name} ({ports:,} ports)", "{name}（{ports:,}ポート）")
SOURCE = cited("corsaro3@9e899da, corsaro_dos.c")
ASSUMPTION = Text("sources forged uniformly over IPv4", "送信元がIPv4全体で一様に詐称されている")
CONFOUNDERS = {
    "reflection": Text("reflection: our addresses were forged", "リフレクション（観測アドレスが詐称された）"),
    "reset-storm": Text("a middlebox that resets connections", "中間装置による接続リセット"),
    "quoted-source-mismatch": Text("quotes do not fit the victim", "引用が被害者と一致しない"),
    "not-uniform": Text("sources are not forged uniformly", "送信元の詐称が一様でない"),
}

DETECTOR = Detector(
    title=Text("DoS victims by backscatter", "バックスキャッタによるDoS被害"),
    about=Text(
        "Finds who is under a flood with forged sources, from the answers that reach the telescope.",
        "送信元を詐称したDoS攻撃の被害者を、ダークネットに届く応答パケットから見つけます。",
    ),
    topic="dos",
    kinds=("packet",),
    window=timedelta(days=1),
    lookups=("networks", "allowed"),
    parameters=(
        Parameter("ppm", 30, units.PACKETS_PER_MINUTE, Text("most packets within 60 s", "60秒間の最大パケット数"), SOURCE),
        Parameter("packets", 25, units.PACKETS, Text("packets of the attack", "攻撃全体のパケット数"), SOURCE),
        Parameter("seconds", 60, units.SECONDS, Text("length of the attack", "攻撃の継続時間"), SOURCE),
        Parameter(
            "interval",
            60,
            units.SECONDS,
            Text("aligned interval whose silence ends an attack", "無通信なら攻撃終了とみなす区間"),
            SOURCE,
        ),
        Parameter(
            "each",
            10,
            units.PACKETS,
            Text("SYN-ACKs per dark address that look like a reflection", "反射を疑うSYN-ACK数（観測アドレスあたり）"),
            Text("own choice: forging at random seldom repeats an address", "独自の設定（無作為な詐称は同じ宛先に偏らない）"),
        ),
        Parameter(
            "storm",
            100,
            units.PORTS,
            Text("ports that only reset, which look like a middlebox", "中間装置を疑うポート数（リセットのみ）"),
            Text("own choice: an attack seldom aims at so many ports", "独自の設定（これほど多くのポートを狙う攻撃は少ない）"),
        ),
        Parameter(
            "uneven",
            1e-6,
            units.PROBABILITY,
            Text("fit below which forging is not uniform", "詐称が一様でないとみなす適合度"),
            Text("own choice: by chance once in a million attacks", "独自の設定（偶然に起きるのは攻撃百万件に1件）"),
        ),
    ),
    attack=("T1498.001", "T1499.001"),
    limits=(
        Text(
            "Floods that do not forge their sources, or reflect, leave no backscatter.",
            "送信元を詐称しない攻撃や反射型攻撃は見えません。",
        ),
        Text(
            "The rate assumes uniformly forged sources; `uniform_p` tests that.",
            "推定レートは一様な詐称を仮定し、`uniform_p`で検定します。",
        ),
        Text("UDP floods are seen only where ICMP errors quote them.", "UDPフラッドはICMPエラーの引用からのみ検知します。"),
        Text("An attack is cut at the ends of the day (UTC).", "攻撃は1日（UTC）の境界で分割されます。"),
    ),
    measures=(
        Measured("attacks", units.ATTACKS, Text("attacks", "攻撃回数")),
        Measured("proto", units.NAME, Text("protocol number", "プロトコル番号")),
        Measured("target_port", units.NAME, Text("port under attack", "攻撃されたポート")),
        Measured("target_ports", units.PORTS, Text("ports under attack", "攻撃されたポート数")),
        Measured("attacker_ports", units.PORTS, Text("ports of the attackers", "攻撃元ポート数")),
        SEEN,
        Measured("bytes", units.BYTES, Text("bytes", "バイト数")),
        LASTED,
        Measured(
            "max_ppm",
            units.PACKETS_PER_MINUTE,
            Text("most packets in a minute", "1分あたり最大パケット数"),
            against="threshold_ppm",
            recount=Recount("packets", each=60),
        ),
        rate(scaled_from="max_ppm"),
        assumption(ASSUMPTION),
        Measured("uniform_p", units.PROBABILITY, Text("fit to uniform forging (p)", "一様詐称への適合度 (p値)")),
        Measured("spoofed_16s", units.NETWORKS, Text("forged /16 networks", "詐称された /16 数")),
        Measured("spoofed_addresses", units.ADDRESSES, Text("forged addresses", "詐称アドレス数")),
        Measured("mismatches", units.PACKETS, Text("quotes that do not fit", "一致しない引用数")),
        Measured("confounder", units.NAME, Text("possible mistake", "誤検知の可能性"), words=CONFOUNDERS),
        TELESCOPE,
    ),
    troubles=(Trouble(suffers=True, helps=("withstand-denial-of-service",)),),
    query=query,
    judge=judge,
)
