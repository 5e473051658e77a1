"""The tables of this app. It replaces the migrations named below: where they were applied, this counts as applied."""

import django.contrib.auth.models
import django.contrib.postgres.fields
import django.db.models.deletion
import oauth2_provider.generators
import oauth2_provider.models
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [("accounts", "0001_initial"), ("accounts", "0002_sign_off"), ("accounts", "0003_duties"), ("accounts", "0004_access_links"), ("accounts", "0005_specialties"), ("accounts", "0006_succession"), ("accounts", "0007_drafts_leave")]

    dependencies: list[tuple[str, str]] = [
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('telephone', models.CharField(blank=True, max_length=60)),
                ('job_title', models.CharField(blank=True, max_length=200)),
                ('role', models.CharField(choices=[('referrer', 'Referring clinician'), ('coordinator', 'MSCC coordinator'), ('mdt', 'MDT member'), ('lead', 'Clinical lead and governance'), ('admin', 'Service administrator')], max_length=20)),
                ('duties', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('coordinator', 'MSCC coordinator'), ('deputy', 'Covering clinician (deputy)'), ('consultant', 'On-call consultant oncologist'), ('manager', 'Duty manager'), ('lead', 'Service lead'), ('spinal_surgery', 'Spinal surgery contact'), ('radiology', 'Radiology contact'), ('oncology', 'Oncology contact'), ('acute_oncology', 'Acute oncology contact'), ('haematology', 'Haematology contact'), ('histopathology', 'Histopathology contact'), ('palliative_care', 'Palliative care contact'), ('physiotherapy', 'Physiotherapy contact')], max_length=20), blank=True, default=list, size=None)),
                ('specialty', models.CharField(blank=True, choices=[('acute_oncology', 'Acute oncology'), ('haematology', 'Haematology'), ('histopathology', 'Histopathology'), ('oncology', 'Oncology'), ('palliative_care', 'Palliative care'), ('physiotherapy', 'Physiotherapy'), ('radiology', 'Radiology'), ('spinal_surgery', 'Spinal surgery')], max_length=20)),
                ('is_active', models.BooleanField(default=True)),
                ('is_safety_officer', models.BooleanField(default=False)),
                ('is_demo', models.BooleanField(default=False)),
                ('self_registered', models.BooleanField(default=False)),
                ('registration_number', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'abstract': False,
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='Setting',
            fields=[
                ('key', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('value', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalSetting',
            fields=[
                ('key', models.CharField(db_index=True, max_length=60)),
                ('value', models.JSONField()),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical setting',
                'verbose_name_plural': 'historical settings',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('ods_code', models.CharField(max_length=9, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('active', models.BooleanField(default=True)),
                ('succeeded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='accounts.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalUser',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('username', models.CharField(db_index=True, max_length=60)),
                ('name', models.CharField(max_length=200)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('telephone', models.CharField(blank=True, max_length=60)),
                ('job_title', models.CharField(blank=True, max_length=200)),
                ('role', models.CharField(choices=[('referrer', 'Referring clinician'), ('coordinator', 'MSCC coordinator'), ('mdt', 'MDT member'), ('lead', 'Clinical lead and governance'), ('admin', 'Service administrator')], max_length=20)),
                ('duties', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('coordinator', 'MSCC coordinator'), ('deputy', 'Covering clinician (deputy)'), ('consultant', 'On-call consultant oncologist'), ('manager', 'Duty manager'), ('lead', 'Service lead'), ('spinal_surgery', 'Spinal surgery contact'), ('radiology', 'Radiology contact'), ('oncology', 'Oncology contact'), ('acute_oncology', 'Acute oncology contact'), ('haematology', 'Haematology contact'), ('histopathology', 'Histopathology contact'), ('palliative_care', 'Palliative care contact'), ('physiotherapy', 'Physiotherapy contact')], max_length=20), blank=True, default=list, size=None)),
                ('specialty', models.CharField(blank=True, choices=[('acute_oncology', 'Acute oncology'), ('haematology', 'Haematology'), ('histopathology', 'Histopathology'), ('oncology', 'Oncology'), ('palliative_care', 'Palliative care'), ('physiotherapy', 'Physiotherapy'), ('radiology', 'Radiology'), ('spinal_surgery', 'Spinal surgery')], max_length=20)),
                ('is_active', models.BooleanField(default=True)),
                ('is_safety_officer', models.BooleanField(default=False)),
                ('is_demo', models.BooleanField(default=False)),
                ('self_registered', models.BooleanField(default=False)),
                ('registration_number', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField(blank=True, editable=False)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.organisation')),
            ],
            options={
                'verbose_name': 'historical user',
                'verbose_name_plural': 'historical users',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalOrganisation',
            fields=[
                ('ods_code', models.CharField(db_index=True, max_length=9)),
                ('name', models.CharField(max_length=200)),
                ('active', models.BooleanField(default=True)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('succeeded_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.organisation')),
            ],
            options={
                'verbose_name': 'historical organisation',
                'verbose_name_plural': 'historical organisations',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name='user',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.organisation'),
        ),
        migrations.CreateModel(
            name='ApiClient',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('client_id', models.CharField(db_index=True, default=oauth2_provider.generators.generate_client_id, max_length=255, unique=True, verbose_name='client ID')),
                ('redirect_uris', models.TextField(blank=True, help_text='Allowed URIs list, space separated', verbose_name='redirect URIs')),
                ('post_logout_redirect_uris', models.TextField(blank=True, default='', help_text='Allowed Post Logout URIs list, space separated', verbose_name='post logout redirect URIs')),
                ('client_type', models.CharField(choices=[('confidential', 'Confidential'), ('public', 'Public')], max_length=32, verbose_name='client type')),
                ('authorization_grant_type', models.CharField(choices=[('authorization-code', 'Authorization code'), ('urn:ietf:params:oauth:grant-type:device_code', 'Device Code'), ('implicit', 'Implicit'), ('password', 'Resource owner password-based'), ('client-credentials', 'Client credentials'), ('openid-hybrid', 'OpenID connect hybrid')], max_length=44, verbose_name='authorization grant type')),
                ('client_secret', oauth2_provider.models.ClientSecretField(blank=True, db_index=True, default=oauth2_provider.generators.generate_client_secret, help_text='Client secret for authentication', max_length=255, verbose_name='client secret')),
                ('hash_client_secret', models.BooleanField(default=True, verbose_name='hash client secret')),
                ('name', models.CharField(blank=True, max_length=255, verbose_name='name')),
                ('skip_authorization', models.BooleanField(default=False, verbose_name='skip authorization')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('algorithm', models.CharField(blank=True, choices=[('', 'No OIDC support'), ('RS256', 'RSA with SHA-2 256'), ('HS256', 'HMAC with SHA-2 256')], default='', max_length=5, verbose_name='algorithm')),
                ('allowed_origins', models.TextField(blank=True, default='', help_text='Allowed origins list to enable CORS, space separated', verbose_name='allowed origins')),
                ('registration_source', models.CharField(choices=[('manual', 'Manual'), ('dcr', 'Dynamic Client Registration'), ('cimd', 'Client ID Metadata Document')], default='manual', help_text='How this application was registered (manual, DCR per RFC 7591, or CIMD)', max_length=32, verbose_name='registration source')),
                ('cimd_expires_at', models.DateTimeField(blank=True, default=None, help_text='When the cached Client ID Metadata Document should be re-fetched', null=True, verbose_name='CIMD expires at')),
                ('allowed_scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('is_demo', models.BooleanField(default=False)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(app_label)s_%(class)s', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.organisation')),
            ],
            options={
                'abstract': False,
                'swappable': 'OAUTH2_PROVIDER_APPLICATION_MODEL',
            },
        ),
        migrations.CreateModel(
            name='AccessLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('purpose', models.CharField(max_length=10)),
                ('email', models.EmailField(max_length=254)),
                ('asked_from', models.CharField(blank=True, max_length=64)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['email', '-asked_at'], name='access_link_email')],
            },
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('succeeded_by', models.F('ods_code')), _negated=True), name='nobody_succeeds_themselves'),
        ),
    ]
