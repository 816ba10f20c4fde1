from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_first_passwords"),
    ]

    operations = [
        migrations.CreateModel(
            name="DataChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table_name", models.CharField(max_length=63, verbose_name="表")),
                ("number", models.BigIntegerField(verbose_name="番号")),
            ],
            options={
                "verbose_name": "データの変更の印",
                "verbose_name_plural": "データの変更の印",
                "default_permissions": (),
                "indexes": [models.Index(fields=["table_name"], name="data_change_table")],
            },
        ),
    ]
