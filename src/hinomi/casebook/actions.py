"""What changes the casebook. Each action checks, changes, writes a line of the case's time line and tells the log."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

from django.db import transaction
from django.utils import timezone

from hinomi.casebook import findings as looks
from hinomi.casebook.allowing import labelled
from hinomi.casebook.audience import no_case
from hinomi.casebook.draft import Draft, check
from hinomi.casebook.findings import LONGEST, Recorded
from hinomi.casebook.grouping import EPISODE, Episode, episodes, is_heap
from hinomi.casebook.models import BY_HAND, Case, CaseEvent, CaseFinding
from hinomi.casebook.models import Finding as Row
from hinomi.casebook.shapes import read_finding
from hinomi.casebook.stix.seen import first_seen, last_seen
from hinomi.casebook.telling import retell, withdraw
from hinomi.schema.findings import Finding, Outcome
from hinomi.schema.problems import Conflict, WrongUse
from hinomi.schema.scope import UNMARKED, Tlp
from hinomi.schema.words import CaseStatus, Step, Text

log = logging.getLogger(__name__)
HINOMI = "hinomi"  # the actor of what nobody did by hand
# Who may go where. A contained case can flare up, a closed one be opened again; nothing becomes a proposal again.
MOVES: dict[CaseStatus, tuple[CaseStatus, ...]] = {
    CaseStatus.PROPOSED: (CaseStatus.CONFIRMED, CaseStatus.CLOSED),
    CaseStatus.CONFIRMED: (CaseStatus.CONTAINED, CaseStatus.CLOSED),
    CaseStatus.CONTAINED: (CaseStatus.CLOSED, CaseStatus.CONFIRMED),
    CaseStatus.CLOSED: (CaseStatus.CONFIRMED,),
}
_SAID = {
    CaseStatus.CONFIRMED: Text("confirmed", "確認済みにしました"),
    CaseStatus.CONTAINED: Text("contained", "封じ込め済みにしました"),
    CaseStatus.CLOSED: Text("closed", "終了しました"),
}


MORE = Text("{count} more {count:finding|findings}.", "検知が{count}件加わりました。")
ONE = Text(
    "{earlier} and {later} may be one: findings came that lie within a day of both. To make them one, close {later}; "
    "`hinomi detect --from {since}` then gathers its findings in {earlier}.",
    "{earlier} と {later} は同じ事案の可能性があります（両方から1日以内の検知が届きました）。一つにするには {later} を終了し、"
    "`hinomi detect --from {since}` を実行してください。その検知が {earlier} に集まります。",
)


@transaction.atomic
def record(outcomes: Iterable[Outcome], *, exercise: bool = False, now: datetime | None = None) -> Recorded:
    """Write the outcomes of looks; a window looked at again replaces what it said, and cases lose what is taken back."""
    moment = now or timezone.now()
    told = outcomes if exercise else map(labelled, outcomes)  # an exercise has an allow-list of its own
    recorded = looks.write(told, exercise=exercise, now=moment)
    for case in Case.objects.filter(id__in=recorded.cases).select_for_update():
        _event(case, moment, HINOMI, Step.WITHDRAWN, Text("A finding was taken back.", "検知の一部が取り消されました。"))
        if case.status == CaseStatus.PROPOSED and not case.by_hand and not CaseFinding.objects.filter(case=case).exists():
            case.status = CaseStatus.CLOSED.value
            _event(case, moment, HINOMI, Step.CLOSED, Text("Nothing is left of it.", "根拠となる検知がなくなりました。"))
        retell(case, moment)
    log.info("%d findings recorded, %d taken back", len(recorded.findings), len(recorded.taken_back))
    return recorded


@transaction.atomic
def propose(findings: Iterable[Finding], *, actor: str = HINOMI, now: datetime | None = None) -> tuple[str, ...]:
    """Propose cases for recorded findings by the rule of `casebook.grouping`; answers the ids of those made or grown.

    Findings near an open case of their group join it; near two, both are told that they may be one. Nothing is merged,
    nothing is confirmed. Doing it again changes nothing.
    """
    moment = now or timezone.now()
    found = episodes(findings)
    near = _near(found)
    changed: list[str] = []
    for episode in found:
        cases = near.get((episode.exercise, episode.key), ())
        _tell_overlaps(_open_near(episode, cases), moment)
        case = _case_of(episode, cases)
        if case is None and episode.is_case:
            case = _open(episode, actor, moment)
        if case is not None:
            grown = _grow(case, episode, actor, moment)
            if retell(case, moment) or grown:
                changed.append(case.id)
    log.info("%d cases proposed or grown", len(changed))
    return tuple(dict.fromkeys(changed))


def _near(found: Sequence[Episode]) -> dict[tuple[bool, str], list[Case]]:
    """The cases there are, by group; asked for in a few questions however many episodes there are."""
    cases: dict[tuple[bool, str], list[Case]] = {}
    keys = sorted({episode.key for episode in found})
    for start in range(0, len(keys), 500):
        for case in Case.objects.filter(key__in=keys[start : start + 500]).order_by("first", "id"):
            cases.setdefault((case.exercise, case.key), []).append(case)
    return cases


def _open_near(episode: Episode, cases: Sequence[Case]) -> list[Case]:
    """The open cases within an `EPISODE` of an episode, the oldest first."""
    return [
        case
        for case in cases
        if case.status != CaseStatus.CLOSED and case.first <= episode.last + EPISODE and case.last >= episode.first - EPISODE
    ]


def _case_of(episode: Episode, cases: Sequence[Case]) -> Case | None:
    """The case an episode belongs to: an open one within an `EPISODE` of it, or the very one it opened before."""
    same = (case for case in cases if case.id == episode.case)
    return next(iter(_open_near(episode, cases)), None) or next(same, None)


def _tell_overlaps(cases: Sequence[Case], now: datetime) -> None:
    """Propose to make one of open cases that late findings have brought together; each is told of the other once."""
    for earlier, later in combinations(cases, 2):
        said = ONE.fill(earlier=earlier.id, later=later.id, since=f"{later.first:%Y-%m-%d}")
        for case, other in ((earlier, later), (later, earlier)):
            if not CaseEvent.objects.filter(case=case, kind=Step.OVERLAPS, text_en__contains=other.id).exists():
                _event(case, now, HINOMI, Step.OVERLAPS, said)


def _open(episode: Episode, actor: str, now: datetime) -> Case:
    title = episode.title
    case = Case.objects.create(
        id=episode.case,
        key=episode.key,
        title_en=title.en,
        title_ja=title.ja,
        status=CaseStatus.PROPOSED.value,
        severity=int(episode.severity),
        tlp=int(UNMARKED),
        exercise=episode.exercise,
        first=episode.first,
        last=episode.last,
        created=now,
        modified=now,
    )
    _event(case, now, actor, Step.PROPOSED, title)
    return case


def _grow(case: Case, episode: Episode, actor: str, now: datetime) -> bool:
    """Make an episode's findings part of a case, and at its opening the low ones that its subject was seen by before."""
    is_new = case.findings == 0
    wanted = {finding.id for finding in episode.findings}
    if is_new and not is_heap(case.key):
        wanted |= {finding.id for finding in _earlier(episode)}
    held = set(CaseFinding.objects.filter(case=case).values_list("finding_id", flat=True))
    recorded = _recorded(wanted - held)
    CaseFinding.objects.bulk_create(CaseFinding(case=case, finding_id=id_) for id_ in recorded)
    if recorded and not is_new:
        _event(case, now, actor, Step.GROWN, MORE.fill(count=len(recorded)))
    return is_new or bool(recorded)


