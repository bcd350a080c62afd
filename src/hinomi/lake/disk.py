"""What is on the disk when we say so."""

from __future__ import annotations

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Force a closed file, or a folder's list of names, onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes) -> None:
    """Write a new file whose bytes are on the disk; its name is once its folder is flushed."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
