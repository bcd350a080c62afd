"""Where the records of a text end: JSON objects, and rows of columns whose values may be in quotes."""

from __future__ import annotations

from typing import Any, Final

from numba import njit

whole = njit(_nrt=False)
DEEPEST: Final = 64
LONGEST: Final = 1 << 20
REACH: Final = 1 << 16  # bytes behind the beginning of a broken object in which the next one is looked for


@whole
def objects(data: Any, at: int, ended: int, starts: Any, ends: Any) -> tuple[int, int, int, int]:
    """Where the outermost JSON objects begin and end: (how many, where to go on, what is broken, where the first of that is).

    Broken is an object that is not closed, or longer or deeper than any record; and each line with something between objects
    that does not belong there.
    """
    count, broken, first, told = 0, 0, -1, False
    while count < starts.size and at < data.size:
        byte, end = data[at], 0
        if byte == 123:  # {
            end = _object_end(data, at, ended)
            if end == 0:
                break
            if end > 0:
                starts[count], ends[count] = at, end
                count, at = count + 1, end
                continue
        if byte == 10:
            told = False
        elif end < 0 or not (told or _between(byte)):
            first = at if broken == 0 else first
            broken, told = broken + 1, True
        at = -end if end < 0 else at + 1
    return count, at, broken, first


@whole
def _between(byte: int) -> bool:
    """Whether it may stand between objects: blanks, what makes an array, a byte order mark, RFC 7464's record separator."""
    return byte in (32, 9, 13, 44, 91, 93, 0xEF, 0xBB, 0xBF, 0x1E)


@whole
def _object_end(data: Any, start: int, ended: int) -> int:
    """Behind the brace that closes it; 0 when that is not here yet; when it is broken the place to take up again, negative."""
    depth, quoted, at, limit = 0, False, start, min(data.size, start + LONGEST)
    arrays = 0  # a bit for each open bracket, 0 for each open brace; the innermost is the lowest
    before, fresh = 91, False  # the last sign that means something, and whether it was in a line before this
    while at < limit:
        byte = data[at]
        at += 1
        if quoted:
            if byte == 10:  # RFC 8259 §7: no text holds a line end, so this one was never closed
                return -_again(data, start, at)
            at += byte == 92  # a backslash takes the next one along
            quoted = byte != 34
        elif byte == 34:
            quoted = True
        elif byte == 123 or byte == 91:
            if (
                byte == 123 and fresh and before not in (91, 44, 58)
            ):  # inside, [ , or : is before an object: this is the next one
                return -_again(data, start, at)
            depth, arrays = depth + 1, arrays << 1 | (byte == 91)
            if depth > DEEPEST:
                return -_again(data, start, at)
        elif byte == 125 or byte == 93:
            if arrays & 1 != (byte == 93):
                return -_again(data, start, at)
            depth, arrays = depth - 1, arrays >> 1
            if depth == 0:
                return at
        if byte > 32:
            before, fresh = byte, False
        fresh = fresh or byte == 10
    again = _again(data, start, at) if limit < data.size or ended else 0
    return 0 if limit == data.size and again == at else -again


@whole
def _again(data: Any, start: int, at: int) -> int:
    """Behind a broken object that began a line, the next line that begins as it did; otherwise `at`, where it was found out."""
    line = start
    while line > 0 and data[line - 1] != 10 and start - line < DEEPEST:
        line -= 1
    indent = 0
    for place in range(line, start):
        if data[place] not in (32, 9, 44, 91):
            return at
        indent += data[place] in (32, 9)
    limit = min(data.size, start + REACH)
    for place in range(start, limit):
        if data[place] == 10 and _indent(data, place + 1, limit) == indent:
            return place + 1
    return at


@whole
def _indent(data: Any, at: int, limit: int) -> int:
    """How many blanks stand before the object that begins a line, perhaps beside a bracket or a comma; -1 when none does."""
    blanks = 0
    while at < limit and data[at] in (32, 9, 44, 91):
        blanks += data[at] in (32, 9)
        at += 1
    return blanks if at < limit and data[at] == 123 else -1


# ── rows of columns ──────────────────────────────────────────────────────────────────────────────────────────────────────


@whole
def unclosed(data: Any, at: int, quote: int, delimiter: int, columns: int) -> tuple[int, int]:
    """The first record from `at` on that opens a value in quotes and never closes it: where it begins, and where the line ends.

    Both are the end of the data when there is none.
    """
    begin, fresh = at, True
    while at < data.size:
        byte = data[at]
        if fresh and byte == quote:
            end = _value_end(data, at + 1, quote, delimiter, columns)
            if end < 0:
                while at < data.size and data[at] != 10:
                    at += 1
                return begin, min(at + 1, data.size)
            at, fresh = end, False
            continue
        at += 1
        fresh = byte in (delimiter, 10, 13)
        begin = at if byte == 10 or byte == 13 else begin
    return data.size, data.size


@whole
def _value_end(data: Any, at: int, quote: int, delimiter: int, columns: int) -> int:
    """Behind the quote that closes a value; -1 when none does.

    What spans lines is closed by a quote before a delimiter or a line end (RFC 4180 §2), and holds no whole line that would
    be a row by itself: that is what an opening quote too many swallows.
    """
    lines, signs, limit = 0, 0, min(data.size, at + LONGEST)
    while at < limit:
        byte = data[at]
        at += 1
        if byte == quote:
            following = data[at] if at < data.size else 10
            if following != quote:
                return at if lines == 0 or following in (delimiter, 10, 13) else -1
            at += 1
        elif byte == delimiter:
            signs += 1
        elif byte == 10:
            if lines and signs == columns - 1:
                return -1
            lines, signs = lines + 1, 0
    return -1
