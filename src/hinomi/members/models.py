"""Who belongs: organisations, the networks they hold and when, whom to call there, and the sensors they run."""

from __future__ import annotations

from django.db import models

from hinomi.members.columns import AddressField, FlagField
from hinomi.schema.scope import SECTORS


class Organisation(models.Model):
    """A member; `id` is made of its name once and never changes, other rooms refer to it as text.

    `exercise` marks an organisation that exists in exercises only: no lookup for real traffic holds it.
    """

    id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=200)
    name_ja = models.CharField(max_length=200, blank=True)
    sector = models.CharField(max_length=32, choices=[(slug, text.en) for slug, text in SECTORS.items()], db_index=True)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    joined = models.DateTimeField()
    left = models.DateTimeField(null=True, blank=True)
    exercise = FlagField(default=False)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=("name", "exercise"), name="organisation_name_once")]

    def __str__(self) -> str:
        return self.name


class Network(models.Model):
    """A prefix that an organisation holds from `valid_from` until `valid_until` (not itself); null means still.

    `dark` says that nobody lives there: what arrives is seen by a telescope.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="networks")
    cidr = models.CharField(max_length=43)
    first = AddressField()
    last = AddressField()
    dark = FlagField(default=False)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("first", "last", "valid_from")
        constraints = [models.UniqueConstraint(fields=("organisation", "cidr", "valid_from"), name="network_once")]
        indexes = [models.Index(fields=("first", "last"), name="network_range")]

    def __str__(self) -> str:
        return self.cidr


class ContactKind(models.TextChoices):
    """What one may call a contact for."""

    TECHNICAL = "technical"
    ABUSE = "abuse"
    MANAGEMENT = "management"
    PRESS = "press"


class Contact(models.Model):
    """A person or desk of an organisation, and the language to write to them in."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=16, choices=ContactKind.choices)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=8, default="ja")

    class Meta:
        ordering = ("kind", "name")

    def __str__(self) -> str:
        return self.name


class Sensor(models.Model):
    """A place where traffic is seen; `name` is what the lake's `sensor` column says."""

    name = models.CharField(primary_key=True, max_length=64)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="sensors")
    kind = models.CharField(max_length=32, default="telescope")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class MemberEvent(models.Model):
    """A line of the register's history: who changed what of an organisation, when."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    kind = models.CharField(max_length=32)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind} {self.text}"
