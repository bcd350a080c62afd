"""What a person typed as an indicator: which type it is, and its one right spelling.

One value per line. A type that cannot be told from the value is written before it: `filename: invoice.exe`. Values that were
made harmless for mail (`hxxp`, `[.]`) and full-width characters are read as what they mean. Nothing is guessed: what fits no
type is refused, with its line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address, ip_network

from hinomi.schema.findings import Indicator
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import IndicatorType as Type
from hinomi.schema.words import Text

WIDEST = {4: 16, 6: 32}  # whoever reads an indicator may block it: a slip of the hand must not name a country
_DEFANGED = (("[.]", "."), ("(.)", "."), ("{.}", "."), ("[:]", ":"), ("[@]", "@"), ("(at)", "@"), ("[at]", "@"))
_HXXP = re.compile(r"^h(?:xx|tt)ps?(?=://)|^fxp(?=://)", re.IGNORECASE)
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{2,59}})")
_HASHES = {32: Type.MD5, 40: Type.SHA1, 64: Type.SHA256, 128: Type.SHA512}
_FREE = (Type.FILENAME, Type.REGISTRY_KEY, Type.MUTEX, Type.WALLET)  # any text can be one: only taken when it says so
_NO_TYPE = Text("this fits no type of indicator.", "どの種類のインジケータにも当てはまりません。")
_HOW = Text(
    "Write an address, prefix, domain, URL, mail address, hash, CVE, AS number or tcp/23; or say what it is: "
    "`filename: a.exe`.",
    "アドレス・プレフィックス・ドメイン・URL・メールアドレス・ハッシュ・CVE・AS番号・tcp/23 を書くか、"
    "`filename: a.exe` のように種類を付けてください。",
)


def recognise(typed: str) -> Indicator:
    """The indicator that one line means; WrongUse when it is none."""
    text = refanged(typed)
    word, colon, rest = text.partition(":")
    if colon and word.strip().lower() in _FREE and rest.strip():
        return Indicator(Type(word.strip().lower()), rest.strip())
    for look in _LOOKS:
        found = look(text)
        if found is not None:
            return found
    raise WrongUse(typed.strip()[:120], _NO_TYPE, _HOW)


def recognised(typed: str) -> tuple[Indicator, ...]:
    """Every line once, empty ones left out; one WrongUse that names all lines that fit nothing."""
    found: dict[Indicator, None] = {}
    faults: list[WrongUse] = []
    for number, line in _lines(typed):
        try:
            found[recognise(line)] = None
        except WrongUse as fault:
            faults.append(WrongUse(f"{number}: {fault.where}", fault.what, fault.remedy))
    if faults:
        raise _together(faults)
    return tuple(found)


def _together(faults: Sequence[WrongUse]) -> WrongUse:
    """One message for many lines: the lines of each kind of fault, then what is wrong with them."""
    kinds: dict[tuple[Text, Text], list[str]] = {}
    for one in faults:
        kinds.setdefault((one.what, one.remedy), []).append(one.where)
    (where, first, remedy), *others = [(" · ".join(lines), what, remedy) for (what, remedy), lines in kinds.items()]
    more = [Text(f" {lines}: {what.en} {how.en}", f"{lines}: {what.ja}{how.ja}") for lines, what, how in others]
    said = Text("".join(one.en for one in more), "".join(one.ja for one in more))
    return WrongUse(where, first, Text(remedy.en + said.en, remedy.ja + said.ja))


def refanged(typed: str) -> str:
    """A value as it was before somebody made it harmless to click; full-width characters become plain ones."""
    text = unicodedata.normalize("NFKC", typed).strip()
    for written, meant in _DEFANGED:
        text = text.replace(written, meant)
    return _HXXP.sub(lambda found: found[0].lower().replace("xx", "tt").replace("fxp", "ftp"), text)


def _lines(typed: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(typed.splitlines(), start=1):
        if line.strip():
            yield number, line


def _address(text: str) -> Indicator | None:
    try:
        one = ip_address(text)
    except ValueError:
        return None
    if one.is_loopback or one.is_unspecified or one.is_multicast:
        what = Text("nobody can be found by this address.", "このアドレスでは相手を特定できません。")
        raise WrongUse(text, what, Text("Leave it out.", "除いてください。"))
    return Indicator(Type.IPV4 if one.version == 4 else Type.IPV6, str(one))


def _prefix(text: str) -> Indicator | None:
    if "/" not in text:
        return None
    try:
        block = ip_network(text, strict=False)
    except ValueError:
        return None
    if block.prefixlen < WIDEST[block.version]:
        what = Text("this prefix is too wide to look for.", "プレフィックスが広すぎます。")
        least = WIDEST[block.version]
        raise WrongUse(text, what, Text(f"Write /{least} or longer.", f"/{least} 以上の長さにしてください。"))
    return _address(str(block[0])) if block.num_addresses == 1 else Indicator(Type.CIDR, str(block))


def _port(text: str) -> Indicator | None:
    found = re.fullmatch(r"(tcp|udp)/(\d{1,5})", text.lower())
    is_port = found is not None and 0 < int(found[2]) < 65536
    return Indicator(Type.PORT, f"{found[1]}/{int(found[2])}") if found and is_port else None


def _hash(text: str) -> Indicator | None:
    is_hex = re.fullmatch(r"[0-9a-fA-F]+", text) is not None
    return Indicator(_HASHES[len(text)], text.lower()) if is_hex and len(text) in _HASHES else None


def _named(text: str) -> Indicator | None:
    """CVE and AS numbers, which say themselves what they are."""
    if re.fullmatch(r"CVE-\d{4}-\d{4,}", text, re.IGNORECASE):
        return Indicator(Type.CVE, text.upper())
    found = re.fullmatch(r"AS ?(\d{1,10})", text, re.IGNORECASE)
    return Indicator(Type.ASN, f"AS{int(found[1])}") if found and 0 < int(found[1]) < 2**32 else None


def _url(text: str) -> Indicator | None:
    found = re.fullmatch(r"((?:https?|ftp)://)([^\s/?#]+)([/?#]\S*)?", text, re.IGNORECASE)
    return Indicator(Type.URL, f"{found[1].lower()}{found[2].lower()}{found[3] or ''}") if found else None


def _mail(text: str) -> Indicator | None:
    name, at, host = text.rpartition("@")
    is_mail = at and re.fullmatch(r"[^\s@<>]{1,64}", name) and _domain(host) is not None
    return Indicator(Type.EMAIL, f"{name}@{host.lower()}") if is_mail else None


def _domain(text: str) -> Indicator | None:
    """A domain, in the form that is asked of name servers (IDNA)."""
    try:
        plain = text.rstrip(".").lower().encode("idna").decode()
    except UnicodeError:
        return None
    return Indicator(Type.DOMAIN, plain) if len(plain) <= 253 and _DOMAIN.fullmatch(plain) else None


_LOOKS: tuple[Callable[[str], Indicator | None], ...] = (_address, _prefix, _port, _hash, _named, _url, _mail, _domain)
