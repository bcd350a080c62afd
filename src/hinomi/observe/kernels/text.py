"""Columns of text → columns of values: addresses, whole numbers, times and hex, a byte at a time.

Each but the last takes the bytes of all values, where each ends, and fills `out`; `valid` is
1 for a value, 0 for an empty one (unknown), 2 for one that cannot be read.
"""

from __future__ import annotations

from typing import Any, Final

from numba import njit

from hinomi.observe.kernels.shapes import BAD, EMPTY, GOOD, HEAD

whole = njit(_nrt=False)
_HUGE: Final = 1 << 58


@whole
def addresses(data: Any, ends: Any, out: Any, valid: Any) -> None:
    """IPv4 in dotted decimal or IPv6 (RFC 4291 §2.2) → 16 bytes, IPv4 as IPv4-mapped."""
    for row in range(out.shape[0]):
        begin, end = ends[row], ends[row + 1]
        if begin == end:
            valid[row] = EMPTY
            continue
        colons = 0
        for at in range(begin, end):
            colons += data[at] == 58
        good = _ipv6(data, begin, end, out[row]) if colons else _ipv4(data, begin, end, out[row], 12)
        if good and not colons:
            out[row, :10] = 0
            out[row, 10:12] = 255
        valid[row] = GOOD if good else BAD


@whole
def _ipv4(data: Any, begin: int, end: int, out: Any, place: int) -> bool:
    part, digits, dots = 0, 0, 0
    for at in range(begin, end):
        byte = data[at]
        if byte == 46:
            if digits == 0 or dots == 3:
                return False
            out[place + dots] = part
            part, digits, dots = 0, 0, dots + 1
        elif 48 <= byte <= 57 and digits < 3:
            part, digits = part * 10 + byte - 48, digits + 1
            if part > 255:
                return False
        else:
            return False
    if dots != 3 or digits == 0:
        return False
    out[place + 3] = part
    return True


@whole
def _ipv6(data: Any, begin: int, end: int, out: Any) -> bool:
    out[:] = 0
    place, gap, at = 0, -1, begin
    if end - begin >= 2 and data[begin] == 58 and data[begin + 1] == 58:
        gap, at = 0, begin + 2
    while at < end:
        group, digits, start = 0, 0, at
        while at < end and _digit(data[at]) < 16:
            group, digits, at = group * 16 + _digit(data[at]), digits + 1, at + 1
        if at < end and data[at] == 46:  # the last 32 bits in dotted decimal
            if place > 12 or not _ipv4(data, start, end, out, place):
                return False
            place, at = place + 4, end
            break
        if digits == 0 or digits > 4 or place > 14:
            return False
        out[place], out[place + 1] = group >> 8, group & 255
        place += 2
        if at < end:
            if data[at] != 58 or at + 1 == end:
                return False
            at += 1
            if data[at] == 58:
                if gap >= 0:
                    return False
                gap, at = place, at + 1
    if gap < 0:
        return place == 16
    if place > 14:
        return False
    for index in range(place - gap):  # move what follows the gap to the end
        out[15 - index] = out[place - 1 - index]
        out[place - 1 - index] = 0 if place - 1 - index < 16 - (place - gap) else out[place - 1 - index]
    return True


@whole
def _digit(byte: int) -> int:
    """The value of a hex digit; 16 for anything else."""
    if 48 <= byte <= 57:
        return byte - 48
    if 97 <= byte <= 102:
        return byte - 87
    return byte - 55 if 65 <= byte <= 70 else 16


@whole
def integers(data: Any, ends: Any, highest: int, out: Any, valid: Any) -> None:
    """Decimal, 0x… or true/false → a number from 0 to `highest`."""
    for row in range(out.size):
        begin, end = ends[row], ends[row + 1]
        if begin == end:
            valid[row] = EMPTY
            continue
        first = data[begin] | 32
        if first in (116, 102):  # t, f
            out[row], valid[row] = first == 116, GOOD
            continue
        radix = 10
        if end - begin > 2 and data[begin] == 48 and data[begin + 1] | 32 == 120:
            radix, begin = 16, begin + 2
        value, good = 0, True
        for at in range(begin, end):
            digit = _digit(data[at])
            good = good and digit < radix and value < _HUGE // 16
            value = value * radix + digit if good else value
        good = good and value <= highest
        out[row], valid[row] = value if good else 0, GOOD if good else BAD


@whole
def hexes(data: Any, ends: Any, out: Any, out_ends: Any, valid: Any) -> None:
    """Hex, with or without colons → at most the first 64 bytes; an empty value is an empty payload."""
    for row in range(valid.size):
        place, half, high = out_ends[row], False, 0
        limit, valid[row] = place + HEAD, GOOD
        for at in range(ends[row], ends[row + 1]):
            if data[at] == 58:
                continue
            digit = _digit(data[at])
            if digit > 15:
                valid[row] = BAD
                break
            if half and place < limit:
                out[place] = high * 16 + digit
                place += 1
            high, half = digit, not half
        if half or valid[row] == BAD:
            place, valid[row] = out_ends[row], BAD
        out_ends[row + 1] = place


