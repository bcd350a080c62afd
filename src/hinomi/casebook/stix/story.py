"""A case told in STIX: the incident, what it was seen by, what to look for, whom it concerns and what helps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from hinomi.casebook.stix.blame import indicators
from hinomi.casebook.stix.countermeasures import countermeasures
from hinomi.casebook.stix.envelope import HUB, Envelope, Object, Told, identify
from hinomi.casebook.stix.identities import Member, hub, member
from hinomi.casebook.stix.indicators import life, pattern, port_of
from hinomi.casebook.stix.markings import MARKINGS
from hinomi.casebook.stix.observables import traffic, value_of
from hinomi.casebook.stix.seen import first_seen, last_seen
from hinomi.casebook.stix.techniques import technique
from hinomi.schema.findings import Finding, Indicator
from hinomi.schema.scope import Tlp
from hinomi.schema.words import CaseStatus, IndicatorType, Severity, SubjectKind, Text

INCIDENT_CORE = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
# A case of a large campaign stays readable: what is beyond these is counted in the description and kept as findings.
MOST_INDICATORS, MOST_OBSERVATIONS = 200, 50
# incident-investigation-ov and the determinations of the incident core extension.
_INVESTIGATION = {
    CaseStatus.PROPOSED: "new",
    CaseStatus.CONFIRMED: "open",
    CaseStatus.CONTAINED: "open",
    CaseStatus.CLOSED: "closed",
}
# event-type-ov, by technique
_TYPES = (
    ("T1498", "denial-of-service"),
    ("T1499", "denial-of-service"),
    ("T1210", "worm-spreading"),
    ("T1584", "infected-by-known-malware"),
)


@dataclass(frozen=True)
class Note:
    """What a person wrote in the case."""

    key: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Story:
    """Everything that a case's objects are made of."""

    id: str
    title: Text
    status: CaseStatus
    confirmed: bool
    severity: Severity
    owner: str
    tlp: Tlp
    exercise: bool
    created: datetime
    first: datetime
    last: datetime
    findings: tuple[Finding, ...]
    members: tuple[Member, ...] = ()
    notes: tuple[Note, ...] = ()
    by_hand: bool = False
    description: str = ""
    stated: tuple[Indicator, ...] = ()
    revoked: frozenset[str] = frozenset()  # ids of links that were taken back, which is for ever (§3.2)

    @property
    def envelope(self) -> Envelope:
        return Envelope(self.owner, self.tlp, self.created, self.exercise)

    @property
    def attack(self) -> tuple[str, ...]:
        return tuple(sorted({attack for finding in self.findings for attack in finding.attack}))

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """What a person stated, then what the findings say, each once."""
        return tuple(dict.fromkeys((*self.stated, *indicators(self.findings))))

    def ja(self, **words: str) -> Mapping[str, str]:
        """Japanese words of an object; none where a person wrote the title, in whatever language that was."""
        return {} if self.by_hand else words


def tell(story: Story) -> list[Told]:
    """The objects of a case, whatever is referred to before what refers to it; the incident's grouping is the last."""
    story = replace(story, findings=tuple(sorted(story.findings, key=_gravity)))
    told = [
        *MARKINGS,
        hub(story.exercise),
        *(member(one, story.exercise) for one in story.members),
        *(technique(attack, story.exercise) for attack in story.attack),
        *(one.told(story.exercise) for one in countermeasures(story.findings)),
        _incident(story),
        *_indicators(story),
        *_observations(story),
        *_notes(story),
    ]
    told += [*_sightings(story, told), *_relationships(story, told)]
    unique = {one.object["id"]: one for one in told}
    return [*unique.values(), _grouping(story, unique)]


def translate(told: Iterable[Told], versions: Mapping[str, str], story: Story) -> Iterator[Told]:
    """The Japanese words of objects as language-content (§7.1) of exactly the version that the store gave each."""
    for one in told:
        if one.ja:
            id_ = one.object["id"]
            envelope = Envelope(one.owner, one.tlp, datetime.fromisoformat(one.object["created"]), story.exercise)
            yield envelope.wrap(
                "language-content",
                (id_, "ja"),
                object_ref=id_,
                object_modified=versions[id_],
                contents={"ja": dict(one.ja)},
            )


def _incident(story: Story) -> Told:
    counts = Text(
        "{count} {count:finding|findings} between {first:%Y-%m-%d %H:%M} and {last:%Y-%m-%d %H:%M} UTC.",
        "{first:%Y-%m-%d %H:%M} から {last:%Y-%m-%d %H:%M} (UTC) までの検知 {count} 件。",
    ).fill(count=len(story.findings), first=story.first, last=story.last)
    titles = sorted({finding.title for finding in story.findings})[:10]
    words = Text("\n".join([counts.en, *(one.en for one in titles)]), "\n".join([counts.ja, *(one.ja for one in titles)]))
    if story.by_hand:
        words = Text(story.description, story.description)
    core: dict[str, Any] = {
        "extension_type": "property-extension",
        "determination": "confirmed" if story.confirmed else "suspected",
        "investigation_status": _INVESTIGATION[story.status],
        "criticality": story.severity * 25,
        "detection_methods": [*["human-review"] * story.by_hand, *["automated-tool"] * bool(story.findings)]
        or ["automated-tool"],
    }
    if types := _types(story):
        core["incident_types"] = types
    return story.envelope.sealed(
        story.id,
        story.ja(name=story.title.ja, description=words.ja),
        name=story.title.en,
        description=words.en,
        confidence=max(finding.confidence for finding in story.findings) if story.findings else None,
        extensions={INCIDENT_CORE: core},
    )


