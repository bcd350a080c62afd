"""Two writers at once: the sequence that readers page by has no number that appears after a later one was seen."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from hinomi.casebook import store
from hinomi.casebook.models import StixObject
from hinomi.casebook.stix.envelope import Envelope, Told
from hinomi.schema.scope import Tlp
from tests.casebook.stories import DAY

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, ROUNDS = 4, 12


def identity(name: str) -> Told:
    return Envelope("", Tlp.CLEAR, DAY).wrap("identity", (name,), name=name, identity_class="organization")


def write(number: int, failures: list[Exception]) -> None:
    try:
        for turn in range(ROUNDS):
            with transaction.atomic():
                store.put([identity(f"{number}-{turn}-{part}") for part in range(3)], exercise=False)
                StixObject.objects.count()  # some more work before the commit
    except Exception as error:  # noqa: BLE001 - carried to the test's own thread, which raises it
        failures.append(error)
    finally:
        connection.close()


@pytest.mark.skipif("connection.vendor == 'sqlite' and connection.is_in_memory_db()", reason="threads cannot share memory")
def test_a_reader_who_saw_a_number_has_seen_all_below_it() -> None:
    failures: list[Exception] = []
    writers = [threading.Thread(target=write, args=(number, failures)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    while any(writer.is_alive() for writer in writers):
        seen += _after(seen[-1] if seen else 0)
    for writer in writers:
        writer.join()
    seen += _after(seen[-1] if seen else 0)
    assert not failures, failures
    assert len(seen) == WRITERS * ROUNDS * 3
    assert seen == list(StixObject.objects.order_by("seq").values_list("seq", flat=True))


def _after(last: int) -> list[int]:
    return list(StixObject.objects.filter(seq__gt=last).order_by("seq").values_list("seq", flat=True))
