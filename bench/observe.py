"""`hinomi observe` of a telescope's hour, whole process, durable in the lake, against nfpcapd and tshark.

The peers read the same capture in the same run, turn by turn; tshark, which is slow, reads its first part and is compared
by rate. nfpcapd aggregates into flows and syncs nothing; tshark writes fields as text to nowhere.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKETS, CUT, RUNS = 5_000_000, 100_000, 3
HINOMI = str(Path(sys.executable).with_name("hinomi"))
FIELDS = ("frame.time_epoch", "ip.src", "ip.dst", "ip.proto", "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.seq_raw", "ip.id")


@dataclass(frozen=True)
class Run:
    """One process from start to end: seconds on the wall, peak memory in MB."""

    seconds: float
    memory: float


def run(command: list[str], **environment: str) -> Run:
    """Run a command to its end; it must succeed. Its memory is its own, not that of its siblings."""
    began = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawnp(command[0], command, os.environ | environment, file_actions=quiet)
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{' '.join(command)}: ended with status {status}")
    return Run(time.perf_counter() - began, used.ru_maxrss / 1e3)


def made(folder: Path, name: str, packets: int) -> Path:
    """A capture, made by a process of its own: Linux counts the peak of whoever spawns a child as the child's, too."""
    path = folder / name
    code = f"from pathlib import Path; from bench.traffic import dark_hour; dark_hour(Path({str(path)!r}), {packets})"
    run([sys.executable, "-c", code])
    return path


def observe(capture: Path, folder: Path) -> Run:
    """Into a new installation, removed again."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    done = run([HINOMI, "observe", "--json", str(capture)], HINOMI_HOME=str(home))
    shutil.rmtree(home)
    return done


def nfpcapd(capture: Path, folder: Path) -> Run:
    flows = folder / "flows"
    shutil.rmtree(flows, ignore_errors=True)
    flows.mkdir()
    return run(["nfpcapd", "-r", str(capture), "-w", str(flows)])


def tshark(capture: Path) -> Run:
    return run(["tshark", "-n", "-r", str(capture), "-T", "fields", *(word for field in FIELDS for word in ("-e", field))])


def figures(folder: Path) -> Iterator[dict[str, object]]:
    """The peers turn by turn, then a capture four times as large, whose memory must not grow."""
    hour, cut = made(folder, "dark5m.pcap", PACKETS), made(folder, "dark100k.pcap", CUT)
    mine, flows, texts = [], [], []
    for _ in range(RUNS):
        mine.append(observe(hour, folder))
        flows.extend([nfpcapd(hour, folder)] if shutil.which("nfpcapd") else [])
        texts.extend([tshark(cut)] if shutil.which("tshark") else [])
    what = f"observe a capture of {PACKETS / 1e6:g} M packets, whole process"
    yield figure(what, "hinomi", [PACKETS / one.seconds for one in mine], must="≥ 1,500,000; ≥ 8× nfpcapd; ≥ 40× tshark")
    if flows:
        yield figure(what, "nfpcapd", [PACKETS / one.seconds for one in flows])
    if texts:
        note = f"the first {CUT:,} packets only, compared by rate"
        yield figure(what, "tshark -T fields", [CUT / one.seconds for one in texts], note=note)
    large = observe(made(folder, "dark20m.pcap", 4 * PACKETS), folder)
    yield figure("observe a capture four times as large", "hinomi", [4 * PACKETS / large.seconds])
    for named, runs in (("that capture", mine), ("the one four times as large", [large])):
        yield figure(f"peak memory while observing {named}", "hinomi", [one.memory for one in runs], "MB", "lower", "≤ 450")


def figure(
    what: str, who: str, runs: list[float], unit: str = "packets/s", better: str = "higher", must: str = "", note: str = ""
) -> dict[str, object]:
    line: dict[str, object] = {
        "what": what,
        "who": who,
        "runs": [round(one, 3) for one in runs],
        "unit": unit,
        "better": better,
    }
    return line | ({"must": must} if must else {}) | ({"note": note} if note else {})


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "hinomi-bench"
    for one in figures(folder):
        print(json.dumps(one), flush=True)


if __name__ == "__main__":
    main()
