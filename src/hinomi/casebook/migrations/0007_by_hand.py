"""What a person writes who opens a case by hand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casebook", "0006_type_and_version")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="description",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="case",
            name="stated",
            field=models.JSONField(default=list),
        ),
    ]
