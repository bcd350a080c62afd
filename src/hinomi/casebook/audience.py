"""Who may see which findings and cases, and how much of each: the one wall inside the hub, for pages, API and command line.

What leaves the hub passes `share.policy` besides; this wall is the same rule for looking. A member sees the findings that
concern it, and the cases that are its own or marked for all members; never an exercise of others, never where the sensors
are, never who else is concerned, never which person of the hub did something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from hinomi.casebook.shapes import Shape
from hinomi.schema.fields import FIELDS, Sensitivity
from hinomi.schema.problems import Missing
from hinomi.schema.release import Reader
from hinomi.schema.scope import Tlp
from hinomi.schema.words import Step, Text

HUB = Reader("", operator=True)  # who runs this machine: the command line, the scheduler, an exercise's referee
NOBODY = "nobody:"  # no organisation can have this id; "" would be everybody
# Lines of a time line that are never for members, nor told in STIX: who of the hub holds it, what is for the hub to settle.
INTERNAL = (Step.ASSIGNED.value, Step.JOTTED.value, Step.OVERLAPS.value)
PEOPLE = "hub"  # what a member is told of the hub's own people
_FOR_ALL = tuple(int(one) for one in Tlp if one.for_all_members)


def concerning(reader: Reader) -> Q:
    """The findings that a reader may see, as a condition on `Finding`."""
    return Q() if reader.operator else Q(concerned__organisation=reader.organisation)


def readable(reader: Reader) -> Q:
    """The cases that a reader may see, as a condition on `Case`: what `share.policy` allows, and exercises for the hub."""
    if reader.operator:
        return Q()
    if reader.organisation in ("", NOBODY):
        return Q(pk__in=())
    return Q(owner=reader.organisation, exercise=False) | Q(tlp__in=_FOR_ALL, exercise=False)


def no_case(id_: str) -> Missing:
    """What is said of a case that is not there, and alike of one that the reader may not see."""
    what = Text("there is no such case.", "その事案はありません。")
    return Missing(id_, what, Text("`hinomi cases` shows them.", "`hinomi cases` で確認できます。"))


def concerned_among(reader: Reader, among: Sequence[str]) -> Sequence[str]:
    """Whose findings these are, when a reader wants those about some organisations only; () means everybody's."""
    if reader.operator:
        return among
    is_theirs = reader.organisation and (not among or reader.organisation in among)
    return [reader.organisation if is_theirs else NOBODY]


def is_open(field: str) -> bool:
    """Whether a column of evidence may be shown to members: it does not tell where a sensor is."""
    return field in FIELDS and FIELDS[field].sensitivity < Sensitivity.SENSOR


def finding_for(shape: Shape, reader: Reader) -> Shape:
    """A finding as this reader may know it; `evidence.withheld` names the columns that were taken out."""
    if reader.operator:
        return shape
    evidence = shape["evidence"]
    names = dict.fromkeys([*evidence["where"], *(name for row in evidence["rows"] for name in row)])
    seen = evidence | {"where": _open(evidence["where"]), "rows": [_open(row) for row in evidence["rows"]]}
    return shape | {
        "organisations": own(shape["organisations"], reader),
        "evidence": seen | {"withheld": [name for name in names if not is_open(name)]},
    }


def case_for(shape: Shape, reader: Reader) -> Shape:
    """A whole case as this reader may know it."""
    if reader.operator:
        return shape
    return shape | {
        "assignee": "",
        "organisations": own(shape["organisations"], reader),
        "timeline": [
            line
            | {"actor": actor_for(line["actor"], reader)}
            | ({"what": shape["title"]} if line["kind"] == Step.PROPOSED else {})
            for line in shape["timeline"]
            if line["kind"] not in INTERNAL
        ],
        "findings": [finding_for(one, reader) for one in shape["findings"] if reader.organisation in one["organisations"]],
    }


def own(organisations: Iterable[str], reader: Reader) -> list[str]:
    """Of those concerned, the ones that the reader may be told."""
    return [one for one in organisations if reader.operator or one == reader.organisation]


def actor_for(actor: str, reader: Reader) -> str:
    """Who did something, as the reader may know it."""
    return actor if reader.operator else PEOPLE


def _open(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if is_open(name)}
