"""The member register as a CSV file: rows read and judged one by one, every fault named with its line. No database."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv6Network, ip_address, ip_network
from itertools import zip_longest

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from hinomi.members.countries import COUNTRIES
from hinomi.schema import prose
from hinomi.schema.address import IN_IPV6, Range, prefix
from hinomi.schema.problems import Problem, WrongUse
from hinomi.schema.scope import SECTORS
from hinomi.schema.words import Text

COLUMNS = ("organisation", "sector", "country", "prefix", "dark", "valid_from", "valid_until")
MORE = ("name_ja", "contact", "email", "phone")  # may be left out; a contact is for technical questions
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)  # an empty valid_from: as long as anybody looks back
_YES, _NO = {"yes", "y", "true", "1", "dark", "はい", "○"}, {"", "no", "n", "false", "0", "いいえ", "×"}
LONGEST_NAME, LONGEST_PHONE = 200, 40
_LARGEST = {4: 8, 6: 16}  # nobody registers more than an IANA block; a typing error must not swallow a country


@dataclass(frozen=True)
class Row:
    """One line of the register that was understood."""

    line: int
    organisation: str
    sector: str
    country: str
    cidr: str
    range: Range
    dark: bool
    valid_from: datetime
    valid_until: datetime | None
    name_ja: str = ""
    contact: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line, and what to do about it."""

    line: int
    what: Text
    remedy: Text

    def told(self, language: str) -> str:
        what, remedy = (self.what.ja, self.remedy.ja) if language == "ja" else (self.what.en, self.remedy.en)
        return f"{'行' if language == 'ja' else 'line'} {self.line}: {what} {remedy}"


class Refused(Problem):
    """The register has faults and nothing was changed; `faults` holds all of them."""

    def __init__(self, where: str, faults: tuple[Fault, ...]) -> None:
        count = len(faults)
        en, ja = ("".join(f"\n  {fault.told(language)}" for fault in faults) for language in ("en", "ja"))
        super().__init__(
            where,
            Text(f"nothing was changed; lines to correct: {count}.", f"{count} 件の誤りがあり、何も変更していません。"),
            Text(f"Correct these lines and import again:{en}", f"次の行を直して、もう一度取り込んでください:{ja}"),
        )
        self.faults = faults


