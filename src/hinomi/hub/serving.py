"""Serve the hub: web processes (granian) and the worker, all of them ended with the one that was started."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from hinomi.home import home
from hinomi.hub.options import Value
from hinomi.hub.orphan import end_with
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

log = logging.getLogger("hinomi.serving")
PATIENCE = 10.0
BACKLOG = 1024


def listen(host: str, port: int, processes: int) -> list[socket.socket]:
    """A socket for each web process, on which one can connect from now on: the kernel keeps who comes until taken.

    The kernel deals visitors out among the sockets (SO_REUSEPORT): of processes that accept from one socket the quickest
    takes nearly all. That nobody listens already is made sure beforehand, since such sockets would not be refused.
    """
    free_port(host, port)
    return [_listener(host, port, socket.SO_REUSEPORT) for _ in range(processes)]


def free_port(host: str, port: int) -> None:
    """Problem when the address cannot be listened on; asked before any long work."""
    _listener(host, port).close()


def _listener(host: str, port: int, *options: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        for option in (socket.SO_REUSEADDR, *options):
            listener.setsockopt(socket.SOL_SOCKET, option, 1)
        listener.setblocking(False)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Problem(
            f"{host}:{port}",
            Text(f"cannot listen here ({error.strerror}).", f"ここでは待ち受けできません（{error.strerror}）。"),
            Text(
                "Is a hub running already? Choose another with --port or HINOMI_PORT.",
                "すでに起動していませんか。--port か HINOMI_PORT で別のポートを選んでください。",
            ),
        ) from None
    return listener


def address() -> str | None:
    """The address of the hub that runs here, as it was started; None when none does."""
    with contextlib.suppress(OSError, ValueError):
        process, base = home().serving.read_text().split()
        os.kill(int(process), 0)
        return base
    return None


def serve(host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve until told to stop (Ctrl-C, SIGTERM); `ready` is called once somebody can connect."""
    from hinomi.hub.setup import collect, connect, prepare

    os.environ["HINOMI_HOST"], os.environ["HINOMI_PORT"] = host, str(port)  # web processes read the settings again
    connect()
    from django.conf import settings
    from django.db import connections

    with contextlib.ExitStack() as kept:
        # First, so that of two hubs started at once one stops here.
        listeners = [kept.enter_context(one) for one in listen(host, port, int(settings.HINOMI["workers"]))]
        prepare()
        collect()

        connections.close_all()
        ready()
        with _worker() if settings.HINOMI["scheduler"] else contextlib.nullcontext():
            _web(listeners, settings.HINOMI)


def _web(listeners: Sequence[socket.socket], options: Mapping[str, Value]) -> None:
    """The web processes: begun anew (spawn), because a fork would copy the locks and pipes of our threads half done."""
    from django.conf import settings
    from granian.constants import Interfaces

    from hinomi.hub.listening import Listening

    multiprocessing.set_start_method("spawn", force=True)
    server = Listening(
        "hinomi.hub.wsgi:application",
        listeners,
        interface=Interfaces.WSGI,
        blocking_threads=int(options["threads"]),
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_enabled=False,
    )
    home().serving.write_text(f"{os.getpid()}\n{settings.PUBLIC_URL}\n")
    try:
        server.serve(target_loader=partial(_application, os.getpid()), wrap_loader=False)
    finally:
        if server.interrupt_signal:
            home().serving.unlink(missing_ok=True)


def _application(parent: int) -> Callable[..., Iterable[bytes]]:
    """What a web process does first of all: see to it that it ends with its parent, and only then read the application."""
    end_with(parent)
    from hinomi.hub.wsgi import application

    return application


@contextlib.contextmanager
def _worker() -> Iterator[None]:
    """The worker process beside the server; started again when it dies, ended with the server."""
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(stopping,), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join(PATIENCE)


def _keep_worker(stopping: threading.Event) -> None:
    while not stopping.is_set():
        command = [sys.executable, "-m", "hinomi.hub.schedule.worker", "--with-parent", str(os.getpid())]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:  # noqa: S603 -- our own module
            while process.poll() is None and not stopping.wait(0.2):
                pass
            if process.poll() is None:
                process.terminate()
        if not stopping.is_set():
            log.warning("the worker ended with %s; it is started again", process.returncode)
            stopping.wait(2.0)
