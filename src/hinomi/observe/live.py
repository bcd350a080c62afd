"""Watch an interface through tcpdump or dumpcap: a real program captures, with its own privileges; we read what it writes.

A piece closes when it is full or after some seconds, and where nothing comes a pause is told, so that what was seen becomes
durable while the capture goes on.
"""

from __future__ import annotations

import os
import pwd
import re
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import IO, Final

from hinomi.observe.feed import Feed
from hinomi.observe.reading import Input
from hinomi.observe.refusal import InputError
from hinomi.observe.source import sources
from hinomi.schema.segments import PAUSE, Segment
from hinomi.schema.words import Text

SNAPLEN: Final = 320  # every header that we read, with options and tags, and 64 bytes of payload
BUFFER_KIB: Final = 65_536
SETTLE: Final = 1.0  # seconds for what has passed the interface to come out of the capturing program
GRACE: Final = 5.0  # seconds for the capturing program to stop by itself
HEADER: Final = 24  # of the capture file
EVERY: Final = 10.0  # seconds after which a piece closes
SILENCE: Final = 2.0  # seconds without a packet that are a pause
# tcpdump says each at the end, and on SIGUSR1 all in one line; dumpcap says received/dropped per interface at the end
_COUNTS: Final = {
    "captured": re.compile(r"(\d+) packets? captured|Packets captured: (\d+)"),
    "received": re.compile(r"(\d+) packets? received by filter|received/dropped on interface .*: (\d+)/"),
    "dropped": re.compile(r"(\d+) packets? dropped by kernel|received/dropped on interface .*: \d+/(\d+)"),
    "lost": re.compile(r"(\d+) packets? dropped by interface|ps_ifdrop:(\d+)"),
}
_CHATTER: Final = ("Capturing on", "File:", "tcpdump: listening on", "dropped privs")  # what they say when all is well
LONGEST_WORDS: Final = 400


@dataclass(frozen=True)
class Drops:
    """What the capturing program says it took and missed: by the kernel for want of room, by the interface itself."""

    captured: int = 0
    received: int = 0
    dropped: int = 0
    lost: int = 0


class Pipe:
    """What the capturing program writes, as it comes: nothing waits in a buffer that `select` cannot see."""

    def __init__(self, file: IO[bytes]) -> None:
        self._number = file.fileno()

    def read1(self, size: int, /) -> bytes:
        return os.read(self._number, size)

    def readinto1(self, room: memoryview) -> int:
        return os.readv(self._number, [room])

    def waits(self, seconds: float) -> bool:
        """Whether something comes, or the end, within so many seconds."""
        return bool(select.select([self._number], [], [], max(0.0, seconds))[0])


class Live(Input):
    """An input that lasts until it is stopped. `drops` is as fresh as the last closed piece."""

    def __init__(self, process: subprocess.Popen[bytes], interface: str, *, sensor: str, every: float) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._process, self._every, self._due = process, every, time.monotonic() + every
        self.drops, self.said = Drops(), ""
        self._listener = threading.Thread(target=self._listen, args=(process.stderr,), daemon=True)
        self._listener.start()
        self._pipe = Pipe(process.stdout)
        feed = Feed(self._pipe, interface, waits=self._waits)
        super().__init__(feed, "pcap", sources()["pcap"], path=interface, sensor=sensor, mapping={})

    def __iter__(self) -> Iterator[Segment]:
        """Segments, and a `PAUSE` when for a while nothing comes after one."""
        segments = super().__iter__()
        for segment in segments:
            yield segment
            if not self._pipe.waits(min(SILENCE, self._every)):
                yield PAUSE

    def stop(self) -> None:
        """Ask the capturing program to end, a moment later, so that what has passed until now is still read."""
        threading.Timer(SETTLE, self._end).start()

    def _end(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)

    def close(self) -> None:
        """End the program, and wait until its last counts are in."""
        self._end()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(GRACE)

    def _waits(self) -> bool:
        """Whether there is something to read before the piece is due; at its time the program is asked for its counts."""
        if self._pipe.waits(self._due - time.monotonic()) and time.monotonic() < self._due:
            return True
        self._due = time.monotonic() + self._every
        if self.bytes > HEADER and self._process.poll() is None and _named(self._process) == "tcpdump":
            self._process.send_signal(signal.SIGUSR1)  # before its first packet it is not ready for this, and would die
        return False

    def _listen(self, said: IO[bytes]) -> None:
        for raw in said:
            line = raw.decode("utf-8", "replace").strip()
            counts = {name: found for name, pattern in _COUNTS.items() if (found := pattern.search(line))}
            self.drops = replace(
                self.drops, **{name: int(next(filter(None, found.groups()))) for name, found in counts.items()}
            )
            if not counts and not line.startswith(_CHATTER):
                self.said = f"{self.said} {line}".strip()[-LONGEST_WORDS:]


