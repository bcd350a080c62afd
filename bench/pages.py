"""Server time of every page with 1 M findings and 10 k cases in the store, and an hour of 5 M packets in the lake.

`python -m bench.pages [FINDINGS] [CASES] [PACKETS]`

Requests go through all of Django (middleware, session, permission, template) in this process, without the network; each
page is opened 20 times by an operator, the first time (imports, compiled templates, cold cache) told apart. The figure of
a page is its 95th percentile in milliseconds.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROUNDS = 20
MUST = 200  # milliseconds


def main() -> None:
    findings, cases, packets = (
        int(sys.argv[at]) if len(sys.argv) > at else default for at, default in ((1, 1_000_000), (2, 10_000), (3, 5_000_000))
    )
    with tempfile.TemporaryDirectory(prefix="hinomi-bench-") as folder:
        os.environ.setdefault("HINOMI_HOME", folder)
        from hinomi.hub.setup import prepare

        prepare()
        _fill(findings, cases)
        _observe(packets)
        for name, path in pages():
            print(json.dumps(_measured(name, path, findings, cases)), flush=True)
        print(json.dumps(_summed(packets)), flush=True)
        for name, path in (("atlas, an hour that is summed up", "/atlas/"), ("atlas, its numbers", "/atlas/traffic.json")):
            print(json.dumps(_measured(name, path, findings, cases)), flush=True)


def _fill(findings: int, cases: int) -> None:
    from hinomi.casebook.models import Finding
    from tests.casebook.filler import Size, fill

    if not Finding.objects.exists():
        began = time.monotonic()
        fill(Size(findings=findings, cases=cases))
        print(f"filled in {time.monotonic() - began:.0f} s", file=sys.stderr)


def _observe(packets: int) -> None:
    """The telescope's hour into the lake of this home."""
    from bench.traffic import dark_hour
    from hinomi import pipeline

    folder = Path(tempfile.gettempdir()) / "hinomi-bench"
    folder.mkdir(exist_ok=True)
    capture = dark_hour(folder / ("dark5m.pcap" if packets == 5_000_000 else f"dark{packets}.pcap"), packets)
    with pipeline.opened_lake() as lake:
        list(pipeline.observe(lake, [capture]))


def _summed(packets: int) -> dict[str, object]:
    """What the job that runs every minute takes for a new hour; no page waits for it."""
    from hinomi.hub.pages.hours import current

    began, worked = time.perf_counter(), time.process_time()
    hour = current(None, "")
    assert hour is not None
    runs, busy = [round(time.perf_counter() - began, 2)], time.process_time() - worked
    note = f"{hour.packets:,} packets of {packets:,} in that hour; {busy:.2f} s of processor time"
    return {"what": "atlas: an hour is summed up", "who": "hinomi", "runs": runs, "unit": "s", "better": "lower", "note": note}


def pages() -> Iterator[tuple[str, str]]:
    """Every page with an address that has something to show."""
    from hinomi.casebook.models import Case, Finding
    from hinomi.members.models import Organisation

    finding = Finding.objects.order_by("-window_start")[0]
    case, member = Case.objects.order_by("-modified")[0], Organisation.objects.all()[0]
    yield "weather", "/"
    yield "weather, 30 days", "/?span=30d"
    yield "weather of a member", f"/?scope={member.pk}"
    yield "findings", "/findings/"
    yield "findings, a year, most severe first", "/findings/?span=1y"
    yield "weather of a sector, 30 days", "/?span=30d&sector=finance"
    yield "findings, a year, newest first", "/findings/?span=1y&sort=time"
    yield "findings of a sector", "/findings/?span=1y&sector=finance"
    yield "findings of a topic", "/findings/?span=30d&topic=scans"
    yield "findings of a member", f"/findings/?span=1y&scope={member.pk}"
    yield "findings about a subject", f"/findings/?span=1y&subject={finding.subject_value}"
    yield "finding", f"/findings/{finding.pk}/"
    yield "cases", "/cases/"
    yield "cases in a state", "/cases/?status=confirmed"
    yield "case", f"/cases/{case.pk}/"
    yield "members", "/members/"
    yield "member", f"/members/{member.pk}/"
    yield "is it me, an address", f"/mine/?q={finding.subject_value}"
    yield "is it me, a /16", "/mine/?q=198.51.0.0/16"
    yield "atlas, an hour that nobody has summed up", "/atlas/"
    yield "upload", "/upload/"
    yield "health", "/health/"
    yield "glossary", "/glossary/"


def _measured(name: str, path: str, findings: int, cases: int) -> dict[str, object]:
    from django.test import Client

    from hinomi.hub.accounts.actions import first_operator

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(first_operator(), backend="allauth.account.auth_backends.AuthenticationBackend")
    times, busy = [], []
    for _round in range(ROUNDS + 1):
        began, worked = time.perf_counter(), time.thread_time()
        response = client.get(path)
        busy.append((time.thread_time() - worked) * 1000)
        times.append((time.perf_counter() - began) * 1000)
        assert response.status_code == 200, f"{path}: {response.status_code}"
    warm = sorted(times[1:])
    return {
        "what": f"page: {name}",
        "who": "hinomi",
        "runs": [round(warm[int(0.95 * len(warm)) - 1], 1)],
        "unit": "ms, p95",
        "better": "lower",
        "must": MUST,
        "note": f"{findings:,} findings, {cases:,} cases; median {statistics.median(warm):.0f} ms, "
        f"of it {statistics.median(busy[1:]):.0f} ms of processor time; first {times[0]:.0f} ms; "
        f"{len(response.content) / 1024:.0f} KiB of HTML",
    }


if __name__ == "__main__":
    main()
