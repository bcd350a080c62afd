"""Which column of a packet log is which field: dialects, the names that people use, and the user's own words on top."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from typing import Final

from hinomi.observe.columns import APPLICATION, DIALECTS, FLAG_BITS, NAMES, PSEUDO, SINGLE_FLAGS
from hinomi.observe.refusal import InputError
from hinomi.schema.events import EVENTS
from hinomi.schema.words import Text

TARGETS: Final = frozenset({"time", *EVENTS["packet"].own, *FLAG_BITS, *PSEUDO})


def normal(column: str) -> str:
    """A column's name without what people write differently: case, dots, dashes, underscores, spaces, full width."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", column).lower())


_RANKS: Final = {
    normal(name): (rank, target) for target, names in NAMES.items() for rank, name in enumerate([target, *names.split()])
}
_TIME: Final = re.compile(r"\d{9,19}(\.\d+)?$|\d{4}[-/]\d\d?[-/]\d\d?")
_OF_PROGRAMS: Final = frozenset(map(normal, APPLICATION))


def understand(columns: Collection[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Column → target for the columns that mean something; empty when the log has no time and address that we know.

    Where several columns mean the same, the first in the answer counts most.
    """
    found = {column: target for column, target in mapping.items() if column in columns}
    own = set(found.values())
    found.update({column: target for column, target in _known(columns).items() if column not in found and target not in own})
    targets = set(found.values())
    return found if "time" in targets and targets & {"src", "dst"} else {}


def is_packet_log(columns: Collection[str]) -> bool:
    """Whether the columns are those of a log of packets, not of what programs said over them."""
    return bool(understand(columns, {})) and not _of_programs(columns)


def assign(name: str, columns: Collection[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """As `understand`, or a refusal that says what is missing or unknown."""
    if strange := {target for target in mapping.values() if target not in TARGETS}:
        raise _refused(name, f"{', '.join(sorted(strange))}: no such field", "そのような項目はありません", sorted(TARGETS))
    if missing := {column for column in mapping if column not in columns}:
        raise _refused(name, f"{', '.join(sorted(missing))}: no such column", "そのような列はありません", columns)
    found = understand(columns, mapping)
    if not found:
        raise not_understood(name, columns, mapping)
    return found


def not_understood(name: str, columns: Collection[str], mapping: Mapping[str, str]) -> InputError:
    """The refusal of a table: which columns were understood, which were not, and what is wanting."""
    known = {**_known(columns), **mapping}
    programs = _of_programs(columns)
    if programs and understand(columns, mapping):
        return InputError(
            name,
            Text(
                f"is a log of what programs did (it has {_listed(programs)}), not of packets",
                f"パケットではなくプログラムのログです ({_listed(programs)} 列があります)",
            ),
            Text(
                "to read each line as a packet all the same, say --as packet-csv or --as packet-json",
                "それでも各行をパケットとして読むには --as packet-csv または --as packet-json を指定してください",
            ),
            Text(
                "hand in a capture or a log of packets of the same time",
                "同じ時間帯のキャプチャまたはパケットのログを取り込んでください",
            ),
        )
    if guess := by_values(columns):
        said = ",".join(f"{number}={field}" for number, field in guess.items())
        return InputError(
            name,
            Text("is a packet log whose columns have no names in a first line", "先頭行に列名のないパケットログです"),
            Text(
                f"say by their numbers which is which, it may be --as packet-csv:{said} "
                "(further fields: sport, dport, proto, flags…)",
                f"列番号で対応付けてください。例: --as packet-csv:{said} (ほかに sport・dport・proto・flags など)",
            ),
        )
    seen = _listed([f"{column}={target}" for column, target in known.items()])
    rest = _listed([column for column in columns if column not in known])
    return _mapped(
        name,
        "has no columns for time and address that Hinomi knows "
        f"(understood: {seen or 'none'}; not understood: {rest or 'none'})",
        f"時刻とアドレスの列が分かりません (分かった列: {seen or 'なし'}、分からない列: {rest or 'なし'})",
    )


def by_values(values: Collection[str]) -> dict[str, str]:
    """Number of a column → what it may be, by the values of a line; empty without a time and an address.

    A guess to be told, not to be followed: who sent and who received cannot be seen.
    """
    kinds = {str(number): "time" if _TIME.match(value) else _address(value) for number, value in enumerate(values, 1)}
    times, addresses = ([number for number, kind in kinds.items() if kind == one] for one in ("time", "address"))
    return dict(zip((*times[:1], *addresses[:2]), ("time", "src", "dst"), strict=False)) if times and addresses else {}


def _address(value: str) -> str:
    try:
        return "address" if ip_address(value) else ""
    except ValueError:
        return ""


def _known(columns: Collection[str]) -> dict[str, str]:
    """What the columns mean by their names alone, the best name for each target first."""
    exact = {column: column.strip().lower() for column in columns}
    dialect = next((one for one in DIALECTS if one.needs <= set(exact.values())), None)
    if dialect and not dialect.strange:
        return {column: dialect.columns[name] for column, name in exact.items() if name in dialect.columns}
    strange = dialect.strange if dialect else ()
    names = {column: normal(column) for column, name in exact.items() if name not in strange}
    singles = SINGLE_FLAGS if "syn" in names.values() and {"fin", "rst"} & set(names.values()) else {}
    ranked = sorted((_RANKS[name], column) for column, name in names.items() if name in _RANKS and name not in singles)
    found = {column: target for (_, target), column in ranked}
    found.update({column: singles[name] for column, name in names.items() if name in singles})
    if "time" not in found.values():
        found = {column: "time" if target == "date" else target for column, target in found.items()}
    return found


def _of_programs(columns: Collection[str]) -> list[str]:
    return [column for column in columns if normal(column) in _OF_PROGRAMS]


def _listed(words: Collection[str]) -> str:
    """At most forty of them, cut, and without what a terminal would obey; "" when there are none."""
    shown = ("".join(letter if letter.isprintable() else "·" for letter in one)[:40] for one in list(words)[:40])
    return ", ".join(shown)


def _refused(name: str, en: str, ja: str, known: Collection[str]) -> InputError:
    there = _listed(known)
    return _mapped(name, f"{en} (there are: {there or 'none'})", f"{ja} (あるもの: {there or 'なし'})")


def _mapped(name: str, en: str, ja: str) -> InputError:
    return InputError(
        name,
        Text(en, ja),
        Text(
            "say which is which: --as packet-csv:column=time,column=src,column=dst (or packet-json:…)",
            "--as packet-csv:列名=time,列名=src,列名=dst (または packet-json:…) で対応付けてください",
        ),
        Text(
            "call the columns time, src and dst (dport, proto … where there are any) in the first line, and hand it in again",
            "先頭行の列名を time、src、dst (あれば dport、proto など) に直して、もう一度取り込んでください",
        ),
    )