def _recorded(ids: set[str]) -> list[str]:
    listed = sorted(ids)
    there: list[str] = []
    for start in range(0, len(listed), 500):
        there += Row.objects.filter(id__in=listed[start : start + 500]).values_list("id", flat=True)
    return there


def _earlier(episode: Episode) -> list[Finding]:
    kind, value = episode.findings[0].subject
    rows = Row.objects.filter(
        subject_value=value[:255],
        subject_kind=kind.value,
        exercise=episode.exercise,
        window_start__gte=episode.first - EPISODE - LONGEST,
        window_start__lte=episode.last + EPISODE,
    )
    found = [read_finding(body) for body in rows.values_list("body", flat=True)]
    return [one for one in found if last_seen(one) >= episode.first - EPISODE and first_seen(one) <= episode.last + EPISODE]


@transaction.atomic
def open_case(draft: Draft, *, actor: str, now: datetime | None = None) -> Case:
    """Open a case by hand, proposed until somebody confirms it; the same draft again is the case it made before."""
    check(draft)
    moment, found = now or timezone.now(), _attachable(draft)
    case, is_new = Case.objects.get_or_create(id=draft.case, defaults=_columns(draft, moment))
    if not is_new:
        return case
    CaseFinding.objects.bulk_create(CaseFinding(case=case, finding_id=id_) for id_ in found)
    _event(case, moment, actor, Step.OPENED, Text(draft.title, draft.title))
    retell(case, moment)
    return case


