"""Indexes for what a partner may ask of the whole collection: one type, or the objects of one moment.

With what SQLite shall expect of them, as in 0004_statistics.
"""

from django.apps.registry import Apps as StateApps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

EXPECTED = {
    "stix_current_type": "1000000 1000000 100000 80000 1",
    "stix_version": "1000000 20 10 1",
}


def preset(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for index, numbers in EXPECTED.items():
            cursor.execute("DELETE FROM sqlite_stat1 WHERE idx = %s", [index])
            cursor.execute("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('casebook_stixobject', %s, %s)", [index, numbers])
        cursor.execute("ANALYZE sqlite_master")  # reads them in


class Migration(migrations.Migration):
    dependencies = [("casebook", "0005_days_and_allowances")]

    operations = [
        migrations.AddIndex(
            model_name="stixobject",
            index=models.Index(fields=["exercise", "type", "current", "seq"], name="stix_current_type"),
        ),
        migrations.AddIndex(
            model_name="stixobject",
            index=models.Index(fields=["version", "audience", "seq"], name="stix_version"),
        ),
        migrations.RunPython(preset, migrations.RunPython.noop),
    ]
