"""A case brought up to date with its findings: its index row, its STIX objects, and who may read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count

import orjson

from hinomi.casebook import store
from hinomi.casebook.grouping import Episode
from hinomi.casebook.models import Case, CaseEvent, CaseFinding, CaseObject, CaseOrganisation, StixObject
from hinomi.casebook.shapes import read_finding
from hinomi.casebook.stix import Member, Note, Story, audience_of, tell, translate
from hinomi.casebook.stix.blame import indicators
from hinomi.casebook.stix.envelope import Told, identify
from hinomi.casebook.stix.observables import OBSERVABLES
from hinomi.casebook.stix.story import MOST_INDICATORS, impact
from hinomi.members.models import Organisation
from hinomi.schema.findings import Finding, Indicator
from hinomi.schema.scope import Tlp
from hinomi.schema.words import CaseStatus, IndicatorType, Severity, Step, Text


def retell(case: Case, now: datetime) -> bool:
    """Write what a case's findings, notes and marking now say; answers whether any of its objects has a new version."""
    findings = _findings(case)
    _index(case, findings)
    story = _story(case, findings)
    told = tell(story)
    kept = store.put(told, exercise=case.exercise, now=now)
    translated = store.put(translate(told, kept.versions, story), exercise=case.exercise, now=now)
    refers = set(CaseObject.objects.filter(case=case).values_list("stix_id", flat=True))
    refers -= _let_go(case, refers - kept.versions.keys(), now)
    new = [CaseObject(case=case, stix_id=id_) for id_ in kept.versions if id_ not in refers]
    CaseObject.objects.bulk_create(new)
    if kept.added or translated.added:
        case.modified = max(now, case.modified)
    case.save()
    return bool(kept.added or translated.added)


def _let_go(case: Case, untold: set[str], now: datetime) -> set[str]:
    """Take back that a case impacts who is no longer concerned: who was told so before is told that it is revoked (§3.2).

    Their identity leaves the case; it is nobody's but theirs, and not revoked.
    """
    links, gone = [], set[str]()
    for row in StixObject.objects.filter(stix_id__in=untold, type="relationship", current=True, exercise=case.exercise):
        thing = orjson.loads(row.content)
        if (thing["source_ref"], thing["relationship_type"]) == (case.id, "impacts"):
            links.append(Told({**thing, "revoked": True}, row.owner, Tlp(row.tlp)))
            gone |= {row.stix_id, thing["target_ref"]}
    if links:
        store.put(links, exercise=case.exercise, now=now)
        CaseObject.objects.filter(case=case, stix_id__in=gone).delete()
    return gone


def withdraw(case: Case, tlp: Tlp) -> None:
    """Take a case's objects from readers who may no longer have them, older versions too, when its marking narrows."""
    before = audience_of(case.owner, Tlp(case.tlp), case.exercise)
    after = audience_of(case.owner, tlp, case.exercise)
    own = _own(case)
    rows = StixObject.objects.filter(stix_id__in=own, audience=before, exercise=case.exercise)
    rows.exclude(type__in=OBSERVABLES).update(audience=after, tlp=int(tlp))
    others = CaseObject.objects.filter(stix_id__in=own, case__exercise=case.exercise, case__tlp=case.tlp).exclude(case=case)
    if not Tlp(case.tlp).for_all_members:
        others = others.filter(case__owner=case.owner)
    rows.filter(type__in=OBSERVABLES).exclude(stix_id__in=others.values("stix_id")).delete()


def _own(case: Case) -> list[str]:
    """The ids of what is the case's own: not the shared identities, techniques and counter-measures."""
    told = [
        one.object
        for one in tell(_story(case, _findings(case)))
        if (one.owner, one.tlp) == (case.owner, case.tlp) and one.object["type"] != "identity"
    ]
    return [*(one["id"] for one in told), *(identify("language-content", one["id"], "ja") for one in told)]


