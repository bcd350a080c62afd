"""A town with a month of history: members, findings, outcomes and their counts, the same for everybody who asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from hinomi.schema.findings import Evidence, Finding, Indicator, Outcome, Window
from hinomi.schema.findings import Subject as About
from hinomi.schema.words import IndicatorType, Severity, SubjectKind, Text, Verdict

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAYS = 16
MEMBERS = (
    ("Kagami Bank", "鏡銀行", "finance", "198.51.100.0/25"),
    ("Hakone Railway", "箱根鉄道", "railway", "198.51.100.128/26"),
    ("Minato City", "湊市", "local-government", "203.0.113.0/25"),
    ("Shirane Power", "白根電力", "electricity", "203.0.113.128/26"),
    ("Aoba Hospital", "青葉病院", "healthcare", "192.0.2.0/25"),
    ("Nami Broadcasting", "波放送", "broadcasting", "192.0.2.128/26"),
    ("Tsukuba Telescope", "筑波観測所", "education", "198.18.0.0/16"),
)
RULES: dict[str, tuple[Text, SubjectKind, str]] = {
    "telescope-scan": (Text("{subject} searched {n} dark addresses for port 23/tcp", "{subject} が 23/tcp を求めてダークネットの {n} アドレスを走査"), SubjectKind.ADDRESS, "addresses"),
    "scanner-tool": (Text("{subject} uses Masscan: all {n} sampled packets agree", "{subject} は Masscan を使用 (標本 {n} パケットすべてが一致)"), SubjectKind.ADDRESS, "packets"),
    "backscatter": (Text("{subject} is under a denial-of-service attack: {n} answers a minute reach the darknet", "{subject} がDoS攻撃を受けている: ダークネットへの応答が毎分 {n} パケット"), SubjectKind.ADDRESS, "ppm"),
    "member-in-darknet": (Text("{subject} of a member sent {n} packets to the darknet", "会員のアドレス {subject} がダークネットへ {n} パケット送信"), SubjectKind.ADDRESS, "packets"),
    "port-surge": (Text("Port {subject} is searched for {n} times more than usual", "ポート {subject} への探索が普段の {n} 倍"), SubjectKind.PORT, "factor"),
    "new-port": (Text("Port {subject} is new: {n} sources look for it", "新しいポート {subject} を {n} 送信元が探索"), SubjectKind.PORT, "sources"),
}  # fmt: skip


def outcomes(days: int = DAYS, seed: int = 7, until: datetime = NOW) -> Iterator[Outcome]:
    """Every look of every detector, day by day; the last day is worse than usual."""
    random, clock = Random(seed), Random(seed)  # what was seen must not depend on the hour in which a test runs
    today = until.replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(days, -1, -1):
        window = Window(today - timedelta(days=back), today - timedelta(days=back - 1))
        for detector in RULES:
            often = {"telescope-scan": 14, "scanner-tool": 5}.get(detector, 2)
            count = random.randint(0, often) if back else random.randint(often, 2 * often)
            hours = 24 if back else max(1, until.hour)
            found = {
                one.subject.value: one
                for one in (_finding(detector, window, clock.random() * hours, random) for _ in range(count))
            }
            verdict = Verdict.FOUND if found else Verdict.CLEAN
            yield Outcome(detector, window, verdict, tuple(found.values()), rows=random.randint(20_000, 900_000), seconds=0.4)


def _finding(detector: str, window: Window, hour: float, random: Random) -> Finding:
    words, kind, measure = RULES[detector]
    subject, organisations = _subject(detector, kind, random)
    n = random.choices((38, 120, 410, 2_300, 17_000), (8, 6, 4, 2, 1))[0]
    first = window.start + timedelta(hours=hour * 0.97)
    return Finding(
        subject=About(kind, subject),
        window=window,
        severity=_severity(detector, n),
        confidence=random.choice((60, 75, 90, 95)),
        title=words.fill(subject=subject, n=f"{n:,}"),
        measures={measure: n, f"threshold_{measure}": 30, "ports": 1},
        evidence=Evidence(
            "packet", {"src": subject} if kind == SubjectKind.ADDRESS else {"dport": 5555}, _rows(subject, first)
        ),
        indicators=(Indicator(IndicatorType.IPV4, subject),)
        if kind == SubjectKind.ADDRESS
        else (Indicator(IndicatorType.PORT, subject),),
        attack=("T1595.001",) if detector != "backscatter" else ("T1498",),
        organisations=organisations,
        first=first,
        last=first + timedelta(minutes=random.randint(1, 19)),
        detector=detector,
    )


def _subject(detector: str, kind: SubjectKind, random: Random) -> tuple[str, tuple[str, ...]]:
    if detector == "member-in-darknet":
        name, _, _, cidr = random.choice(MEMBERS[:6])
        return cidr.split("/")[0].rsplit(".", 1)[0] + f".{random.choice((9, 17, 77))}", (slug(name),)
    if kind == SubjectKind.PORT:
        return f"tcp/{random.choice((23, 2323, 5555, 7547, 37215, 60023))}", ()
    return f"100.64.{random.randint(0, 40)}.{random.randint(1, 254)}", ()


def _severity(detector: str, n: int) -> Severity:
    if n >= 17_000:
        return Severity.HIGH
    if detector in ("member-in-darknet", "backscatter") and n >= 400:
        return Severity.MEDIUM
    return Severity.LOW


def _rows(subject: str, first: datetime) -> tuple[dict[str, float | int | str | bool | None], ...]:
    return tuple(
        {
            "time": (first + timedelta(seconds=7 * step)).isoformat(),
            "src": subject if "/" not in subject else "100.64.7.9",
            "proto": 6,
            "sport": 40_000 + 17 * step,
            "dport": 23,
            "flags": 2,
            "ttl": 244,
            "length": 40,
        }
        for step in range(6)
    )


def slug(name: str) -> str:
    """The id that `members.actions.register` gives to these names."""
    return name.lower().replace(" ", "-")


def register() -> None:
    """Take the members of the town in."""
    from hinomi.members import actions
    from hinomi.members.register import read

    lines = ["organisation,sector,country,prefix,dark,valid_from,valid_until"]
    lines += [f"{name},{sector},JP,{cidr},{'yes' if '/16' in cidr else ''},2026-01-01," for name, _, sector, cidr in MEMBERS]
    rows, _ = read("\n".join(lines).encode(), "town.csv")
    actions.import_networks(rows, where="town.csv")
