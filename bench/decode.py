"""Decode a telescope's hour (5 M packets), warm, on one core; beside libtrace's `tracereport -P` on the same file in turns.

`kernels`: bytes in memory → columns with their validity bitmaps. `Arrow`: the file through `open_input`, ids hashed, to Arrow
batches of the full schema. tracereport (Debian libtrace-tools) reads the same file and counts ports; its time is the whole
process, which starts in a few milliseconds. Time is processor time, user and system, so that other work on the machine
does not count; each runs alone on one core, and the file is in the page cache.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.traffic import dark_hour
from hinomi.observe.batch import columns, complete
from hinomi.observe.feed import WINDOW
from hinomi.observe.frames import packets_of
from hinomi.observe.kernels import bitmaps, decode, shapes, walk_pcap
from hinomi.observe.quarantine import Tally
from hinomi.observe.reading import open_input

PACKETS: Final = int(os.environ.get("BENCH_PACKETS", "5000000"))
CACHE: Final = Path(os.environ.get("BENCH_CACHE") or Path(tempfile.gettempdir()) / "hinomi-bench")
ROUNDS: Final = 9
WHAT: Final = f"decode of {PACKETS / 1e6:g} M packets, warm, one core"


def kernels(data: NDArray[np.uint8]) -> int:
    """Frame and decode every window of a capture in memory; the room for rows is used again, as an engine would."""
    at, rows, room = 24, 0, columns(1 << 18)
    frames = shapes.frames(1 << 18)
    counts, firsts = np.zeros(shapes.MISFITS, np.int64), np.full(shapes.MISFITS, -1)
    ethertypes = np.zeros(1 << 16, np.int64)
    while at < data.size:
        window = data[at : at + WINDOW]
        count, end, _, _ = walk_pcap(window, 0, False, False, shapes.RECORD, 1, at + WINDOW >= data.size, *frames)
        (found,) = decode(window, *frames.part(0, count), *room, counts, firsts, ethertypes)
        bitmaps(room.present, found, np.empty((shapes.COLUMNS, (found + 7) // 8), np.uint8))
        at, rows = at + end, rows + found
    return rows


def batches(data: NDArray[np.uint8]) -> int:
    """As `kernels`, into Arrow batches of the full schema, each in memory of its own."""
    at, rows, tally = 24, 0, Tally()
    frames = shapes.frames(1 << 18)
    while at < data.size:
        window = data[at : at + WINDOW]
        count, end, _, _ = walk_pcap(window, 0, False, False, shapes.RECORD, 1, at + WINDOW >= data.size, *frames)
        for fields in packets_of(window, frames.part(0, count), at, tally):
            rows += complete("packet", fields, "bench", "0" * 32).num_rows
        at += end
    return rows


def arrow(path: Path) -> int:
    """The whole way from the file to Arrow batches, as the lake asks for it."""
    return sum(batch.num_rows for segment in open_input(path, sensor="bench") for batch in segment.decode())


def tracereport(path: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:  # it writes its report into the working directory
        subprocess.run(["tracereport", "-P", f"pcapfile:{path}"], cwd=folder, check=True, capture_output=True)
    return PACKETS


def spent() -> float:
    """Seconds of processor time, user and system, of this process and of those it has waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    path = dark_hour(CACHE / f"dark-{PACKETS}.pcap", PACKETS)
    data = np.fromfile(path, np.uint8)
    ways: dict[str, Callable[[], int]] = {
        "hinomi, kernels": lambda: kernels(data),
        "hinomi, kernels and Arrow": lambda: batches(data),
        "hinomi, file to Arrow": lambda: arrow(path),
    }
    if shutil.which("tracereport"):
        ways["libtrace tracereport -P"] = lambda: tracereport(path)
    runs: dict[str, list[float]] = {who: [] for who in ways}
    for turn in range(ROUNDS + 1):
        for who, way in ways.items():
            began = spent()
            assert way() == PACKETS, f"{who} did not read every packet"
            if turn:  # the first turn warms up: compiled code is loaded, the file is cached
                runs[who].append(round(PACKETS / (spent() - began) / 1e6, 2))
    for who, figures in runs.items():
        must = {"must": "≥ 10, and ≥ 3 × tracereport"} if who == "hinomi, kernels" else {}
        print(json.dumps({"what": WHAT, "who": who, "runs": figures, "unit": "M packets/s", "better": "higher", **must}))


if __name__ == "__main__":
    main()
