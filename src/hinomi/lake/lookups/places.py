"""Where on earth, and in whose network, is an address? Offline, from data that packages ship or the user's own MMDB.

Shipped: the ranges of geoip2fast (MaxMind GeoLite2, country and name of the autonomous system, IPv4 and IPv6). Replaced by
`lookups/*.mmdb` of the installation when there are such files: country, autonomous system, and coordinates if they hold
them. Coordinates are otherwise those of the country's middle: good for a map of the world, for nothing finer.
"""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from hinomi.home import home
from hinomi.lake.lookups.countries import MIDDLES
from hinomi.lake.lookups.ranges import WIDTH, packed
from hinomi.lake.lookups.shipped import folder as folder_of
from hinomi.schema.address import MAPPED, text
from hinomi.schema.problems import Problem
from hinomi.schema.words import Text

_SHIPPED = "geoip2fast-asn-ipv6.dat.gz"
_IPV4 = 1 << 32


class Place(NamedTuple):
    """A country (ISO 3166-1, "" when unknown), the network (name of the AS, and number if known), and coordinates or None."""

    country: str
    network: str
    latitude: float | None
    longitude: float | None


UNKNOWN = Place("", "", None, None)


def place(address: bytes, folder: Path | None = None) -> Place:
    """The place of one address."""
    return locate([address], folder)[0]


def locate(addresses: Sequence[bytes] | pa.Array, folder: Path | None = None) -> list[Place]:
    """The places of many addresses; each distinct one is looked up once."""
    wanted = packed(addresses)
    distinct, where = np.unique(wanted, return_inverse=True)
    own = sorted((folder or home().lookups).glob("*.mmdb"))
    found = _own(distinct, own) if own else shipped().locate(distinct)
    return [found[index] for index in where]


@dataclass(frozen=True)
class _Layer:
    """Disjoint ranges with a name each."""

    first: np.ndarray
    last: np.ndarray
    name: np.ndarray

    def names(self, wanted: np.ndarray) -> np.ndarray:
        row = np.maximum(np.searchsorted(self.first, wanted, side="right") - 1, 0)
        inside = (self.first[row] <= wanted) & (wanted <= self.last[row])
        return np.where(inside, self.name[row], "")


@dataclass(frozen=True)
class Shipped:
    """The ranges that come with geoip2fast."""

    countries: _Layer
    networks: _Layer

    def locate(self, wanted: np.ndarray) -> list[Place]:
        countries, networks = self.countries.names(wanted), self.networks.names(wanted)
        return [
            Place(str(country), str(network), *MIDDLES.get(str(country), (None, None)))
            for country, network in zip(countries, networks, strict=True)
        ]


@cache
def shipped() -> Shipped:
    """The shipped ranges as sorted arrays; reading them takes about a second, once a process."""
    with gzip.open(folder_of("geoip2fast") / _SHIPPED, "rb") as file:
        content = pickle.load(file)  # noqa: S301 -- a file of the installed package, the same trust as its code
    _, _, countries, networks, first, first_as, country, network, bits, bits_as = content[3]
    # The first "countries" are reserved networks, and two are continents: none is a place on the map.
    codes = np.array([code if (code := name.partition(":")[0]) in MIDDLES else "" for name in countries], object)
    names = np.array(["" if name == "<unknown>" else name for name in networks], object)
    return Shipped(_layer(first, bits, codes, country), _layer(first_as, bits_as, names, network))


def _layer(first: list[list[int]], bits: list[list[int]], names: np.ndarray, which: list[list[int]]) -> _Layer:
    starts = [number for chunk in first for number in chunk]
    lengths = [number for chunk in bits for number in chunk]
    sizes = [1 << ((32 if start < _IPV4 else 128) - length) for start, length in zip(starts, lengths, strict=True)]
    ends = [start + size - 1 for start, size in zip(starts, sizes, strict=True)]
    order = np.argsort(firsts := _bytes(starts), kind="stable")
    chosen = names[np.array([number for chunk in which for number in chunk])]
    return _Layer(firsts[order], _bytes(ends)[order], chosen[order])


def _bytes(numbers: list[int]) -> np.ndarray:
    """geoip2fast counts IPv4 from 0 and IPv6 from 2**32; we map IPv4 into IPv6."""
    mapped = int.from_bytes(MAPPED, "big") << 32
    raw = b"".join((number if number >= _IPV4 else number | mapped).to_bytes(16, "big") for number in numbers)
    return np.frombuffer(raw, WIDTH)


def _own(wanted: np.ndarray, databases: list[Path]) -> list[Place]:
    readers = [_reader(path) for path in databases]
    return [_merged([_get(reader, bytes(one).ljust(16, b"\0")) for reader in readers]) for one in wanted]


@cache
def _reader(path: Path) -> Any:
    import maxminddb

    try:
        return maxminddb.open_database(str(path))
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        what = Text(f"This is no MaxMind database: {error}.", f"MaxMind形式のデータベースではありません: {error}。")
        remedy = Text("Put a whole one there, or remove it.", "正しいファイルに置き換えるか、削除してください。")
        raise Problem(str(path), what, remedy) from error


def _get(reader: Any, address: bytes) -> dict[str, Any]:
    if reader.metadata().ip_version == 4 and not address.startswith(MAPPED):
        return {}
    found = reader.get(text(address))
    return found if isinstance(found, dict) else {}


def _merged(records: list[dict[str, Any]]) -> Place:
    """One place from what each database says; the field names are MaxMind's, which other makers follow."""
    country = next((code for one in records if (code := one.get("country", {}).get("iso_code"))), "")
    network = next((name for one in records if (name := _network(one))), "")
    point = next((spot for one in records if "latitude" in (spot := one.get("location", {}))), None)
    latitude, longitude = (point["latitude"], point["longitude"]) if point else MIDDLES.get(country, (None, None))
    return Place(country, network, latitude, longitude)


def _network(record: dict[str, Any]) -> str:
    """The autonomous system as people write it: its number, where the database has it, and its name."""
    number, name = record.get("autonomous_system_number"), record.get("autonomous_system_organization")
    return " ".join(str(part) for part in (f"AS{number}" if number else "", name) if part)
