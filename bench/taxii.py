"""TAXII 2.1: a page of 100 from a collection of 100,000, authenticated, marking enforced, audit written; beside medallion.

Needs `wrk`. medallion 3.0.0 (memory back end, 1,000 objects, its own server) is installed from requirements/bench.lock into a
virtual environment of its own. Both servers stand at the same time and are asked in turns.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from bench.observe import HINOMI

ROOT = Path(__file__).parents[1]
OBJECTS, PEER_OBJECTS, ROUNDS, SECONDS, PAGES = 100_000, 1_000, 5, 8, 64
MEDIA = "application/taxii+json;version=2.1"
WHAT = "GET a page of 100 objects"
COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"

FILL = """
import sys, uuid, orjson
from hinomi.hub.setup import prepare
prepare()
from hinomi.casebook.models import StixObject
from hinomi.casebook.stix.envelope import audience_of
from hinomi.hub.accounts.actions import make_token
from hinomi.members.actions import register
from hinomi.schema.scope import Tlp
names = [register(name, "finance", "JP").id for name in ("Minato Bank", "Aozora Bank")]
start = 1_790_000_000_000_000
def row(n):
    owner, tlp = names[n % 10 == 0], Tlp.GREEN if n % 10 == 1 else Tlp.AMBER_STRICT
    name = f"indicator--{uuid.UUID(int=n, version=4)}"
    thing = {**orjson.loads(sys.argv[1]), "id": name, "object_marking_refs": [tlp.marking]}
    return StixObject(seq=start + n, stix_id=name, version=thing["modified"], type="indicator", owner=owner, tlp=int(tlp),
        audience=audience_of(owner, tlp, False), exercise=False, content=orjson.dumps(thing))
for first in range(0, int(sys.argv[2]), 5000):
    StixObject.objects.bulk_create(row(n) for n in range(first, first + 5000))
