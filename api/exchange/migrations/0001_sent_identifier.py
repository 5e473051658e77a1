# The senders' own identifiers of referrals.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('referrals', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='SentIdentifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.CharField(max_length=9)),
                ('system', models.CharField(max_length=200)),
                ('value', models.CharField(max_length=200)),
                ('content_hash', models.CharField(max_length=64)),
                ('sent_at', models.DateTimeField()),
                ('referral', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sent_as', to='referrals.referral')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'system', 'value'), name='one_referral_of_a_sent_identifier')],
            },
        ),
    ]
