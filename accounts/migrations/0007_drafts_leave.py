"""Drafts go to the web kit; their table stays as it is."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [('accounts', '0006_succession'), ('webkit', '0001_drafts')]
    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name='Draft')]),
    ]
