"""Tell SQLite what its indexes will look like when the casebook is full.

Without statistics SQLite takes any index with two equal columns for better than one with one, so `id = ? AND exercise = ?
AND current = ?` would read every current object. Preset statistics are its documented way out (sqlite.org/optoverview,
"Manual Control Of Query Plans Using SQLITE_STAT Tables"); a later ANALYZE replaces them with what is there.
"""

from django.apps.registry import Apps as StateApps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

EXPECTED = {
    "casebook_stixobject": {
        "sqlite_autoindex_casebook_stixobject_1": "1000000 2 2 1",
        "stix_audience": "1000000 10000 8000 1",
        "stix_audience_type": "1000000 10000 1000 800 1",
        "stix_current": "1000000 1000000 800000 1",
    },
    "casebook_finding": {
        "sqlite_autoindex_casebook_finding_1": "1000000 1",
        "finding_newest": "1000000 1000000 200000 50 1",
        "finding_detector": "1000000 1000000 170000 30000 10 1",
        "finding_subject": "1000000 5 5 1",
    },
    "casebook_case": {
        "sqlite_autoindex_casebook_case_1": "10000 1",
        "case_newest": "10000 10000 1 1",
        "case_status": "10000 10000 2500 1 1",
        "case_key": "10000 1 1",
    },
}


def preset(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # makes the table when it is not there
        for table, indexes in EXPECTED.items():
            cursor.execute("DELETE FROM sqlite_stat1 WHERE tbl = %s", [table])
            rows = [(table, index, numbers) for index, numbers in indexes.items()]
            cursor.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (%s, %s, %s)", rows)
        cursor.execute("ANALYZE sqlite_master")  # reads them in


class Migration(migrations.Migration):
    dependencies = [("casebook", "0003_received")]
    operations = [migrations.RunPython(preset, migrations.RunPython.noop)]
