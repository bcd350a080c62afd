"""The first exercise: one day of a /16 telescope with scanners, a new worm, two floods and an infected member."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hinomi.drill.scenario import Allowed, Known, Network, Organisation, Planted, Scenario
from hinomi.drill.traffic import tools
from hinomi.drill.traffic.daily import Daily, MemberStray, OrdinaryScan, SmallFlood
from hinomi.drill.traffic.drizzle import PORTS, Drizzle
from hinomi.drill.traffic.flood import Flood
from hinomi.drill.traffic.population import Population
from hinomi.drill.traffic.scan import Scan
from hinomi.drill.traffic.stray import Misconfigured, StrayAnswers, StrayErrors, StrayUdp
from hinomi.drill.traffic.worm import Worm
from hinomi.schema.words import Severity, Text

JOINED = datetime(2026, 1, 1, tzinfo=UTC)
MOVED = datetime(2026, 4, 1, tzinfo=UTC)  # the day a network changed hands: who held an address depends on when
HOSTILE = "240.0.0.0/5"  # RFC 1112 §4 reserved: nobody's address
TELESCOPE = "198.18.0.0/16"  # RFC 2544 benchmark range, as are the members' 198.19.0.0/16
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def _organisation(name: str, en: str, ja: str, sector: str, *networks: Network) -> Organisation:
    return Organisation(name, Text(en, ja), sector, "JP", networks, f"soc@{name}.example")


def _network(prefix: str, dark: bool = False, since: datetime = JOINED, until: datetime | None = None) -> Network:
    return Network(prefix, dark, since, until)


ORGANISATIONS = (
    _organisation(
        "hinomi-observatory", "Hinomi Observatory", "火の見観測所", "education", _network("198.18.0.0/16", dark=True)
    ),
    _organisation("wakaba-bank", "Wakaba Bank", "わかば銀行", "finance", _network("198.19.32.0/24")),
    _organisation("minato-hospital", "Minato Hospital", "みなと病院", "healthcare", _network("198.19.90.0/24", since=MOVED)),
    _organisation("tokiwa-works", "Tokiwa Works", "ときわ製作所", "manufacturing", _network("198.19.90.0/24", until=MOVED)),
    _organisation("hibari-water", "Hibari Water", "ひばり水道局", "water", _network("198.19.48.0/22")),
    _organisation("aozora-tv", "Aozora TV", "青空テレビ", "broadcasting", _network("192.0.2.0/25")),
    _organisation("momiji-city", "Momiji City", "もみじ市", "local-government", _network("198.19.128.0/20")),
    _organisation("sakura-net", "Sakura Net", "さくらネット", "information-communication", _network("198.19.192.0/18")),
)

# What every day brings; the weather's "usual" is made of it. The rates are a small telescope's: a real /16 sees a hundred
# times as much, and a day that is made, looked at and shown within a minute teaches the same.
BACKGROUND = (
    Drizzle(200_000, Population(18_000), (tools.linux, tools.linux, tools.windows)),
    Drizzle(2_400, Population(140), (tools.masscan, tools.zmap)),
    Drizzle(3_000, Population(170), (tools.mirai,), ports=(23, 2323, 80, 5555), tail=0.0),
    StrayUdp(rate=40_000, population=Population(6_000)),
    StrayAnswers(rate=15_000, population=Population(4_000)),
    StrayErrors(rate=15_000, population=Population(3_000)),
    Misconfigured(hosts=30, rate=12_000),
    Daily(9.0, OrdinaryScan(HOSTILE, (tools.linux, tools.nmap, tools.masscan, tools.zmap), PORTS)),
    Daily(4.0, SmallFlood("203.0.113.128/25", (80, 443, 22, 25565))),
    Daily(2.0, MemberStray(("198.19.48.0/22", "198.19.128.0/20", "198.19.192.0/18"), tools.linux, (9100, 445, 8080))),
)

SCANNED, TOOL, MEMBER = "telescope-scan", "scanner-tool", "member-in-darknet"


def _scan(shape: str) -> Known:
    return Known(SCANNED, "shape", shape)


def _tool(name: str) -> Known:
    return Known(TOOL, "tool", name)


PLANTED = (
    Planted(
        "masscan-redis",
        Text(
            "Masscan over the whole telescope, looking for Redis",
            "Masscanによる観測網全域のRedis探索",
        ),
        Scan(tools.masscan, HOSTILE, (6379,), 65_536, begin=2 * HOUR, lasts=40 * MINUTE),
        found_by=(SCANNED, TOOL),
        known_as=(_scan("horizontal"), _tool("masscan")),
        attack=("T1595.001",),
    ),
    Planted(
        "zmap-https",
        Text("ZMap over the whole telescope, looking for HTTPS", "ZMapによる観測網全域のHTTPS探索"),
        Scan(tools.zmap, HOSTILE, (443,), 65_536, begin=5 * HOUR + 30 * MINUTE, lasts=25 * MINUTE),
        found_by=(SCANNED, TOOL),
        known_as=(_scan("horizontal"), _tool("zmap")),
        attack=("T1595.001",),
    ),
    Planted(
        "mirai-family",
        Text("six bots of the Mirai family look for Telnet", "Mirai系ボット6台によるTelnet探索"),
        Scan(tools.mirai, HOSTILE, (23,) * 9 + (2323,), 24_000, 6 * HOUR, 8 * HOUR, hosts=6, at_random=True),
        found_by=(SCANNED, TOOL),
        known_as=(_tool("mirai"),),
        attack=("T1595.001", "T1110.001"),
    ),
    Planted(
        "vertical-nmap",
        Text("a thousand ports of one address, one after the other", "1アドレスの1,000ポートを順にスキャン"),
        Scan(tools.nmap, HOSTILE, tuple(range(1, 1001)), 1_000, begin=13 * HOUR, lasts=12 * MINUTE),
        found_by=(SCANNED,),
        known_as=(_scan("vertical"),),
        attack=("T1046",),
    ),
    Planted(
        "strobe-web",
        Text("thirty web ports on four hundred addresses", "Web系30ポートを400アドレスでスキャン"),
        Scan(tools.linux, HOSTILE, tuple(range(8000, 8030)), 12_000, begin=15 * HOUR, lasts=HOUR),
        found_by=(SCANNED,),
        known_as=(_scan("strobe"),),
        attack=("T1595.001",),
    ),
    Planted(
        "worm-9034",
        Text(
            "a worm on a port nobody watched, twice as many hosts every hour",
            "未注目ポートのワーム（感染ホストが毎時倍増）",
        ),
        Worm(tools.embedded, HOSTILE, 9034, hosts=900, seeds=3, doubling=HOUR, rate=9.0, begin=9 * HOUR, lasts=12 * HOUR),
        raised_by=("new-port",),
        found_by=("port-surge",),
        attack=("T1595.002", "T1210"),
    ),
    Planted(
        "flood-shop",
        Text("a SYN flood on a shop abroad", "海外ショップへのSYNフラッド"),
        Flood("203.0.113.80", 443, 54_000, begin=7 * HOUR, lasts=30 * MINUTE),
        found_by=("backscatter",),
        attack=("T1498.001",),
    ),
    Planted(
        "flood-bank",
        Text("a flood on a member's name server: answers, resets and errors of its router", "会員のネームサーバへのフラッド"),
        Flood("198.19.32.53", 53, 36_000, 17 * HOUR, 45 * MINUTE, resets=0.5, quoted=0.5, router="198.19.32.1"),
        raised_by=(MEMBER,),
        found_by=("backscatter",),
        organisation="wakaba-bank",
        known_as=(Known(MEMBER, "relation", "victim"),),
        attack=("T1498.001",),
    ),
    Planted(
        "infected-member",
        Text("an infected computer of a member looks for file shares", "会員の感染端末によるファイル共有探索"),
        Scan(tools.windows, "198.19.90.77/32", (445,), 2_400, begin=10 * HOUR + 20 * MINUTE, lasts=5 * HOUR),
        raised_by=(MEMBER,),
        found_by=(SCANNED,),
        organisation="minato-hospital",
        known_as=(_scan("horizontal"), Known(MEMBER, "relation", "external")),
        attack=("T1595.001", "T1210"),
    ),
    Planted(
        "research",
        Text("a research survey that is on the allow list", "許可リストにある研究調査スキャン"),
        Scan(tools.zmap, "100.64.200.0/24", (80, 443, 22), 30_000, begin=HOUR, lasts=20 * HOUR, hosts=4),
        ceiling=Severity.LOW,
    ),
    Planted(
        "member-stray",
        Text("a member's printer tries an address that does not exist", "会員のプリンタが存在しない宛先へ接続"),
        Scan(tools.linux, "198.19.130.9/32", (9100,), 2, begin=11 * HOUR, lasts=MINUTE),
        ceiling=Severity.LOW,
    ),
)

EXERCISE_DAY = Scenario(
    title=Text("A day on the tower", "火の見の一日"),
    story=Text(
        "A /16 telescope, eight organisations, one day. Scanners come and go, a worm begins on a port that nobody watched, "
        "a shop abroad and a member are flooded, and a hospital has an infected computer. Somebody harmless is loud, too.",
        "/16の観測網と8つの組織の1日。スキャナが行き交い、誰も見ていなかったポートでワームが始まり、海外のショップと会員が"
        "フラッド攻撃を受け、病院に感染端末がある。無害だが騒がしい者もいる。",
    ),
    day=datetime(2026, 6, 10, tzinfo=UTC),
    telescope=TELESCOPE,
    organisations=ORGANISATIONS,
    allowed=(Allowed("100.64.200.0/24", "research-scanners", "survey of a university, agreed with the operator"),),
    background=BACKGROUND,
    planted=PLANTED,
)
