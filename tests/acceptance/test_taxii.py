"""A stranger's TAXII 2.1 client (`taxii2-client` from PyPI) reads what its organisation may see, and no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from taxii2client.common import TokenAuth
from taxii2client.v21 import Collection, Server, as_pages

from tests.acceptance.serving import serving, wait_until
from tests.acceptance.tower import Tower

ROOT = Path(__file__).parents[2]
FILL = """
from hinomi.hub.setup import prepare
prepare()
from hinomi.casebook import actions
from hinomi.members.actions import register
from tests.casebook.stories import infected, look
for name, address in (("Minato", "198.51.100.77"), ("Aozora", "198.51.100.88")):
    member = register(name, "finance", "JP").id
    found = [infected(address, member, at=hour) for hour in (0, 90)]
    recorded = actions.record([look(one, detector=one.detector, at=at) for one, at in zip(found, (0, 90))])
    for case in actions.propose(recorded.findings):
        actions.confirm(case, actor="operator")
        print(member, case)
player = register("Played", "finance", "JP", exercise=True).id
played = infected("198.51.100.99", player, exercise=True)
actions.propose(actions.record([look(played, detector=played.detector)], exercise=True).findings)
"""
ADD = """
from hinomi.hub.setup import connect
connect()
from tests.share.stories import indicator
for n in range(40):
    print(indicator("minato"), flush=True)
"""
AUDIT = """
from hinomi.hub.setup import connect
connect()
from hinomi.share import audit
from hinomi.share.models import Entry
audit.carry()
assert audit.verify() == [], audit.verify()
print(Entry.objects.count())
"""


@dataclass(frozen=True)
class Hub:
    """A served hub: its address, a token for each reader, and whose case is which."""

    tower: Tower
    address: str
    tokens: dict[str, str]
    cases: dict[str, set[str]]

    def collection(self, reader: str) -> Collection:
        (root,) = Server(self.address, auth=TokenAuth(self.tokens[reader])).api_roots
        (collection,) = root.collections
        return collection


def python(tower: Tower, story: str) -> str:
    """Run a story as a program on the installation; what it prints."""
    command = [sys.executable, "-c", story]
    done = subprocess.run(command, cwd=ROOT, env=tower.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def made(tower: Tower) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Two members with cases, an exercise, and tokens for all."""
    cases: dict[str, set[str]] = {}
    for line in python(tower, FILL).splitlines():
        member, case = line.split()
        cases.setdefault(member, set()).add(case)
    tokens = {name: tower("token", "new", "taxii", "--organisation", name).out.split()[-1] for name in cases}
    return tokens | {"operator": tower("token", "new", "taxii", "--hub").out.split()[-1]}, cases


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    tower = Tower(tmp_path_factory.mktemp("hub"))
    tokens, cases = made(tower)
    with serving(tower, tower.home / "log", HINOMI_SCHEDULER="no") as hub:
        yield Hub(tower, f"{hub.base}/taxii2/", tokens, cases)


def ids(pages: Iterator[dict[str, Any]]) -> list[str]:
    return [one["id"] for page in pages for one in page.get("objects", ())]


