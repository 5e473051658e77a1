from django.db import migrations, models


class Migration(migrations.Migration):
    """Texts and decisions are found by their line: a page of the audit trail and a case on the board ask for them."""

    dependencies = [
        ("referrals", "0003_name_key"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["ledger_line"], name="note_line"),
        ),
        migrations.AddIndex(
            model_name="triagedecision",
            index=models.Index(fields=["ledger_line"], name="triage_decision_line"),
        ),
    ]
