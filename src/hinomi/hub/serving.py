"""Serve the hub: web processes (granian) and the worker, all of them ended with the one that was started."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

log = logging.getLogger("hinomi.serving")
PATIENCE = 10.0
PARENT = "HINOMI_PARENT"  # by which the web processes know whom to end with


def free_port(host: str, port: int) -> None:
    """Problem when the address cannot be listened on; asked before any long work."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Problem(
                f"{host}:{port}",
                Text(f"cannot listen here ({error.strerror}).", f"ここでは待ち受けできません（{error.strerror}）。"),
                Text(
                    "Is a hub running already? Choose another with --port or HINOMI_PORT.",
                    "すでに起動していませんか。--port か HINOMI_PORT で別のポートを選んでください。",
                ),
            ) from None


def serve(host: str, port: int) -> None:
    """Serve until told to stop (Ctrl-C, SIGTERM)."""
    from granian.constants import Interfaces
    from granian.server import Server

    from hinomi.hub.setup import collect, prepare

    os.environ["HINOMI_HOST"], os.environ["HINOMI_PORT"] = host, str(port)  # web processes read the settings again
    prepare()
    collect()
    from django.conf import settings
    from django.db import connections

    free_port(host, port)
    connections.close_all()
    os.environ[PARENT] = str(os.getpid())
    server = Server(
        "hinomi.hub.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=int(settings.HINOMI["workers"]),
        blocking_threads=int(settings.HINOMI["threads"]),
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_enabled=False,
    )
    with _worker() if settings.HINOMI["scheduler"] else contextlib.nullcontext():
        server.serve()


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
