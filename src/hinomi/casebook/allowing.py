"""Allow: say that what an address sends is known and harmless, why and until when; and take it back.

What is allowed is labelled, never hidden: findings about it are kept as "info" with the reason and open no case; detectors
that count a whole port leave its packets out. It holds for the windows that its validity meets, and for no other.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hinomi.casebook.models import Allowance, Counter
from hinomi.members.queries import Block, holds
from hinomi.schema.address import IN_IPV6, Range, pack, packed
from hinomi.schema.findings import Finding, Outcome, Window
from hinomi.schema.problems import Missing, Problem, WrongUse
from hinomi.schema.prose import prose
from hinomi.schema.release import Reader
from hinomi.schema.words import Severity, SubjectKind, Text

if TYPE_CHECKING:  # Arrow is heavy, and pages need none of it; the queries ask here
    import pyarrow as pa

    from hinomi.casebook.queries.findings import FindingLine

log = logging.getLogger(__name__)
WIDEST = {4: 16, 6: 32}  # a slip of the hand must not silence a country
LONGEST = timedelta(days=366)  # then somebody has to say it again
INSTANT = timedelta(microseconds=1)
HUB = "hub"  # the list that the hub's own allowances stand in, beside the shipped warning lists


class Forbidden(Problem):
    """What this reader may not allow."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to allow, for whom, why and until when; `finding` is what made them think of it."""

    subject: str
    until: datetime
    reason: str
    reader: Reader
    actor: str
    finding: str = ""


@transaction.atomic
def allow(wish: Wish, *, now: datetime | None = None) -> Allowance:
    """Allow an address or prefix from now on; saying it again changes reason and end of the one entry there is."""
    moment = now or timezone.now()
    block = checked(wish, now=moment)
    Counter.objects.select_for_update().get_or_create(name="allowance")  # of two who ask at once, one waits
    whose = "" if wish.reader.operator else wish.reader.organisation
    before = valid(Window(moment, moment + INSTANT)).filter(prefix=str(block), organisation=whose).first()
    one = before or Allowance(prefix=str(block), organisation=whose, valid_from=moment, finding=wish.finding)
    one.first, one.last = range_of(block)
    one.reason, one.valid_until, one.made_by = wish.reason.strip(), wish.until, wish.actor
    one.save()
    log.info("%s allowed until %s by %s", one.prefix, one.valid_until, wish.actor)
    return one


@transaction.atomic
def withdraw(id_: int, *, reader: Reader, actor: str, now: datetime | None = None) -> Allowance:
    """Take an allowance back: it counts for no window any more. Doing it again changes nothing."""
    one = allowances(reader).select_for_update().filter(pk=id_).first()
    if one is None:
        what = Text("there is no such allowance.", "その許可はありません。")
        raise Missing(str(id_), what, Text("`hinomi allow --list` shows them.", "`hinomi allow --list` で確認できます。"))
    if one.withdrawn is None:
        one.withdrawn, one.withdrawn_by = now or timezone.now(), actor
        one.save()
        log.info("%s is no longer allowed, by %s", one.prefix, actor)
    return one


def checked(wish: Wish, *, now: datetime | None = None) -> Block:
    """The block that a wish is about; a Problem when it may not be allowed, or not by this reader, or not so long."""
    moment, block = now or timezone.now(), block_of(wish.subject)
    if block.prefixlen < WIDEST[block.version]:
        what = Text("this is too much to allow at once.", "一度に許可するには広すぎます。")
        remedy = Text(f"Allow /{WIDEST[block.version]} or longer.", f"/{WIDEST[block.version]} 以上の長さにしてください。")
        raise WrongUse(str(block), what, remedy)
    if not wish.reason.strip():
        what = Text("a reason is needed.", "理由が必要です。")
        raise WrongUse(str(block), what, Text("Say how it is known.", "なぜ無害と分かるかを書いてください。"))
    prose(wish.reason, "reason")
    if not moment < wish.until <= moment + LONGEST:
        what = Text("the end must lie within the next 366 days.", "終了日は366日以内の未来にしてください。")
        raise WrongUse(f"{wish.until:%Y-%m-%d}", what, Text("Allow it again then.", "期限後に改めて許可してください。"))
    if not wish.reader.operator and not holds(wish.reader.organisation, range_of(block), moment):
        what = Text("this is not in your networks.", "自組織のネットワークではありません。")
        raise Forbidden(str(block), what, Text("Ask the hub to allow it.", "ハブに依頼してください。"))
    return block


