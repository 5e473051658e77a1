"""What earlier rows lack: the clinical part as it was sent, and names as they are compared."""

from django.db import migrations

from referrals.case.identity import names_key


def fill(apps, schema_editor):
    for model in ("Referral", "HistoricalReferral"):
        table = apps.get_model("referrals", model).objects.using(schema_editor.connection.alias)
        for row in table.filter(clinical_sent={}).only("pk", "clinical").iterator(chunk_size=500):
            table.filter(pk=row.pk).update(clinical_sent=row.clinical)
    for model in ("Patient", "HistoricalPatient"):
        table = apps.get_model("referrals", model).objects.using(schema_editor.connection.alias)
        for row in table.filter(name_key="").iterator(chunk_size=500):
            table.filter(pk=row.pk).update(name_key=names_key(row.family_name, row.given_name))


class Migration(migrations.Migration):
    dependencies = [("referrals", "0008_evidence_and_identity")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
