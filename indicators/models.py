"""Fiscal years, indicators, their actual values, and 根拠資料."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Section
from indicators.rules.chosen_grades import GRADES, PERSONAL, grade_word, graded_label
from indicators.rules.terms import WITHHELD, WITHHELD_LABEL, Missing
from indicators.year_dates import EntryState, is_past
from japanese.calendar_days import era_month
from japanese.fiscal_years import full_label
from japanese.numerals import format_exact
from trail.history import current_change, tracked

DIGITS: dict[str, Any] = {"max_digits": 15, "decimal_places": 4}

DISPLAY_FACTORS = {
    "円": {"千円": 1_000, "百万円": 1_000_000, "億円": 100_000_000},
    "人": {"千人": 1_000},
}
"""Maps units to their display units, and those to their size in units."""


class FiscalYear(models.Model):
    """年度: a year whose values are entered. 2019 is April 2019 to March 2020."""

    year = models.PositiveSmallIntegerField(
        "年度",
        primary_key=True,
        validators=[MinValueValidator(1950), MaxValueValidator(2200)],
        help_text="西暦。令和元年度は2019です。",
    )
    entry_is_open = models.BooleanField(
        "入力受付中", default=False, help_text="受付中の年度だけ、担当課が入力できます。"
    )
    inquiry_number = models.CharField(
        "照会の文書番号", max_length=40, blank=True, help_text="例：根総政第123号"
    )
    inquiry_date = models.DateField("照会日", null=True, blank=True)
    due_date = models.DateField("回答期限", null=True, blank=True)
    check_due_date = models.DateField(
        "確認期限", null=True, blank=True, help_text="企画担当が内容の確認を終える日。"
    )
    internal_review_date = models.DateField("内部評価の予定日", null=True, blank=True)
    council_date = models.DateField("有識者会議の予定日", null=True, blank=True)
    publication_date = models.DateField("公表の予定日", null=True, blank=True)
    internally_reviewed_on = models.DateField("内部評価を行った日", null=True, blank=True)
    council_met_on = models.DateField("有識者会議を開いた日", null=True, blank=True)
    published_on = models.DateField("公表した日", null=True, blank=True)
    entry_opened_on = models.DateField("受付を開始した日", null=True, editable=False)
    entry_ended_on = models.DateField("受付を終了した日", null=True, editable=False)
    history = tracked()

    class Meta:
        verbose_name = "年度"
        verbose_name_plural = "年度"
        ordering = ["-year"]

    def __str__(self) -> str:
        return full_label(self.year)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and set the days on which entry was opened and closed, from whatever page."""
        today = timezone.localdate(current_change().at)
        if self.entry_is_open:
            self.entry_opened_on = self.entry_opened_on or today
            self.entry_ended_on = None
        elif self.entry_opened_on and self.entry_ended_on is None:
            self.entry_ended_on = today
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {
                *kwargs["update_fields"], "entry_opened_on", "entry_ended_on",
            }  # fmt: skip
        super().save(*args, **kwargs)

    @property
    def entry_state(self) -> EntryState:
        """Whether sections can enter values today, and if not, why."""
        if self.entry_is_open:
            return EntryState.OPEN
        if self.entry_ended_on is not None:
            return EntryState.ENDED
        if is_past(self.year, self.due_date, timezone.localdate()):
            return EntryState.PASSED
        return EntryState.AHEAD

    @property
    def has_ended(self) -> bool:
        """Whether the time for entry is over, even if entry was never opened."""
        return self.entry_state in (EntryState.ENDED, EntryState.PASSED)

    @property
    def is_settled(self) -> bool:
        """Whether entry is over or the results are public, so that people rely on the year."""
        return self.has_ended or self.published_on is not None


