"""The audit file of a process: nothing that left is missing from it, and what is altered shows."""

import errno
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hinomi.share.ledger import Break, Ledger, Line, lines


def entries(folder: Path) -> list[bytes]:
    return [line.entry for file in folder.glob("*.log") for line in lines(file) if isinstance(line, Line)]


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)

    hashes = [ledger.append(b'{"n":%d}' % n) for n in range(3)]

    (file,) = tmp_path.glob("*.log")
    assert [line.hash for line in lines(file) if isinstance(line, Line)] == hashes
    assert entries(tmp_path) == [b'{"n":0}', b'{"n":1}', b'{"n":2}']


def test_only_the_owner_of_the_installation_can_read_it(tmp_path: Path) -> None:
    Ledger(tmp_path / "audit").append(b"{}")

    (file,) = (tmp_path / "audit").glob("*.log")
    assert file.stat().st_mode & 0o077 == 0


def test_threads_share_one_chain(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ledger.append, (b'{"n":%d}' % n for n in range(400))))

    assert sorted(entries(tmp_path)) == sorted(b'{"n":%d}' % n for n in range(400))


def test_a_full_file_is_followed_by_another(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, limit=100)

    for n in range(5):
        ledger.append(b'{"n":%d}' % n)

    assert len(list(tmp_path.glob("*.log"))) > 1
    assert sorted(entries(tmp_path)) == [b'{"n":%d}' % n for n in range(5)]


def test_threads_that_meet_a_full_file_lose_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, limit=2_000)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ledger.append, (b'{"n":%d}' % n for n in range(400))))

    assert len(entries(tmp_path)) == 400


@pytest.mark.parametrize("change", [b'{"n":9}', b'{"n":1, "added": true}'])
def test_an_altered_line_breaks_the_chain(tmp_path: Path, change: bytes) -> None:
    ledger = Ledger(tmp_path)
    for n in range(3):
        ledger.append(b'{"n":%d}' % n)
    (file,) = tmp_path.glob("*.log")
    file.write_bytes(file.read_bytes().replace(b'{"n":1}', change))

    first, second = lines(file)

    assert isinstance(first, Line)
    assert second == Break(file, first.end)


def test_a_line_that_a_crash_cut_is_not_an_entry(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for n in range(3):
        ledger.append(b'{"n":%d}' % n)
    (file,) = tmp_path.glob("*.log")
    file.write_bytes(file.read_bytes()[:-3])

    assert entries(tmp_path) == [b'{"n":0}', b'{"n":1}']


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    """A process writes and says so; whatever it said before SIGKILL is in the file."""
    story = "import sys; from pathlib import Path; from hinomi.share.ledger import Ledger\nl = Ledger(Path(sys.argv[1]))\n"
    story += "for n in range(10**9): l.append(b'%d' % n); print(n, flush=True)"
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", story, tmp_path], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(50):
                process.stdout.readline()
            os.kill(process.pid, signal.SIGKILL)
            told = 50 + len(process.stdout.read().splitlines())

        newest = max(tmp_path.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
        assert sum(isinstance(line, Line) for line in lines(newest)) >= told - 1  # the last line may be half printed


def test_a_disk_that_fails_later_is_told_to_whoever_discloses_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written without error, and then not brought to the disk: the next disclosure is refused, the one after is not."""
    ledger, real, failed = Ledger(tmp_path), os.fdatasync, []

    def sync(file: int) -> None:
        if not failed and tmp_path in Path(f"/proc/self/fd/{file}").readlink().parents:  # not another story's log
            failed.append(file)
            raise OSError(errno.EIO, "Input/output error")
        real(file)

    monkeypatch.setattr("hinomi.share.ledger.os.fdatasync", sync)
    ledger.append(b'{"n":0}')
    for _ in range(1_000):
        if ledger._fault is not None:
            break
        time.sleep(0.01)

    with pytest.raises(OSError, match="Input/output error"):
        ledger.append(b'{"n":1}')
    ledger.append(b'{"n":2}')

    assert len(list(tmp_path.glob("*.log"))) == 2
    assert sorted(entries(tmp_path)) == [b'{"n":0}', b'{"n":2}']
