"""What people may write: letters, not control characters, which no reader sees, PostgreSQL cannot keep or a terminal obeys."""

from __future__ import annotations

import re

from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text

# C0, DEL and C1 of ISO 6429, and halves of surrogate pairs, which are no characters at all and cannot be written as UTF-8.
_CONTROL = "\x00-\x1f\x7f-\x9f\ud800-\udfff"
# Overrides and isolates of UAX #9 make a line look like another one ("Trojan Source", Boucher and Anderson 2023).
_TURNING = "\u202a-\u202e\u2066-\u2069"
_IN_LINE = re.compile(f"[{_CONTROL}{_TURNING}]")
_IN_PROSE = re.compile(f"(?![\n\r\t])[{_CONTROL}]")


def line(text: str, where: str) -> str:
    """The text, when it can stand in one line: a title, a name, an address; WrongUse else."""
    return _without(_IN_LINE, text, where)


def prose(text: str, where: str) -> str:
    """The text, when it can stand in several lines: a note, a reason, a description; WrongUse else."""
    return _without(_IN_PROSE, text, where)


def _without(unwanted: re.Pattern[str], text: str, where: str) -> str:
    found = unwanted.search(text)
    if found is None:
        return text
    name = f"U+{ord(found[0]):04X}"
    what = Text(f"a character that nobody sees ({name}) is in it.", f"目に見えない文字（{name}）が含まれています。")
    raise WrongUse(where, what, Text("Write it again without.", "取り除いて書き直してください。"))
