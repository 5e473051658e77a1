"""The salt with which the identity of a person who was named later is bound in the ledger."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0009_fill_evidence_and_identity")]
    operations = [
        migrations.AddField(model_name=model, name="identity_salt", field=models.UUIDField(null=True))
        for model in ("patient", "historicalpatient")
    ]
