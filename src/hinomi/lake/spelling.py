"""Values of any answer in SQL as JSON and people have them: addresses, hexadecimal, RFC 3339 times, ISO 8601 intervals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

import pyarrow as pa

from hinomi.schema.address import text
from hinomi.schema.fields import BYTES, FIELDS

_DAYS: Final = 146_097  # of 400 years, after which the calendar repeats: the years that Python lacks are among those it has
_MICROS: Final = _DAYS * 86_400_000_000
_ENDLESS: Final = {pa.int32(): (1 << 31) - 1, pa.int64(): (1 << 63) - 1}  # DuckDB's 'infinity'
_LONG: Final = 1 << 63  # what JSON readers take for an integer lies below


def spelled(name: str, column: pa.Array) -> list[object]:
    """The values of a column; ValueError, OverflowError or ArrowException where one cannot be written."""
    kind = column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        known = FIELDS.get(name)
        octets = bytes.hex if known is not None and known.type == BYTES else _octets
        return list(each(column, octets, pa.string()).to_pylist())
    if pa.types.is_timestamp(kind):
        moments = column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64())
        return _counted(moments, partial(_moment, zone="Z" if kind.tz else ""))
    if pa.types.is_date(kind):
        return _counted(column.cast(pa.int32()), _day)
    if pa.types.is_nested(kind) or pa.types.is_decimal(kind) or pa.types.is_interval(kind):
        return list(map(_spelled, column.to_pylist()))
    return list(column.to_pylist())


def each(values: pa.Array, turn: Callable[[Any], object], kind: pa.DataType) -> pa.Array:
    """A Python function over a column, called once for each distinct value."""
    coded = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    coded = coded.dictionary_encode()
    return pa.array([turn(value) for value in coded.dictionary.to_pylist()], kind).take(coded.indices)


def _octets(value: bytes) -> str:
    """Bytes of which nothing else is known: in the lake sixteen are an address."""
    return text(value) if len(value) == 16 else value.hex()


def _counted(numbers: pa.Array, write: Callable[[int], str]) -> list[object]:
    endless = _ENDLESS[numbers.type]
    words = {None: None, endless: "infinity", -endless: "-infinity"}
    return [words[number] if number in words else write(number) for number in numbers.to_pylist()]


def _moment(micros: int, zone: str) -> str:
    around, rest = divmod(micros, _MICROS)
    return _in_year((datetime(1970, 1, 1) + timedelta(microseconds=rest)).isoformat(), around) + zone  # noqa: DTZ001 -- the zone is written by us


def _day(days: int) -> str:
    around, rest = divmod(days, _DAYS)
    return _in_year((date(1970, 1, 1) + timedelta(days=rest)).isoformat(), around)


def _in_year(written: str, around: int) -> str:
    """A time so many times 400 years later; years that four digits do not hold with their sign (ISO 8601, 4.1.2.4)."""
    year = int(written[:4]) + 400 * around
    return (f"{year:04d}" if 0 <= year <= 9999 else f"{year:+06d}") + written[4:]


def _spelled(value: object) -> object:
    if isinstance(value, bytes):
        return _octets(value)
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:  # a sum: DuckDB counts it in 128 bits
        value = int(value)
    if isinstance(value, int) and not -_LONG <= value < _LONG:
        return str(value)
    if isinstance(value, pa.MonthDayNano):
        return _interval(*value)
    if isinstance(value, datetime):
        return value.isoformat() if value.tzinfo is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return {str(name): _spelled(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return list(map(_spelled, value))
    return value


def _interval(months: int, days: int, nanos: int) -> str:
    """ISO 8601, 4.4.3.2, as PostgreSQL writes it: each part with its own sign."""
    years, months = _split(months, 12)
    seconds, micros = _split(_split(nanos, 1000)[0], 1_000_000)
    minutes, seconds = _split(seconds, 60)
    hours, minutes = _split(minutes, 60)
    exact = f"{seconds + micros / 1_000_000:.6f}".rstrip("0").rstrip(".")
    calendar = "".join(f"{part}{unit}" for part, unit in ((years, "Y"), (months, "M"), (days, "D")) if part)
    clock = "".join(f"{part}{unit}" for part, unit in ((hours, "H"), (minutes, "M")) if part)
    clock += f"{exact}S" if seconds or micros else ""
    return f"P{calendar}" + (f"T{clock}" if clock else "") if calendar or clock else "PT0S"


def _split(number: int, by: int) -> tuple[int, int]:
    """As `divmod`, but towards nought: both parts with the sign of the whole."""
    whole, rest = divmod(abs(number), by)
    return (whole, rest) if number >= 0 else (-whole, -rest)
