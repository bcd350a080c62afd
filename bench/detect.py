"""All six detectors over an hour of a /16 telescope, from the lake's Parquet: one after the other inside a process
that is warm, and `hinomi detect` as a person types it, with its start and with what it writes down.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from bench.observe import HINOMI, Run, run
from bench.traffic import DARK, START, dark_hour
from hinomi.detect.run import detectors, windows
from hinomi.detect.run import looks as run_looks
from hinomi.lake.engine import Engine, open_engine
from hinomi.lake.lake import Lake
from hinomi.lake.lookups.warnings import allowed
from hinomi.schema.findings import Outcome, Window
from hinomi.schema.lookups import LOOKUPS
from hinomi.schema.words import Verdict
from hinomi.testing.traffic import mapped

HOUR = Window(datetime.fromtimestamp(START, UTC), datetime.fromtimestamp(START + 3600, UTC))
RUNS = 5
MEMBERS = """organisation,sector,country,prefix,dark,valid_from,valid_until
hub,other,JP,198.18.0.0/16,yes,2020-01-01,
member,other,JP,198.19.0.0/16,no,2020-01-01,
"""


def networks() -> pa.Table:
    """The telescope, and a member."""
    import numpy as np

    first = mapped(np.array([DARK, DARK + 0x10000])).to_pylist()
    last = mapped(np.array([DARK + 0xFFFF, DARK + 0x1FFFF])).to_pylist()
    since = datetime(2020, 1, 1, tzinfo=UTC)
    rows = [
        {"first": one, "last": end, "organisation": name, "sector": "other", "country": "JP", "dark": dark, "valid_from": since}
        for one, end, name, dark in zip(first, last, ("hub", "member"), (True, False), strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=LOOKUPS["networks"])


def installed(folder: Path) -> Path:
    """An installation that has observed the hour; made anew, so that its files are as today's code writes them."""
    home, members = folder / "detect-home", folder / "members.csv"
    shutil.rmtree(home, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    members.write_text(MEMBERS, "utf-8")
    capture = dark_hour(folder / "dark5m.pcap")
    for words in (["init"], ["members", "import", str(members)], ["observe", "--sensor", "telescope", str(capture)]):
        run([HINOMI, *words], HINOMI_HOME=str(home))
    return home


def command(home: Path) -> Run:
    """`hinomi detect`; looking again at the same rows gives the same findings."""
    return run([HINOMI, "detect"], HINOMI_HOME=str(home))


def looks(engine: Engine) -> Iterator[Outcome]:
    """Looks of all detectors at the day that holds the hour, with the networks and the warning lists that ship."""
    lookups = {"networks": networks(), "allowed": allowed()}
    known = detectors()
    for window in dict.fromkeys(window for one in known.values() for window in windows(one, HOUR)):
        yield from run_looks(known, engine, window, lookups)


def figure(what: str, runs: list[float], unit: str, must: str = "", note: str = "") -> None:
    line = {"what": what, "who": "hinomi", "runs": [round(one, 3) for one in runs], "unit": unit, "better": "lower"}
    print(json.dumps(line | ({"must": must} if must else {}) | ({"note": note} if note else {})), flush=True)


def main() -> None:
    """A figure for each detector, for all six, for the command, and for the peak memory of both processes."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "hinomi-bench"
    home = installed(folder)
    each: dict[str, list[Outcome]] = {}
    totals, commands = [], []
    with Lake.open(home / "lake") as lake, open_engine("duckdb", lake) as engine:
        for _run in range(RUNS):
            began = time.perf_counter()
            for outcome in looks(engine):
                each.setdefault(outcome.detector, []).append(outcome)
            totals.append(time.perf_counter() - began)
            commands.append(command(home))
    if failed := [one.reason.en for outcomes in each.values() for one in outcomes if one.verdict == Verdict.FAILED]:
        raise SystemExit(failed[0])
    for name, outcomes in each.items():
        last = outcomes[-1]
        note = f"{last.verdict}, {len(last.findings)} findings. {last.reason.en}".strip()
        figure(f"{name} over an hour of 5 M packets", [one.seconds for one in outcomes], "s", note=note)
    figure("all six detectors over an hour of 5 M packets", totals, "s", must="≤ 5")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure("peak memory of all six detectors over that hour", [peak], "MB", must="≤ 1536")
    figure("hinomi detect over that hour, whole process", [one.seconds for one in commands], "s")
    figure("peak memory of hinomi detect", [one.memory for one in commands], "MB", must="≤ 1536")


if __name__ == "__main__":
    main()
