"""The tables of this app. It replaces the migrations named below: where they were applied, this counts as applied."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import simple_history.models
import uuid
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [("oncall", "0001_initial"), ("oncall", "0002_alarms_and_answers"), ("oncall", "0003_reach_and_hand_over"), ("oncall", "0004_specialties"), ("oncall", "0005_what_it_is_about")]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=30, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.BigIntegerField()),
                ('kind', models.CharField(max_length=30)),
                ('subject', models.BigIntegerField(default=0)),
                ('about', models.CharField(blank=True, max_length=200)),
                ('stream', models.CharField(max_length=30)),
                ('limit_hours', models.FloatField()),
                ('formal', models.BooleanField()),
                ('started_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField()),
                ('ladder', models.JSONField()),
                ('climbed', models.PositiveIntegerField(default=0)),
                ('last_climbed_at', models.DateTimeField(null=True)),
                ('next_at', models.DateTimeField(null=True)),
                ('breach_recorded_at', models.DateTimeField(null=True)),
                ('pass_on_at', models.DateTimeField(null=True)),
                ('found_nobody_at', models.DateTimeField(null=True)),
                ('snoozed_until', models.DateTimeField(null=True)),
                ('quarantined_at', models.DateTimeField(null=True)),
                ('booked_at', models.DateTimeField(null=True)),
                ('upgraded_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('stopped_because', models.CharField(blank=True, max_length=20)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('stopped_at', None)), fields=['next_at', 'id'], name='clock_to_sweep'), models.Index(fields=['case', 'due_at'], name='clock_case')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('stopped_at', None)), fields=('case', 'kind', 'limit_hours', 'subject'), name='one_running_clock_of_a_kind'), models.CheckConstraint(condition=models.Q(models.Q(('stopped_at', None), ('stopped_because', '')), models.Q(('stopped_at__isnull', False), models.Q(('stopped_because', ''), _negated=True)), _connector='OR'), name='stopped_with_a_reason'), models.CheckConstraint(condition=models.Q(('stopped_at', None), ('next_at', None), _connector='OR'), name='a_stopped_clock_climbs_no_more'), models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('started_at'))), name='due_after_start'), models.CheckConstraint(condition=models.Q(('snoozed_until', None), ('snoozed_until__lte', models.F('due_at')), _connector='OR'), name='no_snooze_outlives_the_deadline')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalClock',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('case', models.BigIntegerField()),
                ('kind', models.CharField(max_length=30)),
                ('subject', models.BigIntegerField(default=0)),
                ('about', models.CharField(blank=True, max_length=200)),
                ('stream', models.CharField(max_length=30)),
                ('limit_hours', models.FloatField()),
                ('formal', models.BooleanField()),
                ('started_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField()),
                ('ladder', models.JSONField()),
                ('climbed', models.PositiveIntegerField(default=0)),
                ('last_climbed_at', models.DateTimeField(null=True)),
                ('next_at', models.DateTimeField(null=True)),
                ('breach_recorded_at', models.DateTimeField(null=True)),
                ('pass_on_at', models.DateTimeField(null=True)),
                ('found_nobody_at', models.DateTimeField(null=True)),
                ('snoozed_until', models.DateTimeField(null=True)),
                ('quarantined_at', models.DateTimeField(null=True)),
                ('booked_at', models.DateTimeField(null=True)),
                ('upgraded_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('stopped_because', models.CharField(blank=True, max_length=20)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical clock',
                'verbose_name_plural': 'historical clocks',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalContactMethod',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('channel', models.CharField(max_length=10)),
                ('address', models.TextField()),
                ('added_at', models.DateTimeField()),
                ('proven_at', models.DateTimeField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical contact method',
                'verbose_name_plural': 'historical contact methods',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalShift',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('duty', models.CharField(choices=[('coordinator', 'MSCC coordinator'), ('deputy', 'Covering clinician (deputy)'), ('consultant', 'On-call consultant oncologist'), ('manager', 'Duty manager'), ('lead', 'Service lead'), ('spinal_surgery', 'Spinal surgery contact'), ('radiology', 'Radiology contact'), ('oncology', 'Oncology contact'), ('acute_oncology', 'Acute oncology contact'), ('haematology', 'Haematology contact'), ('histopathology', 'Histopathology contact'), ('palliative_care', 'Palliative care contact'), ('physiotherapy', 'Physiotherapy contact')], max_length=20)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('taken_over_at', models.DateTimeField(null=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holder', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical shift',
                'verbose_name_plural': 'historical shifts',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Owner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.BigIntegerField(unique=True)),
                ('until', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(choices=[('coordinator', 'MSCC coordinator'), ('deputy', 'Covering clinician (deputy)'), ('consultant', 'On-call consultant oncologist'), ('manager', 'Duty manager'), ('lead', 'Service lead'), ('spinal_surgery', 'Spinal surgery contact'), ('radiology', 'Radiology contact'), ('oncology', 'Oncology contact'), ('acute_oncology', 'Acute oncology contact'), ('haematology', 'Haematology contact'), ('histopathology', 'Histopathology contact'), ('palliative_care', 'Palliative care contact'), ('physiotherapy', 'Physiotherapy contact')], max_length=20)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('taken_over_at', models.DateTimeField(null=True)),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalHandOver',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('open_promises', models.JSONField(default=list)),
                ('told', models.TextField(blank=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('without_words_because', models.CharField(blank=True, max_length=200)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('told_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('shift', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='oncall.shift')),
            ],
            options={
                'verbose_name': 'historical hand over',
                'verbose_name_plural': 'historical hand overs',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('open_promises', models.JSONField(default=list)),
                ('told', models.TextField(blank=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('without_words_because', models.CharField(blank=True, max_length=200)),
                ('told_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('shift', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='hand_over', to='oncall.shift')),
            ],
        ),
        migrations.CreateModel(
            name='ContactMethod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=10)),
                ('address', models.TextField()),
                ('added_at', models.DateTimeField()),
                ('proven_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contact_methods', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'channel'), name='one_address_a_channel')],
            },
        ),
        migrations.CreateModel(
            name='Page',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('alarm', models.CharField(blank=True, max_length=80)),
                ('rung', models.PositiveIntegerField(default=0)),
                ('duty', models.CharField(choices=[('coordinator', 'MSCC coordinator'), ('deputy', 'Covering clinician (deputy)'), ('consultant', 'On-call consultant oncologist'), ('manager', 'Duty manager'), ('lead', 'Service lead'), ('spinal_surgery', 'Spinal surgery contact'), ('radiology', 'Radiology contact'), ('oncology', 'Oncology contact'), ('acute_oncology', 'Acute oncology contact'), ('haematology', 'Haematology contact'), ('histopathology', 'Histopathology contact'), ('palliative_care', 'Palliative care contact'), ('physiotherapy', 'Physiotherapy contact')], max_length=20)),
                ('channel', models.CharField(max_length=10)),
                ('client_reference', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('written_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('failure', models.CharField(blank=True, max_length=200)),
                ('answered_at', models.DateTimeField(null=True)),
                ('clock', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pages', to='oncall.clock')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('failed_at', None), ('sent_at', None)), fields=['next_attempt_at'], name='page_to_send'), models.Index(fields=['recipient', '-written_at'], name='page_inbox')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('alarm', ''), ('clock__isnull', False)), models.Q(('clock', None), models.Q(('alarm', ''), _negated=True)), _connector='OR'), name='a_page_is_about_a_clock_or_an_alarm'), models.UniqueConstraint(condition=models.Q(('alarm', ''), _negated=True), fields=('alarm', 'recipient', 'channel'), name='one_page_per_alarm'), models.UniqueConstraint(fields=('clock', 'rung', 'recipient', 'channel'), name='one_page_per_rung_person_channel')],
            },
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='shift_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('duty', '='), (models.Func(models.F('starts_at'), models.F('ends_at'), django.contrib.postgres.fields.ranges.RangeBoundary(), function='TSTZRANGE', output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField()), '&&')], name='one_holder_of_a_duty'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('told', ''), ('told_at', None), ('told_by', None)), models.Q(models.Q(('told', ''), _negated=True), ('told_at__isnull', False), ('told_by__isnull', False)), _connector='OR'), name='told_by_somebody_at_an_instant'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.CheckConstraint(condition=models.Q(('accepted_at', None), models.Q(('told', ''), _negated=True), models.Q(('without_words_because', ''), _negated=True), _connector='OR'), name='accepted_with_words_or_a_reason'),
        ),
    ]
