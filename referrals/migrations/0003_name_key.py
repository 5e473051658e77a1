import django.contrib.postgres.indexes
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Names are searched by an index of their groups of three letters. pg_trgm is part of PostgreSQL's own contrib."""

    dependencies = [
        ("referrals", "0002_access"),
    ]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name="patient",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["name_key"], name="patient_name_key", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
