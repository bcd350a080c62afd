"""The event kinds of the lake, as selections from the table of fields."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from hinomi.schema.fields import FIELDS, Field
from hinomi.schema.words import Text

COMMON = ("time", "sensor", "segment")


@dataclass(frozen=True)
class EventKind:
    """One table of the lake: what a row is and which fields it has; `time`, `sensor` and `segment` come first."""

    name: str
    row: Text
    own: tuple[str, ...]

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return tuple(FIELDS[name] for name in COMMON + self.own)

    @cached_property
    def arrow(self) -> pa.Schema:
        """The schema of every batch of this kind: only `time`, `sensor` and `segment` are never null."""
        return pa.schema([pa.field(one.name, one.type, nullable=one.name not in COMMON) for one in self.fields])


def _kinds(*kinds: EventKind) -> dict[str, EventKind]:
    return {kind.name: kind for kind in kinds}


EVENTS: dict[str, EventKind] = _kinds(
    EventKind(
        "packet",
        Text("a packet header seen by a network telescope (darknet)", "ダークネットで観測したパケットヘッダ"),
        (
            *("src", "dst", "proto", "sport", "dport", "flags", "seq", "ack", "window", "options", "ipid", "ttl", "length"),
            *("fragment", "icmp_type", "icmp_code"),
            *("inner_src", "inner_dst", "inner_proto", "inner_sport", "inner_dport", "payload"),
        ),
    ),
    EventKind(
        "flow",
        Text("a flow record", "フローレコード"),
        ("end", "src", "dst", "proto", "sport", "dport", "flags", "packets", "bytes", "exporter", "sampling"),
    ),
    EventKind(
        "dns",
        Text("a query or answer at a resolver", "リゾルバにおける問い合わせ・応答"),
        ("client", "resolver", "qname", "qtype", "rcode", "answers"),
    ),
    EventKind(
        "login",
        Text("an attempt to sign in at a service", "サービスへの認証試行"),
        ("service", "account", "src", "outcome", "agent", "password"),
    ),
    EventKind(
        "honeypot",
        Text("an act of an attacker on a decoy", "おとりに対する攻撃者の行為"),
        (
            *("protocol", "src", "sport", "dst", "dport", "session", "act", "user", "secret", "command", "url", "sha256"),
            *("bytes_in", "bytes_out", "request"),
        ),
    ),
    EventKind(
        "exposure",
        Text("what answered at an address when it was examined", "調査時に応答した機器・サービス"),
        ("address", "proto", "port", "service", "vendor", "product", "version", "cpe", "banner", "test", "amplification"),
    ),
    EventKind(
        "web",
        Text("an access to a URL through a proxy or gateway", "プロキシ・ゲートウェイ経由のURLアクセス"),
        ("client", "url", "host", "method", "status", "bytes"),
    ),
    EventKind(
        "lease",
        Text("who held an address and port range, and when", "アドレス・ポート範囲の割当"),
        ("end", "address", "port_first", "port_last", "subscriber"),
    ),
)
