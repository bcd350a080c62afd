"""The catalogue of names that others match on, and `Text`, a sentence in the two languages of the house."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from string import Formatter
from typing import Any, Final, NamedTuple


class _Counting(Formatter):
    """`str.format`, which also knows the word for one and the word for any other number: `{count:finding|findings}`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, is_choice, many = format_spec.partition("|")
        if not is_choice:
            return format(value, format_spec)
        return one if value == 1 else many


_COUNTING = _Counting()


class Text(NamedTuple):
    """One sentence in English and in Japanese; both are always given."""

    en: str
    ja: str

    def fill(self, **values: object) -> Text:
        """The same sentence with its `{names}` filled in; a value in both languages fills each with its own.

        English counts: `Text("{n:,} {n:packet|packets}", …)` says "1 packet" and "1,200 packets".
        """
        en = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
        ja = {name: value.ja if isinstance(value, Text) else value for name, value in values.items()}
        return Text(_COUNTING.vformat(self.en, (), en), _COUNTING.vformat(self.ja, (), ja))


# The tools whose sign a packet may bear, by the measure `tool`; the most telling sign first: of 32 bits, then of 16.
TOOLS: Final[Mapping[str, Text]] = {
    "mirai": Text("Mirai family", "Mirai系"),
    "masscan": Text("Masscan", "Masscan"),
    "zmap": Text("ZMap", "ZMap"),
}


CONSOLE: Final = "command line"  # who did what was typed on the machine itself


class Severity(IntEnum):
    """How much it matters, in order; written in lower case (`Severity.HIGH.word` is "high")."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, word: str) -> Severity:
        """The severity with this word; ValueError names the words there are."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"severity {word!r} is none of {', '.join(one.word for one in cls)}") from None


class SubjectKind(StrEnum):
    """What a finding is about."""

    ADDRESS = "address"
    PREFIX = "prefix"
    DOMAIN = "domain"
    ACCOUNT = "account"
    DEVICE = "device"
    PORT = "port"
    CAMPAIGN = "campaign"


class Verdict(StrEnum):
    """How a look ended: "could not look" is never "saw nothing"."""

    FOUND = "found"
    CLEAN = "clean"
    NOT_APPLICABLE = "not-applicable"
    FAILED = "failed"


class CaseStatus(StrEnum):
    """The life of a case."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    CONTAINED = "contained"
    CLOSED = "closed"


class Step(StrEnum):
    """What a line of a case's time line says was done."""

    PROPOSED = "proposed"
    OPENED = "opened"  # by hand
    GROWN = "grown"  # findings joined it
    WITHDRAWN = "withdrawn"  # a finding was taken back
    CONFIRMED = "confirmed"
    CONTAINED = "contained"
    CLOSED = "closed"
    NOTED = "noted"  # with the case
    JOTTED = "jotted"  # a note for the hub only
    MARKED = "marked"
    ASSIGNED = "assigned"
    OVERLAPS = "overlaps"  # another open case may be the same


class Role(StrEnum):
    """What an account may do on the hub."""

    OPERATOR = "operator"
    ANALYST = "analyst"
    MEMBER = "member"


class IndicatorType(StrEnum):
    """The types of `extract` and of `findings[].indicators`."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"
    CIDR = "cidr"
    DOMAIN = "domain"
    URL = "url"
    EMAIL = "email"
    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"
    CVE = "cve"
    ASN = "asn"
    PORT = "port"
    FILENAME = "filename"
    REGISTRY_KEY = "registry-key"
    MUTEX = "mutex"
    WALLET = "wallet"
