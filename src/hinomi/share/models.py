"""The audit log at rest: every disclosure and every act in one chain, and how far each process's file has been carried over."""

from __future__ import annotations

from typing import Never

from django.db import models

from hinomi.share.ledger import START


class Kept(models.QuerySet["Entry"]):
    """Rows that are added and read, and nothing else."""

    def update(self, **_: object) -> Never:
        raise TypeError("the audit log is not changed: add an entry that says what was wrong")

    def delete(self) -> Never:
        raise TypeError("the audit log is not cut: entries stay as long as the installation")


class Entry(models.Model):
    """One line of the audit log: a release (to whom, through what, by which rule, how much), or another act and its object.

    `entry` is the leaf of the chain, byte for byte; the columns are its index. `number` counts from 1 without a gap;
    `hash` is sha256(hash of number - 1, entry). So a Merkle tree over the same leaves can be added beside it without
    touching a row.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    act = models.CharField(max_length=32, default="released", db_index=True)
    about = models.CharField(max_length=200, blank=True)
    organisation = models.CharField(max_length=64, blank=True, db_index=True)
    operator = models.BooleanField(default=False)
    account = models.CharField(max_length=150, blank=True)
    channel = models.CharField(max_length=64, blank=True)
    rule = models.CharField(max_length=200, blank=True)
    count = models.IntegerField(default=0)
    first_seq = models.BigIntegerField(null=True)
    last_seq = models.BigIntegerField(null=True)
    entry = models.TextField()
    hash = models.CharField(max_length=64)

    objects = Kept.as_manager()

    def __str__(self) -> str:
        if self.act != "released":
            return f"{self.number}: {self.account} {self.act} {self.about}"
        return f"{self.number}: {self.count} to {self.organisation or 'the hub'} through {self.channel}"


class LedgerFile(models.Model):
    """A process's file, as far as it has been carried over: a file that is shorter or gone has been tampered with."""

    name = models.CharField(primary_key=True, max_length=80)
    offset = models.BigIntegerField(default=0)
    entries = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=START)

    def __str__(self) -> str:
        return f"{self.name} up to {self.offset}"


class ChainHead(models.Model):
    """The last number and hash of the chain; its one row is locked while entries are added."""

    name = models.CharField(primary_key=True, max_length=16, default="disclosures")
    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=START)

    def __str__(self) -> str:
        return f"{self.name} at {self.number}"
