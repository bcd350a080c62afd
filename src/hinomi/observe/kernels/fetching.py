"""Ask the processor for bytes that are read soon: a hint, which changes no result and may point past the end.

Records are found one behind the other, so the processor cannot see where the next cache lines lie; told, it waits half as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

DISTANCE: Final = 2048  # bytes: some 25 packets, the time that memory takes to answer
READ, KEEP, DATA = 0, 3, 1  # https://llvm.org/docs/LangRef.html#llvm-prefetch-intrinsic


def ahead(data: Any, at: int) -> None:
    """Fetch what lies `DISTANCE` behind `at`; in plain Python nothing."""


@overload(ahead)
def _ahead(data: Any, at: int) -> Callable[[Any, int], None]:  # noqa: ARG001  # numba compares the two signatures
    def fetch(data: Any, at: int) -> None:
        _prefetch(data, at)

    return fetch


@intrinsic
def _prefetch(_typing: Any, data: Any, at: Any) -> tuple[Any, Callable[..., Any]]:
    def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        array = context.make_array(data)(context, builder, arguments[0])
        distance = builder.add(arguments[1], ir.Constant(arguments[1].type, DISTANCE))
        place = builder.bitcast(builder.gep(array.data, [distance]), cgutils.voidptr_t)
        number = ir.IntType(32)
        form = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        hint = cgutils.get_or_insert_function(builder.module, form, "llvm.prefetch.p0")
        builder.call(hint, [place, number(READ), number(KEEP), number(DATA)])
        return context.get_dummy_value()

    return types.none(data, at), code
