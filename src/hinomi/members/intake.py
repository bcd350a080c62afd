"""A register taken in: what is known is read once, rows are compared with it in memory, and what is new is written at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from hinomi.members.models import Contact, ContactKind, MemberEvent, Network, Organisation
from hinomi.members.register import Row

BATCH = 500  # rows in one statement: SQLite takes 32,766 values, older ones 999
Key = tuple[str, str, datetime]  # organisation, prefix, valid from


class Intake:
    """The state of the register while rows come in; nothing of networks, contacts and history is stored before `store`."""

    def __init__(self, *, exercise: bool, actor: str, register: Callable[[Row], Organisation]) -> None:
        """`register` takes in an organisation that is not there yet."""
        self._actor, self._register = actor, register
        self._holders = {one.name: one for one in Organisation.objects.filter(exercise=exercise)}
        held = Network.objects.filter(organisation__exercise=exercise)
        self._held: dict[Key, Network] = {(one.organisation_id, one.cidr, one.valid_from): one for one in held}
        reached = Contact.objects.filter(organisation__exercise=exercise)
        self._reached = {(one.organisation_id, one.name, one.email, one.phone) for one in reached}
        self._networks: list[Network] = []
        self._contacts: list[Contact] = []
        self._events: list[MemberEvent] = []

    def take(self, row: Row) -> str:
        """Bring the register to what a row says: `joined` (a new organisation), `new`, `changed` or `unchanged`."""
        known = row.organisation in self._holders
        if not known:
            self._holders[row.organisation] = self._register(row)
        holder = self._holders[row.organisation]
        moved = [self._described(holder, row), self._called(holder, row)]
        key = (holder.id, row.cidr, row.valid_from)
        if key not in self._held:
            self._held[key] = self._new(holder, row)
            return "new" if known else "joined"
        moved.append(self._kept(self._held[key], row))
        return "changed" if any(moved) else "unchanged"

    def store(self) -> None:
        """Write what is new."""
        Network.objects.bulk_create(self._networks, batch_size=BATCH)
        Contact.objects.bulk_create(self._contacts, batch_size=BATCH)
        MemberEvent.objects.bulk_create(self._events, batch_size=BATCH)

    def _described(self, holder: Organisation, row: Row) -> bool:
        """What is said of the organisation itself; one that had left and stands in a register has come back."""
        said = {"sector": row.sector, "country": row.country, "name_ja": row.name_ja or holder.name_ja, "left": None}
        moved = {name: value for name, value in said.items() if getattr(holder, name) != value}
        if moved:
            for name, value in moved.items():
                setattr(holder, name, value)
            holder.save(update_fields=list(moved))
            self._note(holder.id, "changed", " ".join(value or "came back" for value in moved.values()))
        return bool(moved)

    def _called(self, holder: Organisation, row: Row) -> bool:
        """Whom to call there for technical questions."""
        name = row.contact or row.name_ja or row.organisation
        known = (holder.id, name, row.email, row.phone)
        if not (row.email or row.phone) or known in self._reached:
            return False
        self._reached.add(known)
        contact = Contact(organisation=holder, kind=ContactKind.TECHNICAL, name=name, email=row.email, phone=row.phone)
        self._contacts.append(contact)
        self._note(holder.id, "contact", f"{contact.kind} {name}")
        return True

    def _new(self, holder: Organisation, row: Row) -> Network:
        network = Network(
            organisation=holder,
            cidr=row.cidr,
            first=row.range.first,
            last=row.range.last,
            dark=row.dark,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
        self._networks.append(network)
        self._note(holder.id, "network", row.cidr)
        return network

    def _kept(self, network: Network, row: Row) -> bool:
        """Whether a network that is known is described otherwise; one that came in with this register is not stored yet."""
        if (network.dark, network.valid_until) == (row.dark, row.valid_until):
            return False
        network.dark, network.valid_until = row.dark, row.valid_until
        if network.pk is not None:
            network.save(update_fields=["dark", "valid_until"])
        self._note(network.organisation_id, "network-changed", f"{row.cidr} dark={row.dark} until={row.valid_until}")
        return True

    def _note(self, organisation: str, kind: str, text: str) -> None:
        event = MemberEvent(organisation_id=organisation, at=timezone.now(), actor=self._actor, kind=kind, text=text)
        self._events.append(event)
