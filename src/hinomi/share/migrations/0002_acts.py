"""The audit log holds acts beside disclosures: sign-ins, tokens, accounts, what was allowed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("share", "0001_initial")]
    operations = [
        migrations.RenameModel("Disclosure", "Entry"),
        migrations.AddField("Entry", "act", models.CharField(db_index=True, default="released", max_length=32)),
        migrations.AddField("Entry", "about", models.CharField(blank=True, max_length=200, default=""), preserve_default=False),
        migrations.AlterField("Entry", "channel", models.CharField(blank=True, max_length=64)),
        migrations.AlterField("Entry", "rule", models.CharField(blank=True, max_length=200)),
        migrations.AlterField("Entry", "count", models.IntegerField(default=0)),
    ]
