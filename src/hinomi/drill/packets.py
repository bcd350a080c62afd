"""Packets as columns: numpy arrays while they are made, one Arrow batch of the `packet` kind when they are done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hinomi.schema.address import MAPPED
from hinomi.schema.events import EVENTS

Ints = npt.NDArray[np.int64]
Column = Ints | int
Packets = Mapping[str, Ints]  # column → value per packet; ABSENT where the header has no such field

ABSENT = -1
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ICMP, TCP, UDP = 1, 6, 17
ADDRESSES = frozenset({"src", "dst", "inner_src", "inner_dst"})

# Payloads by number: column `payload` holds an index into this table. As readers say it, a packet that carries nothing
# has an empty payload, and an ICMP message's is absent: it carries something that was not kept.
PAYLOADS: tuple[bytes, ...] = (
    b"",
    bytes.fromhex("1700032a00000000"),  # NTP mode 7 monlist
    b"M-SEARCH * HTTP/1.1\r\nHOST:239.255.255.250:1900\r\n",
    bytes.fromhex("64313a6164323a696432303a"),  # BitTorrent DHT query
    b"<134>Jan  1 00:00:00 gateway: link up\n",
    bytes.fromhex("000081800001000100000000"),  # DNS answer
    bytes.fromhex("0001000000000000"),
)
EMPTY, NTP_MONLIST, SSDP_SEARCH, DHT_QUERY, SYSLOG, DNS_ANSWER, OTHER = range(len(PAYLOADS))


def tcp(**columns: Column) -> Packets:
    """TCP segments without payload; the length follows from the options."""
    known: dict[str, Column] = {"proto": TCP, "ack": 0, "window": 0, "options": 0, "ipid": 0, "payload": EMPTY, **columns}
    return _fill({"length": 40 + np.asarray(known["options"]), **known})


def udp(**columns: Column) -> Packets:
    """UDP datagrams, with the payload's number in `payload` (lengths follow from it)."""
    sizes = np.array([len(payload) for payload in PAYLOADS])
    known: dict[str, Column] = {"proto": UDP, "payload": EMPTY, "ipid": 0, **columns}
    return _fill({"length": 28 + sizes[np.asarray(known["payload"])], **known})


def icmp(**columns: Column) -> Packets:
    """ICMP messages; an error quotes the header it is about in the `inner_…` columns."""
    return _fill({"proto": ICMP, "length": 56, "ipid": 0, **columns})


def _fill(columns: Mapping[str, Column]) -> Packets:
    count = len(np.atleast_1d(np.asarray(columns["time"])))
    return {name: np.broadcast_to(np.asarray(value, dtype=np.int64), count) for name, value in columns.items()}


def size(packets: Packets) -> int:
    return len(packets["time"]) if packets else 0


def together(parts: Iterable[Packets]) -> Packets:
    """Several streams as one, in the order of time; a column that a stream lacks is absent in its packets."""
    streams = [part for part in parts if size(part)]
    if not streams:
        return {}
    order = np.argsort(np.concatenate([stream["time"] for stream in streams]), kind="stable")
    names = dict.fromkeys(name for stream in streams for name in stream)
    return {name: np.concatenate([_column(stream, name) for stream in streams])[order] for name in names}


def _column(packets: Packets, name: str) -> Ints:
    return packets[name] if name in packets else np.broadcast_to(np.int64(ABSENT), size(packets))


def batch(packets: Packets, sensor: str, segment: str) -> pa.RecordBatch:
    """The packets as one batch of the `packet` kind, absent values as nulls."""
    count = size(packets)
    labels = {"sensor": sensor, "segment": segment}
    arrays = [
        _labels(labels[field.name], count) if field.name in labels else _array(packets, field.name, field.type)
        for field in EVENTS["packet"].arrow
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=EVENTS["packet"].arrow)


def _labels(label: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), [label]).cast(pa.string())


def _array(packets: Packets, name: str, kind: pa.DataType) -> pa.Array:
    if name not in packets:
        return pa.nulls(size(packets), kind)
    values = np.ascontiguousarray(packets[name])
    absent = values == ABSENT
    if name in ADDRESSES:
        return _addresses(values, absent)
    if name == "payload":
        return pa.array(PAYLOADS, pa.binary()).take(pa.array(values, mask=absent))
    numbers = values if pa.types.is_timestamp(kind) or kind == pa.int64() else values.astype(np.int32)
    return pa.array(numbers, mask=absent if absent.any() else None).cast(kind)


def _addresses(values: Ints, absent: npt.NDArray[np.bool_]) -> pa.Array:
    raw = np.empty((len(values), 16), np.uint8)
    raw[:, :12] = np.frombuffer(MAPPED, np.uint8)
    raw[:, 12:] = values.astype(">u4").view(np.uint8).reshape(-1, 4)
    present = pa.array(~absent).buffers()[1] if absent.any() else None
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(values), [present, pa.py_buffer(raw.tobytes())])
