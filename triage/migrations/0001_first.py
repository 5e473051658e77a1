"""The tables of this app. It replaces the migrations named below: where they were applied, this counts as applied."""

import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [("triage", "0001_initial"), ("triage", "0002_care_and_scores"), ("triage", "0003_sign_off")]

    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(max_length=10)),
                ('key', models.CharField(max_length=60)),
                ('value', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=60)),
                ('by_name', models.CharField(max_length=200)),
                ('ledger_line', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ruleset', models.CharField(max_length=20)),
                ('fingerprint', models.CharField(max_length=64)),
                ('settings', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=60)),
                ('by_name', models.CharField(max_length=200)),
                ('ledger_line', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('edition', models.CharField(max_length=10)),
                ('ruleset', models.CharField(max_length=20)),
                ('presentation', models.JSONField()),
                ('course', models.JSONField(null=True)),
                ('instants', models.JSONField()),
                ('promises', models.JSONField(default=dict)),
                ('stream', models.CharField(max_length=30)),
                ('provisional', models.BooleanField()),
                ('result', models.JSONField()),
                ('care', models.JSONField(null=True)),
                ('salt', models.UUIDField(default=uuid.uuid4)),
                ('ledger_line', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['case', '-id'], name='assessment_case')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assessment',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='ddc27f31e4d748387ac2e772bc23cbf6f1e94b2d', operation='UPDATE', pgid='pgtrigger_never_changed_246e5', table='triage_assessment', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='confirmation',
            index=models.Index(fields=['about', 'key', '-id'], name='confirmation_key'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='confirmation',
            trigger=pgtrigger.compiler.Trigger(name='confirmed_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e3de6a42f2f4ea10006b0a4d6529912bbbc3648c', operation='UPDATE OR DELETE', pgid='pgtrigger_confirmed_once_1f550', table='triage_confirmation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signature',
            trigger=pgtrigger.compiler.Trigger(name='signed_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='778845b19f0c0ad9f6d16b5fcfa824a64819949a', operation='UPDATE OR DELETE', pgid='pgtrigger_signed_once_14dbf', table='triage_signature', when='BEFORE')),
        ),
    ]
