"""A hub that serves, for a test alone: its port, the link it prints, its end."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.tower import HINOMI, Tower

PORTS = range(10_000, 30_000)  # below those that the kernel gives to outgoing connections, one of which would be in the way
START = 120.0  # seconds


@dataclass(frozen=True)
class Serving:
    """A hub that can be connected to: where, the link it printed, its process and what it wrote."""

    base: str
    link: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])


def free_port() -> int:
    while True:
        port = random.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def wait_until(true: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Whether it has become true; it is not asked again, since of two web processes the other may answer."""
    end = time.monotonic() + seconds
    while not (is_true := true()) and time.monotonic() < end:
        time.sleep(0.01)
    return is_true


@contextmanager
def serving(tower: Tower, log: Path, port: int | None = None, **environment: str) -> Iterator[Serving]:
    """`hinomi run`, in a process group of its own, which is told to end afterwards and is to end in order."""
    port = port or free_port()
    settings = tower.environment | {"HINOMI_PORT": str(port)} | environment
    with log.open("w") as file:
        process = subprocess.Popen([HINOMI, "run"], env=settings, stdout=file, stderr=file, start_new_session=True)
    try:
        yield Serving(f"http://127.0.0.1:{port}", _link(process, log), process, log)
        process.terminate()
        assert process.wait(30) in {0, -signal.SIGKILL}, log.read_text()  # a test may kill it
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _link(process: subprocess.Popen[bytes], log: Path) -> str:
    """The link, which is printed when it can be opened; a narrow terminal's line breaks taken out."""
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        if link := re.search(r"https?://\S+/account/link/\S+", log.read_text().replace("\n", "")):
            return link[0]
        time.sleep(0.1)
    raise AssertionError(f"the hub did not start: {log.read_text()}")
