"""All six detectors over an hour of a /16 telescope, from the lake's Parquet, each in the same process one after the other."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from bench.traffic import DARK, START, dark_hour
from hinomi.detect.run import detectors, look, windows
from hinomi.lake.engine import open_engine
from hinomi.lake.lake import Lake
from hinomi.observe.reading import open_input
from hinomi.schema.findings import Outcome, Window
from hinomi.schema.lookups import LOOKUPS
from hinomi.testing.traffic import mapped

HOUR = Window(datetime.fromtimestamp(START, UTC), datetime.fromtimestamp(START + 3600, UTC))
RUNS = 3


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


def filled(folder: Path) -> Lake:
    """A lake with the hour in it; kept between runs, since filling it is another bench's business."""
    capture = dark_hour(folder / "dark5m.pcap")
    lake = Lake.open(folder / "lake")
    for _receipt in lake.append(open_input(capture, sensor="telescope")):
        pass
    return lake


def looks(lake: Lake) -> Iterator[Outcome]:
    """One look of each detector at the day that holds the hour."""
    lookups = {"networks": networks()}
    with open_engine("duckdb", lake) as engine:
        for name, detector in detectors().items():
            for window in windows(detector, HOUR):
                yield look(name, detector, engine, window, lookups)


def figure(what: str, runs: list[float], unit: str, must: str = "", note: str = "") -> None:
    line = {"what": what, "who": "hinomi", "runs": [round(one, 3) for one in runs], "unit": unit, "better": "lower"}
    print(json.dumps(line | ({"must": must} if must else {}) | ({"note": note} if note else {})), flush=True)


def main() -> None:
    """A figure for each detector, for all six, and for the peak memory of this process."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "hinomi-bench"
    each: dict[str, list[float]] = {}
    totals: list[float] = []
    told: dict[str, str] = {}
    with filled(folder) as lake:
        for _run in range(RUNS):
            began = time.perf_counter()
            for outcome in looks(lake):
                each.setdefault(outcome.detector, []).append(outcome.seconds)
                told[outcome.detector] = f"{outcome.verdict}, {len(outcome.findings)} findings. {outcome.reason.en}".strip()
            totals.append(time.perf_counter() - began)
    for name, runs in each.items():
        figure(f"{name} over an hour of 5 M packets", runs, "s", note=told[name])
    figure("all six detectors over an hour of 5 M packets", totals, "s", must="≤ 5")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure("peak memory of all six detectors over that hour", [peak], "MB", must="≤ 1536")


if __name__ == "__main__":
    main()