def _columns(draft: Draft, now: datetime) -> dict[str, Any]:
    return {
        "key": f"{BY_HAND}{draft.form}"[:200],
        "title_en": draft.title,
        "title_ja": draft.title,
        "status": CaseStatus.PROPOSED.value,
        "severity": int(draft.severity),
        "sectors": sorted(draft.sectors),
        "description": draft.description,
        "stated": [{"type": type_.value, "value": value} for type_, value in draft.indicators],
        "tlp": int(draft.tlp),
        "exercise": draft.exercise,
        **dict.fromkeys(("first", "last", "created", "modified"), now),
    }


def _attachable(draft: Draft) -> list[str]:
    """The findings of a draft, which must be there, and be as real as the case."""
    found = dict(Row.objects.filter(id__in=draft.findings).values_list("id", "exercise"))
    missing = [one for one in draft.findings if one not in found]
    if missing:
        what = Text("there is no such finding.", "その検知はありません。")
        raise WrongUse(missing[0], what, Text("`hinomi findings` shows them.", "`hinomi findings` で確認できます。"))
    other = [one for one in draft.findings if found[one] != draft.exercise]
    if other:
        what = Text("exercise and real findings never mix in a case.", "演習と実際の検知を一つの事案に混ぜることはできません。")
        raise WrongUse(other[0], what, Text("Leave it out.", "除いてください。"))
    return list(found)


@transaction.atomic
def move(case_id: str, status: CaseStatus, *, actor: str, reason: str = "", now: datetime | None = None) -> Case:
    """Move a case along its life; a move that is not allowed is refused with those that are."""
    case = _case(case_id)
    here, there = CaseStatus(case.status), CaseStatus(status)
    if there not in MOVES[here]:
        allowed = ", ".join(MOVES[here])
        raise Conflict(
            case_id,
            Text(f"a case that is {here} cannot become {there}.", f"状態 {here} から {there} へは移せません。"),
            Text(f"It can become {allowed}.", f"移せる状態: {allowed}。"),
        )
    moment = now or timezone.now()
    case.status = there.value
    said = _SAID[there]
    _event(case, moment, actor, Step(there.value), Text(reason or said.en, reason or said.ja))
    retell(case, moment)
    return case


def confirm(case_id: str, *, actor: str, now: datetime | None = None) -> Case:
    """Say that a proposed case is real."""
    return move(case_id, CaseStatus.CONFIRMED, actor=actor, now=now)


@transaction.atomic
def note(case_id: str, text: str, *, actor: str, with_case: bool = False, now: datetime | None = None) -> Case:
    """Write something into a case, for the hub only; or `with_case`, a STIX note that goes wherever the case goes."""
    case = _case(case_id)
    if not text.strip():
        what = Text("the note is empty.", "メモが空です。")
        raise WrongUse(case_id, what, Text("Write something.", "内容を入力してください。"))
    moment = now or timezone.now()
    _event(case, moment, actor, Step.NOTED if with_case else Step.JOTTED, Text(text.strip(), text.strip()))
    if with_case:
        retell(case, moment)
    return case


@transaction.atomic
def assign(case_id: str, person: str, *, actor: str, now: datetime | None = None) -> Case:
    """Give a case to a person (an account's name), or to nobody (""); no STIX object changes by that."""
    case = _case(case_id)
    if case.assignee == person:
        return case
    moment = now or timezone.now()
    case.assignee = person
    case.save()
    said = Text("laid down: nobody holds it", "担当者なしになりました")
    if person:
        said = Text(f"given to {person}", f"{person} に引き継ぎました")
    if person == actor:
        said = Text("taken", "担当になりました")
    _event(case, moment, actor, Step.ASSIGNED, said)
    return case


@transaction.atomic
def mark(case_id: str, tlp: Tlp, *, actor: str, now: datetime | None = None) -> Case:
    """Mark a case with a TLP colour; a narrower one takes it from everyone outside at once, older versions too.

    The one that it bears already changes nothing.
    """
    case = _case(case_id)
    if case.tlp == int(tlp):
        return case
    moment = now or timezone.now()
    before = Tlp(case.tlp)
    if tlp > before:
        withdraw(case, tlp)
    case.tlp = int(tlp)
    _event(case, moment, actor, Step.MARKED, Text(f"{before.label} → {tlp.label}", f"{before.label} → {tlp.label}"))
    retell(case, moment)
    return case


def _case(case_id: str) -> Case:
    case = Case.objects.select_for_update().filter(id=case_id).first()
    if case is None:
        raise no_case(case_id)
    return case


def _event(case: Case, at: datetime, actor: str, step: Step, text: Text) -> None:
    CaseEvent.objects.create(case=case, at=at, actor=actor, kind=step.value, text_en=text.en, text_ja=text.ja)
    log.info("%s: %s by %s", case.id, step, actor)


__all__ = [
    "Recorded",
    "assign",
    "confirm",
    "mark",
    "move",
    "note",
    "open_case",
    "propose",
    "record",
]
