import django.core.validators
import trail.installation
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_sections_in_time"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(
                choices=[
                    ("login", "ログイン"),
                    ("logout", "ログアウト"),
                    ("failure", "ログインの失敗"),
                    ("locked", "ログインのロック"),
                    ("unlocked", "ロックの解除"),
                    ("password", "パスワードの変更"),
                    ("roles", "役割の変更"),
                    ("sections", "所属の変更"),
                    ("account", "利用者の変更"),
                    ("export", "ファイルの出力"),
                    ("import", "ファイルの取込み"),
                    ("setting", "設定の変更"),
                ],
                max_length=10,
                verbose_name="種類",
            ),
        ),
        migrations.CreateModel(
            name="Installation",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("city", models.CharField(blank=True, max_length=40, verbose_name="市町村名")),
                (
                    "city_code",
                    models.CharField(
                        blank=True,
                        max_length=6,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{6}\\Z", "団体コードは6桁の数字で入力してください。"
                            ),
                            trail.installation.check_last_digit,
                        ],
                        verbose_name="団体コード",
                    ),
                ),
                (
                    "planning_office",
                    models.CharField(blank=True, max_length=40, verbose_name="企画担当の名称"),
                ),
            ],
            options={
                "verbose_name": "市町村と企画担当",
                "verbose_name_plural": "市町村と企画担当",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_installation")
                ],
            },
        ),
    ]
