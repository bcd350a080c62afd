"""A case that a person wants to open: what they wrote, and whether it can stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from hinomi.casebook.recognition import recognised
from hinomi.casebook.stix.envelope import identify
from hinomi.casebook.stix.story import MOST_INDICATORS
from hinomi.schema.findings import Indicator
from hinomi.schema.problems import WrongUse
from hinomi.schema.prose import line, prose
from hinomi.schema.scope import SECTORS, UNMARKED, Tlp
from hinomi.schema.words import Severity, Text

LONGEST_TITLE, LONGEST_DESCRIPTION, MOST_FINDINGS = 200, 10_000, 200


@dataclass(frozen=True)
class Draft:
    """What a case opened by hand is made of. The same `form` sent twice is one case."""

    title: str
    severity: Severity = Severity.MEDIUM
    sectors: tuple[str, ...] = ()
    description: str = ""
    indicators: tuple[Indicator, ...] = ()
    tlp: Tlp = UNMARKED
    findings: tuple[str, ...] = ()
    exercise: bool = False
    form: str = field(default_factory=lambda: str(uuid4()))

    @property
    def case(self) -> str:
        """The id of the case."""
        return identify("incident", "by-hand", self.form, str(self.exercise))


def written(
    *,
    title: str,
    severity: str,
    tlp: str = "",
    sectors: Iterable[str] = (),
    description: str = "",
    indicators: str = "",
    findings: Iterable[str] = (),
    exercise: bool = False,
    form: str = "",
) -> Draft:
    """A draft of the words that somebody typed; WrongUse says which of them cannot be."""
    draft = Draft(
        title=" ".join(title.split()),
        severity=_severity(severity),
        sectors=tuple(dict.fromkeys(filter(None, sectors))),
        description=description.replace("\r\n", "\n").strip(),  # as a browser counts what its forms send with CRLF
        indicators=recognised(indicators),
        tlp=tlp_named(tlp) if tlp.strip() else UNMARKED,
        findings=tuple(dict.fromkeys(one.strip() for one in findings if one.strip())),
        exercise=exercise,
        form=form or str(uuid4()),
    )
    check(draft)
    return draft


def tlp_named(word: str) -> Tlp:
    """TLP:AMBER+STRICT, amber+strict or AMBER_STRICT."""
    name = word.strip().upper().removeprefix("TLP:").replace("+", "_").replace("-", "_")
    if name not in Tlp.__members__:
        what = Text("there is no such marking.", "そのようなTLPはありません。")
        known = ", ".join(one.label for one in Tlp)
        raise WrongUse(word, what, Text(f"Choose among {known}.", f"{known} から選んでください。"))
    return Tlp[name]


def check(draft: Draft) -> None:
    """Whether a case can be made of it."""
    if not draft.title:
        what = Text("a case needs a title.", "事案にはタイトルが必要です。")
        raise WrongUse("title", what, Text("Say in a sentence what happened.", "何が起きたかを一文で書いてください。"))
    for name, text in (("title", draft.title), ("form", draft.form), *(("findings", one) for one in draft.findings)):
        line(text, name)
    prose(draft.description, "description")
    unknown = [one for one in draft.sectors if one not in SECTORS]
    if unknown:
        what = Text("there is no such sector.", "そのような分野はありません。")
        known = ", ".join(SECTORS)
        raise WrongUse(unknown[0], what, Text(f"Choose among {known}.", f"{known} から選んでください。"))
    for name, count, most in (
        ("title", len(draft.title), LONGEST_TITLE),
        ("description", len(draft.description), LONGEST_DESCRIPTION),
        ("indicators", len(draft.indicators), MOST_INDICATORS),
        ("findings", len(draft.findings), MOST_FINDINGS),
    ):
        if count > most:
            what = Text(f"{count:,} are too many.", f"{count:,} は多すぎます。")
            raise WrongUse(name, what, Text(f"At most {most:,}.", f"上限は {most:,} です。"))


def _severity(word: str) -> Severity:
    levels = {one.word: one for one in Severity}
    if word not in levels:
        what = Text("there is no such severity.", "そのような深刻度はありません。")
        known = ", ".join(levels)
        raise WrongUse(word or "severity", what, Text(f"Choose among {known}.", f"{known} から選んでください。"))
    return levels[word]
