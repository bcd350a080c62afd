"""Is it me? One box for an address, a prefix or nothing at all; one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hinomi.casebook import queries
from hinomi.casebook.audience import NOBODY
from hinomi.casebook.queries import FindingLine, Wanted
from hinomi.casebook.stix.countermeasures import WITHSTAND
from hinomi.hub.accounts.readers import reader_of
from hinomi.hub.charts.ring import Piece, ring
from hinomi.hub.pages.page import Page, person, shown
from hinomi.hub.pages.scope import Scope, scope_of
from hinomi.hub.pages.words import counted, joined, number, say
from hinomi.members.models import Network
from hinomi.members.queries import Block, covers, holders, networks_of
from hinomi.schema import address
from hinomi.schema.release import Reader
from hinomi.schema.words import Severity, SubjectKind

WIDEST = {4: 8, 6: 16}  # the prefix lengths that one may ask about
MOST_PIECES, MOST_ROWS = 32, 50


@dataclass(frozen=True)
class Verdict:
    """The answer: `seen`, `clean`, `unknown` (nobody looked), `forbidden` (not theirs to know), `wrong`."""

    word: str
    sentence: str
    rows: Sequence[FindingLine] = ()
    networks: Sequence[Network] = ()
    count: int = 0  # of findings; the rows are the gravest of them


@shown
def mine(request: HttpRequest) -> Page:
    """The answer for an address or a prefix, or for the reader's whole organisation."""
    scope = scope_of(request)
    asked = request.GET.get("q", "").strip()[:64]
    own = _own(request)
    verdict = _about(asked, scope, reader_of(person(request))) if asked else _organisation(own, scope)
    picture = _ring(verdict, own, asked)
    return Page(
        template="pages/mine.html",
        question=_("Is it me?"),
        answer=verdict.sentence,
        data={"asked": asked or None, "verdict": verdict.word, "total": verdict.count, "findings": list(verdict.rows)},
        rows=[
            {"id": row.id, "severity": Severity(row.severity).word, "title": row.title, "window_start": row.start}
            for row in verdict.rows
        ],
        pictures={"ring": lambda: picture} if picture else {},
        context={
            "scope": scope,
            "asked": asked,
            "verdict": verdict,
            "ring": picture,
            "pieces": _told(verdict),
            "worst_first": sorted(verdict.rows, key=lambda row: -row.severity)[:MOST_ROWS],
            "own": own,
            "advice": advice(verdict.rows),
        },
    )


def _own(request: HttpRequest) -> str:
    return reader_of(person(request)).organisation or NOBODY


def _about(asked: str, scope: Scope, reader: Reader) -> Verdict:
    try:
        block = ip_network(asked, strict=False)
    except ValueError:
        return Verdict(
            "wrong", _("“%(asked)s” is not an address. Write 203.0.113.5, 2001:db8::1 or 203.0.113.0/24.") % {"asked": asked}
        )
    if block.prefixlen < WIDEST[block.version]:
        return Verdict(
            "wrong",
            _("%(block)s is too wide a question. Ask about /%(bits)d or longer.")
            % {"block": block, "bits": WIDEST[block.version]},
        )
    networks = holders(block, exercise=scope.marked)
    if not reader.operator and not any(one.organisation_id == reader.organisation and covers(one, block) for one in networks):
        return Verdict(
            "forbidden",
            _("%(block)s is not in your networks, so what was seen there is not yours to know.") % {"block": _plain(block)},
        )
    rows = queries.inside(block, reader, exercise=scope.marked)
    return _judged(_plain(block), rows, len(rows), networks, scope)


def _plain(block: Block) -> str:
    return str(block.network_address) if block.num_addresses == 1 else str(block)


def _organisation(own: str, scope: Scope) -> Verdict:
    networks = networks_of(own)
    if not networks:
        return Verdict("unasked", _("Ask about an address or a network."))
    rows = queries.worst(scope.window, Reader(own), exercise=scope.marked, limit=MOST_ROWS)
    start, end = scope.window
    seen = queries.tally(Wanted(Reader(own), (), scope.marked, Severity.LOW, since=start, until=end))
    return _judged(_("your organisation"), rows, sum(seen.values()), networks, scope)


def _judged(what: str, rows: Sequence[FindingLine], count: int, networks: Sequence[Network], scope: Scope) -> Verdict:
    if rows:
        worst = max(rows, key=lambda row: row.severity)
        first = counted(
            "Yes: %(what)s was seen in %(count)s finding.",
            "Yes: %(what)s was seen in %(count)s findings.",
            count,
            what=what,
        )
        return Verdict("seen", joined(first, say(worst.title) + _(".")), rows, networks, count)
    if scope.newest is None:
        return Verdict("unknown", _("Nobody can say: nothing has been observed here yet."), (), networks)
    until = f"{scope.newest:%Y-%m-%d %H:%M}"
    return Verdict(
        "clean",
        _("No: nothing was seen of %(what)s where we look, until %(until)s UTC.") % {"what": what, "until": until},
        (),
        networks,
    )


def _ring(verdict: Verdict, own: str, asked: str) -> Any:
    networks = verdict.networks if asked else networks_of(own)
    if not networks:
        return None
    label = _("The networks in question, as a ring; those that burn were seen")
    pieces = [_piece(network, verdict.rows) for network in networks[:MOST_PIECES]]
    return ring(label, pieces, number(verdict.count), ngettext("finding", "findings", verdict.count))


def _told(verdict: Verdict) -> list[tuple[Network, Piece]]:
    """Each network with its piece of the ring, those that were seen first."""
    pieces = [(network, _piece(network, verdict.rows)) for network in verdict.networks]
    return sorted(pieces, key=lambda one: (-one[1].heat, one[0].cidr))[:MOST_PIECES]


def _piece(network: Network, rows: Sequence[FindingLine]) -> Piece:
    inside = [row for row in rows if row.subject_kind == "address" and _held(network, row)]
    worst = max((row.severity for row in inside), default=0)
    said = counted("%(cidr)s: %(count)s finding", "%(cidr)s: %(count)s findings", len(inside), cidr=network.cidr)
    size = int.from_bytes(network.last, "big") - int.from_bytes(network.first, "big") + 1
    return Piece(size, 1 + worst if inside else 0, network.dark, said)


def _held(network: Network, row: FindingLine) -> bool:
    """Whether the network held the finding's address while it was seen: what came before or after is another holder's."""
    still = network.valid_until is None or (row.first or row.start) < network.valid_until
    return still and (row.last or row.end) >= network.valid_from and network.first <= address.pack(row.subject) <= network.last


def advice(rows: Sequence[FindingLine]) -> list[str]:
    """What to do first, by what the findings about one's own addresses say: does the address do it, or suffer it?"""
    told = queries.whole_findings([row.id for row in rows if row.subject_kind == SubjectKind.ADDRESS])
    steps = []
    if not all(one.suffers for one in told):
        steps.append(_("Find the device behind the address: look in your DHCP, NAT and firewall logs at the times below."))
        steps.append(_("Take it off the network, and keep its memory and logs before it is switched off."))
        steps.append(_("Change its password and update it before it comes back; a factory password is the usual way in."))
    if any(one.suffers and WITHSTAND.key in one.helps for one in told):
        steps.append(_("You are under a denial-of-service attack: call your provider with the times and rates below."))
    return steps
