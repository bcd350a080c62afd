"""Data that installed packages bring, found without importing them: some cost seconds."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def folder(package: str) -> Path:
    """Where an installed package lies."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed; `make setup` installs what the lock file lists")
    return Path(spec.origin).parent
