"""A disk that is really full (a small tmpfs): clear words, nothing lost, nothing told unlogged, all well once there is room."""

from __future__ import annotations

import errno
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.acceptance.captures import Syn, capture
from tests.acceptance.serving import serving
from tests.acceptance.test_accounts import TAXII
from tests.acceptance.tower import Said, Tower

SIZE = 48  # MiB
MEMBERS = """organisation,sector,country,prefix,dark,valid_from,valid_until
Observatory,information-communication,JP,198.18.0.0/16,yes,2026-01-01,
Kawasaki Water,water,JP,203.0.113.0/24,no,2026-01-01,
"""
OBJECTS = "/taxii2/hub/collections/cases/objects/"


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own, with an installation on it."""

    folder: Path

    @property
    def tower(self) -> Tower:
        return Tower(self.folder / "home")

    def fill(self, leave: int = 0) -> None:
        """Take all space but so many bytes, whoever else is writing there meanwhile."""
        with (self.folder / "filler").open("ab", buffering=0) as filler:
            try:
                while (free := shutil.disk_usage(self.folder).free - leave) > 0:
                    filler.write(bytes(free))
            except OSError as failed:
                if failed.errno != errno.ENOSPC:
                    raise

    def make_room(self) -> None:
        (self.folder / "filler").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """A member's address that knocks at a thousand dark addresses."""
    knocks = [Syn(1_795_000_000.0 + n * 0.2, "203.0.113.77", f"198.18.{n // 250}.{n % 250}", 23) for n in range(1000)]
    path = tmp_path / "night.pcap"
    path.write_bytes(capture(knocks))
    return path


@pytest.fixture
def flood(tmp_path: Path) -> Path:
    """Many packets of many sources: more than a few megabytes hold."""
    knocks = [
        Syn(
            1_795_010_000.0 + n * 0.01,
            f"192.0.{n % 200}.{n * 7919 % 251}",
            f"198.18.{n * 31 % 250}.{n * 17 % 250}",
            n * 40503 % 60000,
        )
        for n in range(100_000)
    ]
    path = tmp_path / "flood.pcap"
    path.write_bytes(capture(knocks))
    return path


@pytest.fixture
def settled(disk: SmallDisk, night: Path, tmp_path: Path) -> SmallDisk:
    """An installation in use: members, packets, a confirmed case."""
    members = tmp_path / "members.csv"
    members.write_text(MEMBERS)
    for words in (("members", "import", members), ("observe", night), ("detect",)):
        assert disk.tower(*words).status == 0
    for case in disk.tower("cases", "--json").records:
        assert disk.tower("case", "confirm", case["id"]).status == 0
    return disk


def rows(tower: Tower) -> int:
    return int(tower("sql", "select count(*) as n from packet").out.split()[-1])


def told_full(said: Said) -> bool:
    return said.status == 3 and "disk is full" in said.err and "run the same command again" in said.err


def test_observe_keeps_what_it_acknowledged_and_nothing_half(settled: SmallDisk, flood: Path) -> None:
    settled.fill(leave=1_000_000)
    assert told_full(settled.tower("observe", flood))
    settled.fill()
    assert told_full(settled.tower("observe", flood))
    assert rows(settled.tower) == 1000
    settled.make_room()
    assert settled.tower("observe", flood).status == 0
    assert rows(settled.tower) == 101_000


def test_every_command_that_writes_says_so(settled: SmallDisk, flood: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(MEMBERS + "".join(f"City {n},local-government,JP,10.{n}.0.0/16,no,2026-01-01,\n" for n in range(200)))
    assert settled.tower("observe", flood).status == 0
    found = settled.tower("findings", "--json").out
    settled.fill()
    for words in (("members", "import", more), ("detect",), ("drill", "play", "exercise-day")):
        assert told_full(settled.tower(*words)), words
    wrong = {one["check"]: one["message"]["en"] for one in settled.tower("doctor", "--json").records if not one["ok"]}
    assert wrong.keys() == {"disk"}, wrong
    assert settled.tower("findings", "--json").out == found, "what is there is read, though SQLite would share 32 KB to do so"
    settled.make_room()
    assert settled.tower("members", "import", more).status == 0
    assert len(settled.tower("members", "list", "--json").records) == 202
    assert settled.tower("detect").status == 0
    assert len(settled.tower("findings", "--json").records) >= len(found.splitlines())


def test_nothing_is_told_that_cannot_be_logged(settled: SmallDisk) -> None:
    secret = settled.tower("token", "new", "partner", "--hub").out.strip()
    with serving(settled.tower, settled.folder.parent / "log", HINOMI_SCHEDULER="no") as hub:
        settled.fill()
        session = requests.Session()
        session.headers.update(TAXII | {"Authorization": f"Bearer {secret}"})
        answers = [session.get(hub.base + OBJECTS, timeout=30) for _ in range(60)]
        assert {answer.status_code for answer in answers} <= {200, 503}
        refused = [answer for answer in answers if answer.status_code == 503]
        assert refused, "a file has a little room in its last page; sixty lines have not"
        assert all(answer.headers["Retry-After"] and "objects" not in answer.json() for answer in refused)
        settled.make_room()
        again = session.get(hub.base + OBJECTS, timeout=30)
        assert again.status_code == 200
        assert again.json()["objects"]
    lines = b"".join(file.read_bytes() for file in (settled.tower.home / "audit").glob("*.log")).splitlines()
    served = sum(answer.status_code == 200 for answer in (*answers, again))
    assert sum(b'"taxii objects"' in line and line.endswith(b"}") for line in lines) >= served
