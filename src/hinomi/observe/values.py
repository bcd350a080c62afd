"""A table of text → the fields of packets, column by column; what cannot be read is left unknown and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hinomi.observe.kernels import shapes, text_addresses, text_hexes, text_integers, text_times
from hinomi.observe.mapping import FLAG_BITS, OPTION_NAMES
from hinomi.observe.quarantine import Tally
from hinomi.observe.source import Fields
from hinomi.schema.fields import ADDRESS, BYTES, FIELDS, TIME

ROWS: Final = 1 << 18
# https://www.iana.org/assignments/protocol-numbers
_NAMES: Final = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah", 132: "sctp"}
PROTOCOLS: Final = {name: number for number, name in _NAMES.items()} | dict.fromkeys(("icmp6", "icmpv6", "ipv6-icmp"), 58)
FLAG_LETTERS: Final = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, ".": 16, "U": 32, "E": 64, "W": 128, "C": 128}
_FLAG_NAMES: Final = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
OPTION_BYTES: Final = {"mss": 4, "window_scale": 3, "sack_permitted": 2, "timestamp": 10, "nop": 1, "eol": 1}
HIGHEST: Final = {
    **dict.fromkeys(("proto", "ttl", "icmp_type", "icmp_code", "inner_proto"), 255),
    **dict.fromkeys(("length", "seq", "ack"), 0xFFFFFFFF),
    "options": 40,
    "fragment": 0x1FFF,
}
PORT: Final = 0xFFFF


def packets_from(table: pa.Table, targets: Mapping[str, str], offset: int, tally: Tally) -> Iterator[Fields]:
    """Rows of a text table as packets; a row without a time or without any address is quarantined."""
    for start in range(0, table.num_rows, ROWS):
        part = table.slice(start, ROWS)
        fields = _fields(part, targets, offset, tally)
        known = [fields[name] for name in ("src", "dst") if name in fields]
        placed = pc.is_valid(known[0]) if len(known) == 1 else pc.or_(pc.is_valid(known[0]), pc.is_valid(known[1]))
        timed = pc.is_valid(fields["time"])
        tally.count("no-time", part.num_rows - pc.sum(timed).as_py(), offset)
        keep = pc.and_(timed, placed)
        tally.count("no-address", pc.sum(timed).as_py() - pc.sum(keep).as_py(), offset)
        kept = {name: column.filter(keep) for name, column in fields.items()}
        tally.rows += len(kept["time"])
        if len(kept["time"]):
            yield kept


def _fields(part: pa.Table, targets: Mapping[str, str], offset: int, tally: Tally) -> dict[str, pa.Array]:
    fields: dict[str, pa.Array] = {}
    flags: list[pa.Array] = []
    for column, target in targets.items():
        values = _Text(part.column(column))
        array, unreadable = _READERS.get(_sort(target), _integers)(values, target)
        tally.count("bad-value", unreadable, offset)
        if target in FLAG_BITS:
            flags.append(pc.multiply(array, FLAG_BITS[target]))
        else:
            name = "options" if target == OPTION_NAMES else target
            fields[name] = pc.coalesce(fields[name], array) if name in fields else array
    if flags and "flags" not in fields:
        total = flags[0]
        for each in flags[1:]:
            total = pc.add(total, each)
        fields["flags"] = total
    return fields


def _sort(target: str) -> str:
    """Which reader a target needs: its type, or its own name where the text has words of its own."""
    if target in ("time", "payload", "proto", "flags", OPTION_NAMES):
        return target
    return "address" if target in FIELDS and FIELDS[target].type == ADDRESS else "integer"


_NOTHING: Final = np.frombuffer(b"\0", np.uint8)  # read-only like every other column: one compiled form serves all


class _Text:
    """A column as the kernels want it: bytes, and where each value ends; unknown is empty."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        whole = column.cast(BYTES).combine_chunks()
        self.known = whole.is_valid().to_numpy(zero_copy_only=False)
        self.array = pc.fill_null(whole, b"")
        _, ends, data = self.array.buffers()
        self.size = len(self.array)
        self.ends: NDArray[np.int32] = np.frombuffer(ends, np.int32)[self.array.offset : self.array.offset + self.size + 1]
        self.data: NDArray[np.uint8] = np.frombuffer(data, np.uint8) if data and data.size else _NOTHING


