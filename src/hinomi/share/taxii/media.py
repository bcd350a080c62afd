"""TAXII 2.1 §1.6.8: the one media type we speak, and whether a client's `Accept` header can take it."""

from __future__ import annotations

TAXII = "application/taxii+json;version=2.1"
STIX = "application/stix+json;version=2.1"
RANGES = frozenset(("*/*", "application/*", "application/taxii+json"))


def acceptable(accept: str) -> bool:
    """True when `accept` names our media type, a range around it, or nothing at all (RFC 9110 §12.5.1)."""
    return accept in (TAXII, "") or any(_matches(offer) for offer in accept.lower().split(","))


def _matches(offer: str) -> bool:
    kind, *parameters = (part.strip() for part in offer.split(";"))
    named = dict(parameter.replace(" ", "").replace('"', "").partition("=")[::2] for parameter in parameters)
    return kind in RANGES and named.get("version", "2.1") == "2.1" and named.get("q", "1").strip("0.") != ""
