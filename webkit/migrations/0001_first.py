"""The tables of this app. It replaces the migrations named below: where they were applied, this counts as applied."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [("webkit", "0001_drafts")]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('place', models.CharField(max_length=200)),
                ('typed', models.JSONField(default=dict)),
                ('began_at', models.DateTimeField()),
                ('saved_at', models.DateTimeField()),
                ('led_to', models.CharField(blank=True, max_length=20)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'accounts_draft',
                'constraints': [models.UniqueConstraint(fields=('owner', 'place'), name='one_draft_at_a_place')],
            },
        ),
    ]
