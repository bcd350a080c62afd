"""No process of the hub outlives the one that was started: even when that was killed with SIGKILL, which tells nobody.

Each asks for this first of all, before it opens anything or waits for anybody, so that no instant is left out.
"""

from __future__ import annotations

import os
import signal
import threading
import time

PAUSE = 0.2


def end_with(parent: int) -> None:
    """End this process when `parent` says so, or soon after that is no longer its parent."""
    # Ctrl-C reaches the whole group; the parent then ends us in order. Blocked, since granian sets a handler of its own.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="end-with-parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PAUSE)
    os._exit(0)
