"""Tests leave nothing behind, killed ones included."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hinomi.testing.home import OWN, PREFIX, sweep


def test_a_killed_run_is_swept_up_by_the_next_and_a_living_one_is_left_alone(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead, living, other = (tmp_path / name for name in (f"{PREFIX}{gone.pid}-x", f"{PREFIX}{os.getpid()}-x", f"{PREFIX}abc"))
    for folder in (dead, living, other):
        (folder / "lake").mkdir(parents=True)
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted((living, other))


def test_this_run_works_in_a_folder_of_its_own() -> None:
    assert Path(OWN).name.startswith(f"{PREFIX}{os.getpid()}-")
