"""What the measures of findings are called: detectors write short keys and declare their words, people read those."""

from __future__ import annotations

from django.utils.translation import gettext

from hinomi.detect.measured import KNOWN, Measured
from hinomi.detect.units import NAME
from hinomi.hub.pages.catalogue import detectors
from hinomi.hub.pages.words import number, say
from hinomi.schema.words import Text

NOBODYS = Text("", "")  # the unit of a measure that nobody declares


def measured(detector: str, name: str) -> Measured:
    """What a detector declares of a measure; of one that nobody declares, its name as it is."""
    declared = detectors().get(detector)
    found = declared.measured.get(name) if declared else None
    return found or (KNOWN if name == KNOWN.name else Measured(name, NOBODYS, plain(name)))


def plain(name: str) -> Text:
    """A key as words, for want of better ones."""
    words = name.replace("_", " ")
    return Text(words, words)


def shown(of: Measured, value: float | str | bool | None) -> str:
    """A measure's value as people read it; a number that is a name stays as it is."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if str(value) in of.words:
        return say(of.words[str(value)])
    return str(value) if of.unit == NAME else number(value)
