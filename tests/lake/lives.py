"""Writers that live short lives: one process that has everything imported forks them, and kills them when it likes.

Run as `python -m tests.lake.lives FOLDER LIVES SEED`; prints, as JSON, the segments whose receipts reached the outside.
With FOLDER alone, two writers race. Always a process of its own: whoever forks must not have threads.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hinomi.lake import appending, catalogue, compaction  # noqa: F401 -- imported once, before any fork
from hinomi.lake.lake import Lake
from hinomi.schema.segments import Segment

from .events import NOON, bulk, packets

SEGMENTS = 60


def segment(number: int) -> Segment:
    """Small ones mostly; every fifth is large enough to be written before its commit."""
    return bulk(f"s{number}", 70_000) if number % 5 == 4 else packets(f"s{number}", 20 + number, NOON)


def rows(name: str) -> int:
    number = int(name[1:])
    return 70_000 if number % 5 == 4 else 20 + number


def write(root: Path, numbers: list[int], tell: int) -> None:
    """Append segments, committing all the time, and tell each receipt the moment it comes."""
    appending._PATIENCE = 0.01
    for receipt in Lake.open(root).append(segment(number) for number in numbers):
        os.write(tell, f"{receipt.segment} {int(receipt.duplicate)}\n".encode())


def live(work: Callable[[int], None]) -> tuple[int, int]:
    """Fork a process that does the work and tells through a pipe; its id and the pipe's end to read."""
    hear, tell = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(hear)
        try:
            work(tell)
        finally:
            os._exit(0)
    os.close(tell)
    return process, hear


def heard(pipe: int, seconds: float) -> bytes:
    """What comes through the pipe until the time is over or the other end is gone."""
    until, said = time.monotonic() + seconds, b""
    while (left := until - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            chunk = os.read(pipe, 65536)
            if not chunk:
                break
            said += chunk
    return said


def end(process: int, pipe: int) -> bytes:
    """Kill the process, hear its last words, bury it."""
    os.kill(process, signal.SIGKILL)
    said = heard(pipe, 10)
    os.waitpid(process, 0)
    os.close(pipe)
    return said


def whole_life(root: Path) -> tuple[bytes, float]:
    """What a writer of three segments says when nobody kills it; how long others may live, by how long it took."""
    began = time.monotonic()
    process, pipe = live(lambda tell: write(root, [0, 1, 2], tell))
    said = heard(pipe, 60)
    end(process, pipe)
    return said, min(0.7, 1.5 * (time.monotonic() - began))


def rivals(root: Path) -> None:
    """Two writers at once, of the same twelve segments and one of their own each; prints what both were told."""
    both = list(range(12))
    pipes = [live(lambda tell, own=[*both, 100 + n]: write(root, own, tell)) for n in range(2)]
    said = b"".join(heard(pipe, 120) + end(process, pipe) for process, pipe in pipes)
    print(said.decode(), end="")


def main(root: Path, lives: int, seed: int) -> None:
    draw = random.Random(seed)
    said, longest = whole_life(root)
    done = 2
    for life in range(lives):
        start = max(0, min(done, SEGMENTS) - 3)  # the last ones again: their receipts may have been lost
        numbers = list(range(start, SEGMENTS))
        if life % 10 == 9:
            process, pipe = live(lambda tell: Lake.open(root).compact("packet") and None)
        else:
            process, pipe = live(lambda tell, numbers=numbers: write(root, numbers, tell))
        words = heard(pipe, draw.uniform(0, longest))
        said += words + end(process, pipe)
        done = max([done, *(int(line.split()[0][1:]) for line in said.decode().splitlines()[-3:])])
        if done >= SEGMENTS - 1:
            done = draw.randrange(SEGMENTS)  # round again: everything is a resend now, compactions go on
    print(json.dumps(sorted({line.split()[0] for line in said.decode().splitlines()})))


if __name__ == "__main__" and len(sys.argv) == 2:
    rivals(Path(sys.argv[1]))
elif __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
