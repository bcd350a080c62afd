"""Values that the kernels cannot read, as people and programs also write them → as the kernels read them.

Only values that were not read at once come here, one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address
from typing import Final

from hinomi.observe.ports import NAMED

# What programs write where there is no value.
UNKNOWN: Final = frozenset(
    ("-", "--", "?", "*", "n/a", "na", "nan", "null", "none", "nil", "\\n", "(empty)", "<na>", "unknown", "undefined")
)
LOWEST_ADDRESS: Final = 1 << 24  # what is smaller would be in 0.0.0.0/8, and is a counter or an index
_MONTHS: Final = {
    name: number
    for number, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}  # fmt: skip
_ZONES: Final = {"utc": "+00:00", "gmt": "+00:00", "z": "+00:00", "jst": "+09:00", "": ""}
_CLOCK = r"(?P<clock>\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?) ?(?P<zone>[+-]\d\d:?\d\d|[+-]\d\d|[A-Za-z]{0,3})"
_TIMES: Final = tuple(
    re.compile(form + _CLOCK + "$")
    for form in (
        r"(?P<year>\d{4})[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)[T ]+",  # ISO 8601 and its relatives
        r"(?P<name>[A-Za-z]{3})[a-z]* +(?P<day>\d\d?),? (?P<year>\d{4}) +",  # tshark: Oct 13, 2021 21:04:36.593 UTC
        r"(?:[A-Za-z]{3},? )?(?P<day>\d\d?)[ /-](?P<name>[A-Za-z]{3})[ /-](?P<year>\d{4})[: T]",  # mail, web servers
    )
)
_BASIC: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)(\.\d+)?(Z?)$")
_GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.0*)?$")
_FLOAT: Final = re.compile(r"\d+(?:[.,]\d+)?(?:[eE]\+?\d{1,2})?$")


def respelled(value: str, sort: str, listed: bool) -> str | None:
    """As the kernels read it; empty when it says that there is no value; None when it cannot be understood.

    A comma may stand between several values, of which the first counts (tshark's, `listed`: the outer packet's before the
    inner's), or between the thousands of one.
    """
    plain = value.strip().strip("\"'")
    if plain.lower() in UNKNOWN:
        return ""
    one = sort == "time" or (not listed and sort not in ("address", "payload") and _GROUPED.match(plain) is not None)
    first = plain if one else plain.partition(",")[0]
    again = _BY_SORT.get(sort, _integer)(first)
    return again if again != value else None


def _integer(value: str) -> str | None:
    """A whole number that went through a table of floats, or has commas between its thousands."""
    whole, _, fraction = value.replace(",", "").partition(".")
    return whole if fraction.strip("0") == "" else None


def _address(value: str) -> str | None:
    """In brackets, with a zone or its whole prefix length, or as one number."""
    plain = re.sub(r"%[^/\]]*|/(?:32|128)$", "", value).strip("[]")
    number = re.fullmatch(r"\d{8,10}|0x[0-9a-fA-F]{7,8}", plain)
    if number is None:
        return plain
    whole = int(plain, 0) if plain.startswith("0x") else int(plain)
    return str(IPv4Address(whole)) if LOWEST_ADDRESS <= whole < 1 << 32 else None


def _time(value: str) -> str | None:
    found = next((match for form in _TIMES if (match := form.match(value))), None)
    if found is None:
        return _plain_time(value)
    parts = found.groupdict()
    month = _MONTHS.get(parts["name"].lower()) if parts.get("name") else int(parts["month"])
    zone = _ZONES.get(parts["zone"].lower()) if parts["zone"][:1].isalpha() else _offset(parts["zone"])
    if month is None or zone is None:
        return None
    clock = parts["clock"].replace(",", ".").rjust(2) if parts["clock"].count(":") == 2 else parts["clock"] + ":00"
    return f"{parts['year']}-{month:02}-{int(parts['day']):02}T{clock.zfill(8) if clock[1] == ':' else clock}{zone}"


def _offset(zone: str) -> str:
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}" if zone else ""


def _plain_time(value: str) -> str | None:
    """Without signs between the parts (ISO 8601 basic), or a number with an exponent or a decimal comma."""
    if basic := _BASIC.match(value):
        year, month, day, hour, minute, second, fraction, zone = basic.groups(default="")
        return f"{year}-{month}-{day}T{hour}:{minute}:{second}{fraction}{zone}"
    if not _FLOAT.match(value):
        return None
    return f"{float(value.replace(',', '.')):.6f}" if "e" in value.lower() else value.replace(",", ".")


def _port(value: str) -> str | None:
    """By the name of its service, as tcpdump and argus write it unless told not to; or a number."""
    number = NAMED.get(value.lower())
    return str(number) if number is not None else _integer(value)


def _payload(value: str) -> str | None:
    """Hex with a prefix or with spaces between the bytes."""
    return value.removeprefix("0x").replace(" ", "").replace("\\x", "")


_BY_SORT: Final[Mapping[str, Callable[[str], str | None]]] = {
    "address": _address,
    "time": _time,
    "payload": _payload,
    "port": _port,
}
