"""Findings, cases and STIX objects at rest.

Organisations are referred to by slug, without a foreign key: an exercise has organisations of its own, and a member who
left stays in the record. Nothing here is written by hand: `casebook.actions` holds every change of state.
"""

from __future__ import annotations

from django.db import models

from hinomi.members.columns import AddressField, BytesField, FlagField
from hinomi.schema.words import CaseStatus, SubjectKind, Verdict

BY_HAND = "by-hand|"  # how the key of a case begins that a person opened; no group of findings has such a key


class Finding(models.Model):
    """What one detector said of one subject in one window; `body` is the whole finding as JSON, the columns are its index."""

    id = models.CharField(primary_key=True, max_length=64)
    detector = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in SubjectKind])
    subject_value = models.CharField(max_length=255)
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    first = models.DateTimeField(null=True)
    last = models.DateTimeField(null=True)
    severity = models.SmallIntegerField()
    confidence = models.SmallIntegerField()
    title_en = models.TextField()
    title_ja = models.TextField()
    exercise = FlagField()
    body = BytesField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=("exercise", "severity", "window_start", "id"), name="finding_newest"),
            models.Index(fields=("exercise", "detector", "severity", "window_start", "id"), name="finding_detector"),
            models.Index(fields=("subject_value", "subject_kind", "window_start"), name="finding_subject"),
        ]

    def __str__(self) -> str:
        return self.title_en


class FindingOrganisation(models.Model):
    """That a finding concerns an organisation, with what its pages sort and filter by."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="concerned")
    organisation = models.CharField(max_length=64)
    exercise = FlagField()
    detector = models.CharField(max_length=64)
    severity = models.SmallIntegerField()
    window_start = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=("organisation", "exercise", "severity", "window_start", "finding"), name="finding_organisation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} concerns {self.organisation}"


class FindingCount(models.Model):
    """How many findings of a detector and severity fell into an hour, for one organisation or ("") for all."""

    exercise = FlagField()
    organisation = models.CharField(max_length=64, default="")
    detector = models.CharField(max_length=64)
    severity = models.SmallIntegerField()
    hour = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("exercise", "organisation", "hour", "detector", "severity"), name="finding_count_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.detector} at {self.hour:%Y-%m-%d %H:%M}"


class FindingDay(models.Model):
    """The same counts by the day (UTC): what a month's heat strip and a year's dials add up. Always the sum of its hours."""

    exercise = FlagField()
    organisation = models.CharField(max_length=64, default="")
    detector = models.CharField(max_length=64)
    severity = models.SmallIntegerField()
    day = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("exercise", "organisation", "day", "detector", "severity"), name="finding_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.detector} on {self.day:%Y-%m-%d}"


class Allowance(models.Model):
    """That traffic of an address or prefix is known and harmless, why, and until when; `casebook.allowing` changes it.

    `organisation` is whose word it is, "" the hub's. One that was withdrawn counts for no day; its row stays as a record.
    """

    prefix = models.CharField(max_length=64)
    first = AddressField()
    last = AddressField()
    organisation = models.CharField(max_length=64, blank=True)
    reason = models.TextField()
    finding = models.CharField(max_length=64, blank=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    withdrawn = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes = [models.Index(fields=("withdrawn", "valid_until"), name="allowance_valid")]

    def __str__(self) -> str:
        return f"{self.prefix} until {self.valid_until:%Y-%m-%d}"


class Outcome(models.Model):
    """How the last look of a detector at a window ended: found, clean, not applicable or failed, and why."""

    detector = models.CharField(max_length=64)
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()
    exercise = FlagField()
    verdict = models.CharField(max_length=16, choices=[(verdict.value, verdict.value) for verdict in Verdict])
    reason_en = models.TextField(blank=True)
    reason_ja = models.TextField(blank=True)
    findings = models.IntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0.0)
    looked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("exercise", "detector", "window_start", "window_end"), name="outcome_once")
        ]
        indexes = [models.Index(fields=("exercise", "window_start", "verdict"), name="outcome_newest")]

    def __str__(self) -> str:
        return f"{self.detector} {self.window_start:%Y-%m-%d %H:%M}: {self.verdict}"


class Counter(models.Model):
    """The one place where sequence numbers come from; its row is locked until commit.

    So the order of `seq` is the order of commits on PostgreSQL too: a reader who has seen a number has seen all below it.
    """

    name = models.CharField(primary_key=True, max_length=16)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.last}"


class StixObject(models.Model):
    """One version of one STIX object for one audience: its serialised bytes, kept and served as they are, and their index.

    `seq` is the time of addition in microseconds since 1970, strictly increasing even when the clock jumps back.
    `version` is `modified`, else `created`, else (cyber-observables) the time of addition, as text. `owner` is the
    organisation whose object it is; "" is the hub. `audience` is `casebook.stix.audience_of`: "" for exercise objects,
    which no reader's key matches. A cyber-observable that several organisations refer to has a row for each audience,
    so that nobody learns from it who else does. `received` is what others wrote: it is current beside our own and other
    owners' versions of an id, never in their place. A stored row never changes, but for `current`, and for its audience
    when the marking of what it belongs to narrows.
    """

    seq = models.BigIntegerField(primary_key=True)
    stix_id = models.CharField(max_length=100, db_column="id")
    version = models.CharField(max_length=32)
    type = models.CharField(max_length=64)
    owner = models.CharField(max_length=64, blank=True)
    tlp = models.SmallIntegerField()
    audience = models.CharField(max_length=80, blank=True)
    exercise = FlagField()
    revoked = FlagField(default=False)
    current = FlagField(default=True)
    received = FlagField(default=False)
    content = BytesField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("stix_id", "version", "audience"), name="stix_version_once")]
        indexes = [
            models.Index(fields=("audience", "current", "seq"), name="stix_audience"),
            models.Index(fields=("audience", "type", "current", "seq"), name="stix_audience_type"),
            models.Index(fields=("exercise", "current", "seq"), name="stix_current"),
            models.Index(fields=("exercise", "type", "current", "seq"), name="stix_current_type"),
            models.Index(fields=("version", "audience", "seq"), name="stix_version"),
        ]

    def __str__(self) -> str:
        return self.stix_id


class PatternMatch(models.Model):
    """One comparison of an indicator's pattern: look a value up here instead of reading patterns."""

    object = models.ForeignKey(StixObject, on_delete=models.CASCADE, related_name="matches")
    type = models.CharField(max_length=16)
    path = models.CharField(max_length=128)
    value = models.TextField()
    first = AddressField(null=True)
    last = AddressField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=("type", "value"), name="pattern_value"),
            models.Index(fields=("first", "last"), name="pattern_range"),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.value}"


