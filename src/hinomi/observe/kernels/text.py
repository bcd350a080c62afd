"""Columns of text → columns of values: addresses, whole numbers and hex, a byte at a time.

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
    """Decimal or 0x… → a number from 0 to `highest`; where that is 1, also true and false, t and f."""
    for row in range(out.size):
        begin, end = ends[row], ends[row + 1]
        if begin == end:
            valid[row] = EMPTY
            continue
        truth = _truth(data, begin, end) if highest == 1 else -1
        if truth >= 0:
            out[row], valid[row] = truth, GOOD
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
def _truth(data: Any, begin: int, end: int) -> int:
    """1 for true or t, 0 for false or f, -1 for any other word."""
    letters = 0
    for at in range(begin, min(end, begin + 6)):
        letters = letters << 8 | data[at] | 32
    if letters in (0x74, 0x74727565):
        return 1
    return 0 if letters in (0x66, 0x66616C7365) else -1


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
