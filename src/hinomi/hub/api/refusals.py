"""How a program may be refused: each status with its meaning, once for the description of the API and for what it answers.

What an operation takes says how it may refuse, so that is derived; `refusing` adds what only the operation itself knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

PROBLEM = "application/problem+json"  # RFC 9457
MEANING = {
    400: "The request cannot be read: its address, its body or a part of it is not well formed.",
    401: "A token or a session is needed.",
    403: "This reader may not do that; a session also needs its CSRF token on every write.",
    404: "There is no such thing that this reader may see.",
    405: "This cannot be done here; `Allow` names what can.",
    409: "It does not fit how things stand now; asking again will not help.",
    413: "The body is larger than is taken here.",
    422: "The question cannot be understood; `detail` says what is wrong with it.",
    429: "There were too many wrong tokens from this address; try again in a minute.",
    500: "The hub failed; its operator finds it in the log.",
    503: "The hub cannot do this now; try again shortly.",
    507: "There is no room to keep the file.",
}
ALWAYS = (400, 401, 403, 429, 503)
_DETAILS = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"description": "what is wrong and what to do: a sentence, or a list of faults with their place"},
    },
    "required": ["type", "title", "status"],
}


class Described(NinjaAPI):
    """An API whose description names its refusals too."""

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**where)
        content = {PROBLEM: {"schema": _DETAILS}}
        schema["components"]["responses"] = {
            _name(status): {"description": meaning, "content": content} for status, meaning in MEANING.items()
        }
        for methods in schema["paths"].values():
            for operation in methods.values():
                told = refusing(*_refusals(operation))["responses"] | operation["responses"]
                operation["responses"] = dict(sorted(told.items()))
        return schema


def refusing(*statuses: int) -> dict[str, Any]:
    """The `openapi_extra` of an operation that may refuse with these statuses."""
    return {"responses": {status: {"$ref": f"#/components/responses/{_name(status)}"} for status in statuses}}


def _refusals(operation: Mapping[str, Any]) -> Iterator[int]:
    """404 for what is named in the address, 413 for a body, 422 for whatever is more than a name."""
    yield from ALWAYS
    taken = operation["parameters"]
    if any(one["in"] == "path" for one in taken):
        yield 404
    if "requestBody" in operation:
        yield 413
    if "requestBody" in operation or any(one["in"] != "path" or one["schema"]["type"] != "string" for one in taken):
        yield 422


def _name(status: int) -> str:
    return f"refused-{status}"