print(make_token("bench", organisation=names[0]))
"""
INDICATOR = {
    "type": "indicator",
    "spec_version": "2.1",
    "id": "indicator--5f2a3c1e-8b0d-4c7e-9a41-68696e6f6d69",
    "created": "2026-11-22T00:00:00.000Z",
    "modified": "2026-11-22T00:00:00.000Z",
    "name": "Scan of tcp/23 from 240.0.0.1",
    "description": "A source that searched a network telescope for open ports, with the measures that led to it. " * 3,
    "indicator_types": ["malicious-activity"],
    "pattern": "[ipv4-addr:value = '240.0.0.1']",
    "pattern_type": "stix",
    "valid_from": "2026-11-22T00:00:00Z",
}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="hinomi-bench-") as folder, contextlib.ExitStack() as servers:
        where = Path(folder)
        ours, headers, paths, server = servers.enter_context(hinomi(where))
        peer = servers.enter_context(medallion(where))
        runs: dict[str, list[float]] = {"hinomi": [], "medallion": [], "cpu": []}
        for turn in range(ROUNDS):
            print(f"round {turn + 1} of {ROUNDS}", file=sys.stderr)
            before = cpu(server)
            runs["hinomi"].append(wrk(ours, headers, paths, where))
            runs["cpu"].append(1_000 * (cpu(server) - before) / (runs["hinomi"][-1] * SECONDS))
            runs["medallion"].append(ask(peer))
        walk = [walked(ours, headers) for _ in range(3)]
    tell(
        WHAT,
        "hinomi",
        runs["hinomi"],
        "requests/s",
        must="≥ 1,500",
        note=f"{OBJECTS:,} objects, two organisations, wrk beside it",
    )
    tell(WHAT, "medallion 3.0.0", runs["medallion"], "requests/s", must="ours ≥ 100×", note=f"memory, {PEER_OBJECTS:,} objects")
    tell("CPU time of the server for such a page", "hinomi", runs["cpu"], "ms", better="lower")
    tell(f"walk {OBJECTS:,} objects in pages of 1,000, one client", "hinomi", walk, "objects/s")


def tell(what: str, who: str, runs: list[float], unit: str, **more: str) -> None:
    figure = {"what": what, "who": who, "runs": [round(run, 3) for run in runs], "unit": unit, "better": "higher"} | more
    print(json.dumps(figure, ensure_ascii=False), flush=True)


@contextlib.contextmanager
def hinomi(where: Path) -> Iterator[tuple[str, dict[str, str], list[str], int]]:
    """The hub as `hinomi run` serves it, with the objects in; its address, headers, pages to ask for, process."""
    environment = os.environ | {"HINOMI_HOME": str(where / "home"), "HINOMI_SCHEDULER": "no"}
    print(f"filling {OBJECTS:,} objects", file=sys.stderr)
    fill = [sys.executable, "-c", FILL, json.dumps(INDICATOR), str(OBJECTS)]
    token = subprocess.run(fill, env=environment, check=True, capture_output=True, text=True).stdout.split()[-1]
    port = free_port()
    headers = {"Accept": MEDIA, "Authorization": f"Bearer {token}"}
    with process([HINOMI, "run", "--port", str(port)], environment, port) as server:
        base = f"http://127.0.0.1:{port}"
        yield base, headers, pages(base, headers), server


def pages(base: str, headers: dict[str, str]) -> list[str]:
    """The addresses of pages all over the collection: the walk's own cursors, evenly taken."""
    found = ["/taxii2/hub/collections/cases/objects/?limit=100"]
    while (page := get(base + found[-1], headers)).get("more"):
        found.append(f"{found[0]}&next={page['next']}")
    return found[:: max(1, len(found) // PAGES)]


@contextlib.contextmanager
def medallion(where: Path) -> Iterator[str]:
    """medallion with its memory back end on its own server; the address of its page of 100."""
    bin_ = where / "peer" / "bin"
    subprocess.run(["uv", "venv", "-q", where / "peer"], check=True, env=tools())
    lock = ROOT / "requirements" / "bench.lock"
    install = ["uv", "pip", "install", "-q", "--python", bin_ / "python", "--require-hashes", "-r", lock]
    subprocess.run(install, check=True, env=tools())
    (where / "data.json").write_text(json.dumps(peer_data()))
    backend = {
        "module": "medallion.backends.memory_backend",
        "module_class": "MemoryBackend",
        "filename": str(where / "data.json"),
    }
    config = {"backend": backend, "users": {"bench": "bench"}, "taxii": {"max_page_size": 100}}
    (where / "medallion.json").write_text(json.dumps(config))
    port = free_port()
    command = [bin_ / "medallion", where / "medallion.json", "--host", "127.0.0.1", "--port", str(port)]
    with process(command, dict(os.environ), port):
        yield f"http://127.0.0.1:{port}/bench/collections/{COLLECTION}/objects/?limit=100"


def peer_data() -> dict[str, Any]:
    """medallion's start-up file with one collection of indicators."""
    objects, manifest = [], []
    for n in range(PEER_OBJECTS):
        one = {**INDICATOR, "id": f"indicator--00000000-0000-4000-8000-{n:012d}"}
        added = f"2026-11-22T00:{n // 60:02d}:{n % 60:02d}.000000Z"
        objects.append(one)
        manifest.append(
            {
                "date_added": added,
                "id": one["id"],
                "media_type": "application/stix+json;version=2.1",
                "version": one["modified"],
            }
        )
    collection = {
        "id": COLLECTION,
        "title": "bench",
        "can_read": True,
        "can_write": False,
        "media_types": ["application/stix+json;version=2.1"],
    }
    root = {"title": "bench", "versions": [MEDIA], "max_content_length": 104857600}
    discovery = {"title": "bench", "default": "http://127.0.0.1/bench/", "api_roots": ["http://127.0.0.1/bench/"]}
    return {
        "/discovery": discovery,
        "bench": {"information": root, "status": [], "collections": [{**collection, "objects": objects, "manifest": manifest}]},
    }


def wrk(base: str, headers: dict[str, str], paths: list[str], where: Path) -> float:
    """Requests a second over pages in turn; every answer must be a 200."""
    fields = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items())
    listed = ", ".join(f'"{path}"' for path in paths)
    turn = f"local p = {{{listed}}}\nlocal n = 0\nrequest = function() n = n + 1; return wrk.format('GET', p[n % #p + 1]) end\n"
    (where / "wrk.lua").write_text(f"{fields}\n{turn}")
    done = subprocess.run(
        ["wrk", "-t1", "-c8", f"-d{SECONDS}s", "-s", where / "wrk.lua", base], capture_output=True, text=True, check=True
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(done.stdout)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])  # type: ignore[index] # wrk always prints it


def ask(address: str) -> float:
    """Requests a second of one request to medallion (a page takes it seconds)."""
    start = time.perf_counter()
    page = get(address, {"Accept": MEDIA, "Authorization": "Basic YmVuY2g6YmVuY2g="})
    assert len(page["objects"]) == 100, len(page["objects"])
    return 1 / (time.perf_counter() - start)


def walked(base: str, headers: dict[str, str]) -> float:
    """Objects a second of a client that reads everything it may see."""
    start, count, following = time.perf_counter(), 0, ""
    while True:
        page = get(f"{base}/taxii2/hub/collections/cases/objects/?limit=1000{following}", headers)
        count += len(page["objects"])
        if not page["more"]:
            return count / (time.perf_counter() - start)
        following = f"&next={page['next']}"


def get(address: str, headers: dict[str, str]) -> dict[str, Any]:
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=120) as answer:
        return dict(json.load(answer))


@contextlib.contextmanager
def process(command: list[Any], environment: dict[str, str], port: int) -> Iterator[int]:
    """A server that listens before it is used and is ended afterwards."""
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        try:
            for _ in range(300):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                if server.poll() is not None:
                    raise SystemExit(server.stderr.read().decode()[-2000:] if server.stderr else "ended")
                time.sleep(0.2)
            yield server.pid
        finally:
            server.terminate()


def cpu(pid: int) -> float:
    """Seconds of processor that a server and its children have used."""
    server = psutil.Process(pid)
    return sum(sum(one.cpu_times()[:2]) for one in (server, *server.children(recursive=True)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tools() -> dict[str, str]:
    """`uv` stands beside this Python."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


if __name__ == "__main__":
    main()
