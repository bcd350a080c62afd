"""The bytes of an answer, and the door before those that tell a member of cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Schema

from hinomi.casebook.models import Case
from hinomi.hub.api.auth import caller
from hinomi.share.gate import errand_of, release_document

LONGEST_QUERY = 500  # characters of the question that the audit log keeps


def written(data: Any) -> bytes:
    """Times in UTC with Z, as everywhere in Hinomi."""
    return orjson.dumps(data, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def told(
    request: HttpRequest, cases: Sequence[Case], shape: dict[str, Any], form: type[Schema]
) -> dict[str, Any] | HttpResponse:
    """An answer that tells of these cases: the hub's own people get it as it is, everybody else as a release, logged first."""
    who = caller(request)
    if who.reader.operator:
        return shape
    content = written(form.model_validate(shape).model_dump())
    made = release_document(errand_of(who, "rest", request.get_full_path()[:LONGEST_QUERY]), cases, content)
    return HttpResponse(made.items[0].content, content_type="application/json")
