"""Where an address belongs: ranges, places and the lists of harmless scanners."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from types import SimpleNamespace

import geoip2fast
import numpy as np
import pyarrow as pa
import pytest

from hinomi.lake.lookups import places
from hinomi.lake.lookups.ranges import Ranges
from hinomi.lake.lookups.warnings import allowed
from hinomi.schema.address import pack, prefix, text
from hinomi.schema.lookups import LOOKUPS
from hinomi.schema.problems import Problem

from .events import NOON


def ranges(*cidrs: str) -> Ranges:
    found = [prefix(cidr) for cidr in cidrs]
    return Ranges([one.first for one in found], [one.last for one in found])


def test_the_most_specific_range_wins() -> None:
    known = ranges("10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "2001:db8::/32", "2001:db8:1::/48")
    asked = ["10.200.0.1", "10.1.9.9", "10.1.2.255", "10.1.3.0", "11.0.0.0", "2001:db8::1", "2001:db8:1::1", "9.255.255.255"]
    assert known.find([pack(one) for one in asked]).tolist() == [0, 1, 2, 1, -1, 3, 4, -1]


def test_ranges_agree_with_a_plain_search() -> None:
    draw = np.random.default_rng(7)
    cidrs = {f"10.{a}.{b}.0/{bits}" for a, b, bits in draw.integers([0, 0, 8], [4, 256, 25], (80, 3))}
    networks = [ip_network(cidr, strict=False) for cidr in sorted(cidrs)]
    known = ranges(*map(str, networks))
    addresses = [f"10.{a}.{b}.{c}" for a, b, c in draw.integers(0, [6, 256, 256], (500, 3))]
    for address, row in zip(addresses, known.find([pack(one) for one in addresses]), strict=True):
        holding = [network for network in networks if ip_address(address) in network]
        wanted = max(holding, key=lambda network: network.prefixlen, default=None)
        assert (networks[row] if row >= 0 else None) == wanted


def test_a_range_holds_in_its_time_only() -> None:
    block = prefix("192.0.2.0/24")
    day = timedelta(days=1)
    known = Ranges([block.first] * 2, [block.last] * 2, [NOON, NOON + 2 * day], [NOON + 2 * day, None])
    times = [NOON - day, NOON, NOON + day, NOON + 2 * day, NOON + 9 * day]
    assert known.find([pack("192.0.2.7")] * 5, times).tolist() == [-1, 0, 0, 1, 1]
    assert known.find([pack("192.0.2.7")]).tolist() == [1]


def test_without_a_time_only_what_has_no_end_holds() -> None:
    block, day, asked = prefix("192.0.2.0/24"), timedelta(days=1), [pack("192.0.2.1")]
    assert Ranges([block.first], [block.last], [NOON], [NOON + day]).find(asked).tolist() == [-1]
    assert Ranges([block.first], [block.last], [NOON], [None]).find(asked).tolist() == [0]
    both = Ranges([block.first] * 2, [block.last] * 2, [None, NOON], [NOON, None])
    assert both.find(asked).tolist() == [1]


def test_no_ranges_hold_nothing() -> None:
    assert Ranges.of(LOOKUPS["allowed"].empty_table()).find([pack("192.0.2.1")]).tolist() == [-1]


def test_shipped_places() -> None:
    google, tokyo, private, six = places.locate([pack(one) for one in ("8.8.8.8", "133.11.0.1", "10.0.0.1", "2001:200::1")])
    assert (google.country, google.network) == ("US", "GOOGLE")
    assert (tokyo.country, tokyo.network, tokyo.latitude) == ("JP", "The University of Tokyo", 36.0)
    assert (private.country, private.latitude) == ("", None)
    assert six.country == "JP"
    assert places.locate(pa.array([pack("8.8.8.8"), None], pa.binary(16))) == [google, places.UNKNOWN]


def test_countries_agree_with_geoip2fast_itself() -> None:
    judge = geoip2fast.GeoIP2Fast(geoip2fast_data_file=str(Path(geoip2fast.__file__).parent / places._SHIPPED))
    draw = np.random.default_rng(3)
    addresses = [pack(".".join(map(str, row))) for row in draw.integers(0, 256, (3000, 4))]
    for address, place in zip(addresses, places.locate(addresses), strict=True):
        answer = judge.lookup(text(address))
        known = "" if answer.is_private or answer.country_code not in places.MIDDLES else answer.country_code
        assert place.country == known, text(address)


def test_countries_have_middles_on_the_globe() -> None:
    assert len(places.MIDDLES) > 245
    assert all(-90 <= latitude <= 90 and -180 <= longitude <= 180 for latitude, longitude in places.MIDDLES.values())
    assert all(len(code) == 2 and code.isupper() for code in places.MIDDLES)


class Database:
    """What an MMDB reader answers, for one address."""

    def __init__(self, version: int, **record: object) -> None:
        self.version, self.record = version, record

    def metadata(self) -> SimpleNamespace:
        return SimpleNamespace(ip_version=self.version)

    def get(self, address: str) -> dict[str, object] | None:
        return self.record if address == "192.0.2.1" else None


def test_the_users_databases_replace_the_shipped_ranges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {
        "city.mmdb": Database(6, country={"iso_code": "JP"}, location={"latitude": 35.6, "longitude": 139.7}),
        "network.mmdb": Database(4, autonomous_system_number=64500, autonomous_system_organization="EXAMPLE-AS"),
    }
    for name in own:
        (tmp_path / name).touch()
    monkeypatch.setattr(places, "_reader", lambda path: own[path.name])
    known, unknown, six = places.locate([pack("192.0.2.1"), pack("8.8.8.8"), pack("2001:db8::1")], tmp_path)
    assert known == ("JP", "AS64500 EXAMPLE-AS", 35.6, 139.7)
    assert unknown == six == places.UNKNOWN


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.mmdb").write_text("not a database")
    with pytest.raises(Problem, match=r"broken\.mmdb"):
        places.locate([pack("192.0.2.1")], tmp_path)


def test_research_scanners_are_allowed_and_clouds_are_not() -> None:
    table = allowed()
    assert table.schema == LOOKUPS["allowed"]
    known = Ranges.of(table)
    censys, amazon, resolver = known.find([pack("162.142.125.10"), pack("3.5.140.1"), pack("8.8.8.8")])
    assert table["list"][int(censys)].as_py() == "censys-scanning"
    assert (amazon, resolver) == (-1, -1)


def test_the_operators_own_list_is_added(tmp_path: Path) -> None:
    own = tmp_path / "allowed.csv"
    own.write_text("prefix,reason\n# our own probe\n198.51.100.7,our uptime probe\n2001:db8::/48,\n", "utf-8")
    rows = [row for row in allowed(own).to_pylist() if row["list"] == "own"]
    assert [(text(row["first"]), row["reason"]) for row in rows] == [("198.51.100.7", "our uptime probe"), ("2001:db8::", "")]


def test_a_wrong_line_of_the_own_list_is_named(tmp_path: Path) -> None:
    own = tmp_path / "allowed.csv"
    own.write_text("prefix,reason\nexample.jp,no address\n", "utf-8")
    with pytest.raises(Problem, match="line 2"):
        allowed(own)