def _findings(case: Case) -> tuple[Finding, ...]:
    bodies = CaseFinding.objects.filter(case=case).order_by("finding__window_start", "finding_id")
    return tuple(read_finding(body) for body in bodies.values_list("finding__body", flat=True))


def _index(case: Case, findings: tuple[Finding, ...]) -> None:
    """The columns by which a case is listed and found, from its findings."""
    organisations = sorted({one for finding in findings for one in finding.organisations})
    case.findings = len(findings)
    if findings:
        episode = Episode(case.key, case.exercise, findings)
        if not case.by_hand and not _is_quieted(case, episode):
            (case.title_en, case.title_ja), case.severity = episode.title, int(episode.severity)
        case.first, case.last = episode.first, episode.last
        case.attack = sorted({attack for finding in findings for attack in finding.attack})
        case.owner = organisations[0] if len(organisations) == 1 else ""
        case.sectors = _sectors(case, organisations)
    if findings or case.by_hand:
        listed = dict.fromkeys((*_stated(case), *indicators(findings)))
        case.indicators = [{"type": type_.value, "value": value} for type_, value in listed][:MOST_INDICATORS]
    known = set(CaseOrganisation.objects.filter(case=case).values_list("organisation", flat=True))
    CaseOrganisation.objects.bulk_create(
        CaseOrganisation(case=case, organisation=one) for one in organisations if one not in known
    )
    if findings:  # a case that lost all of them stays whose it was
        CaseOrganisation.objects.filter(case=case).exclude(organisation__in=organisations).delete()


def _is_quieted(case: Case, episode: Episode) -> bool:
    """Whether findings are milder than the case only since somebody allowed their subject: an open case stays as it is."""
    return episode.severity < case.severity and any("known" in finding.measures for finding in episode.findings)


def _sectors(case: Case, organisations: list[str]) -> list[str]:
    """The sectors of those concerned, and those that a person named."""
    theirs = Organisation.objects.filter(id__in=organisations).values_list("sector", flat=True)
    return sorted({*theirs, *(case.sectors if case.by_hand else ())})


def _stated(case: Case) -> tuple[Indicator, ...]:
    return tuple(Indicator(IndicatorType(one["type"]), one["value"]) for one in case.stated)


def _story(case: Case, findings: tuple[Finding, ...]) -> Story:
    events = list(CaseEvent.objects.filter(case=case, kind__in=(Step.NOTED.value, Step.CONFIRMED.value)).order_by("at", "id"))
    members = _members(case)
    return Story(
        id=case.id,
        title=Text(case.title_en, case.title_ja),
        status=CaseStatus(case.status),
        confirmed=any(event.kind == Step.CONFIRMED for event in events),
        severity=Severity(case.severity),
        owner=case.owner,
        tlp=Tlp(case.tlp),
        exercise=case.exercise,
        created=case.created,
        first=case.first,
        last=case.last,
        findings=findings,
        members=members,
        notes=tuple(Note(str(event.pk), event.at, event.text_en) for event in events if event.kind == Step.NOTED),
        by_hand=case.by_hand,
        description=case.description,
        stated=_stated(case),
        revoked=frozenset(_revoked(case, members)),
    )


def _revoked(case: Case, members: Sequence[Member]) -> Iterator[str]:
    """The links from a case to these members that were taken back, turn by turn."""
    for turn in count():
        links = [identify("relationship", *impact(case.id, one.identity, turn)) for one in members]
        found = StixObject.objects.filter(stix_id__in=links, revoked=True, exercise=case.exercise)
        if not (taken := set(found.values_list("stix_id", flat=True))):
            return
        yield from taken


def _members(case: Case) -> tuple[Member, ...]:
    ids = list(CaseOrganisation.objects.filter(case=case).order_by("organisation").values_list("organisation", flat=True))
    known = Organisation.objects.in_bulk(ids)
    return tuple(
        Member(one.id, one.name, one.name_ja, one.sector, one.joined)
        if (one := known.get(id_))
        else Member(id_, id_, "", "", case.created)
        for id_ in ids
    )
