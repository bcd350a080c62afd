"""What a member may know of a finding or case that it may see: not where the sensors are, and not who else is concerned."""

from __future__ import annotations

from typing import Any

from hinomi.schema.fields import FIELDS, Sensitivity
from hinomi.schema.release import Reader

Shape = dict[str, Any]


def organisation_of(reader: Reader) -> str | None:
    """The organisation whose findings this reader may see; None sees everybody's."""
    return None if reader.operator else reader.organisation


def finding_for(shape: Shape, reader: Reader) -> Shape:
    """A finding as this reader may know it."""
    if reader.operator:
        return shape
    evidence = shape["evidence"]
    return shape | {
        "organisations": [one for one in shape["organisations"] if one == reader.organisation],
        "evidence": evidence
        | {
            "where": {name: value for name, value in evidence["where"].items() if _open(name)},
            "rows": [{name: value for name, value in row.items() if _open(name)} for row in evidence["rows"]],
        },
    }


def case_for(shape: Shape, reader: Reader) -> Shape:
    """A whole case as this reader may know it; the people of the hub are not named."""
    if reader.operator:
        return shape
    return shape | {
        "assignee": "",
        "organisations": [one for one in shape["organisations"] if one == reader.organisation],
        "timeline": [line | {"actor": "hub"} for line in shape["timeline"]],
        "findings": [finding_for(one, reader) for one in shape["findings"] if reader.organisation in one["organisations"]],
    }


def _open(name: str) -> bool:
    return name in FIELDS and FIELDS[name].sensitivity < Sensitivity.SENSOR
