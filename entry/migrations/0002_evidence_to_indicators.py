"""根拠資料 belongs to the indicators: see indicators 0003_evidence_from_entry."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("entry", "0001_initial"),
        ("indicators", "0003_evidence_from_entry"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="Evidence"),
                migrations.DeleteModel(name="HistoricalEvidence"),
            ]
        )
    ]