def _types(story: Story) -> list[str]:
    found = [word for begin, word in _TYPES if any(attack.startswith(begin) for attack in story.attack)]
    return list(dict.fromkeys(found)) or ([] if story.by_hand and not story.findings else ["network-scanning"])


def _indicators(story: Story) -> Iterator[Told]:
    seen = _seen(story)
    for one in story.indicators[:MOST_INDICATORS]:
        written = pattern(one)
        if written is not None:
            first, last, _ = seen.get(one, (story.created, story.created, ()))
            yield story.envelope.wrap(
                "indicator",
                (story.id, one.type, one.value),
                story.ja(name=f"{story.title.ja}: {one.value}"),
                name=f"{story.title.en}: {one.value}",
                indicator_types=["malicious-activity"],
                pattern=written,
                pattern_type="stix",
                valid_from=_moment(first),
                valid_until=_moment(last + life(one.type)),
            )


def _seen(story: Story) -> dict[Indicator, tuple[datetime, datetime, tuple[Finding, ...]]]:
    """For each value: when it was first and last seen, and by which findings."""
    by: dict[Indicator, list[Finding]] = {}
    for finding in story.findings:
        for one in finding.indicators:
            by.setdefault(one, []).append(finding)
    return {one: (min(map(first_seen, found)), max(map(last_seen, found)), tuple(found)) for one, found in by.items()}


def _observations(story: Story) -> Iterator[Told]:
    """For each finding what was seen: the address or value, and its traffic when ports are known."""
    for finding in story.findings[:MOST_OBSERVATIONS]:
        seen = _observed(finding, story.tlp)
        if seen:
            yield from (Told(one, story.owner, story.tlp) for one in seen)
            packets = finding.packets
            yield story.envelope.wrap(
                "observed-data",
                (story.id, finding.id),
                first_observed=_moment(first_seen(finding)),
                last_observed=_moment(last_seen(finding)),
                number_observed=1 if packets is None else min(max(packets, 1), 999_999_999),
                object_refs=[one["id"] for one in seen],
            )


def _observed(finding: Finding, tlp: Tlp) -> list[Object]:
    values = [value_of(type_, value, tlp) for type_, value in finding.indicators[:20] if type_ is not IndicatorType.PORT]
    if finding.subject.kind in (SubjectKind.ADDRESS, SubjectKind.PREFIX):
        values.insert(0, value_of(IndicatorType.CIDR, finding.subject.value, tlp))
    found = {one["id"]: one for one in values if one}
    ports = {value for type_, value in finding.indicators if type_ is IndicatorType.PORT}
    if finding.subject.kind is SubjectKind.PORT:
        ports.add(finding.subject.value)
    sources = [one for one in found.values() if one["type"] in ("ipv4-addr", "ipv6-addr")][:5]
    for source in sources:
        for port in sorted(ports)[:5]:
            made = traffic(source, *port_of(port), tlp)
            found[made["id"]] = made
    return list(found.values())


def _notes(story: Story) -> Iterator[Told]:
    for note in story.notes:
        envelope = Envelope(story.owner, story.tlp, note.at, story.exercise)
        yield envelope.wrap("note", (story.id, note.key), content=note.text, object_refs=[story.id])


def _sightings(story: Story, told: list[Told]) -> Iterator[Told]:
    """That the hub itself saw each indicator, when, and in which observations."""
    made = {one.object["id"] for one in told}
    for one, (first, last, findings) in _seen(story).items():
        indicator = identify("indicator", story.id, one.type, one.value)
        observed = [identify("observed-data", story.id, finding.id) for finding in findings]
        if indicator in made:
            yield story.envelope.wrap(
                "sighting",
                (indicator,),
                first_seen=_moment(first),
                last_seen=_moment(last),
                count=len(findings),
                sighting_of_ref=indicator,
                observed_data_refs=[id_ for id_ in dict.fromkeys(observed) if id_ in made],
                where_sighted_refs=[HUB],
            )


def _relationships(story: Story, told: list[Told]) -> Iterator[Told]:
    """The words for the links are those of the incident core extension and of §5."""
    words = {"indicator": "detected", "course-of-action": "related-to", "attack-pattern": "related-to"}
    for one in told:
        id_ = one.object["id"]
        if one.object["type"] in words:
            yield _link(story, id_, words[one.object["type"]], story.id)
        elif one.object["type"] == "identity" and id_ != HUB:
            turn = next(turn for turn in count() if identify("relationship", *impact(story.id, id_, turn)) not in story.revoked)
            yield _link(story, *impact(story.id, id_, turn))


def impact(case: str, identity: str, turn: int) -> tuple[str, ...]:
    """The name of the link from a case to whom it concerns; who is concerned again after a correction is linked anew."""
    return (case, "impacts", identity, *[str(turn)] * bool(turn))


def _link(story: Story, source: str, word: str, target: str, *turn: str) -> Told:
    return story.envelope.wrap(
        "relationship", (source, word, target, *turn), relationship_type=word, source_ref=source, target_ref=target
    )


def _grouping(story: Story, told: Mapping[str, Told]) -> Told:
    """The case as it is published: one object that refers to all others (§4.4)."""
    return story.envelope.wrap(
        "grouping",
        (story.id,),
        story.ja(name=story.title.ja),
        name=story.title.en,
        context="suspicious-activity",
        object_refs=[id_ for id_ in told if not id_.startswith("marking-definition--")],
    )


def _gravity(finding: Finding) -> tuple[int, datetime, str]:
    """The order in which findings are told: the gravest first, then as they came."""
    return -finding.severity, finding.window.start, finding.id


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
