"""Hand in a capture that has arrived: what the page and the API call alike."""

from __future__ import annotations

from hinomi.hub.accounts.models import Account
from hinomi.hub.schedule import queue
from hinomi.hub.schedule.models import Job
from hinomi.hub.upload.inbox import Arrived
from hinomi.schema.prose import line

LONGEST_SENSOR = 64


def hand_in(capture: Arrived, sensor: str, account: Account | None, **said: int | None) -> Job:
    """Queue the reading of a capture, which stays from now on; WrongUse when the sensor's name cannot be one."""
    named = line(sensor, "sensor")[:LONGEST_SENSOR]
    job = queue.add("capture", {"path": str(capture.path), "sent_as": capture.sent_as, "sensor": named, **said}, account)
    capture.used = True
    return job