class Case(models.Model):
    """A case: the index over its STIX `incident`, whose id it has. `key` is what its findings were grouped by.

    Of a case that a person opened, `description` and `stated` (indicators) are what they wrote; it joins no group.
    """

    id = models.CharField(primary_key=True, max_length=64)
    key = models.CharField(max_length=200)
    title_en = models.TextField()
    title_ja = models.TextField()
    status = models.CharField(max_length=16, choices=[(status.value, status.value) for status in CaseStatus])
    severity = models.SmallIntegerField()
    sectors = models.JSONField(default=list)
    attack = models.JSONField(default=list)
    indicators = models.JSONField(default=list)
    owner = models.CharField(max_length=64, blank=True)
    assignee = models.CharField(max_length=150, blank=True)
    tlp = models.SmallIntegerField()
    exercise = FlagField()
    description = models.TextField(blank=True)
    stated = models.JSONField(default=list)
    findings = models.IntegerField(default=0)
    first = models.DateTimeField()
    last = models.DateTimeField()
    created = models.DateTimeField()
    modified = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=("exercise", "modified", "id"), name="case_newest"),
            models.Index(fields=("exercise", "status", "modified", "id"), name="case_status"),
            models.Index(fields=("key", "first"), name="case_key"),
        ]

    def __str__(self) -> str:
        return self.title_en

    @property
    def by_hand(self) -> bool:
        """Whether a person opened it: then its words are theirs, and no finding changes them."""
        return self.key.startswith(BY_HAND)


class CaseOrganisation(models.Model):
    """That a case concerns an organisation."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="concerned")
    organisation = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("organisation", "case"), name="case_organisation_once")]

    def __str__(self) -> str:
        return f"{self.case_id} concerns {self.organisation}"


class CaseFinding(models.Model):
    """That a finding is part of a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parts")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="cases")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("case", "finding"), name="case_finding_once")]

    def __str__(self) -> str:
        return f"{self.finding_id} in {self.case_id}"


class CaseObject(models.Model):
    """That a case refers to a STIX object (by id: the case means its current version)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="refers")
    stix_id = models.CharField(max_length=100, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("case", "stix_id"), name="case_object_once")]

    def __str__(self) -> str:
        return f"{self.case_id} refers to {self.stix_id}"


class CaseEvent(models.Model):
    """A line of a case's time line: who did what, when."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    kind = models.CharField(max_length=32)
    text_en = models.TextField(blank=True)
    text_ja = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=("case", "at", "id"), name="case_event_order")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}"
