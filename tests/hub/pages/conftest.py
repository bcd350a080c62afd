"""The town of `town.py`, already looked at by every detector."""

from __future__ import annotations

import pytest

from tests.hub.pages import messages, town


@pytest.fixture(scope="session", autouse=True)
def _japanese() -> None:
    """Catalogues are compiled when the package is installed; here they may be newer."""
    messages.compile_()


@pytest.fixture
def looked(db: None) -> None:
    """Two weeks of findings and cases."""
    from hinomi.casebook import actions

    town.register()
    recorded = actions.record(list(town.outcomes()), now=town.NOW)
    actions.propose(recorded.findings, now=town.NOW)
