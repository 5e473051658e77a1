"""The tables of this app. It replaces the migrations named below: where they were applied, this counts as applied."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [("ledger", "0001_initial")]

    dependencies: list[tuple[str, str]] = [
    ]

    operations = [
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('last_line', models.BigIntegerField()),
                ('lines', models.BigIntegerField()),
                ('previous_root', models.CharField(max_length=64)),
                ('root', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain', models.CharField(max_length=60)),
                ('position', models.PositiveIntegerField()),
                ('case', models.BigIntegerField(null=True)),
                ('kind', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
                ('witnessed_at', models.DateTimeField()),
                ('actor', models.CharField(max_length=60)),
                ('role', models.CharField(max_length=40)),
                ('organisation', models.CharField(blank=True, max_length=9)),
                ('request', models.CharField(blank=True, max_length=60)),
                ('facts', models.JSONField(default=dict)),
                ('previous_hash', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['case', 'id'], name='line_case'), models.Index(fields=['-at'], name='line_at'), models.Index(fields=['actor', '-at'], name='line_actor'), models.Index(fields=['kind', '-at'], name='line_kind')],
                'constraints': [models.UniqueConstraint(fields=('chain', 'position'), name='one_line_at_each_position')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='line',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='60aab0f9a637564fbac6ecf8bf5377c5ca18a111', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6530f', table='ledger_line', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='line',
            trigger=pgtrigger.compiler.Trigger(name='witnessed_now', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE late interval;', func="\n                    late := clock_timestamp() - NEW.witnessed_at;\n                    IF late < interval '-1 second' OR late > interval '60 seconds' THEN\n                        RAISE EXCEPTION 'a ledger line is witnessed when it is written';\n                    END IF;\n                    RETURN NEW;\n                ", hash='e7f5bed07ccf25490d535d4a90c373ef9536d2d0', operation='INSERT', pgid='pgtrigger_witnessed_now_95455', table='ledger_line', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='seal',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='f83a6923d956c167d9f218e4e77841a9a816683d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_addd1', table='ledger_seal', when='BEFORE')),
        ),
    ]
