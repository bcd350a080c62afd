"""What engines answer, in the same types whichever engine it was."""

from __future__ import annotations

import pyarrow as pa

from hinomi.schema.fields import TIME


def canonical(answer: pa.Table) -> pa.Table:
    """The answer in the house's types: engines widen integers and name binaries and zones each in their own way."""
    return answer.cast(pa.schema([pa.field(field.name, _type(field.type)) for field in answer.schema]))


def _type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
        return pa.int64()
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pa.float64()
    if pa.types.is_timestamp(kind):
        return TIME
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_fixed_size_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind):
        return pa.binary()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_type(kind.value_type))
    return kind
