"""However a hub ends, nothing of it stays: killed with SIGKILL at whatever instant of its start, or stopped by Ctrl-C."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time

import psutil
import pytest
import requests

from tests.acceptance.serving import free_port, wait_until
from tests.acceptance.tower import HINOMI, Tower

WHOLE = 5  # the hub, its worker, two web processes, and what Python starts beside processes that it spawns
BLINK = 0.2  # seconds; the child that was seen last is then anywhere between its first instruction and its work


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def tower(tmp_path_factory: pytest.TempPathFactory) -> Tower:
    tower = Tower(tmp_path_factory.mktemp("killed") / "home")
    assert tower("init").status == 0
    return tower


def start(tower: Tower, port: int) -> subprocess.Popen[str]:
    environment = tower.environment | {"HINOMI_PORT": str(port)}
    silent, told = subprocess.DEVNULL, subprocess.PIPE
    return subprocess.Popen([HINOMI, "run"], env=environment, stdout=silent, stderr=told, text=True, start_new_session=True)


def running(tower: Tower) -> list[psutil.Process]:
    """Every process of this installation, whoever its parent is now. A port could be answered by anybody; a home cannot."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HINOMI_HOME") == str(tower.home):
                found.append(process)
        except psutil.Error:
            continue  # it is gone, or not ours
    return found


def kill(hub: subprocess.Popen[str], tower: Tower) -> None:
    """With SIGKILL; all that belonged to it is to be gone soon."""
    hub.kill()
    hub.wait()
    assert wait_until(lambda: not running(tower)), running(tower)


@pytest.mark.parametrize("processes", [1, 2, 3, 4, WHOLE])
def test_killed_while_it_starts_it_leaves_nothing_running(tower: Tower, port: int, processes: int) -> None:
    hub = start(tower, port)
    assert wait_until(lambda: len(running(tower)) >= processes or hub.poll() is not None)
    time.sleep(random.uniform(0, BLINK))
    assert hub.poll() is None, "it found the port or the lock of the one before still held"
    kill(hub, tower)


def test_killed_at_work_it_leaves_nothing_running(tower: Tower, port: int) -> None:
    hub = start(tower, port)
    assert hub.stderr is not None
    assert f"http://127.0.0.1:{port}/account/link/" in hub.stderr.readline()
    assert requests.get(f"http://127.0.0.1:{port}/account/login/", timeout=60).ok, "the link is told when it can be opened"
    assert len(running(tower)) == WHOLE
    kill(hub, tower)
    assert (tower.home / "hub.pid").exists(), "the doctor misses it until it is started again"
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_who_had_been_given_to_a_web_process_that_was_killed_is_served_by_the_next(tower: Tower, port: int) -> None:
    hub, page = start(tower, port), f"http://127.0.0.1:{port}/account/login/"
    assert hub.stderr is not None
    assert hub.stderr.readline()
    assert requests.get(page, timeout=60).ok
    web = [one for one in psutil.Process(hub.pid).children() if any("spawn_main" in word for word in one.cmdline())]
    assert len(web) == 2
    web[0].kill()
    assert all(requests.get(page, timeout=60).ok for _ in range(20)), "some of them are for the socket of the one that is gone"
    kill(hub, tower)


def test_ctrl_c_ends_it_in_order_and_without_a_word(tower: Tower, port: int) -> None:
    hub = start(tower, port)
    assert hub.stderr is not None
    assert hub.stderr.readline()
    assert requests.get(f"http://127.0.0.1:{port}/account/login/", timeout=60).ok
    os.killpg(hub.pid, signal.SIGINT)  # a terminal tells the whole group
    assert hub.stderr.read() == ""
    assert hub.wait() == 0
    assert wait_until(lambda: not running(tower)), running(tower)
    assert not (tower.home / "hub.pid").exists()
