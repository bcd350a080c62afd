"""granian on a socket that listens already; by itself it lets each web process open one of its own, some time later."""

from __future__ import annotations

import socket
from typing import Any

from granian.net import SocketHolder
from granian.server.mp import MPServer


class Listening(MPServer):
    """Its web processes all accept from `listener`, so that nobody waits at one that has ended."""

    def __init__(self, target: str, listener: socket.socket, **options: Any) -> None:
        super().__init__(target, **options)
        self._listener = listener

    def _init_shared_socket(self) -> None:
        """As granian does where SO_REUSEPORT does not share connections out; `_sso` carries the descriptor to a child."""
        self._ssp = None
        self._sfd = self._listener.fileno()
        self._shd = SocketHolder(self._sfd, False, self.backlog)
        self._sso = self._listener
