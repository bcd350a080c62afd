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
    "bad-line": Text("a line that cannot be taken apart", "解析できない行"),
    "garbage": Text("bytes between records that belong to none", "レコード間の不明なバイト列"),
    "cut-end": Text("the last record is cut off", "末尾のレコードが途中で切れている"),
    "cut-archive": Text("the compressed data is damaged or cut off", "圧縮データが破損または途中で切れている"),
}
DAMAGE: frozenset[Text] = frozenset(
    REASONS[reason] for reason in ("garbage", "bad-block", "bad-line", "cut-end", "cut-archive")
)

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


LEFT_UNKNOWN = "bad-value"  # the row is there, without this value: told, but not quarantined


@dataclass(frozen=True)
class Misfit:
    """One reason: how many records it concerns, and the offset in the (decompressed) input of the first."""

    reason: str
    count: int
    first: int

    @property
    def text(self) -> Text:
        return REASONS[self.reason]


@dataclass
class Tally:
    """The running count of one input, or of one piece of it before it is added to the whole."""

    counts: dict[str, int] = field(default_factory=dict)
    firsts: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    lost_bytes: int = 0

    def count(self, reason: str, number: int, first: int) -> None:
        if number:
            self.counts[reason] = self.counts.get(reason, 0) + number
            self.firsts[reason] = min(first, self.firsts.get(reason, first))

    def skip(self, protocol: str, number: int) -> None:
        """Count frames that are sound, but of a protocol that this kind of event does not hold."""
        self.skipped[protocol] = self.skipped.get(protocol, 0) + number

    def add(self, other: Tally) -> None:
        for reason, number in other.counts.items():
            self.count(reason, number, other.firsts[reason])
        for protocol, number in other.skipped.items():
            self.skip(protocol, number)
        self.rows += other.rows
        self.lost_bytes += other.lost_bytes

    @property
    def quarantined(self) -> int:
        """Records that gave no row."""
        return sum(number for reason, number in self.counts.items() if reason != LEFT_UNKNOWN)

    @property
    def misfits(self) -> tuple[Misfit, ...]:
        return tuple(Misfit(reason, number, self.firsts[reason]) for reason, number in self.counts.items())


def protocol(ethertype: int) -> str:
    """What people call an ethertype."""
    return PROTOCOLS.get(ethertype, f"ethertype 0x{ethertype:04x}")
