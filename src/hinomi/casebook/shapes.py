"""Findings and cases as JSON: the shapes of the command line's contract, and back. No database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from hinomi.schema import address
from hinomi.schema.findings import Evidence, Finding, Indicator, Measure, Subject, Window
from hinomi.schema.words import IndicatorType, Severity, SubjectKind, Text

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_SERIALIZE_NUMPY
Shape = dict[str, Any]


def finding_shape(finding: Finding, id_: str = "") -> Shape:
    """A finding under the keys of `hinomi findings --json`, then `first`, `last`, `evidence`, `suffers` and `helps`.

    Who knows its id already gives it: making one costs as much as all the rest.
    """
    return {
        "id": id_ or finding.id,
        "detector": finding.detector,
        "subject": {"kind": finding.subject.kind, "value": finding.subject.value},
        "window": {"start": finding.window.start, "end": finding.window.end},
        "severity": finding.severity.word,
        "confidence": finding.confidence,
        "title": {"en": finding.title.en, "ja": finding.title.ja},
        "measures": dict(finding.measures),
        "indicators": [{"type": one.type, "value": one.value} for one in finding.indicators],
        "attack": list(finding.attack),
        "organisations": list(finding.organisations),
        "exercise": finding.exercise,
        "first": finding.first,
        "last": finding.last,
        "evidence": {
            "kind": finding.evidence.kind,
            "where": {column: _plain(value) for column, value in finding.evidence.where.items()},
            "rows": [dict(row) for row in finding.evidence.rows],
        },
        "suffers": finding.suffers,
        "helps": list(finding.helps),
    }


def finding_bytes(finding: Finding, id_: str = "") -> bytes:
    return orjson.dumps(finding_shape(finding, id_), option=OPTIONS)


def read_finding(body: bytes) -> Finding:
    """The finding that `finding_bytes` wrote; addresses in its evidence stay text."""
    return finding_of(read_shape(body))


def read_shape(body: bytes) -> Shape:
    """The JSON of a stored finding; one that was stored before findings said who suffers says what its detector declares."""
    shape: Shape = orjson.loads(body)
    if "suffers" not in shape:
        from hinomi.detect.run import detectors  # the engine's words take a second to import; only old findings need them

        declared = detectors().get(shape["detector"])
        trouble = declared.trouble(shape["measures"]) if declared else None
        shape |= {"suffers": bool(trouble and trouble.suffers), "helps": list(trouble.helps) if trouble else []}
    return shape


def finding_of(shape: Shape) -> Finding:
    """The finding of a shape that was read from JSON."""
    evidence = shape["evidence"]
    return Finding(
        subject=Subject(SubjectKind(shape["subject"]["kind"]), shape["subject"]["value"]),
        window=Window(datetime.fromisoformat(shape["window"]["start"]), datetime.fromisoformat(shape["window"]["end"])),
        severity=Severity.named(shape["severity"]),
        confidence=shape["confidence"],
        title=Text(**shape["title"]),
        measures=shape["measures"],
        evidence=Evidence(evidence["kind"], evidence["where"], tuple(evidence["rows"])),
        indicators=tuple(Indicator(IndicatorType(one["type"]), one["value"]) for one in shape["indicators"]),
        attack=tuple(shape["attack"]),
        organisations=tuple(shape["organisations"]),
        first=_moment(shape["first"]),
        last=_moment(shape["last"]),
        detector=shape["detector"],
        exercise=shape["exercise"],
        suffers=shape["suffers"],
        helps=tuple(shape["helps"]),
    )


def case_shape(row: Mapping[str, Any]) -> Shape:
    """A row of cases under the keys of `hinomi cases --json`."""
    return {
        "id": row["id"],
        "title": {"en": row["title_en"], "ja": row["title_ja"]},
        "status": row["status"],
        "severity": Severity(row["severity"]).word,
        "sectors": row["sectors"],
        "attack": row["attack"],
        "indicators": row["indicators"],
        "created": row["created"],
        "modified": row["modified"],
        "exercise": row["exercise"],
    }


def _plain(value: Measure | bytes) -> Measure:
    if isinstance(value, bytes):
        return address.text(value) if len(value) == 16 else value.hex()
    return value


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
