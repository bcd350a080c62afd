"""The detectors as pages speak of them."""

from __future__ import annotations

from collections.abc import Mapping

from hinomi.detect.detector import Detector
from hinomi.hub.pages.words import say
from hinomi.registry import plugins


def detectors() -> Mapping[str, Detector]:
    """Every detector by name."""
    return plugins("hinomi.detect.detectors", Detector)


def title_of(name: str) -> str:
    """The title of a detector in the reader's language; its name when it is no longer installed."""
    found = detectors().get(name)
    return say(found.title) if found else name
