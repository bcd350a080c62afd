"""The times below the heat strip, and what a cell says: a reader must be able to tell which year it was."""

from __future__ import annotations

import pytest

from hinomi.hub.accounts.models import Account
from tests.hub.conftest import SignedIn


@pytest.mark.parametrize(
    ("span", "marks", "cell"),
    [
        ("from=2026-11-01T00:00Z&until=2026-11-02T00:00Z", "00:00", "2026-11-01 00:00 – 01:00"),
        ("from=2026-10-01T00:00Z&until=2026-11-10T00:00Z", "10-01", "2026-10-01 00:00 – 2026-10-02 00:00"),
        ("from=2010-01-01T00:00Z&until=2022-01-01T00:00Z", "2010-01", "2010-01-01 00:00 – 2010-03-02 00:00"),
    ],
)
def test_hours_days_and_months_are_told_apart(
    looked: None, operator: Account, browser: SignedIn, span: str, marks: str, cell: str
) -> None:
    page = browser(operator).get(f"/findings/?{span}").content.decode()
    assert f"<span>{marks}</span>" in page
    assert cell in page
