"""Inputs that cannot be read, or not to their end: each is told by its name, and the others are read."""

from __future__ import annotations

import lzma
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.captures import Syn, capture
from tests.acceptance.tower import HINOMI, Said, Tower
from tests.observe.archives import xz_in_much_memory

MANY = 20_000


@pytest.fixture(scope="module")
def tower(tmp_path_factory: pytest.TempPathFactory) -> Tower:
    return Tower(tmp_path_factory.mktemp("inputs") / "home")


@pytest.fixture
def night(tmp_path: Path) -> Path:
    path = tmp_path / "night.pcap"
    path.write_bytes(packets(path.parent.name))
    return path


def packets(seed: str, rows: int = 100, port: int = 23) -> bytes:
    """Packets that no other test has."""
    start = 1_795_000_000.0 + sum(seed.encode()) + len(seed)
    return capture([Syn(start + number * 0.01, "203.0.113.7", f"198.18.{number % 250}.1", port) for number in range(rows)])


def weak(tower: Tower, *words: str | Path) -> Said:
    """As somebody whom permissions bind, which they do not bind root."""
    lost = "-dac_override,-dac_read_search"
    bound = [shutil.which("setpriv") or "setpriv", f"--bounding-set={lost}", f"--inh-caps={lost}"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*bound, HINOMI, *map(str, words)], capture_output=True, timeout=240, env=tower.environment, stdin=subprocess.DEVNULL
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_folder_that_may_be_listed_but_not_entered_is_told_and_the_others_are_read(
    tower: Tower, night: Path, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "a.pcap").write_bytes(packets("closed"))
    closed.chmod(0o444)
    said = weak(tower, "observe", closed, night, "--json")
    first, second, _ = said.records
    assert (said.status, first["path"], second["rows"]) == (1, str(closed), 100)
    assert "permission denied" in first["problem"]


def test_a_read_that_fails_is_told_of_its_input_and_the_others_are_read(tower: Tower, night: Path) -> None:
    said = tower("observe", "/proc/self/mem", night, "--json")
    first, second, _ = said.records
    assert (said.status, second["rows"]) == (1, 100)
    assert first["problem"].startswith("/proc/self/mem: cannot be read: input/output error")


def test_what_was_read_before_an_input_failed_is_kept_and_counted(tower: Tower, tmp_path: Path) -> None:
    path = tmp_path / "two.pcap.xz"
    path.write_bytes(lzma.compress(packets("two", MANY, 2323)) + xz_in_much_memory(bytes(100)))
    said = tower("observe", path)
    assert said.status == 1, "some of it is in the lake"
    assert f"{MANY} rows" in said.err
    assert "more than 128 MiB" in said.err
    again = tower("observe", path, "--json")
    assert again.status == 1
    assert again.records[0]["duplicates"] == again.records[0]["segments"] > 0
    assert tower("sql", "select count(*) as n from packet where dport = 2323", "--json").records == [{"n": MANY}]


def test_an_empty_name_is_wrong_use(tower: Tower) -> None:
    said = tower("observe", "")
    assert (said.status, said.out) == (2, "")
    assert "name of an input is empty" in said.err


def test_a_folder_without_files_says_so(tower: Tower, tmp_path: Path) -> None:
    said = tower("observe", tmp_path)
    assert said.status == 0
    assert "Nothing was there to read" in said.err
    assert tower("observe", tmp_path, "--json").records[0]["total"]["rows"] == 0
