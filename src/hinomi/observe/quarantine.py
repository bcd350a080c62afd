"""What did not fit, how often, and where first: nothing that was read disappears without a count."""

from __future__ import annotations

from dataclasses import dataclass, field

from hinomi.schema.words import Text

REASONS: dict[str, Text] = {
    "cut-link": Text("cut off inside the link-layer header", "リンク層ヘッダの途中で切れている"),
    "cut-ip": Text("cut off inside the IP header", "IPヘッダの途中で切れている"),
    "bad-ip": Text("the IP header contradicts itself", "IPヘッダに矛盾がある"),
    "strange-link": Text("link type that Hinomi does not read", "未対応のリンク層種別"),
    "no-time": Text("the record has no readable time", "時刻を読み取れない"),
    "no-address": Text("neither address can be read", "アドレスを読み取れない"),
    "bad-block": Text("a block that contradicts itself", "矛盾のあるブロック"),
    "bad-value": Text("a value that cannot be read, left unknown", "読み取れず不明とした値"),
    "early-time": Text(
        "a number too small for a time since 1970, such as seconds since the first packet "
        "(Wireshark: export with tshark -T fields -E header=y -e frame.time_epoch -e ip.src …)",
        "1970年からの時刻としては小さすぎる数値。先頭パケットからの秒数など "
        "(Wireshark の場合は tshark -T fields -E header=y -e frame.time_epoch -e ip.src … で書き出してください)",
    ),
    "no-zone": Text(
        "a time without a zone, read as UTC (write +09:00 behind times of Japan)",
        "タイムゾーンのない時刻 (UTCとして読込。日本時間なら末尾に +09:00 を付けてください)",
    ),
    "far-time": Text(
        "a time years away from the others, which are scattered over thousands of days "
        "(set the clock right, or hand in some years at a time)",
        "何千日にも散らばった時刻のうち、ほかから何年も離れたもの (時計を直すか、数年分ずつ取り込んでください)",
    ),
    "many-packets": Text(
        "a row that stands for several packets, read as one", "複数パケットをまとめた行 (1パケットとして読込)"
    ),
    "bad-line": Text("a line that cannot be taken apart", "解析できない行"),
    "garbage": Text("bytes between records that belong to none", "レコード間の不明なバイト列"),
    "cut-end": Text("the last record is cut off", "末尾のレコードが途中で切れている"),
    "cut-archive": Text("the compressed data is damaged or cut off", "圧縮データが破損または途中で切れている"),
}
LOST: frozenset[str] = frozenset(("garbage", "bad-block", "bad-line", "cut-end", "cut-archive", "strange-link"))

# EtherTypes that captures are full of and that are not IP; others are named by number.
# https://www.iana.org/assignments/ieee-802-numbers
PROTOCOLS: dict[int, str] = {
    0: "other",
    0x0806: "ARP",
    0x8035: "RARP",
    0x8137: "IPX",
    0x8809: "LACP",
    0x8847: "MPLS",
    0x8848: "MPLS",
    0x8863: "PPPoE discovery",
    0x8864: "PPP control",
    0x888E: "EAPOL",
    0x88CC: "LLDP",
    0x88E5: "MACsec",
    0x9000: "loop test",
}


# The row is there all the same, or is counted as one without a time: told, but not quarantined.
TOLD = frozenset(("bad-value", "early-time", "no-zone", "many-packets"))


Place = tuple[int, int]  # byte offset in the (decompressed) input, and line when it is a text, else 0


@dataclass(frozen=True)
class Misfit:
    """One reason, perhaps of one column or link type: how many records it concerns, and where the first of them is."""

    reason: str
    count: int
    first: int
    line: int = 0
    about: str = ""

    @property
    def text(self) -> Text:
        why = REASONS[self.reason]
        return Text(f"{why.en}: {self.about}", f"{why.ja}: {self.about}") if self.about else why

    @property
    def record(self) -> dict[str, object]:
        """As JSON: the byte of the first, and in a text its line."""
        line = {"line": self.line} if self.line else {}
        return {"reason": self.text._asdict(), "count": self.count, "first": self.first} | line


@dataclass
class Tally:
    """The running count of one input, or of one piece of it before it is added to the whole."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)  # by reason, and what it is about
    firsts: dict[tuple[str, str], Place] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    lost_bytes: int = 0

    def count(self, reason: str, number: int, first: int | Place, about: str = "") -> None:
        if number:
            key, place = (reason, about), first if isinstance(first, tuple) else (first, 0)
            self.counts[key] = self.counts.get(key, 0) + number
            self.firsts[key] = min(place, self.firsts.get(key, place))

    def skip(self, protocol: str, number: int) -> None:
        """Count frames that are sound, but of a protocol that this kind of event does not hold."""
        self.skipped[protocol] = self.skipped.get(protocol, 0) + number

    def add(self, other: Tally) -> None:
        for (reason, about), number in other.counts.items():
            self.count(reason, number, other.firsts[reason, about], about)
        for protocol, number in other.skipped.items():
            self.skip(protocol, number)
        self.rows += other.rows
        self.lost_bytes += other.lost_bytes

    @property
    def quarantined(self) -> int:
        """Records that gave no row."""
        return sum(number for (reason, _), number in self.counts.items() if reason not in TOLD)

    @property
    def damaged(self) -> bool:
        """Whether something was lost that another copy of the input, or another capture, would have."""
        return any(reason in LOST for reason, _ in self.counts) or (self.quarantined > 0 and not self.rows)

    @property
    def misfits(self) -> tuple[Misfit, ...]:
        return tuple(
            Misfit(reason, number, *self.firsts[reason, about], about) for (reason, about), number in self.counts.items()
        )


def protocol(ethertype: int) -> str:
    """What people call an ethertype."""
    return PROTOCOLS.get(ethertype, f"ethertype 0x{ethertype:04x}")
