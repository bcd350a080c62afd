"""Which tool a scanner uses: Masscan, ZMap up to 4.0, the Mirai family, by the sign that the tool leaves in every SYN.

A source is called only if all its SYNs bear the sign and there are at least three: one packet bears a 16-bit sign by
chance once in 65,536, three in a row 3.6e-15.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from hinomi.detect import units
from hinomi.detect.allowed import Allowed
from hinomi.detect.detector import Detector, Look, Parameter, Row, Tables, Trouble, cited
from hinomi.detect.digests.asked import seen
from hinomi.detect.measured import KNOWN, TOOL, Measured, Recount
from hinomi.detect.packets import PROBES
from hinomi.schema import address
from hinomi.schema.findings import Evidence, Finding, Indicator, Subject
from hinomi.schema.words import TOOLS, Severity, SubjectKind, Text

NAMES = {"masscan": "Masscan", "mirai": "Mirai", "zmap": "ZMap ≤ 4.0"}
# ATT&CK: a scanner scans address blocks; a Mirai bot also stands for a botnet that somebody built (T1584.005).
ATTACK = dict.fromkeys(TOOLS, ("T1595.001",)) | {"mirai": ("T1595.001", "T1584.005")}


def census(asked: ir.Table) -> ir.Table:
    """One row per source: its SYNs, how many bear each tool's sign, the ports it looked for, first and last.

    Counted per port first, so that the ports of a source are counted among rows that are few.
    """
    syns = asked.filter(_.kind == PROBES.index("syn"))
    borne = {tool: _[tool].sum() for tool in TOOLS}
    ends = {"first": _.first.min(), "last": _.last.max()}
    ports = syns.group_by("src", "port").agg(syns=_.packets.sum(), **ends, **borne)
    return ports.group_by("src").agg(ports=_.count(), port=_.port.min(), syns=_.syns.sum(), **ends, **borne)


def query(tables: Tables, look: Look) -> ir.Table:
    """The sources whose SYNs all agree, and one row without a source that counts all SYNs."""
    sources = census(seen(tables["asked"], look))
    called = sources.filter((_.syns >= look.count("syns")) & ibis.or_(*(_[tool] == _.syns for tool in TOOLS)))
    everyone = sources.agg(
        syns=_.syns.sum(),
        ports=_.count(),
        first=_.first.min(),
        last=_.last.max(),
        **{tool: _[tool].sum() for tool in TOOLS},
    ).mutate(src=ibis.null("binary"), port=ibis.null("int32"))
    return called.union(everyone.select(*called.columns))


def judge(rows: pa.Table, look: Look) -> Iterator[Finding | Text]:
    """One finding per source that is called, the loudest of each tool, and one per tool for all its sources together."""
    everyone = rows.filter(pc.is_null(rows["src"])).to_pylist()[0]
    if not everyone["syns"]:
        return
    yield COUNTED.fill(**{name: everyone[name] for name in ("syns", *TOOLS)}, sources=everyone["ports"])
    called = rows.filter(pc.is_valid(rows["src"]))
    loudest: dict[bytes, Row] = {}
    for tool in TOOLS:
        mine = called.filter(pc.equal(called[tool], called["syns"]))
        if mine.num_rows:
            yield _campaign(tool, mine, look)
            first = mine.sort_by([("syns", "descending"), ("src", "ascending")]).slice(0, look.count("most"))
            loudest |= {row["src"]: row for row in first.to_pylist()}
    allowed = Allowed.of(look)
    yield from (_source(row, allowed, look) for row in loudest.values())


def _source(row: Row, allowed: Allowed, look: Look) -> Finding:
    """A source with its tool; a program may bear the signs of two (sequence number = destination, and IP-ID = port)."""
    src, known = address.text(row["src"]), allowed.reason(row["src"])
    tools = [tool for tool in TOOLS if row[tool] == row["syns"]]
    return Finding(
        subject=Subject(SubjectKind.ADDRESS, src),
        window=look.window,
        severity=Severity.INFO,
        confidence=99 if row["syns"] > look.count("syns") else 95,
        title=(SOURCE if len(tools) == 1 else SIGNS).fill(src=src, tool=_listed(tools), syns=row["syns"]),
        measures={
            "tool": ", ".join(tools),
            "syns": row["syns"],
            "agreeing": row["syns"],
            "ports": row["ports"],
            "threshold_syns": look.count("syns"),
        }
        | ({"known": known} if known else {}),
        evidence=Evidence("packet", {"src": row["src"]}),
        indicators=(Indicator.of(row["src"]),),
        attack=tuple(dict.fromkeys(technique for tool in tools for technique in ATTACK[tool])),
        first=row["first"],
        last=row["last"],
    )


def _listed(tools: Sequence[str]) -> Text:
    names = [NAMES[tool] for tool in tools]
    return Text(" and ".join(names), "・".join(names))


def _campaign(tool: str, mine: pa.Table, look: Look) -> Finding:
    syns, sources = pc.sum(mine["syns"]).as_py(), mine.num_rows
    return Finding(
        subject=Subject(SubjectKind.CAMPAIGN, tool),
        window=look.window,
        severity=Severity.INFO,
        confidence=95,
        title=CAMPAIGN.fill(tool=NAMES[tool], sources=sources, syns=syns),
        measures={"tool": tool, "sources": sources, "syns": syns, "threshold_syns": look.count("syns")},
        evidence=Evidence("packet", {}),
        attack=ATTACK[tool],
        first=pc.min(mine["first"]).as_py(),
        last=pc.max(mine["last"]).as_py(),
    )


SOURCE = Text(
    "{src} scans with {tool}: all its {syns:,} SYNs bear the sign", "{src} は {tool} でスキャン（全{syns:,}件のSYNに特徴）"
)
SIGNS = Text(
    "{src} scans with a tool that bears the signs of {tool} on all its {syns:,} SYNs",
    "{src} のスキャンには {tool} の特徴が重なっています（全{syns:,}件のSYN）",
)
CAMPAIGN = Text(
    "{sources:,} {sources:source scans|sources scan} with {tool} ({syns:,} SYNs)",
    "{tool} によるスキャン: 送信元 {sources:,} 件（SYN {syns:,} 件）",
)
COUNTED = Text(
    "{syns:,} {syns:SYN|SYNs} from {sources:,} {sources:source|sources}; "
    "signs of Masscan on {masscan:,}, Mirai on {mirai:,}, ZMap on {zmap:,}.",
    "SYN {syns:,}件（送信元 {sources:,}件）のうち、特徴あり: Masscan {masscan:,}件、Mirai {mirai:,}件、ZMap {zmap:,}件。",
)

DETECTOR = Detector(
    title=Text("Scanner tools", "スキャンツール"),
    about=Text(
        "Names the tool behind a scan: Masscan, ZMap up to 4.0, or malware of the Mirai family.",
        "スキャンに使われたツール（Masscan、ZMap 4.0以前、Mirai系マルウェア）を判定します。",
    ),
    topic="scans",
    kinds=("packet",),
    window=timedelta(days=1),
    lookups=("networks", "allowed"),
    digests=("asked",),
    parameters=(
        Parameter(
            "syns",
            3,
            units.PACKETS,
            Text("SYNs that must all agree", "全件一致を求めるSYNの最小数"),
            cited("65,536⁻³ = 3.6e-15 by chance"),
        ),
        Parameter(
            "most",
            200,
            units.FINDINGS,
            Text("sources told per tool, the loudest first", "ツールごとに報告する送信元の上限"),
            cited("own choice"),
        ),
    ),
    attack=("T1595.001", "T1584.005"),
    limits=(
        Text(
            "ZMap since 4.1.0 draws its IP-ID at random and is not recognised.",
            "ZMap 4.1.0以降はIP-IDが乱数のため判定できません。",
        ),
        Text(
            "Mirai's sign is for IPv4; a modified bot may not leave it.",
            "Mirai系の特徴はIPv4のみで、改変された亜種には現れないことがあります。",
        ),
        Text(
            "A source shared by several machines that use different tools is not called.",
            "複数のツールが混在する送信元は判定しません。",
        ),
    ),
    measures=(
        TOOL,
        Measured(
            "syns", units.PACKETS, Text("opening packets (SYN)", "SYNパケット数"), recount=Recount("packets", probes=True)
        ),
        Measured("agreeing", units.PACKETS, Text("sampled packets that agree", "一致した標本パケット数")),
        Measured("ports", units.PORTS, Text("ports", "ポート")),
        Measured("sources", units.SOURCES, Text("sources", "送信元数")),
        KNOWN,
    ),
    troubles=(Trouble(suffers=False, helps=("limit-scanners",)),),
    query=query,
    judge=judge,
)
