"""Run the benches and write `docs/reference/benchmarks.md`: `python -m bench [NAME…]`. Figures only; nothing passes or fails.

A bench is a file of this folder that prints one JSON object per figure: `what` was measured, `who` did it, `runs` (a figure
each), `unit`, `better` ("higher" or "lower"), and, if the project promised one, `must`; a `note` says what to know.
Peers of the same `what` are measured in the same run, and only such ratios are worth comparing.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "docs" / "reference"
FIGURES, PAGE = REFERENCE / "benchmarks.jsonl", REFERENCE / "benchmarks.md"
BUILDERS = {"__main__", "__init__", "traffic"}
Figure = Mapping[str, Any]


def benches() -> list[str]:
    """The benches there are, by name."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in BUILDERS and not path.stem.startswith("_"))


def measure(name: str) -> list[Figure]:
    """The figures of one bench; one that breaks is told and leaves its old figures standing."""
    command, load = [sys.executable, "-m", f"bench.{name}"], os.getloadavg()[0]
    print(f"bench {name} …", file=sys.stderr, flush=True)
    done = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"bench {name}: ended with {done.returncode}; its old figures stay", file=sys.stderr)
        return []
    about = {"bench": name, "date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine(), "load": round(load, 1)}
    return [{**json.loads(line), **about} for line in done.stdout.splitlines() if line.startswith("{")]


def machine() -> str:
    """What the figures were taken on."""
    cpus = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(":")[2].strip() for line in cpus if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} CPUs, {memory:.0f} GB, Linux, Python {platform.python_version()}"


def kept() -> list[Figure]:
    """The figures of earlier runs."""
    return [json.loads(line) for line in FIGURES.read_text().splitlines()] if FIGURES.exists() else []


def page(figures: Iterable[Figure]) -> Iterator[str]:
    """The page: a table for each bench, with medians, the span of the runs, and ratios to the peers of the same run."""
    yield "<!-- Written by python -m bench; do not edit. -->"
    yield ""
    yield "# Benchmarks"
    yield ""
    yield "Medians, with the lowest and highest run. Machines differ and are shared: compare ratios of one run only."
    yield "`make bench` measures all of it again and writes this page."
    figures = sorted(figures, key=lambda one: one["bench"])
    if not figures:
        yield from ("", "Nothing has been measured yet.")
    for name, own in groupby(figures, key=lambda one: one["bench"]):
        lines = list(own)
        about = f"{lines[0]['date']}, {lines[0]['machine']}, load {lines[0]['load']} before the run; `python -m bench {name}`"
        yield from ("", f"## {name}", "", about, "")
        yield "| what | who | median | runs | must | ours is better by |"
        yield "| --- | --- | --- | --- | --- | --- |"
        yield from (row(line, ours(line, lines)) for line in lines)
        yield from (f"\n{line['who']}, {line['what']}: {line['note']}" for line in lines if line.get("note"))


def ours(line: Figure, lines: Iterable[Figure]) -> Figure | None:
    """Our own figure of what a peer did, if this is a peer's."""
    same = (one for one in lines if one["what"] == line["what"] and one["who"] == "hinomi")
    return None if line["who"] == "hinomi" else next(same, None)


def row(line: Figure, mine: Figure | None) -> str:
    low, high = min(line["runs"]), max(line["runs"])
    spread = f"{plain(low)} to {plain(high)} ({len(line['runs'])})"
    cells = (
        line["what"],
        line["who"],
        f"{plain(middle(line))} {line['unit']}",
        spread,
        str(line.get("must", "")),
        ratio(line, mine),
    )
    return f"| {' | '.join(cells)} |"


def ratio(line: Figure, mine: Figure | None) -> str:
    """How many times better ours was than this peer."""
    if mine is None:
        return ""
    better, worse = (mine, line) if line["better"] == "higher" else (line, mine)
    return f"{plain(middle(better) / middle(worse))}×"


def middle(line: Figure) -> float:
    return float(statistics.median(line["runs"]))


def plain(figure: float) -> str:
    """Three significant digits, without powers of ten."""
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def main() -> None:
    """Measure, keep the figures, write the page."""
    known = benches()
    wanted = sys.argv[1:] or known
    if unknown := [name for name in wanted if name not in known]:
        sys.exit(f"no bench {', '.join(unknown)}; there are {', '.join(known)}")
    figures = {name: list(own) for name, own in groupby(sorted(kept(), key=lambda one: one["bench"]), lambda one: one["bench"])}
    figures |= {name: new for name in wanted if (new := measure(name))}
    lines = [line for name in sorted(figures) for line in figures[name]]
    FIGURES.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    PAGE.write_text("\n".join(page(lines)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
