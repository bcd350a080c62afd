"""Is this object what STIX 2.1 allows? Compiled checks over the schemas that OASIS publishes; thousands a second."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

_FOLDERS = ("sdos", "sros", "observables", "common")


class Invalid(Problem):
    """An object that is not valid STIX 2.1; `faults` says where and why, for every fault."""

    def __init__(self, id_: str, faults: tuple[str, ...]) -> None:
        what = Text(f"not valid STIX 2.1: {'; '.join(faults)}", f"STIX 2.1として正しくありません: {'; '.join(faults)}")
        super().__init__(id_, what, Text("Correct it at its source.", "提供元で直してください。"))
        self.faults = faults


def check(thing: dict[str, Any]) -> None:
    """Raise `Invalid` unless the object is valid STIX 2.1; an indicator's pattern is parsed too."""
    faults = tuple(_faults(thing))
    if faults:
        raise Invalid(str(thing.get("id", "?")), faults)


def is_valid(thing: dict[str, Any]) -> bool:
    return not _faults(thing)


def _faults(thing: dict[str, Any]) -> list[str]:
    kind = thing.get("type")
    validator = _validators().get(kind) if isinstance(kind, str) else None
    if validator is None:
        return [f"type {kind!r} is not one of STIX 2.1"]
    if validator.is_valid(thing):
        return _pattern_faults(thing)
    return [f"/{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(thing)]


def _pattern_faults(thing: dict[str, Any]) -> list[str]:
    if thing["type"] != "indicator" or thing.get("pattern_type") != "stix":
        return []
    from stix2patterns.exceptions import ParseException  # late: its parser's tables take a fifth of a second
    from stix2patterns.v21.pattern import Pattern

    try:
        Pattern(thing["pattern"])
    except ParseException as error:
        return [f"/pattern: {error}"]
    return []


@cache
def _validators() -> dict[str, Any]:
    """One compiled validator per object type; made once, in some tens of milliseconds."""
    import jsonschema_rs

    package = find_spec("stix2validator")  # not imported: its data is wanted, not its code
    assert package is not None, "stix2-validator is a dependency of Hinomi"
    assert package.origin is not None
    root = Path(package.origin).parent / "schemas-2.1" / "schemas"
    schemas = {path: orjson.loads(path.read_bytes()) for folder in _FOLDERS for path in sorted((root / folder).glob("*.json"))}
    registry = jsonschema_rs.Registry([(schema["$id"], schema) for schema in schemas.values()])
    kinds = {path.stem: schema for path, schema in schemas.items() if path.parent.name != "common"}
    kinds |= {
        path.stem: schemas[path]
        for path in schemas
        if path.stem in ("marking-definition", "language-content", "extension-definition")
    }
    return {
        kind: jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True)
        for kind, schema in kinds.items()
    }
