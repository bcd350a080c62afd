"""What changes the register of members. Each action checks, changes, writes a `MemberEvent` and tells the log."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hinomi.members.claims import Claims
from hinomi.members.intake import Intake
from hinomi.members.models import Contact, ContactKind, MemberEvent, Network, Organisation, Sensor
from hinomi.members.register import Fault, Refused, Row, read
from hinomi.members.slug import fingerprint, slug
from hinomi.schema.problems import Missing, Problem, WrongUse
from hinomi.schema.words import CONSOLE, Text

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Imported:
    """What an import did; `faults` are the lines left out when the good ones were wanted all the same."""

    organisations: int = 0
    networks: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: tuple[Fault, ...] = ()


def import_file(path: Path, *, partial: bool = False, exercise: bool = False, actor: str = CONSOLE) -> Imported:
    """Import the register from a CSV file; see `import_networks`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        what = Text(f"the file cannot be read ({error.strerror}).", f"ファイルを読めません ({error.strerror})。")
        raise Problem(str(path), what, Text("Check its name and permissions.", "名前と権限を確かめてください。")) from None
    rows, faults = read(raw, str(path))
    return import_networks(rows, faults, where=str(path), partial=partial, exercise=exercise, actor=actor)


@transaction.atomic
def import_networks(
    rows: Sequence[Row],
    faults: Iterable[Fault] = (),
    *,
    where: str = "import",
    partial: bool = False,
    exercise: bool = False,
    actor: str = CONSOLE,
) -> Imported:
    """Add organisations and their networks, all or nothing; doing it again changes nothing.

    A row that is there already with another `valid_until` or `dark` changes it; so does what it says of the organisation.
    With `partial` the good rows are taken and the faults come back in the answer; otherwise any fault raises `Refused` with
    all of them.
    """
    good, wrong = Claims(exercise).judged(rows)
    found = sorted((*faults, *wrong), key=lambda fault: fault.line)
    if found and not partial:
        raise Refused(where, tuple(found))
    intake = Intake(
        exercise=exercise,
        actor=actor,
        register=lambda row: register(
            row.organisation, row.sector, row.country, name_ja=row.name_ja, exercise=exercise, actor=actor
        ),
    )
    counts = [intake.take(row) for row in good]
    intake.store()
    joined = len({row.organisation for row, count in zip(good, counts, strict=True) if count == "joined"})
    done = Imported(
        organisations=joined,
        networks=sum(count in ("joined", "new") for count in counts),
        changed=counts.count("changed"),
        unchanged=counts.count("unchanged"),
        faults=tuple(found),
    )
    log.info("members imported from %s: %s", where, done)
    return done


@transaction.atomic
def register(
    name: str,
    sector: str,
    country: str,
    *,
    name_ja: str = "",
    exercise: bool = False,
    actor: str = CONSOLE,
    joined: datetime | None = None,
) -> Organisation:
    """Take an organisation in; its id is made of its name. One that is there already is returned as it is."""
    known = Organisation.objects.filter(name=name, exercise=exercise).first()
    if known:
        return known
    wanted = ("exercise-" if exercise else "") + slug(name)
    if Organisation.objects.filter(id=wanted).exists():  # another name with the same letters
        wanted = f"{wanted}-{fingerprint(name)}"
    organisation = Organisation.objects.create(
        id=wanted,
        name=name,
        name_ja=name_ja,
        sector=sector,
        country=country,
        joined=joined or timezone.now(),
        exercise=exercise,
    )
    _record(organisation, actor, "joined", name)
    return organisation


@transaction.atomic
def leave(organisation: str, *, at: datetime | None = None, actor: str = CONSOLE) -> None:
    """Let an organisation go: its networks end with it, its record stays."""
    holder = _organisation(organisation)
    moment = at or timezone.now()
    Organisation.objects.filter(id=holder.id).update(left=moment)
    Network.objects.filter(organisation=holder, valid_from__gte=moment).delete()
    Network.objects.filter(Q(valid_until=None) | Q(valid_until__gt=moment), organisation=holder).update(valid_until=moment)
    _record(holder, actor, "left", "")


@transaction.atomic
def add_contact(
    organisation: str,
    kind: str,
    name: str,
    *,
    email: str = "",
    phone: str = "",
    language: str = "ja",
    actor: str = CONSOLE,
) -> Contact:
    """Add a person or desk to call at an organisation."""
    holder = _organisation(organisation)
    if kind not in ContactKind.values:
        known = ", ".join(ContactKind.values)
        what = Text(f"a contact of kind {kind!r} is unknown.", f"連絡先の種類 {kind!r} はありません。")
        raise WrongUse(holder.name, what, Text(f"Use one of {known}.", f"{known} のいずれかを使ってください。"))
    if not (email or phone):
        what = Text(f"{name} has neither mail address nor telephone.", f"{name} にメールも電話もありません。")
        raise WrongUse(holder.name, what, Text("Give one of them.", "どちらかを入力してください。"))
    contact = Contact(organisation=holder, kind=kind, name=name, email=email, phone=phone, language=language)
    try:
        contact.full_clean()
    except ValidationError as error:
        said = " ".join(error.messages)
        what = Text(f"this contact cannot be kept: {said}", f"この連絡先は登録できません: {said}")
        raise WrongUse(holder.name, what, Text("Correct it.", "内容を修正してください。")) from None
    contact.save()
    _record(holder, actor, "contact", f"{kind} {name}")
    return contact


@transaction.atomic
def drop_contact(organisation: str, contact: int, *, actor: str = CONSOLE) -> Contact:
    """Take a contact out of the register; its line in the history stays."""
    holder = _organisation(organisation)
    gone = holder.contacts.filter(pk=contact).first()
    if gone is None:
        what = Text(f"there is no contact number {contact}.", f"番号 {contact} の連絡先はありません。")
        raise Missing(holder.name, what, Text("Look at the member again.", "会員のページをもう一度確認してください。"))
    _record(holder, actor, "contact-dropped", f"{gone.kind} {gone.name}")
    holder.contacts.filter(pk=contact).delete()
    return gone


@transaction.atomic
def add_sensor(
    name: str, *, organisation: str | None = None, kind: str = "telescope", note: str = "", actor: str = CONSOLE
) -> Sensor:
    """Say whose sensor a name in the lake is, and what it is; saying it again changes what was said."""
    holder = _organisation(organisation) if organisation else None
    sensor, _ = Sensor.objects.update_or_create(name=name, defaults={"organisation": holder, "kind": kind, "note": note})
    if holder:
        _record(holder, actor, "sensor", name)
    return sensor


def _organisation(id_: str) -> Organisation:
    found = Organisation.objects.filter(id=id_).first()
    if found is None:
        what = Text("there is no such organisation.", "その組織は登録されていません。")
        raise Missing(id_, what, Text("`hinomi members list` shows them.", "`hinomi members list` で確認できます。"))
    return found


def _record(organisation: Organisation, actor: str, kind: str, text: str) -> None:
    MemberEvent.objects.create(organisation=organisation, at=timezone.now(), actor=actor, kind=kind, text=text)
    log.info("%s: %s %s by %s", organisation.id, kind, text, actor)