@whole
def times(data: Any, ends: Any, out: Any, valid: Any) -> None:
    """Seconds, milli-, micro- or nanoseconds since 1970 (told apart by size), or ISO 8601 → microseconds UTC."""
    for row in range(out.size):
        begin, end = ends[row], ends[row + 1]
        if begin == end:
            valid[row] = EMPTY
            continue
        stamp = end - begin >= 19 and data[begin + 4] == 45 and data[begin + 7] == 45
        value = _moment(data, begin, end) if stamp else _epoch(data, begin, end)
        out[row], valid[row] = max(value, 0), GOOD if value >= 0 else BAD


@whole
def _epoch(data: Any, begin: int, end: int) -> int:
    whole, at = 0, begin
    while at < end and 48 <= data[at] <= 57 and whole < 900_000_000_000_000_000:
        whole, at = whole * 10 + data[at] - 48, at + 1
    if at == begin:
        return -1
    scale = 1_000_000 if whole < 100_000_000_000 else 1_000 if whole < 100_000_000_000_000 else 1
    if at < end and (data[at] != 46 or end - at > 30):
        return -1
    value, part = whole * scale, scale
    for place in range(at + 1, end):
        if not 48 <= data[place] <= 57:
            return -1
        part //= 10
        value += (data[place] - 48) * part
    return value if whole < 100_000_000_000_000_000 else value // 1000


@whole
def _moment(data: Any, begin: int, end: int) -> int:
    """YYYY-MM-DD and hh:mm:ss with T or a space between, a fraction, and Z, an offset or nothing (taken as UTC)."""
    year, month, day = _number(data, begin, 4), _number(data, begin + 5, 2), _number(data, begin + 8, 2)
    hour, minute, second = _number(data, begin + 11, 2), _number(data, begin + 14, 2), _number(data, begin + 17, 2)
    if min(year, month, day, hour, minute, second) < 0 or data[begin + 13] != 58 or data[begin + 16] != 58:
        return -1
    if not (year >= 1970 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second <= 60):
        return -1
    at, micros, part = begin + 19, 0, 100_000
    if at < end and data[at] == 46:
        at += 1
        while at < end and 48 <= data[at] <= 57:
            micros, part, at = micros + (data[at] - 48) * part, part // 10, at + 1
    offset = 0
    if end - at == 6 and data[at + 3] == 58 and (data[at] == 43 or data[at] == 45):
        hours, minutes = _number(data, at + 1, 2), _number(data, at + 4, 2)
        if min(hours, minutes) < 0:
            return -1
        offset = (hours * 60 + minutes) * (60 if data[at] == 43 else -60)
    elif not (at == end or (end - at == 1 and data[at] | 32 == 122)):
        return -1
    return (_days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + micros


@whole
def _number(data: Any, at: int, digits: int) -> int:
    value = 0
    for place in range(at, at + digits):
        if not 48 <= data[place] <= 57:
            return -1
        value = value * 10 + data[place] - 48
    return value


@whole
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar: years counted from March, so that a leap day comes last."""
    year -= month <= 2
    era, of_era = year // 400, year % 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


DEEPEST: Final = 64
LONGEST: Final = 1 << 20


@whole
def objects(data: Any, at: int, starts: Any, ends: Any) -> tuple[int, int, int]:
    """Where the outermost JSON objects begin and end, whatever stands between them: (how many, where to go on, broken ones).

    An object that is longer or deeper than any record is broken, and the search goes on behind what was looked at.
    """
    count, broken = 0, 0
    while count < starts.size and at < data.size:
        if data[at] != 123:  # {
            at += 1
            continue
        end = _object_end(data, at)
        if end == 0:
            break
        if end < 0:
            broken, at = broken + 1, -end
            continue
        starts[count], ends[count] = at, end
        count, at = count + 1, end
    return count, at, broken


@whole
def _object_end(data: Any, start: int) -> int:
    """Behind the brace that closes it; 0 when that is not here yet, negative when the search was given up."""
    depth, quoted, at, limit = 0, False, start, min(data.size, start + LONGEST)
    while at < limit:
        byte = data[at]
        at += 1
        if quoted:
            if byte == 10:  # RFC 8259 §7: no text holds a line end, so this one was never closed
                return -at
            at += byte == 92  # a backslash takes the next one along
            quoted = byte != 34
        elif byte == 34:
            quoted = True
        elif byte == 123 or byte == 91:
            depth += 1
            if depth > DEEPEST:
                return -at
        elif byte == 125 or byte == 93:
            depth -= 1
            if depth == 0:
                return at
    return 0 if limit == data.size else -at
