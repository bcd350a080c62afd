"""The town of `town.py`, already looked at by every detector."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hub.pages import messages, town
from tests.hub.test_capture import pcap


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


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """An installation of its own, into whose lake captures can be read."""
    monkeypatch.setenv("HINOMI_HOME", str(tmp_path))

    def observe(packets: int) -> None:
        from hinomi import pipeline

        file = tmp_path / f"{packets}.pcap"
        file.write_bytes(pcap(packets))
        with pipeline.opened_lake() as opened:
            assert [one.problem for one in pipeline.observe(opened, [file])] == [None]

    return observe
