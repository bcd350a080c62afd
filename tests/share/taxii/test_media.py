"""Which `Accept` headers are answered."""

import pytest

from hinomi.share.taxii.media import acceptable


@pytest.mark.parametrize(
    "accept",
    [
        "application/taxii+json;version=2.1",
        "application/taxii+json; version=2.1",
        'Application/TAXII+json; version="2.1"',
        "application/taxii+json",
        "application/*",
        "*/*",
        "",
        "text/html, application/taxii+json;version=2.1;q=0.1",
        "application/json, text/plain, */*",  # what OpenCTI sends
    ],
)
def test_ours_and_what_holds_ours(accept: str) -> None:
    assert acceptable(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "application/taxii+json;version=2.0",
        "application/vnd.oasis.taxii+json; version=2.0",
        "application/json",
        "text/html",
        "*/*;q=0",
        "nonsense",
        ";;;,,,",
    ],
)
def test_everything_else_is_not_acceptable(accept: str) -> None:
    assert not acceptable(accept)
