"""根拠資料 belongs to the indicators: Django is told so; tables and rows stay as they are."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        # Makes the tables, which stay as they are.
        ("entry", "0001_initial"),
        ("indicators", "0002_steps_of_a_year_and_kinds_of_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="HistoricalEvidence",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                auto_created=True, blank=True, db_index=True, verbose_name="ID"
                            ),
                        ),
                        (
                            "door",
                            models.CharField(
                                choices=[
                                    ("grid", "入力画面"),
                                    ("admin", "管理画面"),
                                    ("form", "Excel様式"),
                                    ("import", "一括取込"),
                                    ("command", "コマンド"),
                                    ("page", "進捗の画面"),
                                ],
                                default="command",
                                max_length=10,
                                verbose_name="入力経路",
                            ),
                        ),
                        ("name", models.CharField(max_length=255, verbose_name="ファイル名")),
                        (
                            "stored_as",
                            models.CharField(
                                db_index=True, editable=False, max_length=80, verbose_name="保存名"
                            ),
                        ),
                        ("size", models.PositiveBigIntegerField(verbose_name="大きさ（バイト）")),
                        (
                            "sha256",
                            models.CharField(
                                max_length=64,
                                validators=[
                                    django.core.validators.RegexValidator("^[0-9a-f]{64}$")
                                ],
                                verbose_name="SHA-256",
                            ),
                        ),
                        (
                            "added_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="添付日時"
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="取り下げた日時"
                            ),
                        ),
                        (
                            "history_change_reason",
                            models.TextField(blank=True, default="", verbose_name="理由"),
                        ),
                        ("history_id", models.AutoField(primary_key=True, serialize=False)),
                        ("history_date", models.DateTimeField(db_index=True)),
                        (
                            "history_type",
                            models.CharField(
                                choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                                max_length=1,
                            ),
                        ),
                        (
                            "added_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="添付した人",
                            ),
                        ),
                        (
                            "fiscal_year",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="indicators.fiscalyear",
                                verbose_name="年度",
                            ),
                        ),
                        (
                            "history_user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "indicator",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="indicators.indicator",
                                verbose_name="指標",
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="取り下げた人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "historical 根拠資料",
                        "verbose_name_plural": "historical 根拠資料",
                        "db_table": "entry_historicalevidence",
                        "ordering": ("-history_date", "-history_id"),
                        "get_latest_by": ("history_date", "history_id"),
                    },
                    bases=(simple_history.models.HistoricalChanges, models.Model),
                ),
                migrations.CreateModel(
                    name="Evidence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("name", models.CharField(max_length=255, verbose_name="ファイル名")),
                        (
                            "stored_as",
                            models.CharField(
                                editable=False, max_length=80, unique=True, verbose_name="保存名"
                            ),
                        ),
                        ("size", models.PositiveBigIntegerField(verbose_name="大きさ（バイト）")),
                        (
                            "sha256",
                            models.CharField(
                                max_length=64,
                                validators=[
                                    django.core.validators.RegexValidator("^[0-9a-f]{64}$")
                                ],
                                verbose_name="SHA-256",
                            ),
                        ),
                        (
                            "added_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="添付日時"
                            ),
                        ),
                        (
                            "removed_at",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="取り下げた日時"
                            ),
                        ),
                        (
                            "added_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="添付した人",
                            ),
                        ),
                        (
                            "fiscal_year",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence",
                                to="indicators.fiscalyear",
                                verbose_name="年度",
                            ),
                        ),
                        (
                            "indicator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evidence",
                                to="indicators.indicator",
                                verbose_name="指標",
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="取り下げた人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "根拠資料",
                        "verbose_name_plural": "根拠資料",
                        "db_table": "entry_evidence",
                        "ordering": ["indicator_id", "fiscal_year_id", "added_at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("removed_at__isnull", True), ("removed_by__isnull", True)
                                    ),
                                    ("removed_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="evidence_removed_by_somebody_at_some_time",
                            )
                        ],
                    },
                ),
            ]
        )
    ]
