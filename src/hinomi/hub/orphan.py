"""No process of the hub outlives the one that was started: even when that was killed with SIGKILL, which tells nobody."""

from __future__ import annotations

import os
import threading
import time

PAUSE = 1.0


def end_with(parent: int) -> None:
    """End this process soon after `parent` is no longer its parent."""
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="end-with-parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PAUSE)
    os._exit(0)
