"""Columns of text → times: numbers since 1970, and dates as ISO 8601 and its nearest relatives write them."""

from __future__ import annotations

from typing import Any, Final

from numba import njit

from hinomi.observe.kernels.shapes import BAD, EARLY, EMPTY, GOOD, ZONELESS

whole = njit(_nrt=False)
FLOOR: Final = (
    100_000_000  # seconds: 1973. What is smaller counts from elsewhere: a capture's first packet, a spreadsheet's 1900
)


@whole
def times(data: Any, ends: Any, out: Any, valid: Any) -> None:
    """Seconds, milli-, micro- or nanoseconds since 1970 (told apart by size), or a date and a time of day → microseconds UTC.

    As for the other columns, `valid` says what became of each; beside that ZONELESS is a value that is taken as UTC, and EARLY
    a number that is no time since 1970.
    """
    for row in range(out.size):
        begin, end = ends[row], ends[row + 1]
        if begin == end:
            valid[row] = EMPTY
        elif end - begin > 4 and (data[begin + 4] == 45 or data[begin + 4] == 47):
            out[row], valid[row] = _moment(data, begin, end)
        else:
            out[row], valid[row] = _epoch(data, begin, end)


@whole
def _epoch(data: Any, begin: int, end: int) -> tuple[int, int]:
    whole, at = 0, begin
    while at < end and 48 <= data[at] <= 57 and whole < 900_000_000_000_000_000:
        whole, at = whole * 10 + data[at] - 48, at + 1
    if at == begin:
        return 0, BAD
    scale = 1_000_000 if whole < 100_000_000_000 else 1_000 if whole < 100_000_000_000_000 else 1
    if at < end and (data[at] != 46 or end - at > 30):
        return 0, BAD
    value, part = whole * scale, scale
    for place in range(at + 1, end):
        if not 48 <= data[place] <= 57:
            return 0, BAD
        part //= 10
        value += (data[place] - 48) * part
    if whole < FLOOR:
        return 0, EARLY
    return value if whole < 100_000_000_000_000_000 else value // 1000, GOOD


@whole
def _moment(data: Any, begin: int, end: int) -> tuple[int, int]:
    """YYYY-MM-DD or YYYY/MM/DD, then hh:mm:ss behind T or a space, a fraction, and Z, an offset or nothing (taken as UTC).

    Month, day and hour may have one digit, as spreadsheets write them.
    """
    sign = data[begin + 4]
    year = _digits(data, begin, begin + 4)
    month, at = _number(data, begin + 5, end, 1)
    day, at = _number(data, at + 1, end, 1) if at < end and data[at] == sign else (-1, at)
    hour, at = _number(data, at + 1, end, 1) if at < end and not 48 <= data[at] <= 57 else (-1, at)
    minute, at = _number(data, at + 1, end, 2) if at < end and data[at] == 58 else (-1, at)
    second, at = _number(data, at + 1, end, 2) if at < end and data[at] == 58 else (-1, at)
    if min(year, month, day, hour, minute, second) < 0 or not (year >= 1970 and 1 <= month <= 12):
        return 0, BAD
    if not (1 <= day <= _length(year, month) and hour < 24 and minute < 60 and second <= 60):
        return 0, BAD
    micros, part = 0, 100_000
    if at < end and (data[at] == 46 or data[at] == 44):
        at += 1
        while at < end and 48 <= data[at] <= 57:
            micros, part, at = micros + (data[at] - 48) * part, part // 10, at + 1
    offset, good = _offset(data, at, end)
    if good == BAD:
        return 0, BAD
    seconds = _days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset * 60
    return (seconds * 1_000_000 + micros, good) if seconds >= 0 else (0, BAD)


@whole
def _offset(data: Any, at: int, end: int) -> tuple[int, int]:
    """Minutes east of UTC: Z, ±hh:mm, ±hhmm or ±hh, at most the fourteen hours of Kiribati."""
    if at == end:
        return 0, ZONELESS
    if end - at == 1 and data[at] | 32 == 122:
        return 0, GOOD
    if end - at not in (3, 5, 6) or not (data[at] == 43 or data[at] == 45) or (end - at == 6 and data[at + 3] != 58):
        return 0, BAD
    hours = _digits(data, at + 1, at + 3)
    minutes = _digits(data, end - 2, end) if end - at > 3 else 0
    total = hours * 60 + minutes
    if min(hours, minutes) < 0 or minutes > 59 or total > 14 * 60:
        return 0, BAD
    return total if data[at] == 43 else -total, GOOD


@whole
def _number(data: Any, at: int, end: int, least: int) -> tuple[int, int]:
    """The number of at least so many and at most two digits from `at` on, -1 when there is none, and where it ends."""
    place = at
    while place < min(end, at + 2) and 48 <= data[place] <= 57:
        place += 1
    return (_digits(data, at, place) if place - at >= least else -1), place


@whole
def _digits(data: Any, begin: int, end: int) -> int:
    value = 0
    for place in range(begin, end):
        if not 48 <= data[place] <= 57:
            return -1
        value = value * 10 + data[place] - 48
    return value


@whole
def _length(year: int, month: int) -> int:
    """How many days a month has."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@whole
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar: years counted from March, so that a leap day comes last."""
    year -= month <= 2
    era, of_era = year // 400, year % 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
