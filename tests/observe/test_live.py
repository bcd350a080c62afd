"""A live capture on a loopback of its own, with real capturing programs and our own packets."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hinomi.observe import live as capturing
from hinomi.observe.live import live
from hinomi.observe.reading import InputError
from hinomi.schema import address
from hinomi.schema.segments import PAUSE

privileged = pytest.mark.skipif(os.geteuid() != 0, reason="needs the right to capture")
PORT = 20_000 + os.getpid() % 20_000  # two test runs on one machine hear each other on the loopback


@pytest.fixture(params=["tcpdump", "dumpcap"])
def program(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each capturing program, as if the other were not installed."""
    name = str(request.param)
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    which, other = shutil.which, {"tcpdump": "dumpcap", "dumpcap": "tcpdump"}[name]
    monkeypatch.setattr(capturing.shutil, "which", lambda wanted: None if wanted == other else which(wanted))
    return name


@contextmanager
def knocking(count: int = 1 << 20) -> Iterator[None]:
    """So many datagrams to ourselves, one after the other, until nobody listens any more."""
    enough = threading.Event()

    def knock() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in range(count):
                sender.sendto(b"hinomi %d" % number, ("127.0.0.1", PORT))
                if enough.wait(0.02):
                    return

    thread = threading.Thread(target=knock)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


@privileged
@pytest.mark.timeout(120)
def test_what_passes_the_interface_is_read_piece_by_piece_and_drops_are_told(program: str) -> None:
    heard, pieces = [], 0
    with live("lo", sensor="here", every=0.2) as capture, knocking(40):
        for segment in capture:
            pieces += segment is not PAUSE
            heard += [row for batch in segment.decode() for row in batch.to_pylist() if row["dport"] == PORT]
            if len(heard) == 40:
                capture.stop()
    assert [row["payload"] for row in heard] == [b"hinomi %d" % number for number in range(40)]
    assert {address.text(row["src"]) for row in heard} == {"127.0.0.1"}
    assert pieces > 1, "a piece closes by time while the capture goes on"
    assert capture.drops.captured >= 40
    assert capture.drops.received >= 40
    assert capture.drops.dropped == 0


@privileged
@pytest.mark.timeout(120)
def test_a_capture_that_is_read_late_and_begins_in_silence_does_not_end(program: str) -> None:
    """What was looked at to know the format is not taken for all there is, though the first piece is long due."""
    heard = 0
    with live("lo", sensor="here", every=0.1) as capture:
        time.sleep(0.3)
        with knocking(5):
            for segment in capture:
                heard += sum(row["dport"] == PORT for batch in segment.decode() for row in batch.to_pylist())
                if heard == 5:
                    capture.stop()
    assert heard == 5


@privileged
@pytest.mark.timeout(120)
def test_a_piece_closes_by_time_even_when_packets_never_pause(program: str) -> None:
    pieces = 0
    with live("lo", sensor="here", every=1.0) as capture, knocking():
        for segment in capture:
            pieces += segment is not PAUSE
            if pieces == 3:
                capture.stop()
    assert pieces >= 3


@privileged
def test_the_program_captures_without_the_power_of_root(program: str) -> None:
    with live("lo", sensor="here") as capture:
        status = Path(f"/proc/{capture._process.pid}/status").read_text()
        capture.stop()
    assert "Uid:\t0" not in status


@privileged
def test_an_interface_that_is_not_there_is_refused_in_the_words_of_the_program(program: str) -> None:
    with (
        pytest.raises(InputError, match=r"nosuch0: cannot be captured from: .*(o such device|exist)"),
        live("nosuch0", sensor="s"),
    ):
        pass


def test_without_a_capturing_program_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(InputError, match="apt install tcpdump"), live("lo", sensor="s"):
        pass


# In a network namespace nobody else speaks on the loopback.
ONE_PACKET_THEN_SILENCE = """
import socket, sys
from pathlib import Path
from hinomi.lake.lake import Lake
from hinomi.observe.live import live
from hinomi.schema.segments import PAUSE

def told(capture):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"once", ("127.0.0.1", 40404))
    for segment in capture:
        print("pause" if segment is PAUSE else "segment", flush=True)
        yield segment
        if segment is PAUSE:
            print("rows", Lake.open(Path(sys.argv[1])).rows("packet") > 0, flush=True)
            capture.stop()

lake = Lake.open(Path(sys.argv[1]))
with live("lo", sensor="here", every=0.5) as capture:
    print("receipts", len(list(lake.append(told(capture)))) > 0)
"""


@privileged
def test_when_traffic_falls_silent_what_was_seen_becomes_durable_all_the_same(program: str, tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs the right to make a network namespace")
    folder = tmp_path / "bin"  # of one program alone
    folder.mkdir()
    for name in (program, "setpriv"):
        (folder / name).symlink_to(str(shutil.which(name)))
    code = ['ip link set lo up; export PATH=$1; exec $0 -c "$2" $3', sys.executable, str(folder), ONE_PACKET_THEN_SILENCE]
    run = subprocess.run(
        ["unshare", "-n", "sh", "-c", *code, str(tmp_path / "lake")], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    said = run.stdout.splitlines()
    assert said[said.index("pause") + 1] == "rows True", "committed before anything else comes, while the capture goes on"
    assert said[-1] == "receipts True"