def block_of(subject: str) -> Block:
    """The block that a subject means; only addresses and prefixes can be allowed."""
    written = subject.strip()
    try:
        block = ip_network(written, strict=False)
    except ValueError:
        what = Text("only an address or a prefix can be allowed.", "許可できるのはアドレスかプレフィックスだけです。")
        raise WrongUse(subject, what, Text("Write 203.0.113.5.", "203.0.113.5 のように書いてください。")) from None
    if "%" in subject:
        what = Text("a zone (%) means something on one machine only.", "ゾーン（%）はその機器の上でしか意味を持ちません。")
        raise WrongUse(subject, what, Text("Write it without.", "% 以降を除いて書いてください。"))
    if block.network_address != ip_address(written.partition("/")[0]):
        what = Text("the prefix has host bits set.", "プレフィックスのホスト部が0ではありません。")
        raise WrongUse(subject, what, Text(f"Did you mean {block}?", f"{block} ではありませんか。"))
    if isinstance(block, IPv6Network) and block.overlaps(IN_IPV6):
        what = Text("this holds IPv4 addresses written as IPv6.", "IPv6の形で書かれたIPv4アドレスを含みます。")
        raise WrongUse(subject, what, _as_ipv4(block))
    return block


def _as_ipv4(block: IPv6Network) -> Text:
    """What to write in the place of a block that holds IPv4-mapped addresses."""
    first = block.network_address.ipv4_mapped
    if first is None or block.prefixlen < IN_IPV6.prefixlen:
        return Text(f"Leave out {IN_IPV6}.", f"{IN_IPV6} を除いて書いてください。")
    written = str(ip_network((first, block.prefixlen - IN_IPV6.prefixlen))).removesuffix("/32")
    return Text(f"Write {written}.", f"{written} と書いてください。")


def range_of(block: Block) -> Range:
    """The same block as the lake writes addresses."""
    return Range(packed(block.network_address), packed(block.broadcast_address))


def allowances(reader: Reader) -> QuerySet[Allowance]:
    """Every allowance that a reader may see, also those that are over or withdrawn; the newest first."""
    found = Allowance.objects.order_by("-valid_from", "-pk")
    return found if reader.operator else found.filter(organisation=reader.organisation)


def valid(window: Window) -> QuerySet[Allowance]:
    """The allowances whose validity meets a window."""
    found = Allowance.objects.filter(withdrawn=None, valid_until__gt=window.start, valid_from__lt=window.end)
    return found.order_by("first", "last", "pk")


def allowed_now(kind: str, value: str, *, now: datetime | None = None) -> Allowance | None:
    """The allowance that holds for a subject at this moment, None when there is none."""
    return next((one for one in _holding(now) if _covers(one, kind, value)), None)


def marked(lines: Iterable[FindingLine], *, now: datetime | None = None) -> set[str]:
    """The ids of those findings whose subject is allowed at this moment."""
    held = _holding(now)
    return {line.id for line in lines if any(_covers(one, line.subject_kind, line.subject) for one in held)}


def _holding(now: datetime | None) -> list[Allowance]:
    moment = now or timezone.now()
    return list(valid(Window(moment, moment + INSTANT)))


def _covers(one: Allowance, kind: str, value: str) -> bool:
    return kind == SubjectKind.ADDRESS and one.first <= pack(value) <= one.last


def lookup(window: Window) -> pa.Table:
    """The hub's allowances that hold in a window, as `LOOKUPS["allowed"]`."""
    import pyarrow as pa

    from hinomi.schema.lookups import LOOKUPS

    rows = [(one.first, one.last, one.organisation or HUB, one.reason) for one in valid(window)]
    schema = LOOKUPS["allowed"]
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def labelled(outcome: Outcome) -> Outcome:
    """An outcome whose findings about what is allowed say so, and are no more than "info", whichever detector speaks."""
    held = list(valid(outcome.window)) if outcome.findings else []
    return replace(outcome, findings=tuple(_labelled(outcome.findings, held))) if held else outcome


def _labelled(findings: Iterable[Finding], held: Sequence[Allowance]) -> Iterable[Finding]:
    for finding in findings:
        one = _covering(finding, held)
        known = {"known": f"{one.organisation or HUB}: {one.reason}"} if one else {}
        yield replace(finding, severity=Severity.INFO, measures={**known, **finding.measures}) if one else finding


def _covering(finding: Finding, held: Sequence[Allowance]) -> Allowance | None:
    return next((one for one in held if not finding.exercise and _covers(one, *finding.subject)), None)
