"""Kernels are compiled once, kept, and loaded without numba; what was kept is used only when it is whole and ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hinomi.observe import machine
from hinomi.observe.machine import Kernel

PRESENT = np.array([0b01, 0b11, 0b10], np.uint32)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of our own to keep compiled code in."""
    monkeypatch.setattr(machine, "_folders", lambda: iter([tmp_path]))
    return tmp_path


def first_bits() -> list[int]:
    """Call a kernel that is new to this process."""
    out = np.zeros((24, 1), np.uint8)
    assert Kernel("validity", "bitmaps")(PRESENT, PRESENT.size, out) == ()
    return [int(bits) for bits in out[:2, 0]]


def compiles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kernels that are compiled from now on."""
    seen: list[str] = []
    compiled = machine._compiled
    monkeypatch.setattr(machine, "_compiled", lambda kernel, *rest: (seen.append(kernel.name), compiled(kernel, *rest))[1])
    return seen


def test_it_is_compiled_once_and_kept(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = compiles(monkeypatch)
    assert first_bits() == [0b011, 0b110]
    assert first_bits() == [0b011, 0b110]
    assert seen == ["bitmaps"]
    assert len(list(shelf.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"\0" * 999])
def test_what_was_kept_and_is_damaged_is_compiled_again(shelf: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes) -> None:
    seen = compiles(monkeypatch)
    first_bits()
    (kept,) = shelf.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage or whole[:-1])
    assert first_bits() == [0b011, 0b110]
    assert seen == ["bitmaps", "bitmaps"]
    assert kept.read_bytes() == whole, "the same source gives the same code"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_code_that_someone_else_put_there_is_not_run(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = compiles(monkeypatch)
    first_bits()
    (kept,) = shelf.iterdir()
    os.chown(kept, 65534, 65534)
    assert first_bits() == [0b011, 0b110]
    assert seen == ["bitmaps", "bitmaps"]


def test_where_nothing_can_be_kept_it_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_folders", lambda: iter([Path("/proc/nowhere")]))
    assert first_bits() == [0b011, 0b110]


def test_arrays_that_do_not_lie_in_one_piece_are_refused() -> None:
    with pytest.raises(ValueError, match="in one piece"):
        Kernel("validity", "bitmaps")(np.zeros(8, np.uint32)[::2], 4, np.zeros((24, 1), np.uint8))


READS_A_CAPTURE = """
import io, sys
from hinomi.observe.reading import open_input
from hinomi.observe.source import sources
rows = sum(len(batch) for one in open_input(io.BytesIO(sources()["pcap"].example()), sensor="s") for batch in one.decode())
print(rows, sorted({"numba", "pandas", "scipy"} & set(sys.modules)))
"""


def test_reading_a_capture_imports_neither_numba_nor_pandas() -> None:
    subprocess.run([sys.executable, "-m", "hinomi.observe.warming"], check=True)
    said = subprocess.run([sys.executable, "-c", READS_A_CAPTURE], check=True, capture_output=True, text=True).stdout
    assert said == "3 []\n"
