"""TAXII 2.1 §1.6.8: the one media type we speak, and what a client's `Accept` headers can take."""

from __future__ import annotations

TAXII = "application/taxii+json;version=2.1"
STIX = "application/stix+json;version=2.1"
RANGES = frozenset(("*/*", "application/*", "application/taxii+json"))


def acceptable(accept: str) -> bool:
    """True when `accept` names our media type, a range around it, or nothing at all (RFC 9110 §12.5.1)."""
    return accept in (TAXII, "") or any(_matches(offer) for offer in accept.lower().split(","))


def packable(encodings: str) -> bool:
    """True when `Accept-Encoding` names gzip and does not weigh it with nothing (RFC 9110 §12.5.3)."""
    if encodings in ("gzip", ""):
        return bool(encodings)
    offers = dict(map(_parted, encodings.lower().split(",")))
    return "gzip" in offers and _wanted(offers["gzip"])


def _matches(offer: str) -> bool:
    kind, named = _parted(offer)
    return kind in RANGES and named.get("version", "2.1") == "2.1" and _wanted(named)


def _parted(offer: str) -> tuple[str, dict[str, str]]:
    kind, *parameters = (part.strip() for part in offer.split(";"))
    return kind, dict(parameter.replace(" ", "").replace('"', "").partition("=")[::2] for parameter in parameters)


def _wanted(named: dict[str, str]) -> bool:
    return named.get("q", "1").strip("0.") != ""