Read = tuple[pa.Array, int]  # the values, and how many could not be read


def _finish(kind: pa.DataType, valid: NDArray[np.uint8], *buffers: NDArray[np.generic]) -> Read:
    bitmap = np.packbits(valid == shapes.GOOD, bitorder="little")
    array = pa.Array.from_buffers(kind, valid.size, [pa.py_buffer(bitmap), *(pa.py_buffer(one) for one in buffers)])
    return array, int(np.count_nonzero(valid == shapes.BAD))


def _times(values: _Text, _target: str) -> Read:
    out, valid = np.zeros(values.size, np.int64), np.zeros(values.size, np.uint8)
    text_times(values.data, values.ends, out, valid)
    return _finish(TIME, valid, out)


def _addresses(values: _Text, _target: str) -> Read:
    out, valid = np.zeros((values.size, 16), np.uint8), np.zeros(values.size, np.uint8)
    text_addresses(values.data, values.ends, out, valid)
    return _finish(ADDRESS, valid, out)


def _integers(values: _Text, target: str) -> Read:
    kind = pa.int32() if target in FLAG_BITS else FIELDS[target].type
    highest = 1 if target in FLAG_BITS else HIGHEST.get(target, PORT)
    out, valid = np.zeros(values.size, np.int64), np.zeros(values.size, np.uint8)
    text_integers(values.data, values.ends, highest, out, valid)
    return _finish(kind, valid, out if kind == pa.int64() else out.astype(np.int32))


def _payloads(values: _Text, _target: str) -> Read:
    out, valid = np.empty(values.size * shapes.HEAD, np.uint8), np.zeros(values.size, np.uint8)
    ends = np.zeros(values.size + 1, np.int32)
    text_hexes(values.data, values.ends, out, ends, valid)
    valid[~values.known] = shapes.EMPTY  # an empty value is an empty payload, a missing one is none that we know of
    return _finish(BYTES, valid, ends, out[: ends[-1]])


def _words(word: Callable[[str], int | None]) -> Callable[[_Text, str], Read]:
    """A reader that looks each distinct value up once: names, where there are few."""

    def read(values: _Text, target: str) -> Read:
        encoded = values.array.dictionary_encode()
        meanings = [word(value.as_py().decode("latin-1").strip()) for value in encoded.dictionary]
        array = pa.array(meanings, FIELDS[target].type if target in FIELDS else pa.int32()).take(encoded.indices)
        empty = pc.sum(pc.equal(values.array, b"")).as_py() or 0
        return array, array.null_count - (empty if word("") is None else 0)

    return read


def _number(value: str, highest: int) -> int | None:
    try:
        number = int(value, 0) if value.startswith("0x") else int(value)
    except ValueError:
        return None
    return number if 0 <= number <= highest else None


def _proto(value: str) -> int | None:
    return PROTOCOLS.get(value.lower()) or _number(value, 255)


def _flag_word(value: str) -> int | None:
    """A number, or letters as tcpdump and Wireshark write them ("S.", "····A··S·", "SYN,ACK")."""
    number = _number(value, 0xFFF)
    if number is not None:
        return number & 0xFF
    names = value.upper().replace("|", ",").replace(" ", ",").split(",")
    letters = (
        "".join(name[0] for name in names if name)
        if len(names) > 1 or (len(value) > 2 and value.upper() in _FLAG_NAMES)
        else value
    )
    if not letters or any(letter not in FLAG_LETTERS and letter not in "·*-" for letter in letters):
        return None
    return sum({FLAG_LETTERS[letter] for letter in letters if letter in FLAG_LETTERS})


def _option_bytes(value: str) -> int | None:
    """The length of the TCP options that these names take up, padded to four bytes as the header demands."""
    names = [name for name in value.split(":") if name]
    if any(name not in OPTION_BYTES for name in names):
        return None
    return (sum(OPTION_BYTES[name] for name in names) + 3) // 4 * 4


_READERS: Final[Mapping[str, Callable[[_Text, str], Read]]] = {
    "time": _times,
    "address": _addresses,
    "payload": _payloads,
    "integer": _integers,
    "proto": _words(_proto),
    "flags": _words(_flag_word),
    OPTION_NAMES: _words(_option_bytes),
}
