"""granian on sockets that listen already; by itself it lets each web process open one of its own, some time later."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

from granian.net import SocketHolder
from granian.server.mp import MPServer, WorkerProcess


class Listening(MPServer):
    """As many web processes as there are `listeners`; one that is begun again accepts from the socket of the one that ended."""

    def __init__(self, target: str, listeners: Sequence[socket.socket], **options: Any) -> None:
        super().__init__(target, workers=len(listeners), **options)
        self._listeners = listeners

    def _init_shared_socket(self) -> None:
        """Nothing is opened; see `_spawn_worker`."""
        self._ssp = None

    def _spawn_worker(self, idx: int, target: Callable[..., None], callback_loader: Callable[..., Any]) -> WorkerProcess:
        """As granian does where SO_REUSEPORT does not share connections out; `_sso` carries the descriptor to a child."""
        self._sso = self._listeners[idx]
        self._sfd = self._sso.fileno()
        self._shd = SocketHolder(self._sfd, False, self.backlog)
        return super()._spawn_worker(idx, target, callback_loader)
