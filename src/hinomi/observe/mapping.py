"""Which column of a packet log is which field: a table of dialects, and the user's own words on top.

A dialect is chosen by the columns that the log has, in the order of the table; to teach Hinomi another log, add a row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hinomi.observe.refusal import InputError
from hinomi.schema.events import EVENTS
from hinomi.schema.words import Text

# Targets beside the fields themselves: one TCP flag each, and the names of TCP options.
FLAG_BITS: Final = MappingProxyType(
    {f"flag.{name}": 1 << bit for bit, name in enumerate(("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"))}
)
OPTION_NAMES: Final = "option.names"
TARGETS: Final = frozenset({"time", *EVENTS["packet"].own, *FLAG_BITS, OPTION_NAMES})
FLAGS: Final = {f"flag.{name}": name for name in ("fin", "syn", "rst", "psh", "ack", "urg")}


@dataclass(frozen=True)
class Dialect:
    """One sort of log: the columns that give it away, and what its columns mean (lower case)."""

    name: str
    needs: frozenset[str]
    columns: Mapping[str, str]


def _dialect(name: str, needs: str, words: Mapping[str, str]) -> Dialect:
    """`words` lists for each target the columns that mean it; where several have a value, the first counts."""
    columns = {column.strip(): target for target, names in words.items() for column in names.split(",")}
    return Dialect(name, frozenset(needs.split()), columns)


_COMMON: Final = {
    "sport": "sport, src_port, source_port, srcport, spt",
    "dport": "dport, dst_port, dest_port, destination_port, dstport, dpt",
    "proto": "proto, protocol, ip_proto",
    "ttl": "ttl, ip_ttl",
    "ipid": "ipid, ip_id",
    "length": "length, ip_len, len",
    "flags": "flags, tcp_flags",
    "seq": "seq, tcp_seq",
    "ack": "ack, tcp_ack",
    "window": "window, window_size, win",
    "icmp_type": "icmp_type",
    "icmp_code": "icmp_code",
    "payload": "payload, payload_hex",
    "fragment": "fragment",
}
_TIMES: Final = "time, timestamp, ts, datetime, @timestamp"
_ENDS: Final = ("src dst", "saddr daddr", "src_ip dst_ip", "srcip dstip", "source_ip destination_ip", "source_ip dest_ip")

DIALECTS: Final = (
    _dialect("hinomi", "time src dst", {target: target for target in TARGETS}),
    # Spoki (Hiesgen et al., USENIX Security 2022): times in ms, s/a for sequence and acknowledgement numbers
    _dialect(
        "spoki",
        "ts saddr daddr snum anum",
        {"time": "ts", "src": "saddr", "dst": "daddr", "seq": "snum", "ack": "anum", "window": "window size"}
        | {OPTION_NAMES: "options", "payload": "payload", "proto": "proto", "ttl": "ttl", "ipid": "ipid"}
        | {"sport": "sport", "dport": "dport"}
        | FLAGS,
    ),
    # tshark -T fields -E header=y
    _dialect(
        "tshark",
        "frame.time_epoch ip.src ip.dst",
        {"time": "frame.time_epoch", "src": "ip.src, ipv6.src", "dst": "ip.dst, ipv6.dst", "proto": "ip.proto, ipv6.nxt"}
        | {"ttl": "ip.ttl, ipv6.hlim", "ipid": "ip.id", "length": "ip.len", "flags": "tcp.flags", "seq": "tcp.seq_raw"}
        | {"ack": "tcp.ack_raw", "window": "tcp.window_size_value", "sport": "tcp.srcport, udp.srcport"}
        | {"dport": "tcp.dstport, udp.dstport", "icmp_type": "icmp.type, icmpv6.type", "icmp_code": "icmp.code, icmpv6.code"},
    ),
    # home-made logs: the usual words
    *(
        _dialect(f"{time} {ends}", f"{time} {ends}", {"time": time, "src": ends.split()[0], "dst": ends.split()[1]} | _COMMON)
        for time in _TIMES.split(", ")
        for ends in _ENDS
    ),
)


def understand(columns: Collection[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Column → target for the columns that mean something; empty when the log has no time and address that we know."""
    names = {column: column.strip().lower() for column in columns}
    dialect = next((one for one in DIALECTS if one.needs <= set(names.values())), None)
    found = {column: dialect.columns[name] for column, name in names.items() if dialect and name in dialect.columns}
    found.update({column: target for column, target in mapping.items() if column in names})
    targets = set(found.values())
    return found if "time" in targets and targets & {"src", "dst"} else {}


def assign(name: str, columns: Collection[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """As `understand`, or a refusal that says what is missing or unknown."""
    if strange := {target for target in mapping.values() if target not in TARGETS}:
        raise _refused(name, f"{', '.join(sorted(strange))}: no such field", "そのような項目はありません", sorted(TARGETS))
    if missing := {column for column in mapping if column not in columns}:
        raise _refused(name, f"{', '.join(sorted(missing))}: no such column", "そのような列はありません", columns)
    found = understand(columns, mapping)
    if not found:
        raise _refused(
            name, "has no columns for time and address that Hinomi knows", "時刻とアドレスの列が分かりません", columns
        )
    return found


def _refused(name: str, en: str, ja: str, known: Collection[str]) -> InputError:
    shown = ("".join(letter if letter.isprintable() else "·" for letter in one)[:40] for one in list(known)[:40])
    listed = ", ".join(shown) or "none"  # a terminal obeys what is not printable
    return InputError(
        name,
        Text(f"{en} (there are: {listed})", f"{ja} (あるもの: {listed})"),
        Text(
            "say which is which: --as packet-csv:column=time,column=src,column=dst (or packet-json:…)",
            "--as packet-csv:列名=time,列名=src,列名=dst (または packet-json:…) で対応付けてください",
        ),
    )
