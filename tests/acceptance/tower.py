"""One installation of its own, driven through the real command line in real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HINOMI = Path(sys.executable).with_name("hinomi")


@dataclass(frozen=True)
class Said:
    """What one command answered."""

    status: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(one) for one in self.out.splitlines()]


@dataclass(frozen=True)
class Tower:
    """An installation in a folder; `tower("observe", …)` runs `hinomi observe …` on it."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("HINOMI", "DJANGO", "PYTEST"))}
        return kept | {"HINOMI_HOME": str(self.home), "HINOMI_LANGUAGE": "en", "COLUMNS": "200"}

    def __call__(self, *words: str | Path, stdin: bytes = b"", **environment: str) -> Said:
        done = subprocess.run(
            [HINOMI, *map(str, words)], input=stdin, capture_output=True, timeout=240, env=self.environment | environment
        )
        said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in said.err, said.err
        return said