class Indicator(models.Model):
    """指標: a measured quantity with a series of values, independent of the plans that list it."""

    class Moment(models.TextChoices):
        FISCAL_YEAR_TOTAL = "fiscal_year_total", "年度計"
        FISCAL_YEAR_END = "fiscal_year_end", "年度末"
        APRIL_1 = "april_1", "4月1日"
        OCTOBER_1 = "october_1", "10月1日"
        CALENDAR_YEAR = "calendar_year", "暦年"
        SURVEY_MONTH = "survey_month", "調査月"

    code = models.SlugField(
        "コード",
        max_length=80,
        unique=True,
        help_text="計画が変わっても同じ指標であることを示す、半角英数字の符号。",
    )
    name = models.CharField("指標名", max_length=200)
    unit = models.CharField("単位", max_length=20, blank=True, help_text="例：人、件、％、円")
    display_unit = models.CharField(
        "表示単位",
        max_length=20,
        blank=True,
        help_text="円は千円・百万円・億円で、人は千人で、入力し、表示できます。",
    )
    decimals = models.PositiveSmallIntegerField(
        "小数点以下の桁数", default=0, validators=[MaxValueValidator(4)]
    )
    minimum = models.DecimalField("入力できる最小値", null=True, blank=True, **DIGITS)
    maximum = models.DecimalField("入力できる最大値", null=True, blank=True, **DIGITS)
    moment = models.CharField(
        "値の時点", max_length=20, choices=Moment, default=Moment.FISCAL_YEAR_TOTAL
    )
    ratio = models.BooleanField(
        "分子と分母で入力", default=False, help_text="割合を分子÷分母×100で求めます。"
    )
    running_total = models.BooleanField(
        "累計で入力",
        default=False,
        help_text="印がなければ、各年度だけの値を入力します。",
    )
    carry_years = models.PositiveSmallIntegerField(
        "前の値で代えられる年数",
        default=0,
        validators=[MaxValueValidator(10)],
        help_text="調査のない年度を、何年前までの値で代えて判定してよいか。",
    )
    section = models.ForeignKey(
        Section,
        verbose_name="担当課",
        on_delete=models.PROTECT,
        related_name="indicators",
        help_text="この指標に責任を持つ課。",
    )
    entered_by = models.ForeignKey(
        Section,
        verbose_name="入力する課",
        on_delete=models.PROTECT,
        related_name="indicators_to_enter",
        help_text="実績値を入力する課。ふつうは担当課と同じです。",
    )
    method = models.TextField("算出方法", blank=True)
    source = models.TextField("出典", blank=True)
    contact = models.CharField("照会先", max_length=200, blank=True)
    handover_memo = models.TextField(
        "引継ぎメモ", blank=True, help_text="次の担当者が困らないように、値の取り方を書きます。"
    )
    history = tracked()

    class Meta:
        verbose_name = "指標"
        verbose_name_plural = "指標"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum__isnull=True)
                | Q(maximum__isnull=True)
                | Q(minimum__lte=F("maximum")),
                name="indicator_minimum_not_above_maximum",
                violation_error_message="入力できる最小値は、最大値以下にしてください。",
            ),
            models.CheckConstraint(
                condition=Q(decimals__lte=4), name="indicator_at_most_four_decimals"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def display_factor(self) -> int:
        """How many units one display unit is; 1 without a display unit."""
        return display_factor(self.unit, self.display_unit)

    @property
    def shown_unit(self) -> str:
        """The unit in which values are typed and shown."""
        return self.display_unit or self.unit

    def format(self, value: Decimal | None) -> str:
        """Return a value in the display unit, with separators but no unit; "" for None."""
        if value is None:
            return ""
        return format_for_display(value, self.decimals, self.display_factor)

    def clean(self) -> None:
        errors: dict[str, str] = {}
        units = DISPLAY_FACTORS.get(self.unit, {})
        if self.display_unit and self.display_unit != self.unit and self.display_unit not in units:
            choices = "、".join(units) or "空欄"
            errors["display_unit"] = (
                f"単位「{self.unit}」を表示単位「{self.display_unit}」で表すことはできません。"
                f"{choices}にしてください。"
            )
        if self.ratio and self.unit not in ("％", "‰"):
            errors["ratio"] = (
                f"分子と分母で入力できるのは、単位が％か‰の指標だけです（単位：{self.unit}）。"
                "単位を直すか、この印を外してください。"
            )
        errors |= self._closed_sections()
        if errors:
            raise ValidationError(errors)

    def _closed_sections(self) -> dict[str, str]:
        """Return messages about sections that are closed. Those that it has already may stay."""
        closed = {
            name: section
            for name in ("section", "entered_by")
            if getattr(self, f"{name}_id") and not (section := getattr(self, name)).is_active
        }
        stored = Indicator.objects.filter(pk=self.pk).first() if closed and self.pk else None
        return {
            name: f"「{section}」は、使用中でない課です。指標を引き継いだ課にしてください。"
            "この課を再び使うときは、先に課の「使用中」に印を付けてください。"
            for name, section in closed.items()
            if stored is None or getattr(stored, f"{name}_id") != section.pk
        }

    @property
    def ratio_factor(self) -> int:
        """The factor for numerator ÷ denominator: 1000 for ‰, otherwise 100."""
        return ratio_factor(self.unit)


class PastDuty(models.Model):
    """Which section answered for an indicator, and which entered it, up to a fiscal year.

    The row of the indicator has the current sections. It takes over after the last year of all
    rows of this kind; a row takes over after the one that ended before it.
    """

    indicator = models.ForeignKey(
        Indicator, verbose_name="指標", on_delete=models.CASCADE, related_name="past_duties"
    )
    last_fiscal_year = models.PositiveSmallIntegerField(
        "最後の年度", help_text="西暦。この年度までは、この課で示します。"
    )
    section = models.ForeignKey(
        Section, verbose_name="担当課", on_delete=models.PROTECT, related_name="past_duties"
    )
    entered_by = models.ForeignKey(
        Section,
        verbose_name="入力する課",
        on_delete=models.PROTECT,
        related_name="past_duties_to_enter",
    )
    history = tracked()

    class Meta:
        verbose_name = "以前の担当課"
        verbose_name_plural = "以前の担当課"
        ordering = ["indicator_id", "last_fiscal_year"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "last_fiscal_year"], name="past_duty_once_per_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator}（{self.last_fiscal_year}年度まで）"


def ratio_factor(unit: str) -> int:
    """Return the factor for a ratio in this unit: 1000 for ‰, otherwise 100."""
    return 1000 if unit == "‰" else 100


def display_factor(unit: str, display_unit: str) -> int:
    """Return how many units one display unit is: 1000 for 円 shown as 千円; 1 without one."""
    return DISPLAY_FACTORS.get(unit, {}).get(display_unit, 1)


def format_for_display(value: Decimal, decimals: int, factor: int = 1) -> str:
    """Return `value` ÷ `factor` with separators and ▲ for minus.

    A value gets as many decimals as it needs, so that none are hidden: 1,234,567円 is
    1,234.567千円. Without a display unit it has at least `decimals`.
    """
    shown = value / factor
    return format_exact(shown, decimals if factor == 1 else 0)


class ActualQuerySet(models.QuerySet):
    def reported(self) -> "ActualQuerySet":
        """Return the rows with a number."""
        return self.filter(value__isnull=False)


class Actual(models.Model):
    """実績値: one value of an indicator for one year, or the reason why there is none.

    For a 記述目標 it is the grade that a person chose; the remarks say why.

    Only indicators/recording.py writes it.
    """

    class Availability(models.TextChoices):
        REPORTED = "reported", "実績値あり"
        UNPUBLISHED = Missing.UNPUBLISHED, Missing.UNPUBLISHED.label
        NOT_SURVEYED = Missing.NOT_SURVEYED, Missing.NOT_SURVEYED.label
        NOT_COMPUTABLE = Missing.NOT_COMPUTABLE, Missing.NOT_COMPUTABLE.label

    class State(models.TextChoices):
        DRAFT = "draft", "入力中"
        SUBMITTED = "submitted", "課長確認待ち"
        RETURNED = "returned", "差戻し"
        ANSWERED = "answered", "回答済み"
        CONFIRMED = "confirmed", "確認済み"

    class ChangeKind(models.TextChoices):
        FINALISED = "finalised", "確定値への更新"
        REVISED = "revised", "遡及改定"
        CORRECTED = "corrected", "訂正"

    indicator = models.ForeignKey(
        Indicator, verbose_name="指標", on_delete=models.PROTECT, related_name="actuals"
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, verbose_name="年度", on_delete=models.PROTECT, related_name="actuals"
    )
    availability = models.CharField(
        "有無", max_length=20, choices=Availability, default=Availability.REPORTED
    )
    value = models.DecimalField("実績値", null=True, blank=True, **DIGITS)
    grade = models.CharField(
        PERSONAL,
        max_length=20,
        blank=True,
        choices=[(grade.value, grade_word(grade)) for grade in GRADES],
        help_text="記述目標だけ。計画が別の呼び方を使っていれば、画面にはその呼び方で示します。",
    )
    numerator = models.DecimalField("分子", null=True, blank=True, **DIGITS)
    denominator = models.DecimalField("分母", null=True, blank=True, **DIGITS)
    expected_month = models.CharField(
        "公表予定月",
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^\d{4}-(0[1-9]|1[0-2])$", "「2026-09」のように入力します。")],
        help_text="未公表のとき。例：2026-09",
    )
    provisional = models.BooleanField("速報値", default=False)
    withheld = models.BooleanField(
        "秘匿",
        default=False,
        help_text="人数が少なく、公表すると個人が分かるおそれのある値。公表するものには載せません。",
    )
    remarks = models.TextField("備考", blank=True)
    state = models.CharField("状態", max_length=10, choices=State, default=State.DRAFT)
    return_reason = models.TextField("差戻しの理由", blank=True)
    change_kind = models.CharField(
        "受付終了後の変更の種類",
        max_length=10,
        choices=ChangeKind,
        blank=True,
        help_text="受付を終えた年度の値を、どういうわけで変えたか。",
    )
    version = models.PositiveIntegerField("版", default=1, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="入力した人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    entered_at = models.DateTimeField("入力日時", default=timezone.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="確認した人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField("確認日時", null=True, blank=True)
    history = tracked()
    _change_reason: str  # django-simple-history reads it, if this change has a reason of its own
    objects = ActualQuerySet.as_manager()

    class Meta:
        verbose_name = "実績値"
        verbose_name_plural = "実績値"
        ordering = ["indicator_id", "fiscal_year_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "fiscal_year"], name="actual_once_per_indicator_and_year"
            ),
            models.CheckConstraint(
                condition=Q(availability="reported", value__isnull=False, grade="")
                | (Q(availability="reported", value__isnull=True) & ~Q(grade=""))
                | (~Q(availability="reported") & Q(value__isnull=True, grade="")),
                name="actual_value_or_grade_exactly_when_reported",
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | Q(numerator__isnull=False, denominator__isnull=False),
                name="actual_numerator_with_denominator",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.fiscal_year}"

    @property
    def availability_label(self) -> str:
        """実績値あり, 未公表（…） …; of a 記述目標 the grade in the standard words."""
        return availability_label(self.availability, self.expected_month, self.grade)


def availability_label(availability: str, expected_month: str, grade: str = "") -> str:
    """Return 実績値あり, 未公表 … and the expected month (given as "2026-09"), if any.

    With a grade, return it in the standard words: 順調（人の判断）.
    """
    if grade:
        return graded_label(grade)
    if availability == WITHHELD:
        return WITHHELD_LABEL
    label = str(Actual.Availability(availability).label)
    return f"{label}（{era_month(expected_month)}に公表予定）" if expected_month else label


class EarlyRemarks(models.Model):
    """備考 written for a year that is still 未入力; they move into the value once there is one.

    A table of its own, so that nothing can take them for a value. Only indicators/recording.py
    writes it.
    """

    indicator = models.ForeignKey(
        Indicator, verbose_name="指標", on_delete=models.PROTECT, related_name="early_remarks"
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, verbose_name="年度", on_delete=models.PROTECT, related_name="early_remarks"
    )
    remarks = models.TextField("備考")
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="入力した人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    written_at = models.DateTimeField("入力日時", default=timezone.now)
    history = tracked()

    class Meta:
        verbose_name = "未入力の備考"
        verbose_name_plural = "未入力の備考"
        ordering = ["indicator_id", "fiscal_year_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "fiscal_year"],
                name="early_remarks_once_per_indicator_and_year",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.fiscal_year}"


class EvidenceQuerySet(models.QuerySet):
    def present(self) -> "EvidenceQuerySet":
        """Return the files that have not been removed."""
        return self.filter(removed_at__isnull=True)


class Evidence(models.Model):
    """根拠資料: a file that supports the value of an indicator and year.

    It belongs to indicator and year, not to the Actual row, which may be deleted and created again.
    A removed file is only marked and kept for auditors.
    """

    indicator = models.ForeignKey(
        Indicator, verbose_name="指標", on_delete=models.PROTECT, related_name="evidence"
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, verbose_name="年度", on_delete=models.PROTECT, related_name="evidence"
    )
    name = models.CharField("ファイル名", max_length=255)
    stored_as = models.CharField("保存名", max_length=80, unique=True, editable=False)
    size = models.PositiveBigIntegerField("大きさ（バイト）")
    sha256 = models.CharField(
        "SHA-256", max_length=64, validators=[RegexValidator(r"^[0-9a-f]{64}$")]
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="添付した人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    added_at = models.DateTimeField("添付日時", default=timezone.now)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="取り下げた人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    removed_at = models.DateTimeField("取り下げた日時", null=True, blank=True)
    history = tracked(table_name="entry_historicalevidence")
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        # Evidence was in the app `entry` at first; its tables keep their names.
        db_table = "entry_evidence"
        verbose_name = "根拠資料"
        verbose_name_plural = "根拠資料"
        ordering = ["indicator_id", "fiscal_year_id", "added_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False),
                name="evidence_removed_by_somebody_at_some_time",
            )
        ]

    def __str__(self) -> str:
        return self.name
