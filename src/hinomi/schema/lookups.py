"""The small tables that detectors get besides events: what members, casebook and warning lists know, as Arrow."""

from __future__ import annotations

import pyarrow as pa

from hinomi.schema.fields import ADDRESS, TIME

LOOKUPS: dict[str, pa.Schema] = {
    # Whose network is this, and is it dark (a telescope)? Ranges are inclusive; valid_until null means "still".
    "networks": pa.schema(
        [
            pa.field("first", ADDRESS, nullable=False),
            pa.field("last", ADDRESS, nullable=False),
            pa.field("organisation", pa.string(), nullable=False),
            pa.field("sector", pa.string(), nullable=False),
            pa.field("country", pa.string(), nullable=False),
            pa.field("dark", pa.bool_(), nullable=False),
            pa.field("valid_from", TIME, nullable=False),
            pa.field("valid_until", TIME),
            pa.field("name_en", pa.string()),  # as people write the organisation; null: as its id
            pa.field("name_ja", pa.string()),
        ]
    ),
    # Addresses known to be harmless: survey scanners, public resolvers, what an operator allowed with a reason.
    "allowed": pa.schema(
        [
            pa.field("first", ADDRESS, nullable=False),
            pa.field("last", ADDRESS, nullable=False),
            pa.field("list", pa.string(), nullable=False),
            pa.field("reason", pa.string(), nullable=False),
        ]
    ),
}
