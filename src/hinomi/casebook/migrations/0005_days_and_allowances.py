"""Counts by the day beside those by the hour, and what the hub allows."""

from collections import Counter

from django.apps.registry import Apps as StateApps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import hinomi.members.columns

KEY = ("exercise", "organisation", "detector", "severity")


def add_up(apps: StateApps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The days of what has been counted already."""
    days: Counter[tuple[object, ...]] = Counter()
    hours = apps.get_model("casebook", "FindingCount").objects.values_list(*KEY, "hour", "count")
    for *key, hour, count in hours.iterator():
        days[(*key, hour.replace(hour=0, minute=0, second=0, microsecond=0))] += count
    model = apps.get_model("casebook", "FindingDay")
    model.objects.bulk_create(
        (model(**dict(zip((*KEY, "day"), key, strict=True)), count=count) for key, count in days.items()), batch_size=500
    )


class Migration(migrations.Migration):
    dependencies = [("casebook", "0004_statistics")]
    operations = [
        migrations.CreateModel(
            name="FindingDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("exercise", models.BooleanField()),
                ("organisation", models.CharField(default="", max_length=64)),
                ("detector", models.CharField(max_length=64)),
                ("severity", models.SmallIntegerField()),
                ("day", models.DateTimeField()),
                ("count", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("exercise", "organisation", "day", "detector", "severity"), name="finding_day_once"
                    )
                ],
            },
        ),
        migrations.RunPython(add_up, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("prefix", models.CharField(max_length=64)),
                ("first", hinomi.members.columns.AddressField(max_length=16)),
                ("last", hinomi.members.columns.AddressField(max_length=16)),
                ("organisation", models.CharField(blank=True, max_length=64)),
                ("reason", models.TextField()),
                ("finding", models.CharField(blank=True, max_length=64)),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                ("made_by", models.CharField(max_length=150)),
                ("withdrawn", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=150)),
            ],
            options={"indexes": [models.Index(fields=["withdrawn", "valid_until"], name="allowance_valid")]},
        ),
    ]
