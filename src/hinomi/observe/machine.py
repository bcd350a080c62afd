"""Kernels as machine code: numba compiles each once, and later processes load what it made without numba.

Importing numba and looking up its types takes longer than decoding five million packets. So numba is only the compiler:
it turns a kernel into a relocatable object that refers to nothing outside of itself, the object is kept beside the source
(or in the user's cache folder) under a name made of everything that it depends on, and LLVM loads it.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import os
import platform
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hinomi.home import put

Argument = NDArray[Any] | int
Form = tuple[str, ...]  # what a kernel is compiled for: per argument its element type and dimensions, or "int"
Native = Callable[[Sequence[Argument]], tuple[int, ...]]

PACKAGE: Final = "hinomi.observe.kernels"
KERNELS: Final = Path(__file__).with_name("kernels")
DIGEST: Final = 32
_LOADING: Final = threading.RLock()


class Kernel:
    """A function of a kernel file: takes NumPy arrays, which it may fill, and whole numbers; gives `results` whole numbers.

    The first call for a sort of arguments compiles it, once per machine and release. With NUMBA_DISABLE_JIT=1 it runs as
    plain Python, where NumPy looks at every access.
    """

    def __init__(self, module: str, name: str, results: int = 0) -> None:
        self.module, self.name, self.results = module, name, results
        self._natives: dict[Form, Native] = {}

    def __call__(self, *arguments: Argument) -> tuple[int, ...]:
        form = tuple(map(_sort, arguments))
        native = self._natives.get(form)
        if native is None:
            with _LOADING:
                native = self._natives[form] = self._native(form)
        return native(arguments)

    def _native(self, form: Form) -> Native:
        if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
            return self._plain
        name = f"{self.module}.{self.name}-{_key(self, form)}"
        code = _kept(name) or _keep(name, _compiled(self, form, name))
        return _callable(_address(name, code), form, self.results)

    @property
    def function(self) -> Callable[..., Any]:
        """The source of the kernel; importing it imports numba."""
        found: Callable[..., Any] = getattr(importlib.import_module(f"{PACKAGE}.{self.module}"), self.name)
        return found

    def _plain(self, arguments: Sequence[Argument]) -> tuple[int, ...]:
        given = self.function(*arguments)
        return () if given is None else given if isinstance(given, tuple) else (given,)


def _sort(argument: Argument) -> str:
    if not isinstance(argument, np.ndarray):
        return "int"
    if not (argument.flags.c_contiguous and argument.flags.aligned):
        raise ValueError("a kernel takes arrays that lie in one piece")
    return f"{argument.dtype.str}{argument.ndim}"


def _key(kernel: Kernel, form: Form) -> str:
    """Everything that the machine code depends on, in one word."""
    digest = hashlib.sha256(_surroundings())
    digest.update(repr((kernel.module, kernel.name, kernel.results, form)).encode())
    return digest.hexdigest()[:DIGEST]


@cache
def _surroundings() -> bytes:
    """The sources of all kernels, the compiler, and the processor."""
    llvm = _llvm()
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for source in sorted(KERNELS.glob("*.py")):
        digest.update(source.read_bytes())
    made = (version("numba"), version("llvmlite"), platform.machine(), llvm.get_host_cpu_name())
    digest.update(repr((*made, llvm.get_host_cpu_features().flatten())).encode())
    return digest.digest()


# ── the objects that are kept ────────────────────────────────────────────────────────────────────────────────────────────


def _folders() -> Iterator[Path]:
    """Where compiled code lies: beside the sources, as Python's own, or where the user keeps caches."""
    yield KERNELS / "__pycache__"
    yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hinomi" / "kernels"


def _kept(name: str) -> bytes | None:
    """The object under a name, if it is whole, and written by us or by the administrator."""
    for folder in _folders():
        try:
            with (folder / f"{name}.o").open("rb") as file:
                owner, content = os.fstat(file.fileno()).st_uid, file.read()
        except OSError:
            continue
        code = content[DIGEST:]
        if owner in (0, os.geteuid()) and content[:DIGEST] == hashlib.sha256(code).digest():
            return code
    return None


def _keep(name: str, code: bytes) -> bytes:
    """Keep an object where that may be done; where it may not, the next process compiles again."""
    for folder in _folders():
        with suppress(OSError):
            put(folder / f"{name}.o", hashlib.sha256(code).digest() + code)
            break
    return code


# ── compiling and loading ────────────────────────────────────────────────────────────────────────────────────────────────


def _llvm() -> ModuleType:
    return importlib.import_module("llvmlite.binding")  # some 50 ms, and only when a kernel is called


@cache
def _machine() -> Any:
    """The processor that we run on, as LLVM knows it."""
    llvm = _llvm()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(llvm.get_host_cpu_name(), features, opt=3, codemodel="jitdefault")


@cache
def _engine() -> Any:
    """What holds loaded code; it stays until the process ends."""
    llvm = _llvm()
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())


def _compiled(kernel: Kernel, form: Form, name: str) -> bytes:
    """The kernel as an object whose only symbol is `name`: numba's wrappers for Python, and what refers to Python, go.

    Without reference counts, which took two thirds of the time; division as NumPy does it, so that nothing can raise.
    """
    import numba

    llvm = _llvm()
    types = tuple(numba.int64 if one == "int" else _array(numba, one) for one in form)
    options = {"_nrt": False, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    dispatcher = numba.njit(**options)(kernel.function.py_func)  # type: ignore[attr-defined]  # numba keeps the source there
    dispatcher.compile(types)
    module = llvm.parse_assembly(dispatcher.inspect_llvm(types))
    native = dispatcher.overloads[types].fndesc.llvm_func_name
    for one in (*module.functions, *module.global_variables):
        if one.name == native:
            one.name = name
        elif not one.is_declaration:
            one.linkage = "internal"
    builder = llvm.create_pass_builder(_machine(), llvm.create_pipeline_tuning_options(speed_level=3))
    builder.getModulePassManager().run(module, builder)
    code: bytes = _machine().emit_object(module)
    return code


def _array(numba: Any, one: str) -> Any:
    return numba.types.Array(numba.from_dtype(np.dtype(one[:-1])), int(one[-1]), "C")


def _address(name: str, code: bytes) -> int:
    engine = _engine()
    engine.add_object_file(_llvm().ObjectFileRef.from_data(code))
    engine.finalize_object()
    address: int = engine.get_function_address(name)
    return address


def _callable(address: int, form: Form, results: int) -> Native:
    """Call machine code by numba's own convention; the interpreter is free for others meanwhile.

    (results, exception, arguments…) → 0; an array is its owner (twice, none here), size, item size, data, shape, strides.
    https://numba.readthedocs.io/en/stable/developer/repr.html
    """
    word, place = ctypes.c_int64, ctypes.c_void_p
    kinds: list[Any] = [place, place]
    for one in form:
        kinds += [word] if one == "int" else [place, place, word, word, place, *[word] * 2 * int(one[-1])]
    function = ctypes.CFUNCTYPE(ctypes.c_int32, *kinds)(address)

    def call(arguments: Sequence[Argument]) -> tuple[int, ...]:
        given = (word * max(results, 1))()
        raised = place()
        status = function(ctypes.addressof(given), ctypes.addressof(raised), *_flat(arguments))
        assert status == 0, "a kernel has no way to fail"
        return tuple(given[:results])

    return call


def _flat(arguments: Sequence[Argument]) -> Iterator[int | None]:
    for one in arguments:
        if isinstance(one, np.ndarray):
            yield from (None, None, one.size, one.itemsize, one.ctypes.data, *one.shape, *one.strides)
        else:
            yield int(one)
