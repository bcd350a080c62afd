"""The ATT&CK techniques that findings name, as attack-patterns that point at MITRE's own pages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from hinomi.casebook.stix.envelope import Envelope, Told
from hinomi.schema.scope import Tlp

NAMES: Mapping[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
# Published once for all cases, so they are the hub's and everybody's.
_SHARED = Envelope("", Tlp.CLEAR, datetime(2026, 11, 1, tzinfo=UTC))


def technique(attack: str, exercise: bool) -> Told:
    """The attack-pattern of one technique id."""
    envelope = Envelope(_SHARED.owner, _SHARED.tlp, _SHARED.created, exercise)
    reference = {
        "source_name": "mitre-attack",
        "external_id": attack,
        "url": f"https://attack.mitre.org/techniques/{attack.replace('.', '/')}/",
    }
    return envelope.wrap("attack-pattern", (attack,), name=NAMES.get(attack, attack), external_references=[reference])
