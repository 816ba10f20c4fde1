from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0002_sealed_editions"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="council",
            options={
                "ordering": ["strategy", "fiscal_year_id", "number"],
                "verbose_name": "有識者会議",
                "verbose_name_plural": "有識者会議",
            },
        ),
        migrations.AlterModelOptions(
            name="edition",
            options={
                "ordering": ["strategy", "fiscal_year_id", "number"],
                "verbose_name": "検証調書",
                "verbose_name_plural": "検証調書",
            },
        ),
        migrations.AlterModelOptions(
            name="goalreview",
            options={
                "ordering": ["goal", "fiscal_year_id"],
                "verbose_name": "外部評価",
                "verbose_name_plural": "外部評価",
            },
        ),
        migrations.AlterModelOptions(
            name="grantreview",
            options={
                "ordering": ["grant", "fiscal_year_id"],
                "verbose_name": "交付金の検証",
                "verbose_name_plural": "交付金の検証",
            },
        ),
        migrations.AlterModelOptions(
            name="measurereview",
            options={
                "ordering": ["measure", "fiscal_year_id"],
                "verbose_name": "内部評価",
                "verbose_name_plural": "内部評価",
            },
        ),
        migrations.AlterModelOptions(
            name="projectyear",
            options={
                "ordering": ["project", "fiscal_year_id"],
                "verbose_name": "事業の実績",
                "verbose_name_plural": "事業の実績",
            },
        ),
    ]
