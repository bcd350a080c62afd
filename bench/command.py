"""How long `hinomi --help` takes, whole process: heavy imports must be late."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

RUNS = 9
HELP = [str(Path(sys.executable).with_name("hinomi")), "--help"]
NOTHING = [sys.executable, "-c", "pass"]


def seconds(command: list[str]) -> float:
    """Wall time of one whole process."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return round(time.perf_counter() - began, 3)


def main() -> None:
    """Both in turn, so that the machine's moods fall on both."""
    runs = [(seconds(HELP), seconds(NOTHING)) for _ in range(RUNS + 1)][1:]
    what = {"what": "a command that only speaks", "unit": "s", "better": "lower"}
    print(json.dumps({**what, "who": "hinomi --help", "runs": [one for one, _ in runs], "must": 0.3}))
    print(json.dumps({**what, "who": "python -c pass", "runs": [other for _, other in runs]}))


if __name__ == "__main__":
    main()
