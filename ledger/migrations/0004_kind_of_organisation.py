from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_organisations")]

    operations = [
        migrations.AddIndex(
            model_name="line",
            index=models.Index(fields=["organisation", "kind", "-id"], name="line_kind_of_organisation"),
        ),
    ]