class TestStranger:
    def test_each_organisation_reads_its_own_cases_and_no_other(self, hub: Hub) -> None:
        everything = set().union(*hub.cases.values())
        for member, own in hub.cases.items():
            found = set(ids(as_pages(hub.collection(member).get_objects, per_request=3)))
            assert found & everything == own
            assert not any(
                "198.51.100.99" in str(page) for page in as_pages(hub.collection(member).get_objects, per_request=50)
            )

    def test_the_operator_reads_all_that_is_real(self, hub: Hub) -> None:
        found = list(as_pages(hub.collection("operator").get_objects, per_request=7, version="all"))

        assert set().union(*hub.cases.values()) <= set(ids(iter(found)))
        assert "198.51.100.99" not in str(found)  # the exercise's address
        assert not any("exercise" in one.get("labels", ()) for page in found for one in page["objects"])

    def test_pages_hold_each_object_once(self, hub: Hub) -> None:
        for reader in hub.tokens:
            collection = hub.collection(reader)
            whole = ids(iter([collection.get_objects()]))
            assert len(whole) == len(set(whole)) > 3
            assert ids(as_pages(collection.get_objects, per_request=2)) == whole
            assert ids(as_pages(collection.get_manifest, per_request=2)) == whole

    def test_filters(self, hub: Hub) -> None:
        collection = hub.collection("minato")

        incidents = collection.get_objects(type="incident")["objects"]

        assert {one["id"] for one in incidents} == hub.cases["minato"]
        one = incidents[0]
        assert collection.get_object(one["id"])["objects"] == [one]
        assert collection.get_objects(id=[one["id"]], version=one["modified"])["objects"] == [one]
        assert one["modified"] in collection.object_versions(one["id"])["versions"]

    def test_anothers_case_is_not_there(self, hub: Hub) -> None:
        for case in hub.cases["aozora"]:
            with pytest.raises(requests.HTTPError, match="404"):
                hub.collection("minato").get_object(case)

    def test_the_token_as_a_password(self, hub: Hub) -> None:
        server = Server(hub.address, user="anything", password=hub.tokens["minato"])

        assert server.api_roots[0].collections[0].can_read

    def test_a_wrong_or_ended_token_reads_nothing(self, hub: Hub) -> None:
        token = hub.tower("token", "new", "short", "--hub").out.split()[-1]
        ask = {"Accept": "application/taxii+json;version=2.1", "Authorization": f"Bearer {token}"}
        assert requests.get(hub.address, headers=ask, timeout=30).status_code == 200

        number = max(int(line.split()[0]) for line in hub.tower("token", "list").out.splitlines() if line.split()[0].isdigit())
        hub.tower("token", "revoke", str(number))

        assert wait_until(lambda: requests.get(hub.address, headers=ask, timeout=30).status_code == 401)
        assert "Bearer" in requests.get(hub.address, timeout=30).headers["WWW-Authenticate"]

    def test_inserts_while_a_client_pages_lose_and_double_nothing(self, hub: Hub) -> None:
        added: list[str] = []
        writer = threading.Thread(target=lambda: added.extend(python(hub.tower, ADD).split()))
        collection, found, following = hub.collection("minato"), list[str](), ""
        writer.start()
        while writer.is_alive() or following:
            page = collection.get_objects(limit=3, next=following) if following else collection.get_objects(limit=3)
            if not following:
                found.clear()
            found += [one["id"] for one in page["objects"]]
            following = page.get("next", "")
            assert len(found) == len(set(found))
        writer.join()

        whole = ids(as_pages(collection.get_objects, per_request=100))
        assert len(added) == 40
        assert set(added) <= set(whole)
        assert found == whole[: len(found)]


@pytest.mark.slow
def test_a_killed_hub_has_a_line_for_every_page_that_left(tmp_path: Path) -> None:
    tower = Tower(tmp_path)
    tokens, _ = made(tower)
    headers = {"Accept": "application/taxii+json;version=2.1", "Authorization": f"Bearer {tokens['minato']}"}
    received = 0
    for round_ in range(3):
        with serving(tower, tmp_path / "log", HINOMI_SCHEDULER="no") as hub:
            address = f"{hub.base}/taxii2/hub/collections/cases/objects/?limit=1"
            with suppress(requests.RequestException), requests.Session() as session:
                for _ in range(1_000):
                    if received % 97 == 96 - round_:
                        threading.Timer(0.01, os.killpg, (hub.process.pid, signal.SIGKILL)).start()
                    assert session.get(address, headers=headers, timeout=30).status_code == 200
                    received += 1

    assert received > 90
    assert int(python(tower, AUDIT)) >= received
