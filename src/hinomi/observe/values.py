"""A table of text → the fields of packets, column by column; what cannot be read is left unknown and counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from hinomi.observe.columns import DATE, FLAG_BITS, HISTORY, OPTION_NAMES, PACKETS
from hinomi.observe.days import scattered
from hinomi.observe.kernels import shapes, text_addresses, text_hexes, text_integers, text_times
from hinomi.observe.lines import Rows
from hinomi.observe.mapping import normal
from hinomi.observe.quarantine import Place, Tally
from hinomi.observe.respelling import respelled
from hinomi.observe.source import Fields
from hinomi.schema.fields import ADDRESS, BYTES, FIELDS, TIME
from hinomi.schema.protocols import FLAGS, PROTOCOLS

ROWS: Final = 1 << 18
NUMBERS: Final = {name: number for number, name in PROTOCOLS.items()} | {"icmpv6": 58, "ipv6-icmp": 58}
FLAG_LETTERS: Final = {
    "F": 1,
    "S": 2,
    "R": 4,
    "P": 8,
    "A": 16,
    ".": 16,
    "U": 32,
    "E": 64,
    "W": 128,
    "C": 128,
    "1": 128,
    "2": 64,
}
_FLAG_NAME: Final = re.compile("|".join(FLAGS))
_FLAG_NAMES: Final = re.compile(f"(?:{_FLAG_NAME.pattern})+")
OPTION_BYTES: Final = {"mss": 4, "window_scale": 3, "sack_permitted": 2, "timestamp": 10, "nop": 1, "eol": 1}
HIGHEST: Final = {
    **dict.fromkeys(("proto", "ttl", "icmp_type", "icmp_code", "inner_proto"), 255),
    **dict.fromkeys(("length", "seq", "ack"), 0xFFFFFFFF),
    "options": 40,
    "fragment": 0x1FFF,
}
PORT: Final = 0xFFFF
PORTS: Final = frozenset(("sport", "dport", "inner_sport", "inner_dport"))


def packets_from(rows: Rows, targets: Mapping[str, str], tally: Tally) -> Iterator[Fields]:
    """Rows of a text table as packets; a row without a time or without any address is quarantined."""
    for start in range(0, rows.table.num_rows, ROWS):
        part = Rows(rows.table.slice(start, ROWS), partial(_placed, rows, start))
        fields = _fields(part, targets, tally)
        known = [fields[name] for name in ("src", "dst") if name in fields]
        placed = pc.is_valid(known[0]) if len(known) == 1 else pc.or_(pc.is_valid(known[0]), pc.is_valid(known[1]))
        timed = pc.is_valid(fields["time"])
        keep = pc.and_(timed, placed)
        _count("no-time", pc.invert(timed), part, tally)
        _count("no-address", pc.and_(timed, pc.invert(placed)), part, tally)
        kept = {name: column.filter(keep) for name, column in fields.items()}
        far = scattered(kept["time"].cast(pa.int64()).to_numpy())
        if far is not None:
            _count("far-time", pc.replace_with_mask(keep, keep, pa.array(far)), part, tally)
            kept = {name: column.filter(pa.array(~far)) for name, column in kept.items()}
        tally.rows += len(kept["time"])
        if len(kept["time"]):
            yield kept


def _placed(rows: Rows, start: int, row: int) -> Place:
    return rows.place(start + row)


def _count(reason: str, which: pa.Array, rows: Rows, tally: Tally, about: str = "") -> None:
    """Count the rows that are marked, with the place of the first."""
    number = pc.sum(which).as_py() or 0
    if number:
        tally.count(reason, number, rows.place(pc.index(which, True).as_py()), about)


def _mark(reason: str, which: NDArray[np.bool_], rows: Rows, tally: Tally, about: str) -> None:
    if which.any():
        _count(reason, pa.array(which), rows, tally, about)


def _fields(part: Rows, targets: Mapping[str, str], tally: Tally) -> dict[str, pa.Array]:
    fields: dict[str, pa.Array] = {}
    flags: list[pa.Array] = []
    table = _dated(part.table, targets)
    for column, target in targets.items():
        if target == DATE:
            continue
        array, bad, told = _read(table.column(column), target, listed="." in column or column.isdecimal())
        _mark("bad-value", bad, part, tally, column)
        for reason, which in told.items():
            if reason != "no-zone" or "utc" not in normal(column):
                _mark(reason, which, part, tally, column)
        if target in FLAG_BITS:
            flags.append(pc.multiply(array, FLAG_BITS[target]))
        elif target == PACKETS:
            _count("many-packets", pc.fill_null(pc.greater(array, 1), False), part, tally)
        else:
            name = {OPTION_NAMES: "options", HISTORY: "flags"}.get(target, target)
            array = pc.if_else(pc.equal(array, 0), None, array) if name == "fragment" else array  # 0: whole, or a first one
            fields[name] = pc.coalesce(fields[name], array) if name in fields else array
    if flags and "flags" not in fields:
        fields["flags"] = _together(flags)
    return fields


def _together(flags: list[pa.Array]) -> pa.Array:
    """Single flags as one number; unknown where the row says nothing of any."""
    total = pc.fill_null(flags[0], 0)
    for each in flags[1:]:
        total = pc.add(total, pc.fill_null(each, 0))
    said = pa.array(np.logical_or.reduce([each.is_valid().to_numpy(zero_copy_only=False) for each in flags]))
    return pc.if_else(said, total, None)


def _dated(table: pa.Table, targets: Mapping[str, str]) -> pa.Table:
    """A time of day joined with the day in its own column."""
    names = {target: column for column, target in reversed(list(targets.items()))}
    if DATE not in names or not table.num_rows:
        return table
    time = table.column(names["time"]).cast(pa.string())
    if not _TIME_OF_DAY.match(next((value.as_py() for value in time if value.is_valid), "")):
        return table
    joined = pc.binary_join_element_wise(table.column(names[DATE]).cast(pa.string()), time, "T")
    return table.set_column(table.column_names.index(names["time"]), names["time"], joined)


_TIME_OF_DAY: Final = re.compile(r"\d\d:\d\d")


def _read(column: pa.ChunkedArray, target: str, listed: bool) -> Read:
    """The values of a column, and which could not be read; what is spelled otherwise gets a second look, each spelling one."""
    sort = _sort(target)
    reader = _READERS.get(sort, _integers)
    first = reader(_Text(column), target)
    if not first.bad.any():
        return first
    texts = column.cast(BYTES).combine_chunks()
    spelled = texts.filter(pa.array(first.bad)).dictionary_encode()
    again = [respelled(value.as_py().decode("utf-8", "replace"), sort, listed) for value in spelled.dictionary]
    if all(one is None for one in again):
        return first
    meant = pc.coalesce(pa.array([one if one is None else one.encode() for one in again], BYTES), spelled.dictionary)
    other = pc.replace_with_mask(texts, pa.array(first.bad), meant.take(spelled.indices))
    return reader(_Text(pa.chunked_array([other])), target)


def _sort(target: str) -> str:
    """Which reader a target needs: its type, or its own name where the text has words of its own."""
    if target in ("time", "payload", "proto", "flags", "options", OPTION_NAMES, HISTORY, PACKETS):
        return target
    if target in PORTS:
        return "port"
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


class Read(NamedTuple):
    """The values, which could not be read, and what else is to be told of some, by reason."""

    values: pa.Array
    bad: NDArray[np.bool_]
    told: Mapping[str, NDArray[np.bool_]] = MappingProxyType({})


def _finish(kind: pa.DataType, valid: NDArray[np.uint8], *buffers: NDArray[np.generic]) -> Read:
    bitmap = np.packbits(valid == shapes.GOOD, bitorder="little")
    array = pa.Array.from_buffers(kind, valid.size, [pa.py_buffer(bitmap), *(pa.py_buffer(one) for one in buffers)])
    return Read(array, valid == shapes.BAD)


def _times(values: _Text, _target: str) -> Read:
    out, valid = np.zeros(values.size, np.int64), np.zeros(values.size, np.uint8)
    text_times(values.data, values.ends, out, valid)
    told = {reason: valid == which for reason, which in (("early-time", shapes.EARLY), ("no-zone", shapes.ZONELESS))}
    valid[told["no-zone"]] = shapes.GOOD
    return _finish(TIME, valid, out)._replace(told=told)


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

    def read(values: _Text, _target: str) -> Read:
        encoded = values.array.dictionary_encode()
        texts = [value.as_py().decode("utf-8", "replace").strip() for value in encoded.dictionary]
        meanings = pa.array([word(text) for text in texts], pa.int32())
        bad = np.array([bool(text) and word(text) is None for text in texts], np.bool_)
        rows = encoded.indices.to_numpy(zero_copy_only=False)
        return Read(meanings.take(encoded.indices), bad[rows] if bad.size else np.zeros(values.size, np.bool_))

    return read


def _number(value: str, highest: int) -> int | None:
    """A whole number, decimal or hex, perhaps as a table of floats has it; of several (tshark, in a tunnel) the first."""
    plain = value.lower().partition(",")[0]
    try:
        number = int(plain, 16) if plain.startswith("0x") else int(re.sub(r"\.0+$", "", plain))
    except ValueError:
        return None
    return number if 0 <= number <= highest else None


def _proto(value: str) -> int | None:
    name = value.lower()
    if name in NUMBERS:
        return NUMBERS[name]
    number = re.fullmatch(r"[a-z0-9-]+ ?\((\d+)\)", name)  # Wireshark: TCP (6)
    return _number(number[1] if number else value, 255)


def _flag_word(value: str) -> int | None:
    """A number, or letters as tcpdump, Wireshark, nfdump and snort write them ("S.", "····A··S·", "....S.", "[SYN, ACK]")."""
    number = _number(value, 0xFFF)
    if number is not None:
        return number & 0xFF
    plain = value.upper().removeprefix("FLAGS").strip(" []()'\"")
    names = re.split(r"[^A-Z]+", plain)
    if all(_FLAG_NAMES.fullmatch(name) for name in names):
        return sum({FLAG_LETTERS[name[0]] for word in names for name in _FLAG_NAME.findall(word)})
    dots = "." if len(plain) >= 6 else ""  # as many as there are flags: a place, and not tcpdump's sign for ACK
    letters = re.sub(f"[·*_ ,|+/\\-{dots}]", "", plain)
    if any(letter not in FLAG_LETTERS for letter in letters):
        return None
    none = not letters and len(plain) < len("------")  # less than a sign for each flag: a sign for nothing known
    return None if none else sum({FLAG_LETTERS[letter] for letter in letters})


def _option_names(value: str) -> int | None:
    """The length of the TCP options that these names take up, padded to four bytes as the header demands."""
    names = [name for name in value.split(":") if name]
    if any(name not in OPTION_BYTES for name in names):
        return None
    return (sum(OPTION_BYTES[name] for name in names) + 3) // 4 * 4


def _option_bytes(value: str) -> int | None:
    """Their length as a number, in hex as they were sent, or by their names."""
    number = _number(value, HIGHEST["options"])
    if number is not None or not value:
        return number
    sent = value.replace(":", "")
    if re.fullmatch(r"(?:[0-9a-fA-F]{8})+", sent):
        return len(sent) // 2
    return _option_names(value)


# Zeek's history begins with what the side that opened the connection sent first; a small letter is the other side's.
_FIRST_PACKET: Final = {"S": 0x02, "H": 0x12, "A": 0x10, "R": 0x04}


def _first_flags(value: str) -> int | None:
    """https://docs.zeek.org/en/master/scripts/base/protocols/conn/main.zeek.html (history)."""
    return _FIRST_PACKET.get(value[:1])


def _histories(values: _Text, target: str) -> Read:
    read = _words(_first_flags)(values, target)
    return read._replace(bad=np.zeros(values.size, np.bool_))  # most letters say nothing of flags


def _counts(values: _Text, _target: str) -> Read:
    out, valid = np.zeros(values.size, np.int64), np.zeros(values.size, np.uint8)
    text_integers(values.data, values.ends, 1 << 40, out, valid)
    return _finish(pa.int64(), valid, out)


_READERS: Final[Mapping[str, Callable[[_Text, str], Read]]] = {
    "time": _times,
    "address": _addresses,
    "payload": _payloads,
    "integer": _integers,
    "proto": _words(_proto),
    "flags": _words(_flag_word),
    "options": _words(_option_bytes),
    OPTION_NAMES: _words(_option_names),
    HISTORY: _histories,
    PACKETS: _counts,
}
