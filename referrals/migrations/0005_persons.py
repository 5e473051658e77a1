import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    """A new referral looks for its person by number, birth, local number and names: by an index each."""

    dependencies = [
        ("referrals", "0004_lines"),
    ]

    operations = [
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(fields=['name_key'], name='patient_whole_name'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(django.db.models.functions.text.Upper('local_id'), name='patient_local_id'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(condition=models.Q(('birth_estimated', True)), fields=['date_of_birth'], name='patient_birth_estimated'),
        ),
    ]
