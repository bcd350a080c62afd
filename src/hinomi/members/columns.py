"""Column types that read the same on SQLite and PostgreSQL: plain bytes, and addresses that sort as ranges do."""

from __future__ import annotations

from typing import Any

from django.db import models


class BytesField(models.BinaryField):  # type: ignore[type-arg]  # generic in the stubs, not at run time
    """Bytes that come back as `bytes` from every database (psycopg gives a memoryview)."""

    _pyi_private_get_type: bytes  # what django-stubs reads as the type of the attribute

    def from_db_value(self, value: bytes | memoryview | None, *_: Any) -> bytes | None:
        return None if value is None else bytes(value)


class AddressField(BytesField):
    """The 16 bytes of an address (see `hinomi.schema.address`); both databases compare them byte by byte."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 16
        super().__init__(*args, **kwargs)
