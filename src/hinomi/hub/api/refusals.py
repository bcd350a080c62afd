"""How an operation may refuse, told in its description: RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

MEANING = {
    404: "There is no such thing that this reader may see.",
    409: "It does not fit how things stand now; asking again will not help.",
    422: "The question cannot be understood; `detail` says what is wrong with it.",
}
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


def refusing(*statuses: int) -> dict[str, Any]:
    """The `openapi_extra` of an operation that may refuse with these statuses."""
    content = {"application/problem+json": {"schema": _DETAILS}}
    return {"responses": {status: {"description": MEANING[status], "content": content} for status in statuses}}