@contextmanager
def live(interface: str, *, sensor: str, every: float = EVERY) -> Iterator[Live]:
    """Capture from an interface until `stop`, SIGINT or SIGTERM; iterate inside. Raises `InputError` when it cannot begin."""
    command = _command(interface)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)  # noqa: S603 — a fixed program; the interface is one argument
    capture = Live(process, interface, sensor=sensor, every=every)
    try:
        _begun(capture, process, interface)
        with _stopping(capture):
            yield capture
    finally:
        capture.close()


def _command(interface: str) -> list[str]:
    """The capturing program and what it is asked; it opens the interface, and does the rest without root's power."""
    if tcpdump := shutil.which("tcpdump"):
        command = [tcpdump, "-i", interface, "-w", "-", "-U", "--immediate-mode", "-s", str(SNAPLEN), "-B", str(BUFFER_KIB)]
        return [*command, "-Z", _user("tcpdump", "nobody", "root")] if os.geteuid() == 0 else command
    if dumpcap := shutil.which("dumpcap"):
        command = [dumpcap, "-q", "-i", interface, "-P", "-w", "-", "-s", str(SNAPLEN), "-B", str(BUFFER_KIB // 1024)]
        return [*_as_nobody(Path(dumpcap)), *command] if os.geteuid() == 0 else command
    raise InputError(
        interface,
        Text("neither tcpdump nor dumpcap is installed", "tcpdumpもdumpcapも見つかりません"),
        Text("install one (on Debian: apt install tcpdump)", "どちらかを入れてください (Debian: apt install tcpdump)"),
    )


def _as_nobody(dumpcap: Path) -> list[str]:
    """dumpcap keeps root's power when root starts it; setpriv (util-linux) leaves it the right to capture only."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    given = dumpcap.stat()
    group = str(pwd.getpwnam(_user("nobody", "root")).pw_gid if given.st_mode & 1 else given.st_gid)  # Debian: wireshark
    rights = "-all,+net_raw,+net_admin"
    who = [f"--reuid={_user('nobody', 'root')}", f"--regid={group}", "--clear-groups"]
    return [setpriv, *who, f"--inh-caps={rights}", f"--ambient-caps={rights}"]


def _user(*wanted: str) -> str:
    """The first of these users that there is."""
    users = {entry.pw_name for entry in pwd.getpwall()}
    return next(user for user in wanted if user in users)


def _named(process: subprocess.Popen[bytes]) -> str:
    assert isinstance(process.args, list)
    return next(name for part in process.args if (name := Path(str(part)).name) in ("tcpdump", "dumpcap"))


def _begun(capture: Live, process: subprocess.Popen[bytes], interface: str) -> None:
    """Wait for the file header, which is written when the interface is open; else say what the program said."""
    if capture.begins():
        return
    process.wait(GRACE)
    capture.close()
    raise InputError(
        interface,
        Text(f"cannot be captured from: {capture.said}", f"取得できません: {capture.said}"),
        Text(
            "check the name (ip link) and that you may capture (root or CAP_NET_RAW)",
            "名前 (ip link) と権限 (rootまたはCAP_NET_RAW) を確認してください",
        ),
    )


@contextmanager
def _stopping(capture: Live) -> Iterator[None]:
    """SIGINT and SIGTERM end the capture, not us: what was seen is still read. Only the main thread can arrange that."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        capture.stop()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