def decoded(raw: bytes) -> str:
    """The text of a file as spreadsheets write it: UTF-8 with or without a mark, UTF-16 with one, or Shift_JIS (CP932)."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp932")


def read(raw: bytes, where: str) -> tuple[list[Row], list[Fault]]:
    """Every line of a register: those understood, and the faults of the others."""
    try:
        table = csv.reader(io.StringIO(text := decoded(raw), newline=""), delimiter=_delimiter(text), strict=True)
        lines = [(table.line_num, cells) for cells in table if any(cell.strip() for cell in cells)]
    except (UnicodeDecodeError, csv.Error) as error:
        what = Text(
            f"this is not a CSV file in UTF-8 or Shift_JIS ({error}).", f"UTF-8・Shift_JISのCSVではありません ({error})。"
        )
        raise Problem(where, what, Text("Save it again as CSV UTF-8.", "CSV UTF-8 形式で保存し直してください。")) from None
    header = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    if missing := [name for name in COLUMNS[:4] if name not in header]:
        listed = ", ".join(missing)
        what = Text(f"the first line must name the columns; missing: {listed}.", f"1行目に列名がありません: {listed}。")
        raise Problem(where, what, Text(f"Begin with {','.join(COLUMNS)}", f"1行目は {','.join(COLUMNS)} としてください。"))
    if foreign := [name for name in header if name and name not in (*COLUMNS, *MORE)]:
        listed, known = ", ".join(foreign), ", ".join((*COLUMNS[4:], *MORE))
        what = Text(f"these columns are unknown: {listed}.", f"次の列は使えません: {listed}。")
        remedy = Text(f"Take them out, or name them {known}.", f"削除するか、{known} のいずれかの名前にしてください。")
        raise Problem(where, what, remedy)
    rows: list[Row] = []
    faults: list[Fault] = []
    for number, cells in lines[1:]:
        given = dict(zip_longest(header, (cell.strip() for cell in cells[: len(header)]), fillvalue=""))
        wrong = list(_faults(number, given))
        if any(cell.strip() for cell in cells[len(header) :]):
            wrong.append(Fault(number, *SURPLUS))
        faults += wrong
        if not wrong:
            rows.append(_row(number, given))
    return rows, faults


def _delimiter(text: str) -> str:
    """What stands between the names of the first line: spreadsheets write commas, tabs or semicolons."""
    first = text.lstrip().partition("\n")[0]
    return max(",\t;", key=first.count)


def _row(line: int, given: dict[str, str]) -> Row:
    until = given.get("valid_until", "")
    return Row(
        line,
        given["organisation"],
        given["sector"].lower(),
        given["country"].upper(),
        str(ip_network(given["prefix"])),
        prefix(given["prefix"]),
        given.get("dark", "").lower() in _YES,
        _moment(given.get("valid_from", "")) or ALWAYS,
        _moment(until),
        *(given.get(name, "") for name in MORE),
    )


def _moment(text: str) -> datetime | None:
    """A date or a time, also as spreadsheets write it (2026/4/1 9:00); without a zone UTC. Empty is None, else ValueError."""
    if not text:
        return None
    moment = datetime.fromisoformat(re.sub(r"(?<!\d)\d(?!\d)", r"0\g<0>", text.replace("/", "-")))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _faults(line: int, given: dict[str, str]) -> Iterator[Fault]:
    for check in _CHECKS:
        if found := check(given):
            yield Fault(line, *found)


Found = tuple[Text, Text] | None
SURPLUS = (
    Text("the line has more cells than the first one names.", "1行目の列数より多くの値があります。"),
    Text("Name the columns in the first line, or take the cells out.", "1行目に列名を加えるか、余分な値を削除してください。"),
)


def _organisation(given: dict[str, str]) -> Found:
    name = given.get("organisation", "")
    if 0 < len(name) <= LONGEST_NAME:
        return None
    return Text(
        f"the organisation has no name, or one over {LONGEST_NAME} letters.",
        f"組織名が空か、{LONGEST_NAME}文字を超えています。",
    ), Text("Write its name.", "組織名を書いてください。")


def _sector(given: dict[str, str]) -> Found:
    sector = given.get("sector", "")
    if sector.lower() in SECTORS:
        return None
    known = ", ".join(SECTORS)
    return Text(f"sector {sector!r} is unknown.", f"分野 {sector!r} は登録されていません。"), Text(
        f"Use one of {known}.", f"次のいずれかを使ってください: {known}。"
    )


def _country(given: dict[str, str]) -> Found:
    country = given.get("country", "")
    if country.upper() in COUNTRIES:
        return None
    return Text(f"country {country!r} is unknown.", f"国 {country!r} は登録されていません。"), Text(
        "Use two letters of ISO 3166, such as JP.", "JP のような ISO 3166 の2文字で書いてください。"
    )


def _prefix(given: dict[str, str]) -> Found:
    cidr = given.get("prefix", "")
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        what = Text(f"{cidr!r} is not a prefix.", f"{cidr!r} はプレフィックスではありません。")
        return what, Text("Write it as 203.0.113.0/24.", "203.0.113.0/24 のように書いてください。")
    if "%" in cidr or (isinstance(network, IPv6Network) and network.overlaps(IN_IPV6)):
        what = Text(f"{cidr} is no prefix of a member.", f"{cidr} は会員のプレフィックスとして登録できません。")
        return what, Text(
            "Write IPv4 as 203.0.113.0/24, IPv6 without a zone.",
            "IPv4は 203.0.113.0/24 の形で、IPv6はゾーンなしで書いてください。",
        )
    if str(network.network_address) != str(ip_address(cidr.partition("/")[0])):
        what = Text(f"prefix {cidr} has host bits set.", f"プレフィックス {cidr} のホスト部が0ではありません。")
        return what, Text(f"Did you mean {network}?", f"{network} ではありませんか。")
    least = _LARGEST[network.version]
    if network.prefixlen < least:
        what = Text(f"prefix {cidr} is larger than any one holder's.", f"プレフィックス {cidr} は1組織には大きすぎます。")
        return what, Text(f"Write prefixes of /{least} or longer.", f"/{least} 以上の長さで書いてください。")
    return None


def _dark(given: dict[str, str]) -> Found:
    dark = given.get("dark", "")
    if dark.lower() in _YES | _NO:
        return None
    return Text(f"dark {dark!r} is neither yes nor no.", f"dark {dark!r} は yes でも no でもありません。"), Text(
        "Write yes for a telescope, no otherwise.", "ダークネットなら yes、そうでなければ no と書いてください。"
    )


def _validity(given: dict[str, str]) -> Found:
    remedy = Text("Write 2026-04-01, or leave it empty.", "2026-04-01 のように書くか、空にしてください。")
    written = [given.get(name, "") for name in ("valid_from", "valid_until")]
    try:
        begins, ends = (_moment(one) for one in written)
    except ValueError:
        said = ", ".join(repr(one) for one in written if one)
        return Text(f"a date is wrong: {said}.", f"日付が誤っています: {said}。"), remedy
    if ends is not None and ends <= (begins or ALWAYS):
        return Text("valid_until is not after valid_from.", "valid_until が valid_from より後ではありません。"), remedy
    return None


def _contact(given: dict[str, str]) -> Found:
    name_ja, contact, email, phone = (given.get(name, "") for name in MORE)
    if max(len(name_ja), len(contact)) > LONGEST_NAME or len(phone) > LONGEST_PHONE:
        return Text("a name or a telephone number is too long.", "名前または電話番号が長すぎます。"), Text(
            "Shorten it.", "短くしてください。"
        )
    if contact and not (email or phone):
        return Text(f"contact {contact!r} cannot be reached.", f"連絡先 {contact!r} に連絡手段がありません。"), Text(
            "Add its email or phone.", "email か phone を書いてください。"
        )
    try:
        if email:
            validate_email(email)
    except ValidationError:
        return Text(f"{email!r} is not a mail address.", f"{email!r} はメールアドレスではありません。"), Text(
            "Write it as soc@example.jp.", "soc@example.jp のように書いてください。"
        )
    return None


def _visible(given: dict[str, str]) -> Found:
    try:
        for name in ("organisation", *MORE):
            prose.line(given.get(name, ""), "")
    except WrongUse as wrong:
        return wrong.what, wrong.remedy
    return None


_CHECKS: tuple[Callable[[dict[str, str]], Found], ...] = (
    _organisation,
    _visible,
    _sector,
    _country,
    _prefix,
    _dark,
    _validity,
    _contact,
)
