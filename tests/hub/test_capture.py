"""From a file in the inbox to events in the lake: told what was read, what was not, and exactly once whatever happens."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hinomi.home import home
from hinomi.hub.schedule import queue, worker
from hinomi.hub.schedule.models import Job, State
from hinomi.pipeline import opened_lake
from tests.hub.test_schedule import _start

EPOCH = 1_795_000_000
WORKER = "tower:1"


def pcap(packets: int) -> bytes:
    """A capture of TCP SYNs to a telescope, one a millisecond, each with its own source port and sequence number."""
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    body = bytearray(header)
    for number in range(packets):
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, number & 0xFFFF, 0, 64, 6, 0, b"\xc6\x33\x64\x07", b"\xc6\x12\x00\x01")
        tcp = struct.pack(">HHIIBBHHH", 1024 + number % 60000, 23, number, 0, 0x50, 2, 1024, 0, 0)
        body += struct.pack("<IIII", EPOCH + number // 1000, number % 1000 * 1000, 40, 40) + ip + tcp
    return bytes(body)


@pytest.fixture
def handed_in() -> Iterator[Callable[[bytes], Job]]:
    """Put a file into the inbox and queue its reading, as the upload page does."""
    folder = home().inbox
    folder.mkdir(parents=True, exist_ok=True)

    def hand_in(content: bytes) -> Job:
        path = folder / "0123456789abcdef"
        path.write_bytes(content)
        return queue.add("capture", {"path": str(path), "sent_as": "day.pcap", "sensor": "tower"})

    yield hand_in
    shutil.rmtree(home().lake, ignore_errors=True)


def read(job: Job) -> dict[str, Any]:
    worker.run_one(WORKER)
    job.refresh_from_db()
    line: dict[str, Any] = job.result["read"][0]
    return line


def test_a_capture_is_read_into_the_lake_and_then_removed(db: None, handed_in: Callable[[bytes], Job]) -> None:
    job = handed_in(pcap(1000))
    line = read(job)
    assert job.state == State.DONE, job.problem
    assert (line["path"], line["format"], line["rows"], line["problem"]) == ("day.pcap", "pcap", 1000, None)
    assert line["first"].endswith("Z")
    assert not Path(job.arguments["path"]).exists()
    assert set(job.result["detection"]) == {"looks", "findings", "failed"}


def test_the_same_capture_again_adds_nothing(db: None, handed_in: Callable[[bytes], Job]) -> None:
    assert read(handed_in(pcap(1000)))["rows"] == 1000
    again = read(handed_in(pcap(1000)))
    assert again["rows"] == 0
    assert again["duplicates"] == again["segments"] > 0


def test_a_cut_capture_gives_what_it_holds_and_says_that_it_is_cut(db: None, handed_in: Callable[[bytes], Job]) -> None:
    line = read(handed_in(pcap(1000)[:-20]))
    assert line["rows"] == 999
    assert line["problem"] or line["misfits"]


@pytest.mark.parametrize("content", [b"", b"this is a letter, not a capture\n" * 40, bytes(5000)])
def test_what_is_no_capture_is_said_to_be_none(db: None, handed_in: Callable[[bytes], Job], content: bytes) -> None:
    line = read(handed_in(content))
    assert line["rows"] == 0
    assert line["problem"]["en"]
    assert line["problem"]["ja"]
    assert line["remedy"]["en"]


@pytest.mark.parametrize(
    "content", [b"a letter, not a log\n" * 40, b"when,from,to\n2026-11-01,192.0.2.1,198.18.0.1\n", bytes(5000)]
)
def test_whoever_has_a_page_is_not_sent_to_an_option(db: None, handed_in: Callable[[bytes], Job], content: bytes) -> None:
    line = read(handed_in(content))
    assert line["remedy"]["en"]
    assert "--as" not in line["remedy"]["en"] + line["remedy"]["ja"]
    assert "none" not in line["problem"]["ja"]


def test_a_file_that_is_gone_is_told(db: None, handed_in: Callable[[bytes], Job]) -> None:
    job = handed_in(b"")
    Path(job.arguments["path"]).unlink()
    worker.run_one(WORKER)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "Upload it again" in job.problem["en"]


IN_HOME = """
import json, sys
from hinomi.hub.setup import prepare
prepare()
from hinomi.hub.schedule import queue
from hinomi.hub.schedule.models import Job
"""


def _ask(place: Path, program: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HINOMI")}
    given = kept | {"HINOMI_HOME": str(place)}
    return subprocess.run(
        [sys.executable, "-c", IN_HOME + program], env=given, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "home"
    (place / "inbox").mkdir(parents=True)
    path = place / "inbox" / "big"
    path.write_bytes(pcap(200_000))
    _ask(place, f"queue.add('capture', {{'path': {str(path)!r}, 'sent_as': 'big.pcap'}})")
    kills = 0
    state = ""
    for pause in (2.5, 3.5, 4.5, 90.0):
        process = _start(place)
        end = time.monotonic() + pause
        while state != State.DONE and time.monotonic() < end:
            time.sleep(1.0)
            state = _ask(place, "print(Job.objects.get(kind='capture').state, end='')") if pause > 50 else ""
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += state != State.DONE
    assert kills >= 3
    result = _ask(place, "job = Job.objects.get(kind='capture'); print(job.state, job.attempts, job.problem)")
    assert result.startswith("done"), result
    monkeypatch.setenv("HINOMI_HOME", str(place))
    with opened_lake() as lake:
        assert sum(lake.days("packet").values()) == 200_000
