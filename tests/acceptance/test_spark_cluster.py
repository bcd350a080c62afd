"""`hinomi detect --engine spark` on a standalone cluster as people run one: a master, a worker, small executors."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from hinomi.lake.engine import EngineKind
from hinomi.registry import plugins
from tests.acceptance.captures import Syn, capture
from tests.acceptance.tower import Tower

pytestmark = [pytest.mark.spark, pytest.mark.slow]

MEMBERS = """organisation,sector,country,prefix,dark,valid_from,valid_until
Observatory,information-communication,JP,198.18.0.0/16,yes,2026-01-01,
Kawasaki Water,water,JP,203.0.113.0/24,no,2026-01-01,
"""
MEMORY = 768  # MiB of the one worker: less than the 1 GiB that an executor wants when nobody says otherwise


@dataclass(frozen=True)
class Cluster:
    """A running standalone cluster, and the folder where its worker keeps what executors said."""

    master: str
    work: Path

    @property
    def executors(self) -> list[Path]:
        return sorted(self.work.glob("app-*/*/stderr"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if lacking := plugins("hinomi.lake.engine", EngineKind)["spark"].lacks():
        pytest.skip(lacking.en)
    folder = tmp_path_factory.mktemp("cluster")
    with _daemon(folder, "master.Master", "--port", "0") as master:
        port = _said(master, r"'sparkMaster' on port (\d+)")
        address = f"spark://127.0.0.1:{port}"
        size = ("--cores", "1", "--memory", f"{MEMORY}m", "--work-dir", str(folder / "work"))
        with _daemon(folder, "worker.Worker", *size, address) as worker:
            _said(worker, r"(Successfully registered) with master")
            yield Cluster(address, folder / "work")


@contextmanager
def _daemon(folder: Path, name: str, *options: str) -> Iterator[Path]:
    """One of Spark's own server programs on loopback; the file it logs to."""
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    spark = Path(spec.origin).parent
    environment = os.environ | {"SPARK_HOME": str(spark), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    log = folder / f"{name}.log"
    command = [spark / "bin" / "spark-class", f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", "--webui-port", "0"]
    with log.open("wb") as file, subprocess.Popen([*command, *options], env=environment, stdout=file, stderr=file) as server:
        try:
            yield log
        finally:
            server.terminate()


def _said(log: Path, words: str) -> str:
    for _ in range(300):
        if found := re.search(words, log.read_text()):
            return found[1]
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """What a person writes for a small cluster, in Spark's own file."""
    folder = tmp_path / "spark"
    folder.mkdir()
    (folder / "spark-defaults.conf").write_text("spark.executor.memory 512m\nspark.sql.shuffle.partitions 1\n")
    return folder


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """A member's address that knocks at a thousand dark addresses."""
    knocks = [Syn(1_795_000_000.0 + n * 0.2, "203.0.113.77", f"198.18.{n // 250}.{n % 250}", 23) for n in range(1000)]
    path = tmp_path / "night.pcap"
    path.write_bytes(capture(knocks))
    return path


def _tower(home: Path, night: Path, tmp_path: Path) -> Tower:
    tower = Tower(home)
    members = tmp_path / "members.csv"
    members.write_text(MEMBERS)
    assert tower("members", "import", members).status == 0
    assert tower("observe", night, "--sensor", "dark-1").status == 0
    return tower


def test_a_cluster_finds_what_duckdb_finds(
    cluster: Cluster, settings: Path, night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    alone, spread = (_tower(tmp_path / name, night, tmp_path) for name in ("alone", "spread"))
    only = [word for name in ("member-in-darknet", "scanner-tool", "telescope-scan") for word in ("--only", name)]
    assert alone("detect", *only).status == 0
    looked = spread("detect", *only, "--engine", "spark", HINOMI_SPARK_MASTER=cluster.master, SPARK_CONF_DIR=str(settings))
    assert looked.status == 0, looked.err
    assert cluster.executors, "the work was done by executors of the cluster, not inside the driver"
    found = spread("findings", "--json").records
    assert found
    assert found == alone("findings", "--json").records
    assert not list(here.iterdir()), "Spark left something in the working directory"


def test_a_cluster_without_room_is_told_instead_of_waited_for(cluster: Cluster) -> None:
    """Spark itself would wait for ever: the one worker cannot hold the executor that Spark asks for by default."""
    ask = f"from hinomi.lake.engine import spark; spark._STARTS = 3.0; spark.session({cluster.master!r})"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"hinomi.lake.errors.LakeError: {cluster.master}: The cluster gave no core")


def test_a_lake_that_cannot_be_read_fails_in_one_line(cluster: Cluster, settings: Path, night: Path, tmp_path: Path) -> None:
    tower = _tower(tmp_path / "home", night, tmp_path)
    for file in (tower.home / "lake").rglob("*.parquet"):
        file.write_bytes(b"no Parquet" * 100)
    looked = tower(
        *("detect", "--only", "scanner-tool", "--json", "--engine", "spark"),
        HINOMI_SPARK_MASTER=cluster.master,
        SPARK_CONF_DIR=str(settings),
    )
    assert looked.status != 0
    reasons = [one["reason"]["en"] for one in looked.records if one["verdict"] == "failed"]
    assert reasons
    assert all("\n" not in reason and "Spark could not" in reason for reason in reasons), reasons


def test_a_master_that_is_not_there_is_named(tmp_path: Path, night: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    tower = _tower(tmp_path / "home", night, tmp_path)
    for master, word in (
        (f"spark://127.0.0.1:{port}", "No Spark master answers"),
        ("spark://nowhere", "no address of a Spark"),
    ):
        said = tower("detect", "--engine", "spark", HINOMI_SPARK_MASTER=master)
        assert said.status == 3
        assert master in said.err
        assert word in said.err
