"""The five marking definitions of TLP 2.0, as OASIS publishes them."""

from __future__ import annotations

from hinomi.casebook.stix.envelope import Object, Told
from hinomi.schema.scope import TLP_EXTENSION, Tlp


def marking(tlp: Tlp) -> Object:
    """The marking definition of one colour (cti-stix-common-objects, tlp-2.0, 2022-10-01)."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": tlp.marking,
        "created": "2022-10-01T00:00:00.000Z",
        "name": tlp.label,
        "extensions": {
            TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.label.removeprefix("TLP:").lower()}
        },
    }


MARKINGS = tuple(Told(marking(tlp)) for tlp in Tlp)
